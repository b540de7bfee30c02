"""What PlexSync itself wrote to items, whichever scene it was for."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from plexsync.matching.lookup import FoundNames, WrittenNames
from plexsync.storage.many_values import marks, portions

#: What was applied by the scenes that have the items, and by those that had them and left.
_APPLIED = (
    "select rating_key, pushed, pushing from scene where rating_key in ({0}) union all "
    "select rating_key, pushed, pushing from left_item where rating_key in ({0})"
)


def written(db: sqlite3.Connection, rating_keys: Sequence[int]) -> dict[int, WrittenNames]:
    """The titles, studios and dates that were written to these items; see ``matching.lookup.Index.written``."""
    found: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    for some in portions(rating_keys):
        for key, *applied in db.execute(_APPLIED.format(marks(some)), [*some, *some]):
            found[key] += [_texts(text) for text in applied if text]
    before = _found(db, found)
    return {
        key: WrittenNames(_all(several, "title"), _all(several, "studio"), _all(several, "date"), before.get(key))
        for key, several in found.items()
    }


def note_found(db: sqlite3.Connection, before: Mapping[int, FoundNames], now: Mapping[int, FoundNames]) -> None:
    """Keep how items were called before they were written to, where they are called as it was written now.

    Works inside the caller's transaction.

    :param before: items whose title, studio or date is another one now, with what these were; ``now``: what they are.
    """
    ours = written(db, list(before))
    rows = [
        (key, *was)
        for key, was in before.items()
        if (one := ours.get(key))
        and (now[key].title in one.titles or now[key].studio in one.studios or now[key].date in one.dates)
    ]
    if rows:
        insert = "insert or ignore into found_name (rating_key, title, studio, date, year) values (?, ?, ?, ?, ?)"
        db.executemany(insert, rows)


def forget_found(db: sqlite3.Connection, rating_keys: Iterable[int]) -> None:
    """Forget how items were called: other files live there now. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        db.execute(f"delete from found_name where rating_key in ({marks(some)})", some)


def _all(several: Iterable[Mapping[str, str]], name: str) -> frozenset[str]:
    return frozenset(one[name] for one in several if one.get(name))


def _found(db: sqlite3.Connection, rating_keys: Iterable[int]) -> dict[int, FoundNames]:
    found: dict[int, FoundNames] = {}
    for some in portions(rating_keys):
        rows = db.execute(
            f"select rating_key, title, studio, date, year from found_name where rating_key in ({marks(some)})", some
        )
        found |= {row[0]: FoundNames(*row[1:]) for row in map(tuple, rows)}
    return found


def _texts(applied: str) -> dict[str, str]:
    try:
        texts = json.loads(applied)["texts"]
        return {name: text for name, text in texts.items() if isinstance(text, str)}
    except (ValueError, TypeError, KeyError, AttributeError):
        # Whoever synchronises the scene says that it cannot be read.
        return {}
