"""What stands in the queue's tables: JSON that a person can read and that cannot run code.

A message is ``{"v": 1, "id": ..., "name": ..., "args": [...], ...}``: Huey's message, fields that are not set left out.
Of Huey's fields only those are written and read that tasks here use (``_READERS``); a message with others is refused. A
result is ``{"v": 1, "result": ...}``. What JSON has no word for is written as an object with one ``$`` key, for example
``{"$datetime": "2026-01-31T12:00:00"}``. Keys that are not known are ignored.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from huey.registry import Message
from huey.utils import Error

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox.event_files import VERSION, task_name
from plexsync.queue.origin import joined

#: A priority farther from 0 is a mistake, and may be more than SQLite can hold.
_LARGEST_PRIORITY = 1e9
#: Letters of a key, at most: PostgreSQL's indexes hold 2,704 bytes. A batch of a hundred scenes with the largest ids
#: that Stash can have takes 2,000. What is longer is no work of ours, and its key is made of a digest.
_LONGEST_KEY = 2500


class UnreadableMessage(ValueError):
    """The data is not a message or result of ours. The text says what is wrong with it."""


class NewerMessage(UnreadableMessage):
    """The data was written by a newer PlexSync than this one."""


class MessageSerializer:
    """Huey's serializer interface, in JSON."""

    def serialize(self, data: Any) -> bytes:
        """A message, a result or another value of Huey's as JSON.

        :raises TypeError: it holds something that JSON cannot say.
        """
        try:
            body = _write_message(data) if isinstance(data, Message) else {"result": encode(data)}
            return json.dumps({"v": VERSION, **body}).encode("ascii")
        except RecursionError:
            raise TypeError("it is nested too deeply, or contains itself, and cannot be stored as JSON") from None
        except ValueError as error:
            raise TypeError(f"it cannot be stored as JSON: {error}") from None

    def deserialize(self, data: bytes) -> Any:
        """The ``huey.registry.Message``, result or other value that ``serialize`` was given; tuples become lists.

        :raises NewerMessage: it was written by a newer PlexSync.
        :raises UnreadableMessage: it is something else.
        """
        try:
            raw = _parse(data)
            _check_version(raw)
            if "result" in raw:
                return decode(raw["result"])
            return _read_message(raw)
        except RecursionError:
            raise UnreadableMessage("it is nested too deeply") from None


# --- What the queue needs to know of a message -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Label:
    """What tells a message from others.

    :param task_id: the task's id, or None where the message has none.
    :param key: equal for messages that ask for the same work; None for those that never become one.
    :param priority: what the message asks for; 0 where it does not say, or nothing sensible.
    """

    task_id: str | None
    key: str | None
    priority: float = 0.0


def label(data: bytes, coalesces: Callable[[str], bool]) -> Label:
    """The label of a message; one that cannot be read gets an empty one.

    :param coalesces: whether equal messages to the task of this name become one.
    """
    try:
        raw = _parse(data)
    except (UnreadableMessage, RecursionError):
        return Label(None, None)
    task_id, name = raw.get("id"), raw.get("name")
    if not isinstance(task_id, str) or not isinstance(name, str):
        return Label(None, None)
    priority = _priority(raw.get("priority"))
    name = task_name(name)
    if not coalesces(name) or _unsupported(raw):
        return Label(task_id, None, priority)
    work = [name, raw.get("args") or [], raw.get("kwargs") or {}]
    key = json.dumps(work, sort_keys=True, separators=(",", ":"))
    if len(key) > _LONGEST_KEY:
        import hashlib

        key = json.dumps([name, hashlib.sha256(key.encode("ascii")).hexdigest()], separators=(",", ":"))
    return Label(task_id, key, priority)


def arguments_of(key: str) -> tuple[str, list[Any] | None]:
    """The name and the arguments of the work that a label's key stands for; None for arguments it does not hold."""
    name, arguments, *_ = json.loads(key)
    return name, arguments if isinstance(arguments, list) else None


def _priority(stated: object) -> float:
    return float(stated) if isinstance(stated, int | float) and abs(stated) <= _LARGEST_PRIORITY else 0.0


def absorb(waiting: bytes, fresh: bytes) -> bytes:
    """The fresh message in place of the waiting one: under the waiting one's id.

    So whoever waits for either gets a result, the retries are the fresh one's, and the events are those of both.
    """
    old, new = json.loads(waiting), json.loads(fresh)
    if events := joined(old, new):
        new["events"] = events
    new["id"] = old["id"]
    return json.dumps(new).encode("ascii")


# --- Values ----------------------------------------------------------------------------------------------------------


def encode(value: Any) -> Any:
    """A value as what JSON can say: texts, finite numbers, true, false, null, lists and dicts of them.

    Datetimes and Huey's errors are written as ``$`` objects.

    :raises TypeError: JSON cannot say it.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{value} is not a number that JSON knows")
        return value
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, Error):
        return {"$error": encode(value.metadata)}
    if isinstance(value, list | tuple):
        return [encode(part) for part in value]
    if isinstance(value, dict):
        return _encode_dict(value)
    raise TypeError(
        f"a {type(value).__name__} cannot be stored as JSON: give tasks, and return from them, texts, numbers, "
        "lists and dicts"
    )


def _encode_dict(value: dict[Any, Any]) -> dict[str, Any]:
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"the key {key!r} is a {type(key).__name__}: keys in JSON are texts")
    encoded = {key: encode(part) for key, part in value.items()}
    return {"$dict": encoded} if _tag(encoded) else encoded


def decode(value: Any) -> Any:
    """The value that ``encode`` was given; tuples have become lists.

    :raises UnreadableMessage: a ``$`` object holds what it cannot.
    """
    if isinstance(value, list):
        return [decode(part) for part in value]
    if not isinstance(value, dict):
        return value
    tag = _tag(value)
    if tag == "$datetime":
        return _moment(tag, value[tag])
    if tag == "$error":
        return Error(decode(value[tag]))
    if tag == "$dict" and isinstance(value[tag], dict):
        value = value[tag]
    return {key: decode(part) for key, part in value.items()}


def _tag(value: dict[str, Any]) -> str:
    key = next(iter(value), "") if len(value) == 1 else ""
    return key if key.startswith("$") else ""


# --- Messages --------------------------------------------------------------------------------------------------------


def _write_message(message: Any) -> dict[str, Any]:
    fields = message._asdict()
    if unsupported := _unsupported(fields):
        raise TypeError(f"the task {fields['name']} cannot be queued with {unsupported}: {_ONLY_BY_THEMSELVES}")
    written = {field: _write_field(field, fields[field]) for field in _READERS if _is_set(fields[field])}
    for field in ("id", "name"):
        if not isinstance(written.get(field), str):
            raise TypeError(f"a task's {field} is a text, not {written.get(field)!r}")
    return written


def _is_set(value: Any) -> bool:
    return value is not None and value != () and value != {}


def _write_field(field: str, value: Any) -> Any:
    if field == "kwargs":
        return {name: encode(part) for name, part in value.items()}
    if isinstance(value, datetime):
        return _naive(value).isoformat()
    return encode(value)


def _read_message(raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise UnreadableMessage(f"a message is a JSON object, not a {type(raw).__name__}")
    for field in ("id", "name"):
        if not raw.get(field):
            raise UnreadableMessage(f"{field!r} is missing")
    if unsupported := _unsupported(raw):
        raise UnreadableMessage(f"it has {unsupported}: {_ONLY_BY_THEMSELVES}")
    return Message(**{field: read(field, raw[field]) for field, read in _READERS.items() if raw.get(field) is not None})


def _unsupported(fields: dict[str, Any]) -> str:
    """Which of Huey's features a message asks for that there are not here; empty for none. 0 is how Huey says no."""
    return ", ".join(name for name in Message._fields if name not in _READERS and fields.get(name))


def _task_name(field: str, value: Any) -> str:
    return task_name(_text(field, value))


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not a text")
    return value


def _whole(field: str, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not a whole number of 0 or more")
    return value


def _number(field: str, value: Any) -> float:
    if type(value) not in (int, float):
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not a number")
    return value  # type: ignore[no-any-return]  # an int or a float, as was just checked


def _moment(field: str, value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not a time in ISO format") from None
    return moment if field == "$datetime" else _naive(moment)


def _naive(moment: datetime) -> datetime:
    """Huey compares times that are in UTC and do not say so."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def _arguments(field: str, value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not a list")
    return tuple(decode(value))


def _named_arguments(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableMessage(f"{field!r} is {_shown(value)}, not an object")
    return {name: decode(part) for name, part in value.items()}


#: The fields of a message, and how each is read. What else Huey knows (pipelines, error handlers, chords, expiry,
#: time-outs, growing waits) no task here uses: a message that is one of many could lose what hangs on it.
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "id": _text,
    "name": _task_name,
    "eta": _moment,
    "retries": _whole,
    "retry_delay": _number,
    "priority": _number,
    "args": _arguments,
    "kwargs": _named_arguments,
}
_ONLY_BY_THEMSELVES = "tasks here stand by themselves, do not expire, and have no time-out"


# --- The envelope ----------------------------------------------------------------------------------------------------


def _parse(data: bytes) -> dict[str, Any]:
    try:
        raw = json.loads(bytes(data), parse_constant=_no_constant)
    except ValueError as error:
        raise UnreadableMessage(f"it is not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise UnreadableMessage(f"a message is a JSON object, not a {type(raw).__name__}")
    return raw


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number that JSON knows")


def _check_version(raw: dict[str, Any]) -> None:
    version = raw.get("v")
    if type(version) is not int or version < 1:
        raise UnreadableMessage(f"'v' is {_shown(version)}, not a version")
    if version > VERSION:
        raise NewerMessage(
            f"it was written by a newer PlexSync (version {version}; this one knows {VERSION}): update this one"
        )


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:60] + "..."
