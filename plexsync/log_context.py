"""What a line of the log belongs to: the event, the task, the scene, its item and the attempt.

Whoever begins a piece of work opens a context for the thread; every line that is logged within it carries these words,
whoever logs it. No call on the way has to hand them through, so none can forget to.
"""

from __future__ import annotations

from contextvars import ContextVar

#: The words, in the order in which a line shows them.
WORDS = ("event", "task", "scene", "item", "attempt")
#: Short ids of events in one line, at most: a bundle may hold a hundred.
MOST_EVENTS = 5


class LogContext:
    """What the lines of this thread belong to; empty or 0 where it is not known."""

    __slots__ = ("attempt", "events", "item", "scene", "task")

    def __init__(self, events: tuple[str, ...] = (), task: str = "", attempt: int = 0) -> None:
        self.events = events
        self.task = task
        self.scene = 0
        self.item = 0
        self.attempt = attempt

    def words(self) -> dict[str, str | int]:
        """What is known, by the names of ``WORDS``, in their order."""
        found: dict[str, str | int] = {}
        if self.events:
            more = len(self.events) - MOST_EVENTS
            found["event"] = ",".join(self.events[:MOST_EVENTS]) + (f",+{more}" if more > 0 else "")
        for name in WORDS[1:]:
            if value := getattr(self, name):
                found[name] = value
        return found


_current: ContextVar[LogContext | None] = ContextVar("log_context", default=None)


def current() -> LogContext | None:
    """What this thread works on, if anything."""
    return _current.get()


class Belonging:
    """A block in which the lines of this thread belong to a context; it can be entered again, but not within itself.

    :param context: what they belong to.
    """

    __slots__ = ("_context", "_token")

    def __init__(self, context: LogContext) -> None:
        self._context = context

    def __enter__(self) -> None:
        self._token = _current.set(self._context)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def working_on(events: tuple[str, ...] = (), task: str = "", attempt: int = 0) -> Belonging:
    """A block in which the lines of this thread belong to a task.

    :param events: short ids of the events that it is done for.
    :param task: the task's name.
    :param attempt: which attempt at its message this is, from 1; 0 where there is no message.
    """
    return Belonging(LogContext(events, task, attempt))


def about_scene(scene_id: int) -> Belonging:
    """A block in which the lines of this thread are about a scene, and belong to what they belong to now."""
    around = _current.get()
    inner = LogContext(around.events, around.task, around.attempt) if around is not None else LogContext()
    inner.scene = scene_id
    return Belonging(inner)


def item_is(rating_key: int) -> None:
    """The scene that this thread works on belongs to this item."""
    context = _current.get()
    if context is not None:
        context.item = rating_key
