"""Tasks by their names alone, so that a message outlives the module its task stood in."""

from __future__ import annotations

from typing import Any

from huey.api import Task
from huey.registry import Registry

from plexsync.inbox.event_files import COALESCING, task_name


class NamedTasks(Registry):  # type: ignore[misc]  # huey has no types
    """Huey's registry, which would name a task by its module, too. Two tasks of one name are refused."""

    def __init__(self) -> None:
        super().__init__()
        #: What stands for the hook's tasks where nobody has imported them.
        self._stand_ins: NamedTasks | None = None

    def task_to_string(self, task_class: type) -> str:
        """The name of a task, as it stands in messages."""
        return task_class.__name__

    def string_to_task(self, task_str: str) -> Any:
        """The task of a name, also of one as it was written once.

        :raises HueyException: there is none.
        """
        return super().string_to_task(task_name(task_str))

    def to_be_asked_for(self, name: str) -> Any:
        """The task of a name, to be queued or looked for; of the hook's tasks a stand-in, where they are not imported.

        :raises HueyException: there is none.
        """
        if name not in COALESCING or name in self._registry:
            return self.string_to_task(name)
        if self._stand_ins is None:
            self._stand_ins = NamedTasks()
        if name not in self._stand_ins._registry:
            self._stand_ins.register(type(name, (Task,), {}))
        return self._stand_ins.string_to_task(name)

    def create_message(self, task: Any) -> Any:
        """Huey's message of a task.

        :raises HueyException: the task is not registered, and is none of the hook's.
        """
        if self._stand_ins is not None and type(task) in self._stand_ins._registry.values():
            return self._stand_ins.create_message(task)
        return super().create_message(task)
