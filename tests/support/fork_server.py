"""A process that has imported what the program needs, and forks into it whenever a test asks for one.

To start Python and to import PlexSync takes half a second of a processor, and the tests start it a thousand times. What
is forked is a process with memory, descriptors, a folder and an environment of its own, and it ends as any other does.
That the program starts from nothing too is for those tests to show that start it so: see ``tests.support.programs``.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sqlite3
import sys
import threading
import time
import types
from contextlib import suppress
from typing import Any, NoReturn

#: Not imported beforehand: what is run itself, what only the tests need, and what belongs to other interpreters.
_NOT_BEFOREHAND = (
    *("plexsync.__main__", "plexsync.cli.consumer", "plexsync.cli.environment"),
    *("plexsync.demo", "plexsync.hook"),
)
#: Bytes of a request: a command line and an environment.
LARGEST = 1 << 20
#: Standard input, output and error of the new process, the socket that is told how it ended, and its folder.
DESCRIPTORS = 5


def import_all() -> None:
    """Import what commands and the consumer need; not ``tasks``, which opens the queue of the present data folder."""
    import plexsync

    for module in pkgutil.walk_packages(plexsync.__path__, "plexsync."):
        if not module.name.startswith(_NOT_BEFOREHAND):
            importlib.import_module(module.name)
    importlib.import_module("huey.consumer_options")
    late_dataclass = importlib.import_module("plexsync.imports.late_dataclass")
    # Else each of the processes makes them for itself, which is a third of what most of them do.
    late_dataclass.make_all()
    from tests.support import quick_tables

    quick_tables.use_beforehand()


class _Server:
    """Forks whenever it is asked to, and tells how each process ended.

    :param asked: where the requests come from.
    """

    def __init__(self, asked: socket.socket) -> None:
        self._asked = asked
        #: By process: who is told how it ended.
        self._running: dict[int, socket.socket] = {}
        self._awake, self._wakes = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    def serve(self) -> dict[str, Any]:
        """Answer requests. Returns only in a process that was forked, with what it was asked to be."""
        self._wakes.setblocking(False)
        signal.set_wakeup_fd(self._wakes.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._selector.register(self._asked, selectors.EVENT_READ)
        self._selector.register(self._awake, selectors.EVENT_READ)
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._awake in ready:
                self._awake.recv(4096)
                self._see_who_ended()
            if self._asked in ready:
                text, descriptors, _, _ = socket.recv_fds(self._asked, LARGEST, DESCRIPTORS)
                if not text:
                    sys.exit()
                request = dict(json.loads(text))
                if self._fork(descriptors):
                    self._leave()
                    become(request, descriptors)
                    return request

    def _fork(self, descriptors: list[int]) -> bool:
        """Whether this is the new process."""
        child = os.fork()
        if not child:
            return True
        *standard, told, folder = descriptors
        for descriptor in (*standard, folder):
            os.close(descriptor)
        self._running[child] = socket.socket(fileno=told)
        self._running[child].sendall(f"{child}\n".encode())
        return False

    def _leave(self) -> None:
        """Have nothing of the server's in the new process."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for one in (self._asked, self._awake, self._wakes, *self._running.values()):
            one.close()

    def _see_who_ended(self) -> None:
        for child in list(self._running):
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                # Whoever started it may not wait for it.
                with self._running.pop(child) as told, suppress(BrokenPipeError):
                    told.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Be the process that was asked for, as far as that is not in its code."""
    os.fchdir(descriptors[4])
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
    for descriptor in descriptors:
        os.close(descriptor)
    if request["new_session"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(request["environ"])
    time.tzset()
    if postgres := os.environ.get("PLEXSYNC_TEST_POSTGRES", ""):
        from tests.support import on_postgres

        on_postgres.use(postgres)
    sys.argv = ["-m" if "module" in request else "-c", *request["words"]]
    sys.orig_argv = request["command"]
    # As Python makes them when it starts.
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    for number, (name, mode, buffering) in enumerate((("stdin", "r", -1), ("stdout", "w", -1), ("stderr", "w", 1))):
        old = getattr(sys, name)
        handler = "backslashreplace" if name == "stderr" else errors or ("strict" if encoding else old.errors)
        new: Any = open(number, mode, buffering, encoding or old.encoding, handler, closefd=False)  # noqa: SIM115
        new.reconfigure(write_through=old.write_through)
        if number in request["closed"]:
            os.close(number)
            new = None
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)


def be(module: str | None, text: str) -> NoReturn:
    """Run a module, or a text where there is none, as Python would, to the end of the process.

    The end of an interpreter touches all that was ever imported, which takes ten times as long as what most commands do
    before. So what can be seen of it from outside is done here, and the rest not at all.
    """
    code: Any = None
    try:
        if module is not None:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            sys.modules["__main__"] = types.ModuleType("__main__")
            exec(compile(text, "<string>", "exec"), sys.modules["__main__"].__dict__)
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        # As what Python says then, and ends with, is not to be told apart: all of it.
        gc.unfreeze()
        raise
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    is_plain = code is None or isinstance(code, int)
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except Exception:  # noqa: BLE001 - Python has words and a code of its own for it
        is_plain = False
    if not is_plain:
        gc.unfreeze()
        sys.exit(code)
    # What was there before the fork is frozen, and not among these.
    for one in gc.get_objects():
        with suppress(Exception):
            if isinstance(one, sqlite3.Connection):
                one.close()
            elif isinstance(one, io.IOBase) and not one.closed and one.writable():
                one.flush()
    os._exit((code or 0) & 0xFF)


def main() -> NoReturn:
    """Serve, as the process that was started; be the program, as one that was forked."""
    import_all()
    request = _Server(socket.socket(fileno=int(sys.argv[1]))).serve()
    be(request.get("module"), request.get("text", ""))


if __name__ == "__main__":
    main()
