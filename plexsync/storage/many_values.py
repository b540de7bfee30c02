"""Statements over many values: as many at a time as SQLite takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sized
from itertools import islice
from typing import TypeVar

Value = TypeVar("Value")

#: Values in one statement: SQLite takes 999 at the least.
VALUES_PER_STATEMENT = 500


def portions(values: Iterable[Value]) -> Iterator[list[Value]]:
    """The values, each once, in as many at a time as go into one statement."""
    left = iter(dict.fromkeys(values))
    while some := list(islice(left, VALUES_PER_STATEMENT)):
        yield some


def marks(values: Sized) -> str:
    """What stands for the values in ``in (...)``."""
    return ",".join("?" * len(values))
