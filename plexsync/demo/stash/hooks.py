"""Runs a plugin's hooks as Stash does: one process after the other, while the user waits."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import yaml

_LEVELS = {"t": "trace", "d": "debug", "i": "info", "w": "warning", "e": "error", "p": "progress"}
#: Seconds to wait for the rest of standard error once the process has ended; Stash itself does not wait at all.
_STDERR_GRACE = 1.0


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
        #: As Stash lists it among its ``plugins``, without whether it is enabled.
        self.plugin: dict[str, Any] = {
            "id": manifest.stem,
            "name": config["name"],
            "version": config.get("version"),
            "hooks": [
                {"name": hook["name"], "description": hook.get("description"), "hooks": hook.get("triggeredBy") or []}
                for hook in config.get("hooks") or []
            ],
        }
        self._hooks: list[dict[str, Any]] = config.get("hooks") or []
        self._default_level = config.get("errLog", "error")
        self._command = self._resolve(config["exec"], python)
        self._cwd = cwd or Path(tempfile.gettempdir())
        self._env = dict(os.environ)
        above = str(self._folder.parent)
        self._env["PYTHONPATH"] = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), above]))
        self._env |= env or {}
        self._processes: set[subprocess.Popen[bytes]] = set()

    def run(self, connection: Mapping[str, Any], context: Mapping[str, Any]) -> list[HookRun]:
        """Run every hook of the context's trigger, one after the other, and wait for each.

        :param connection: the server's part of ``server_connection``.
        :param context: the ``hookContext``: ``type``, ``input``, and ``id`` and ``inputFields`` where there are any.
        """
        runs = []
        for hook in self._hooks:
            if context["type"] in hook.get("triggeredBy", ()):
                arguments = {**(hook.get("defaultArgs") or {}), "hookContext": context}
                server = {**connection, "PluginDir": str(self._folder)}
                runs.append(self._run(context, {"server_connection": server, "args": arguments}))
        return runs

    def kill(self) -> None:
        """End the processes that run now, as the end of Stash's container would."""
        for process in list(self._processes):
            process.kill()

    def _resolve(self, words: list[str], python: str) -> list[str]:
        first = python if words[0] in ("python", "python3") else words[0]
        return [first, *(word.replace("{pluginDir}", str(self._folder)) for word in words[1:])]

    def _run(self, context: Mapping[str, Any], given: Mapping[str, Any]) -> HookRun:
        started = time.perf_counter()
        process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._cwd,
            env=self._env,
        )
        assert process.stdin
        assert process.stdout
        assert process.stderr
        self._processes.add(process)
        lines: list[bytes] = []
        writing = threading.Thread(target=_feed, args=(process.stdin, json.dumps(given).encode()), daemon=True)
        reading = threading.Thread(target=_collect, args=(process.stderr, lines), daemon=True)
        writing.start()
        reading.start()
        with process.stdout:
            printed = process.stdout.read()
        returncode = process.wait()
        seconds = time.perf_counter() - started
        self._processes.discard(process)
        writing.join()
        reading.join(_STDERR_GRACE)
        output, error = _understand(printed, returncode)
        log = tuple(self._parse(line.decode("utf-8", "replace").rstrip("\r\n")) for line in lines if line.strip())
        return HookRun(context["type"], context.get("id", 0), given, seconds, returncode, output, error, log)

    def _parse(self, line: str) -> tuple[str, str]:
        if len(line) >= 4 and line[0] == "\x01" and line[2] == "\x02" and line[1] in _LEVELS:
            return _LEVELS[line[1]], line[3:].strip()
        return self._default_level, line


def _feed(stdin: IO[bytes], data: bytes) -> None:
    # A hook that ends without reading all of it is within its rights.
    with contextlib.suppress(BrokenPipeError), stdin:
        stdin.write(data)


def _collect(stderr: IO[bytes], lines: list[bytes]) -> None:
    with stderr:
        lines.extend(stderr)


def _understand(printed: bytes, returncode: int) -> tuple[Any, str | None]:
    """Output and error: what is no JSON object is the output itself; a failed process is an error of its own."""
    text = printed.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    output, error = (answer.get("output"), answer.get("error")) if isinstance(answer, dict) else (text, None)
    return output, error if error is not None or returncode == 0 else f"exit status {returncode}"
