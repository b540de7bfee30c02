"""Where a message comes from: the events that it stands for, and which attempt at it this is.

An event's short id is the beginning of the id that the hook gave its message. The hook prints it in Stash's log, and it
costs nothing. A message from the inbox needs no more than that. Where several events have become one message, where it
is tried again, or where it was made on account of an event, it says so in a field of its own::

    {"v": 1, "id": "9f...", "name": "sync_scene", ..., "events": [["3f9c21ab", 1.7e9], ["88d0aa17", 1.7e9]], "try": 2}

Whoever does not know these fields reads the message as it always did.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox.event_files import SHORT_ID

#: Events that one message names at most: the first, and the latest. A scene is seldom edited so often while it waits.
MOST_EVENTS = 100
#: What the names of Stash's events end with; what PlexSync lays into its inbox by itself has other names.
OF_STASH = ".Post"
#: The fields in a message.
EVENTS, TRY = "events", "try"


@dataclass(frozen=True, slots=True)
class Event:
    """One call of the hook: its short id, and when it laid the event (epoch seconds)."""

    id: str
    at: float


@dataclass(frozen=True, slots=True)
class Origin:
    """What a message comes from: ``events``, the oldest first, and ``attempt``, which counts from 1."""

    events: tuple[Event, ...] = ()
    attempt: int = 1

    @property
    def ids(self) -> tuple[str, ...]:
        """The short ids of the events."""
        return tuple(one.id for one in self.events)


def origin_of(data: bytes) -> Origin:
    """Where a message comes from; an empty origin for one that does not say, or that cannot be read."""
    try:
        raw = json.loads(bytes(data))
    except (ValueError, RecursionError):
        return Origin()
    return _origin(raw) if isinstance(raw, dict) else Origin()


def with_origin(data: bytes, origin: Origin) -> bytes:
    """The message with its origin in it.

    :param data: one without.
    """
    added: dict[str, Any] = {}
    if origin.events:
        added[EVENTS] = [[one.id, one.at] for one in origin.events]
    if origin.attempt > 1:
        added[TRY] = origin.attempt
    if not added:
        return data
    return data[:-1] + b", " + json.dumps(added).encode("ascii")[1:]


def joined(first: dict[str, Any], second: dict[str, Any]) -> list[list[Any]]:
    """The field ``EVENTS`` of a message that stands for two others; empty where there are none.

    :param first: the one that was there before, as JSON.
    """
    return [[one.id, one.at] for one in _bounded((*_origin(first).events, *_origin(second).events))]


def with_events_of(waiting: bytes, other: bytes) -> bytes | None:
    """The waiting message when it does the work of the other one, too; None where nothing about it changes."""
    one, two = json.loads(bytes(waiting)), json.loads(bytes(other))
    events = joined(one, two)
    if not events or events == [[each.id, each.at] for each in _origin(one).events]:
        return None
    one[EVENTS] = events
    return json.dumps(one).encode("ascii")


def _origin(raw: dict[str, Any]) -> Origin:
    attempt = raw.get(TRY)
    return Origin(_events(raw), attempt if type(attempt) is int and attempt > 0 else 1)


def _events(raw: dict[str, Any]) -> tuple[Event, ...]:
    named = raw.get(EVENTS)
    if isinstance(named, list):
        return _bounded(Event(one[0], float(one[1])) for one in named if _is_event(one))
    # As the hook laid it: its own event.
    message_id, at = raw.get("id"), raw.get("at")
    if str(raw.get("event", "")).endswith(OF_STASH) and isinstance(message_id, str) and isinstance(at, int | float):
        return (Event(message_id[:SHORT_ID], float(at)),)
    return ()


def _is_event(one: object) -> bool:
    return (
        isinstance(one, list)
        and len(one) == 2
        and isinstance(one[0], str)
        and len(one[0]) <= SHORT_ID
        and one[0].isalnum()
        and isinstance(one[1], int | float)
    )


def _bounded(events: Iterable[Event]) -> tuple[Event, ...]:
    """Each once, the oldest first."""
    found = sorted({one.id: one for one in events}.values(), key=lambda one: one.at)
    return tuple(found if len(found) <= MOST_EVENTS else [found[0], *found[1 - MOST_EVENTS :]])
