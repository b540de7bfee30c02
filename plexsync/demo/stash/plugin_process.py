"""One process of a plugin, as Stash starts it: what it is given, and what Stash makes of what it says."""

from __future__ import annotations

import contextlib
import json
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_LEVELS = {"t": "trace", "d": "debug", "i": "info", "w": "warning", "e": "error", "p": "progress"}
#: Seconds to wait for the rest of standard error once the process has ended; Stash itself does not wait at all.
_STDERR_GRACE = 1.0


@dataclass(frozen=True)
class Ended:
    """How a process ended: ``output`` and ``error`` are what Stash made of its standard output, ``log`` its standard
    error as (level, text), ``seconds`` its wall time."""

    seconds: float
    returncode: int
    output: Any
    error: str | None
    log: tuple[tuple[str, str], ...]


class PluginProcess:
    """A process of a plugin, started when this is made.

    :param command: its words.
    :param given: what it reads on standard input, as JSON.
    :param default_level: of a line that has no level of its own.
    :param said: called with each line's level and text as it comes.
    """

    def __init__(
        self,
        command: Sequence[str],
        given: Mapping[str, Any],
        *,
        cwd: Path,
        env: Mapping[str, str],
        default_level: str = "error",
        said: Callable[[str, str], object] | None = None,
    ) -> None:
        self._started = time.perf_counter()
        self._default_level = default_level
        self._said = said
        self._log: list[tuple[str, str]] = []
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(list(command), stdin=pipe, stdout=pipe, stderr=pipe, cwd=cwd, env=dict(env))
        assert self._process.stdin
        assert self._process.stderr
        feed = (self._process.stdin, json.dumps(given).encode())
        self._writing = threading.Thread(target=_feed, args=feed, daemon=True)
        self._reading = threading.Thread(target=self._collect, args=(self._process.stderr,), daemon=True)
        self._writing.start()
        self._reading.start()

    def kill(self) -> None:
        """End it as Stash does: it alone, and without a word."""
        self._process.kill()

    def wait(self) -> Ended:
        """Wait until it ends and has closed its standard output."""
        assert self._process.stdout
        with self._process.stdout as stdout:
            printed = stdout.read()
        returncode = self._process.wait()
        seconds = time.perf_counter() - self._started
        self._writing.join()
        self._reading.join(_STDERR_GRACE)
        return Ended(seconds, returncode, *_understand(printed, returncode), tuple(self._log))

    def _collect(self, stderr: IO[bytes]) -> None:
        with stderr:
            for line in stderr:
                if line.strip():
                    level, text = self._parse(line.decode("utf-8", "replace").rstrip("\r\n"))
                    self._log.append((level, text))
                    if self._said:
                        self._said(level, text)

    def _parse(self, line: str) -> tuple[str, str]:
        if len(line) >= 4 and line[0] == "\x01" and line[2] == "\x02" and line[1] in _LEVELS:
            return _LEVELS[line[1]], line[3:].strip()
        return self._default_level, line


def _feed(stdin: IO[bytes], data: bytes) -> None:
    # A plugin that ends without reading all of it is within its rights.
    with contextlib.suppress(BrokenPipeError), stdin:
        stdin.write(data)


def _understand(printed: bytes, returncode: int) -> tuple[Any, str | None]:
    """Output and error: what is no JSON object is the output itself; a failed process is an error of its own."""
    text = printed.decode("utf-8", "replace")
    try:
        answer = json.loads(text)
    except ValueError:
        answer = None
    output, error = (answer.get("output"), answer.get("error")) if isinstance(answer, dict) else (text, None)
    return output, error if error is not None or returncode == 0 else f"exit status {returncode}"
