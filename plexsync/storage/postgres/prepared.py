"""Prepared statements: the server parses and plans each once in a session, and then runs it by a short name.

That is half of what a short statement costs it. Which statements that pays for, whoever runs them has to know: each is
kept by the server for as long as the session lasts.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from plexsync.imports.late import late_pattern

#: A place for a value, as psycopg takes it, or a percent sign.
_PLACE = late_pattern(r"%(?:\((?P<name>\w+)\)s|s|%)")


class Prepared(NamedTuple):
    """What prepares a statement, and what executes it from then on, with places for values."""

    prepare: str
    execute: str


def prepared(statement: str, name: str) -> Prepared:
    """How to prepare a statement.

    :param statement: PostgreSQL's, with ``%s`` or ``%(name)s`` where values go.
    :param name: what it is called in the session.
    """
    places: list[str] = []
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        if found.group() == "%%":
            return "%"
        known = numbers.get(found["name"]) if found["name"] else None
        if known is None:
            places.append(found.group())
            known = len(places)
            if found["name"]:
                numbers[found["name"]] = known
        return f"${known}"

    prepare = f"prepare {name} as {_PLACE.sub(numbered, statement)}"
    return Prepared(prepare, f"execute {name} ({', '.join(places)})" if places else f"execute {name}")
