"""What is in the queue, for whoever looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from plexsync.queue.message import arguments_of

if TYPE_CHECKING:
    from huey.api import Task

    from plexsync.queue.quiet import QueueStats
    from plexsync.queue.storage import Backlog, QueueStorage


class QueueLooks:
    """The part of the Huey application that looks and changes nothing."""

    storage: QueueStorage
    serialize_task: Callable[[Any], bytes]

    def stats(self) -> QueueStats:
        """How many messages there are by state."""
        stats: QueueStats = self.storage.stats()
        return stats

    def hook_called_at(self) -> float | None:
        """When Stash called the hook last (epoch seconds, by the clock of Stash's machine); None for never."""
        at: float | None = self.storage.hook_called_at()
        return at

    def backlog(self, priority: float) -> Backlog:
        """How many messages of this priority or a lower one there are by state."""
        backlog: Backlog = self.storage.backlog(priority)
        return backlog

    def waiting(self) -> int:
        """How many messages wait in line."""
        return int(self.storage.queue_size())

    def whereabouts(self, task: Task) -> str | None:
        """Where this task, or an equal one, is: ``in progress``, ``pending``, ``scheduled``, or None for nowhere.

        For tasks that coalesce: ``whereabouts(sync_scene.s(45))``.
        """
        place: str | None = self.storage.whereabouts(self.serialize_task(task))
        return place

    def due_at(self, task: Task) -> float | None:
        """When this task, or an equal one, is to run (since 1970), where it is scheduled; else None."""
        moment: float | None = self.storage.due_at(self.serialize_task(task))
        return moment

    def active_arguments(self, name: str) -> Iterator[list[Any]]:
        """The arguments of each message to the task of this name that waits now or is in progress."""
        for key in self.storage.active_keys():
            task, arguments = arguments_of(key)
            if task == name and arguments is not None:
                yield arguments

    def next_arguments(self, name: str, count: int) -> list[list[Any]]:
        """The arguments of the next messages in line to the coalescing task of this name, at most so many. Cheap."""
        return _held_by(self.storage.next_keys(name, count))

    def claimed_arguments(self, name: str) -> list[list[Any]]:
        """The arguments of each message to the coalescing task of this name that a worker works on at this moment."""
        return _held_by(self.storage.claimed_keys(name))

    def latest_set_aside(self) -> str | None:
        """Why the latest message was set aside, or None where there is none."""
        for item in self.storage.set_aside_items(limit=1):
            return str(item.reason)
        return None

    def is_claimed(self, task: Task) -> bool:
        """Whether a worker works on this task, or an equal one, at this moment: ``is_claimed(sync_scene.s(45))``."""
        return bool(self.storage.is_claimed(self.serialize_task(task)))


def _held_by(keys: Iterable[str]) -> list[list[Any]]:
    return [arguments for _, arguments in map(arguments_of, keys) if arguments is not None]
