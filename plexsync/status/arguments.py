"""The arguments of a request: what each may be. Whatever comes in from the page or a file is checked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum, auto
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox.event_files import MAX_ID, shown

#: Ids in one request.
MOST_IDS = 500
#: Rows in one answer, and where nothing is said of it.
MOST_ROWS, USUAL_ROWS = 50, 50
#: Characters of a text.
MOST_TEXT = 200


class ArgumentKind(Enum):
    """What an argument may be."""

    #: A whole number from 1: a scene, an item, a dead letter.
    ID = auto()
    #: 1 to ``MOST_IDS`` of them.
    IDS = auto()
    #: A whole number from 1 up to ``most``.
    COUNT = auto()
    #: True or false.
    FLAG = auto()
    #: At most ``MOST_TEXT`` characters.
    TEXT = auto()
    #: One of ``choices``.
    CHOICE = auto()


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument: its name and what it may be.

    ``needed``: it has to be there; else ``usual`` stands for it. ``most`` is the largest count.
    """

    name: str
    kind: ArgumentKind
    needed: bool = False
    usual: Any = None
    most: int = 0
    choices: tuple[str, ...] = ()


class BadRequest(Exception):
    """A request that asks for nothing that can be done.

    :param text: what is wrong, naming the field.
    :param remedy: what to send instead.
    """

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


#: Those that listings share.
CURSOR = Argument("cursor", ArgumentKind.TEXT)
LIMIT = Argument("limit", ArgumentKind.COUNT, usual=USUAL_ROWS, most=MOST_ROWS)
SEARCH = Argument("search", ArgumentKind.TEXT)
SCENE_ID = Argument("scene_id", ArgumentKind.ID, needed=True)


def checked(arguments: Sequence[Argument], given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by name, each of them as it may be.

    :param arguments: what there may be.
    :param given: what came in; null counts as not given.
    :raises BadRequest: one is unknown, missing, or not what it may be.
    """
    known = {one.name: one for one in arguments}
    for name in given:
        if name not in known:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise BadRequest(f"There is no argument {shown(name)}.", f"Leave it out: {takes}.")
    return {one.name: _value(one, given.get(one.name)) for one in arguments}


def _value(argument: Argument, value: Any) -> Any:
    if value is None:
        if argument.needed:
            raise BadRequest(f"The argument {argument.name!r} is missing.", f"Send {_what(argument)}.")
        return argument.usual
    if not _fits(argument, value):
        raise BadRequest(f"The argument {argument.name!r} is {shown(value)}.", f"Send {_what(argument)}.")
    if argument.kind is ArgumentKind.IDS:
        return list(dict.fromkeys(value))
    return value


def _fits(argument: Argument, value: Any) -> bool:
    match argument.kind:
        case ArgumentKind.ID:
            return _is_number(value, MAX_ID)
        case ArgumentKind.IDS:
            return isinstance(value, list) and 0 < len(value) <= MOST_IDS and all(_is_number(v, MAX_ID) for v in value)
        case ArgumentKind.COUNT:
            return _is_number(value, argument.most)
        case ArgumentKind.FLAG:
            return isinstance(value, bool)
        case ArgumentKind.TEXT:
            return isinstance(value, str) and len(value) <= MOST_TEXT and _has_whole_characters(value)
        case ArgumentKind.CHOICE:
            return isinstance(value, str) and value in argument.choices


def _has_whole_characters(value: str) -> bool:
    """JSON may hold halves of characters, which cannot be looked for."""
    return value.isascii() or value == value.encode(errors="replace").decode()


def _is_number(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _what(argument: Argument) -> str:
    match argument.kind:
        case ArgumentKind.ID:
            return "a whole number from 1"
        case ArgumentKind.IDS:
            return f"a list of 1 to {MOST_IDS} whole numbers"
        case ArgumentKind.COUNT:
            return f"a whole number from 1 to {argument.most}"
        case ArgumentKind.FLAG:
            return "true or false"
        case ArgumentKind.TEXT:
            return f"a text of at most {MOST_TEXT} characters"
        case ArgumentKind.CHOICE:
            return f"one of {', '.join(argument.choices)}"
