"""A plugin as Stash runs it: its hooks one after the other while the user waits, its operations, its tasks."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from plexsync.demo.stash.plugin_process import Ended, PluginProcess


@dataclass(frozen=True)
class HookRun:
    """One hook process that ended.

    ``input`` is what it read from standard input, ``output`` and ``error`` what Stash made of its standard output,
    ``log`` its standard error as (level, text), ``seconds`` its wall time as the user felt it.
    """

    trigger: str
    id: int
    input: Mapping[str, Any]
    seconds: float
    returncode: int
    output: Any
    error: str | None
    log: tuple[tuple[str, str], ...]


class HookRunner:
    """The plugin of one manifest.

    :param manifest: the plugin's ``.yml``; the plugin's id is the file's name without the ending.
    :param python: what runs in place of ``python`` and ``python3``.
    :param env: added to the environment of the processes.
    :param cwd: where they start; Stash's own folder, never the plugin's.
    :raises KeyError: the manifest has no ``exec``.
    """

    def __init__(
        self,
        manifest: Path,
        *,
        python: str = sys.executable,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        config = yaml.safe_load(manifest.read_text(encoding="utf-8"))
        self._folder = manifest.resolve().parent
        self._tasks: dict[str, dict[str, Any]] = {task["name"]: task for task in config.get("tasks") or []}
        #: As Stash lists it among its ``plugins``, without whether it is enabled.
        self.plugin: dict[str, Any] = {
            "id": manifest.stem,
            "name": config["name"],
            "version": config.get("version"),
            "hooks": [
                {"name": hook["name"], "description": hook.get("description"), "hooks": hook.get("triggeredBy") or []}
                for hook in config.get("hooks") or []
            ],
            "tasks": [{"name": name, "description": task.get("description")} for name, task in self._tasks.items()],
        }
        self._hooks: list[dict[str, Any]] = config.get("hooks") or []
        self._default_level = config.get("errLog", "error")
        self._command = self._resolve(config["exec"], python)
        self._cwd = cwd or Path(tempfile.gettempdir())
        self._env = dict(os.environ)
        above = str(self._folder.parent)
        self._env["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), above]))
        self._env |= env or {}
        self._processes: set[PluginProcess] = set()

    def run(self, connection: Mapping[str, Any], context: Mapping[str, Any]) -> list[HookRun]:
        """Run every hook of the context's trigger, one after the other, and wait for each.

        :param connection: the server's part of ``server_connection``.
        :param context: the ``hookContext``: ``type``, ``input``, and ``id`` and ``inputFields`` where there are any.
        """
        runs = []
        for hook in self._hooks:
            if context["type"] in hook.get("triggeredBy", ()):
                given = self._given(connection, {**(hook.get("defaultArgs") or {}), "hookContext": context})
                with self._started(given) as process:
                    end = process.wait()
                about = context["type"], context.get("id", 0), given
                runs.append(HookRun(*about, end.seconds, end.returncode, end.output, end.error, end.log))
        return runs

    def operate(self, connection: Mapping[str, Any], arguments: Mapping[str, Any]) -> Ended:
        """Run it as ``runPluginOperation`` does, and wait for it."""
        with self._started(self._given(connection, arguments)) as process:
            return process.wait()

    def task_arguments(self, name: str | None, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """What a task's process gets as ``args``: those of the manifest under those given; None for an unknown task."""
        if name is None:
            return dict(given)
        if name not in self._tasks:
            return None
        return {**(self._tasks[name].get("defaultArgs") or {}), **given}

    @contextmanager
    def started(
        self, connection: Mapping[str, Any], arguments: Mapping[str, Any], said: Callable[[str, str], object]
    ) -> Iterator[PluginProcess]:
        """A process of a task, for as long as the block runs.

        :param said: called with each line's level and text as it comes.
        """
        with self._started(self._given(connection, arguments), said) as process:
            yield process

    def kill(self) -> None:
        """End the processes that run now, as the end of Stash's container would."""
        for process in list(self._processes):
            process.kill()

    def _given(self, connection: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        return {"server_connection": {**connection, "PluginDir": str(self._folder)}, "args": dict(arguments)}

    def _resolve(self, words: list[str], python: str) -> list[str]:
        first = python if words[0] in ("python", "python3") else words[0]
        return [first, *(word.replace("{pluginDir}", str(self._folder)) for word in words[1:])]

    @contextmanager
    def _started(
        self, given: Mapping[str, Any], said: Callable[[str, str], object] | None = None
    ) -> Iterator[PluginProcess]:
        process = PluginProcess(
            self._command, given, cwd=self._cwd, env=self._env, default_level=self._default_level, said=said
        )
        self._processes.add(process)
        try:
            yield process
        finally:
            self._processes.discard(process)
