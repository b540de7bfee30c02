"""What an operation may be given: a table of the modes and their arguments, checked before anything is laid.

On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

from plexsync.inbox.event_files import MAX_ID, shown
from plexsync.inbox.request_files import MAX_ANSWER, MAX_STATUS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Check = Callable[[object], object]

#: Ids in one request, rows in one answer, characters of a text, hours back.
MOST_IDS, MOST_ROWS, MOST_TEXT, MOST_HOURS = 500, 50, 200, 24 * 365
#: Characters of an API key: Stash's have about 150.
MOST_KEY = 2000
#: What a consumer on another machine brings: names of events and answers, at most, and seconds that it may wait.
MOST_ACKNOWLEDGED, MOST_ANSWERS, LONGEST_WAIT = 1000, 50, 30


class WrongArgument(Exception):
    """An operation asks for nothing that can be done. The text names the argument.

    :param remedy: what to send instead.
    """

    def __init__(self, text: str, remedy: str) -> None:
        super().__init__(text)
        self.remedy = remedy


class _Misfit(Exception):
    """A value that does not fit; the text says what would."""


def _id(value: object) -> int:
    # GraphQL writes ids as texts.
    if isinstance(value, str) and len(value) <= len(str(MAX_ID)) and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) is not int or not 1 <= value <= MAX_ID:
        raise _Misfit("a whole number from 1")
    return value


def _ids(value: object) -> "list[int]":
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_IDS:
        raise _Misfit(f"a list of 1 to {MOST_IDS} ids")
    try:
        return [_id(one) for one in value]
    except _Misfit:
        raise _Misfit(f"a list of 1 to {MOST_IDS} ids, each a whole number from 1") from None


def _count(most: int) -> "Check":
    def check(value: object) -> int:
        if type(value) is not int or not 1 <= value <= most:
            raise _Misfit(f"a whole number from 1 to {most}")
        return value

    return check


def _text(value: object) -> str:
    # JSON may hold halves of characters, which cannot be looked for.
    if not isinstance(value, str) or len(value) > MOST_TEXT or value != value.encode(errors="replace").decode():
        raise _Misfit(f"a text of at most {MOST_TEXT} characters")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise _Misfit("true or false")
    return value


def _true(value: object) -> bool:
    if value is not True:
        raise _Misfit("true")
    return True


def _key(value: object) -> str:
    is_key = isinstance(value, str) and 0 < len(value) <= MOST_KEY and value.isascii() and value.isprintable()
    if not is_key or set(value) & set(' "\\'):  # type: ignore[call-overload]  # a text, as was just seen
        raise _Misfit("the key that Stash shows under Settings > Security")
    return str(value)


def _word(value: object) -> str:
    if not isinstance(value, str) or not 16 <= len(value) <= 64 or value.strip("0123456789abcdef"):
        raise _Misfit("16 to 64 hexadecimal digits")
    return value


def _seconds(value: object) -> float:
    if type(value) not in (int, float) or not 0 <= value <= LONGEST_WAIT:  # type: ignore[operator]  # a number by then
        raise _Misfit(f"a number from 0 to {LONGEST_WAIT}")
    return float(value)  # type: ignore[arg-type]  # as above


def is_file_name(name: str) -> bool:
    """Whether it is the name of a message or a request: of a file in its folder, and nowhere else."""
    if not 5 < len(name) <= 255 or not name.endswith(".json") or name.startswith("."):
        return False
    return not set(name) & set("/\\:\0")


def _file(value: object) -> str:
    if not isinstance(value, str) or not is_file_name(value):
        raise _Misfit("the name of a file")
    return value


def _files(value: object) -> "list[str]":
    if not isinstance(value, list) or len(value) > MOST_ACKNOWLEDGED:
        raise _Misfit(f"a list of at most {MOST_ACKNOWLEDGED} names of files")
    return [_file(one) for one in value]


def _document(most: int) -> "Check":
    def check(value: object) -> str:
        if not isinstance(value, str) or len(value) > most:
            raise _Misfit(f"a text of at most {most} characters")
        return value

    return check


def _answers(value: object) -> "list[dict[str, str]]":
    wanted = f"a list of at most {MOST_ANSWERS} answers, each with 'file' and 'text'"
    if not isinstance(value, list) or len(value) > MOST_ANSWERS:
        raise _Misfit(wanted)
    found = []
    for one in value:
        text = one.get("text") if isinstance(one, dict) else None
        # One character per byte.
        if not isinstance(text, str) or len(text) > MAX_ANSWER or any(letter > "\xff" for letter in text):
            raise _Misfit(wanted)
        found.append({"file": _file(one.get("file")), "text": text})
    return found


_PAGE: "dict[str, Check]" = {"cursor": _text, "limit": _count(MOST_ROWS)}
_LISTED: "dict[str, Check]" = {"search": _text, **_PAGE}
#: What only looks: mode, and its arguments by name.
QUESTIONS: "dict[str, dict[str, Check]]" = {
    "scenes": {"state": _text, **_LISTED},
    "scene": {"scene_id": _id},
    "failed": _LISTED,
    "letter": {"id": _id},
    "reviews": _LISTED,
    "activity": {"scene_id": _id, **_PAGE},
    "trace": {"id": _id},
    "health": {},
    "difference": {"scene_id": _id},
    "items": {"search": _text, "rating_key": _id, "limit": _count(MOST_ROWS)},
    "picture": {"rating_key": _id},
    "libraries": {},
    "settings": {},
    "test_connection": {},
}
#: What does something.
ACTIONS: "dict[str, dict[str, Check]]" = {
    "retry": {"ids": _ids, "all": _true},
    "discard": {"ids": _ids, "all": _true},
    "accept": {"scene_id": _id, "rating_key": _id},
    "reject": {"scene_id": _id, "rating_key": _id},
    "forget": {"scene_id": _id},
    "sync": {"scene_ids": _ids, "all": _true},
    "sync_recent": {"hours": _count(MOST_HOURS)},
    "reconcile": {"full": _flag},
    "preview": {},
    "cancel": {"id": _text},
    "report": {},
    "stop": {},
    "restart": {},
}
#: What is answered without the consumer.
BY_ITSELF: "dict[str, dict[str, Check]]" = {
    "status": {},
    "start": {},
    "stash_key": {"api_key": _key},
    "instances": {},
    "here": {"word": _word},
    "drain": {
        "consumer": _word,
        "host": _text,
        "wait": _seconds,
        "watched": _flag,
        "leaves": _flag,
        "ack": _files,
        "answers": _answers,
        "status": _document(MAX_STATUS),
        "notice": _document(MOST_ROWS * MOST_TEXT),
    },
}
#: Arguments of which nothing is shown.
SECRET = ("api_key",)
#: Questions that ask Plex or Stash first.
ASKS_OTHERS = ("health", "difference", "libraries", "picture", "settings", "test_connection")
#: Arguments that a mode needs; of those in one entry exactly one.
_NEEDED: "dict[str, tuple[str | tuple[str, ...], ...]]" = {
    "scene": ("scene_id",),
    "letter": ("id",),
    "trace": ("id",),
    "difference": ("scene_id",),
    "items": (("search", "rating_key"),),
    "picture": ("rating_key",),
    "accept": ("scene_id", "rating_key"),
    "reject": ("scene_id",),
    "forget": ("scene_id",),
    "cancel": ("id",),
    "stash_key": ("api_key",),
    "drain": ("consumer",),
    "here": ("word",),
    "retry": (("ids", "all"),),
    "discard": (("ids", "all"),),
    "sync": (("scene_ids", "all"),),
}


def checked(mode: object, given: "dict[str, Any]") -> "dict[str, Any]":
    """The arguments of an operation, each as it may be; null counts as not given.

    :param mode: what is asked.
    :param given: what came in.
    :raises WrongArgument: there is no such mode, or an argument is unknown, missing or not what it may be.
    """
    known: dict[str, dict[str, Check]] = {**BY_ITSELF, **QUESTIONS, **ACTIONS}
    if not isinstance(mode, str) or mode not in known:
        raise WrongArgument(f"There is no mode {shown(mode)}.", f"Send one of {', '.join(sorted(known))}.")
    checks = known[mode]
    values = {}
    for name, value in given.items():
        if name not in checks:
            takes = f"{mode} takes {', '.join(checks)}" if checks else f"{mode} takes none"
            raise WrongArgument(f"There is no argument {shown(name)}.", f"Leave it out: {takes}.")
        if value is None:
            continue
        try:
            values[name] = checks[name](value)
        except _Misfit as misfit:
            what = "no such key" if name in SECRET else shown(value)
            raise WrongArgument(f"The argument '{name}' is {what}.", f"Send {misfit}.") from None
    _see_that_all_are_there(mode, values)
    return values


def _see_that_all_are_there(mode: str, values: "dict[str, Any]") -> None:
    for needed in _NEEDED.get(mode, ()):
        names = (needed,) if isinstance(needed, str) else needed
        there = sum(name in values for name in names)
        which = f"'{names[0]}'" if len(names) == 1 else f"one of {' and '.join(repr(name) for name in names)}"
        if there == 0:
            raise WrongArgument(f"The argument {which} is missing.", f"Send {which} with {mode}.")
        if there > 1:
            raise WrongArgument(f"There may be exactly {which}.", "Leave the other out.")
