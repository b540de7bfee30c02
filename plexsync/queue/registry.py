"""Tasks by their names alone, so that a message outlives the module its task stood in."""

from __future__ import annotations

from typing import Any

from huey.registry import Registry

from plexsync.inbox.event_files import task_name


class NamedTasks(Registry):  # type: ignore[misc]  # huey has no types
    """Huey's registry, which would name a task by its module, too. Two tasks of one name are refused."""

    def task_to_string(self, task_class: type) -> str:
        """The name of a task, as it stands in messages."""
        return task_class.__name__

    def string_to_task(self, task_str: str) -> Any:
        """The task of a name, also of one as it was written once.

        :raises HueyException: there is none.
        """
        return super().string_to_task(task_name(task_str))
