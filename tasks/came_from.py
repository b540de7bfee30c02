"""What a message stands for, as the history keeps it."""

from __future__ import annotations

from huey.api import Task

from plexsync.queue.origin import Origin


def came_from(task: Task | None) -> tuple[float | None, float | None, tuple[tuple[str, float], ...]]:
    """What ``plexsync.ledger.course.follow`` is to know of a message.

    :param task: of the message; None where something runs without one.
    :returns: when the hook laid the first of its events, when the queue had the message (epoch seconds; None for not
        known), and all events: their short ids, and when each was laid.
    """
    claim = getattr(task, "claim", None)
    if claim is None:
        return None, None, ()
    origin: Origin = getattr(task, "origin", None) or Origin()
    events = tuple((one.id, one.at) for one in origin.events)
    return (events[0][1] if events else None), claim.enqueued_at, events
