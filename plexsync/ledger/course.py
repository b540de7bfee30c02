"""The course of one attempt: which events it is for, when each step was done, and what was written.

Whoever begins an attempt opens a course for the thread, whoever writes notes what, and the history keeps it with the
outcome: no call on the way has to hand it through.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import field
from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass


class Step(StrEnum):
    """The steps of an attempt that have a time of their own."""

    READ = "read"
    MATCHED = "matched"
    WRITTEN = "written"


@dataclass(slots=True)
class Course:
    """One attempt so far. Times are epoch seconds, None for not known.

    ``event_at`` is when the hook laid the first event, ``queued_at`` when the queue had it; ``events`` are all of them
    with when each was laid; ``fields`` were written since the last outcome, and ``steps`` say when what was done.
    """

    event_at: float | None = None
    queued_at: float | None = None
    began_at: float = field(default_factory=time.time)
    fields: tuple[str, ...] = ()
    events: tuple[tuple[str, float], ...] = ()
    steps: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began


_current: ContextVar[Course | None] = ContextVar("course", default=None)


class Following:
    """A block in which what this thread does belongs to a course; it can be entered again, but not within itself.

    :param course: one that is begun, or was begun before: several take turns.
    """

    __slots__ = ("_course", "_token")

    def __init__(self, course: Course) -> None:
        self._course = course

    def __enter__(self) -> None:
        self._token = _current.set(self._course)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def follow(
    event_at: float | None = None, queued_at: float | None = None, events: tuple[tuple[str, float], ...] = ()
) -> Following:
    """A block in which outcomes of this thread belong to one attempt, which begins now.

    :param events: the short id of each event, and when the hook laid it.
    """
    return Following(Course(event_at, queued_at, events=events))


def wrote(fields: Iterable[str]) -> None:
    """These fields were written to the item of the scene whose outcome is noted next."""
    course = _current.get()
    if course is not None:
        course.fields = tuple(fields)


def laid_at() -> float | None:
    """When the first event was laid that this thread's attempt is for (epoch seconds); None where there is none."""
    course = _current.get()
    return course.event_at if course is not None else None


def did(step: Step) -> None:
    """This step of the attempt was done just now."""
    course = _current.get()
    if course is not None:
        course.steps[step] = time.time()


def taken() -> Course:
    """The course of the attempt whose outcome is noted now; an empty one where nobody opened any."""
    course = _current.get()
    if course is None:
        return Course()
    fields, course.fields = course.fields, ()
    # Scenes that are brought together are written together.
    steps = dict(course.steps)
    return Course(course.event_at, course.queued_at, course.began_at, fields, course.events, steps, course._began)
