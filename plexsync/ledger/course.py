"""The course of one attempt: when its event was laid, when work began, and what was written.

Whoever begins an attempt opens a course for the thread, whoever writes notes what, and the history keeps it with the
outcome: no call on the way has to hand it through.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(slots=True)
class Course:
    """One attempt so far. Times are epoch seconds, None for not known.

    ``event_at`` is when the hook laid the event, ``queued_at`` when the queue had it; ``fields`` were written since the
    last outcome.
    """

    event_at: float | None = None
    queued_at: float | None = None
    began_at: float = field(default_factory=time.time)
    fields: tuple[str, ...] = ()
    _began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began


_current: ContextVar[Course | None] = ContextVar("course", default=None)


@contextmanager
def follow(event_at: float | None = None, queued_at: float | None = None) -> Iterator[None]:
    """In the block outcomes of this thread belong to one attempt."""
    token = _current.set(Course(event_at, queued_at))
    try:
        yield
    finally:
        _current.reset(token)


def wrote(fields: Iterable[str]) -> None:
    """These fields were written to the item of the scene whose outcome is noted next."""
    course = _current.get()
    if course is not None:
        course.fields = tuple(fields)


def taken() -> Course:
    """The course of the attempt whose outcome is noted now; an empty one where nobody opened any."""
    course = _current.get()
    if course is None:
        return Course()
    fields, course.fields = course.fields, ()
    return Course(course.event_at, course.queued_at, course.began_at, fields, course._began)
