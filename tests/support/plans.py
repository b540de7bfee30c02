"""How the database goes about a statement: whether it reads a whole table where an index would lead to the rows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from plexsync.storage.database import Database

#: A step of SQLite's that reads everything. A search of a virtual table says SCAN, too, with what it is asked behind
#: INDEX; and so does counting what another search, bounded as it is, has found.
_SQLITE = re.compile(
    r"SCAN (?!\w+ VIRTUAL TABLE INDEX (?:(?:0|64):[M=]|1:)"
    r"|\(subquery|held|CONSTANT|each_of|json_each|name_of|of_no_name)"
)
#: The same of PostgreSQL's, of one of our tables.
_POSTGRES = re.compile(r"Seq Scan on (?!schema)")


def whole_reads(database: Database, said: Iterable[str]) -> dict[str, str]:
    """Those of the statements that read a whole table, and how.

    :param said: as ``sql_seen.statements_of`` has seen them: with their values.
    """
    asked = [one for one in dict.fromkeys(said) if one.split()[0].lower() in ("select", "update", "delete", "with")]
    return {one: plan for one in asked if reads_all(database, plan := plan_of(database, one))}


def reads_all(database: Database, plan: str) -> bool:
    """Whether a plan reads a whole table."""
    return bool((_POSTGRES if is_postgres(database) else _SQLITE).search(plan))


def plan_of(database: Database, statement: str) -> str:
    """The steps of a statement, as the database tells them."""
    if not is_postgres(database):
        with database.read() as db:
            return "; ".join(row["detail"] for row in db.execute("explain query plan " + statement))
    with database.read() as db:
        # A table of three rows is read whole, unless that is told to be dear. What does so then has no index.
        db.run("set enable_seqscan = off")  # type: ignore[attr-defined]
        try:
            rows = db.run(f"explain (costs off) {statement}").fetchall()  # type: ignore[attr-defined]
        finally:
            db.run("set enable_seqscan = on")  # type: ignore[attr-defined]
    return "; ".join(row[0].strip() for row in rows)


def is_postgres(database: Database) -> bool:
    """Whether it is one of PostgreSQL's."""
    return hasattr(database, "new_session") or hasattr(database, "lead")
