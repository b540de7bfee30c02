"""Starts PlexSync's programs as ``subprocess`` does, at a tenth of the price: it forks where that comes to the same.

``run`` and ``Popen`` take what ``subprocess.run`` and ``subprocess.Popen`` take, and the streams to be ``closed``. What
asks for another Python, for options of it, or for anything else that only a start from nothing shows, is started from
nothing; so is everything with ``--real-starts``, and where coverage is measured.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, Self

from tests.support.fork_server import LARGEST
from tests.support.places import ROOT

#: The modules that are run so; and any text, as ``python -P -c`` does.
MODULES = (
    *("plexsync", "plexsync.cli.consumer", "tests.chaos.storm.consumer"),
    *("huey.bin.huey_consumer", "tests.support.queue_app.hindered"),
)
#: With these options, and with no others: what forks for others has to be started for each set of them.
_FLAGS = ("-P",)
#: The standard streams, by their numbers.
STREAMS = ("stdin", "stdout", "stderr")
#: What is understood of what ``subprocess.Popen`` takes.
_OPTIONS = {"env", "cwd", *STREAMS, "text", "encoding", "start_new_session", "closed"}
#: Variables that Python and its libraries look at when they start, and never again.
_AT_THE_START = ("PYTHON", "LC_", "LANG", "OPENSSL", "SSL_", "COV")
#: One of them that a forked process does as it says.
_DONE_SO = "PYTHONIOENCODING"

#: Set by ``--real-starts``.
always_real = False


class ForkedProcess:
    """A process that was forked; what ``subprocess.Popen`` has, as far as it is asked for here."""

    def __init__(self, server: _Server, command: Sequence[str], module: int, options: Mapping[str, Any]) -> None:
        self.args = command
        self.returncode: int | None = None
        self._lock = threading.Lock()
        encoding = options.get("encoding") or ("utf-8" if options.get("text") else None)
        ours: list[int] = []
        theirs: list[int] = []
        opened: list[int] = []
        for number, name in enumerate(STREAMS):
            wanted = options.get(name)
            mine = -1
            if wanted == subprocess.PIPE:
                reads, writes = os.pipe()
                its, mine = (reads, writes) if name == "stdin" else (writes, reads)
                opened.append(its)
            elif wanted == subprocess.DEVNULL:
                its = os.open(os.devnull, os.O_RDWR)
                opened.append(its)
            elif wanted == subprocess.STDOUT:
                its = theirs[1]
            else:
                its = number if wanted is None else wanted if isinstance(wanted, int) else wanted.fileno()
            theirs.append(its)
            ours.append(mine)
        self._ended, told = socket.socketpair()
        folder = os.open(options.get("cwd") or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            request = {
                "module" if command[module - 1] == "-m" else "text": command[module],
                "words": [os.fspath(word) for word in command[module + 1 :]],
                "command": [os.fspath(word) for word in command],
                "environ": dict(options["env"]),
                "new_session": bool(options.get("start_new_session")),
                "closed": [STREAMS.index(name) for name in options.get("closed", ())],
            }
            server.ask(request, [*theirs, told.fileno(), folder])
        finally:
            told.close()
            for descriptor in (*opened, folder):
                os.close(descriptor)
        self.stdin = _stream(ours[0], "w", encoding)
        self.stdout = _stream(ours[1], "r", encoding)
        self.stderr = _stream(ours[2], "r", encoding)
        self._rest = b""
        self.pid = int(self._line(None) or 0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()

    def __del__(self) -> None:
        self._ended.close()

    def _line(self, timeout: float | None) -> str | None:
        """What the server says next; None where that takes longer."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._ended], [], [], timeout)
            if not ready:
                return None
            some = self._ended.recv(64)
            if not some:
                raise RuntimeError("the process that forks for the tests has ended")
            self._rest += some
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with self._lock:
            if self.returncode is None and (line := self._line(0)) is not None:
                self.returncode = int(line)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, once it has ended.

        :raises subprocess.TimeoutExpired: it runs still.
        """
        with self._lock:
            if self.returncode is None:
                line = self._line(timeout)
                if line is None:
                    raise subprocess.TimeoutExpired(self.args, timeout or 0)
                self.returncode = int(line)
            return self.returncode

    def send_signal(self, signum: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            # It may have ended since, or have been waited for, which takes a moment to be told.
            with suppress(ProcessLookupError):
                os.kill(self.pid, signum)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[Any, Any]:  # noqa: A002
        """What it writes until it ends, given this to read.

        :raises subprocess.TimeoutExpired: it runs still.
        """
        until = None if timeout is None else time.monotonic() + timeout
        read: dict[str, Any] = {}
        threads = []
        for name, stream in (("stdout", self.stdout), ("stderr", self.stderr)):
            if stream is not None:
                thread = threading.Thread(target=lambda n=name, s=stream: read.__setitem__(n, s.read()), daemon=True)
                thread.start()
                threads.append(thread)
        if self.stdin is not None:
            try:
                self.stdin.write(input or ("" if hasattr(self.stdin, "encoding") else b""))
                self.stdin.close()
            except BrokenPipeError:
                pass
        for thread in threads:
            thread.join(None if until is None else max(0.0, until - time.monotonic()))
            if thread.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        self.wait(None if until is None else max(0.0, until - time.monotonic()))
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        return read.get("stdout"), read.get("stderr")


def _stream(descriptor: int, mode: str, encoding: str | None) -> IO[Any] | None:
    if descriptor < 0:
        return None
    return os.fdopen(descriptor, mode, encoding=encoding) if encoding else os.fdopen(descriptor, f"{mode}b")


class _Server:
    """Runs ``tests.support.fork_server`` with these options of Python."""

    def __init__(self, flags: Sequence[str]) -> None:
        self._asks, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        with its:
            self._process = subprocess.Popen(
                [sys.executable, *flags, "-m", "tests.support.fork_server", str(its.fileno())],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                pass_fds=[its.fileno()],
            )
        atexit.register(self.stop)

    def ask(self, request: Mapping[str, Any], descriptors: Sequence[int]) -> None:
        """Ask for a process."""
        with self._lock:
            socket.send_fds(self._asks, [json.dumps(request).encode()], list(descriptors))

    def stop(self) -> None:
        """End it. What it has forked goes on."""
        self._asks.close()
        self._process.wait(10)


@functools.cache
def _server(flags: tuple[str, ...]) -> _Server:
    return _Server(flags)


def _module(command: Sequence[Any], options: Mapping[str, Any]) -> int:
    """Where in a command the module or text stands that can be run in a forked process; 0 where it cannot."""
    words = [os.fspath(word) for word in command]
    at = next((number for number, word in enumerate(words) if word in ("-m", "-c")), len(words)) + 1
    is_known = words[0] == sys.executable and tuple(words[1 : at - 1]) == _FLAGS and at < len(words)
    if always_real or not is_known or not sys.platform.startswith("linux"):
        return 0
    environ, here = options.get("env") or {}, os.environ | {"PYTHONPATH": str(ROOT)}
    looked_at = {name for name in {*environ, *here} if name.startswith(_AT_THE_START)} - {_DONE_SO}
    fits = (
        (words[at - 1] == "-c" or words[at] in MODULES)
        and set(options) <= _OPTIONS
        and all(environ.get(name) == here.get(name) for name in looked_at)
        and not any(name.startswith("COV") for name in here)
        and sum(map(len, words)) + sum(len(name) + len(value) for name, value in environ.items()) < LARGEST // 4
    )
    return at if fits else 0


def Popen(command: Sequence[Any], **options: Any) -> Any:
    """As ``subprocess.Popen``.

    :param options: ``closed`` as well: the names of streams that the program is to find closed.
    """
    at = _module(command, options)
    if not at:
        if closed := options.pop("closed", ()):
            without = " ".join(f"{STREAMS.index(name)}>&-" for name in closed)
            command = ["sh", "-c", f'exec "$@" {without}', "sh", *command]
        return subprocess.Popen(command, **options)
    words = [os.fspath(word) for word in command]
    return ForkedProcess(_server(tuple(words[1 : at - 1])), words, at, options)


def run(
    command: Sequence[Any],
    *,
    input: Any = None,  # noqa: A002 - its name there
    timeout: float | None = None,
    check: bool = False,
    capture_output: bool = False,
    **options: Any,
) -> subprocess.CompletedProcess[Any]:
    """As ``subprocess.run``."""
    if capture_output:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    if input is not None:
        options["stdin"] = subprocess.PIPE
    with Popen(command, **options) as process:
        try:
            stdout, stderr = process.communicate(input, timeout=timeout)
        except BaseException:
            process.kill()
            raise
    done = subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
    if check:
        done.check_returncode()
    return done
