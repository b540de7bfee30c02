"""How pages start a plugin in the simulated Stash, and what they see of its tasks: operations, tasks and jobs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from plexsync.demo.stash.hooks import HookRunner
from plexsync.demo.stash.jobs import Job, Jobs
from plexsync.demo.stash.library import StashRefused, number

#: What Go says where a plugin is asked for that is not there.
_NIL = "runtime error: invalid memory address or nil pointer dereference"


class PluginCalls:
    """Resolvers by the names of queries and mutations, in ``roots``.

    :param plugin: the one that is loaded, None where none is.
    :param is_enabled: whether it is enabled.
    :param enable: enables or disables it.
    :param connection: the server's part of ``server_connection``.
    :param settings: what was typed into the settings of plugins, by plugin id.
    """

    def __init__(
        self,
        plugin: Callable[[], HookRunner | None],
        is_enabled: Callable[[], bool],
        enable: Callable[[bool], object],
        connection: Callable[[], Mapping[str, Any]],
        settings: dict[str, dict[str, Any]],
    ) -> None:
        self._plugin = plugin
        self._is_enabled = is_enabled
        self._enable = enable
        self._connection = connection
        self._settings = settings
        self.jobs = Jobs()
        #: What operations and tasks have logged, as (level, text).
        self.log: list[tuple[str, str]] = []
        self.roots: dict[str, Callable[..., Any]] = {
            "jobQueue": lambda _base: self.jobs.queue(),
            "findJob": self._find_job,
            "stopJob": self._stop_job,
            "stopAllJobs": self._stop_all,
            "runPluginOperation": self._operate,
            "runPluginTask": self._run_task,
            "configurePlugin": self._configure,
            "setPluginsEnabled": self._set_enabled,
        }

    def _loaded(self, plugin_id: str) -> HookRunner | None:
        plugin = self._plugin()
        known = plugin is not None and self._is_enabled() and plugin.plugin["id"].lower() == plugin_id.lower()
        return plugin if known else None

    def _operate(self, _base: str, plugin_id: str, args: Mapping[str, Any] | None = None) -> Any:
        plugin = self._loaded(plugin_id)
        if plugin is None:
            raise StashRefused(_NIL)
        end = plugin.operate(self._connection(), args or {})
        self.log += end.log
        if end.error is not None:
            raise StashRefused(end.error)
        return end.output

    def _run_task(
        self,
        _base: str,
        plugin_id: str,
        task_name: str | None = None,
        description: str | None = None,
        args_map: Mapping[str, Any] | None = None,
    ) -> str:
        def work(job: Job) -> None:
            plugin = self._loaded(plugin_id)
            arguments = None if plugin is None else plugin.task_arguments(task_name, args_map or {})
            if plugin is None or arguments is None:
                self.log.append(("error", f"Error creating plugin task: no task {task_name} of plugin {plugin_id}"))
                return
            with plugin.started(self._connection(), arguments, job.said) as process:
                job.process = process
                if job.status == "STOPPING":
                    process.kill()
                end = process.wait()
            self.log += end.log
            if end.error is not None:
                self.log.append(("error", f"Plugin returned error: {end.error}"))

        return str(self.jobs.add(description or f"Running plugin task: {task_name or ''}", work).id)

    def _find_job(self, _base: str, **arguments: Any) -> dict[str, Any] | None:
        job = self.jobs.find(number(arguments["input"]["id"], "id"))
        return None if job is None else job.view()

    def _stop_job(self, _base: str, job_id: str) -> bool:
        self.jobs.stop(number(job_id, "job id"))
        return True

    def _stop_all(self, _base: str) -> bool:
        self.jobs.stop_all()
        return True

    def _configure(self, _base: str, plugin_id: str, **arguments: Any) -> dict[str, Any]:
        # The whole map is replaced, nothing is checked, and no hook is fired.
        self._settings[plugin_id] = dict(arguments["input"])
        return self._settings[plugin_id]

    def _set_enabled(self, _base: str, **arguments: Any) -> bool:
        plugin = self._plugin()
        if plugin is not None and plugin.plugin["id"] in arguments["enabledMap"]:
            self._enable(bool(arguments["enabledMap"][plugin.plugin["id"]]))
        return True
