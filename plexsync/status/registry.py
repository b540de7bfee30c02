"""What can be asked of the consumer: each question and each action is one entry of a table.

A module of this room that answers something defines ``QUESTIONS`` or ``ACTIONS``, and ``tables.py`` names the module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from plexsync.imports.late_dataclass import dataclass
from plexsync.status.arguments import Argument

if TYPE_CHECKING:
    from plexsync.status.desk import Desk

#: What carries out a request: it gets the desk and the checked arguments, and returns the answer's ``result``.
Handler: TypeAlias = "Callable[[Desk, Mapping[str, Any]], dict[str, Any]]"


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """Something that is only looked at. It may be asked twice, or get no answer.

    ``takes_long``: it asks Plex or Stash, and must not hold up others. ``needs_app``: it cannot be answered while the
    settings are wrong.
    """

    name: str
    answer: Handler
    arguments: tuple[Argument, ...] = ()
    takes_long: bool = False
    needs_app: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is done, at least once, and that comes to the same when it is done twice.

    ``carry_out`` returns ``{"text": sentence, "count"?: number}``. It is done at once: what runs long is begun, and
    shows in the snapshot's ``now``. ``is_for_this_run``: it concerns the consumer that runs at the moment it is laid;
    one that is started later does not do it. ``once``: done again it would come to something else, so that it is noted
    with what it does.
    """

    name: str
    carry_out: Handler
    arguments: tuple[Argument, ...] = ()
    needs_app: bool = True
    is_for_this_run: bool = False
    once: bool = False


_Entry = TypeVar("_Entry", "StatusQuestion", "Action")


def by_name(entries: Iterable[_Entry]) -> dict[str, _Entry]:
    """A table of entries by their names.

    :raises ValueError: two have the same.
    """
    table: dict[str, _Entry] = {}
    for one in entries:
        if one.name in table:
            raise ValueError(f"{one.name!r} is there twice")
        table[one.name] = one
    return table
