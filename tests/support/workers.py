"""Runs the tests in several processes, which are forked once all tests are found: a plugin of pytest (``--workers``).

To find thousands of tests takes four seconds of a processor, in each process that finds all of them. Here one does, and
what was imported for it is there in every worker.

Each worker asks for some tests at a time, and sends what pytest reports of each. One that dies under a test has failed
it, and another takes its place.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.support.order import Shares

#: The plugin whose hooks say how it goes, on the terminal.
TERMINAL = "terminalreporter"
#: What a worker says: it wants tests; a test is over; pytest warns; it cannot go on.
WANTS, TESTED, WARNED, BROKEN = "wants", "tested", "warned", "broken"

#: Of a worker: the folder that all of them share.
_shared: Path | None = None


def shared_folder(factory: pytest.TempPathFactory) -> Path:
    """A folder for what is made once for all workers."""
    return _shared or factory.getbasetemp()


class Workers:
    """In the process that gathers the reports.

    :param count: how many workers.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._started = 0
        self._running: dict[Connection, _Running] = {}

    @pytest.hookimpl
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Have all tests run."""
        config = session.config
        if config.option.collectonly or (session.testsfailed and not config.option.continue_on_collection_errors):
            return None
        # One line of letters, whatever their files: they come from several at a time.
        config.pluginmanager.getplugin(TERMINAL).showfspath = False
        if app := sys.modules.get("tasks.app"):
            # Connections cannot be shared between processes; the next use opens others.
            app.database.close()
        shares = Shares(session.items)
        try:
            for _ in range(min(self._count, len(session.items))):
                self._start(session)
            while self._running:
                for connection in wait(list(self._running)):
                    assert isinstance(connection, Connection)
                    self._hear(session, shares, connection)
        finally:
            for running in self._running.values():
                os.kill(running.pid, signal.SIGTERM)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        return True

    def _start(self, session: pytest.Session) -> None:
        ours, its = Pipe()
        number = self._started
        self._started += 1
        base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            for connection in (ours, *self._running):
                connection.close()
            _work(session, number, its, base)
        its.close()
        self._running[ours] = _Running(number, pid)

    def _hear(self, session: pytest.Session, shares: Shares, connection: Connection) -> None:
        running = self._running[connection]
        try:
            kind, told = connection.recv()
        except EOFError:
            del self._running[connection]
            self._ended(session, shares, running)
            return
        hook = session.config.hook
        if kind == WANTS:
            given = shares.next_of(running.number)
            running.waiting.extend(given)
            connection.send(given)
        elif kind == TESTED:
            item = session.items[running.waiting.popleft()]
            hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
            for data in told:
                hook.pytest_runtest_logreport(
                    report=hook.pytest_report_from_serializable(config=session.config, data=data)
                )
            hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
            if session.shouldfail or session.shouldstop:
                shares.give_up()
        elif kind == WARNED:
            hook.pytest_warning_recorded.call_historic(kwargs=told)
        else:
            raise RuntimeError(f"worker {running.number} cannot go on:\n{told}")

    def _ended(self, session: pytest.Session, shares: Shares, running: _Running) -> None:
        code = os.waitstatus_to_exitcode(os.waitpid(running.pid, 0)[1])
        if not running.waiting:
            return
        item = session.items[running.waiting.popleft()]
        text = f"the worker ended with {code} while this test ran"
        failed = pytest.TestReport(item.nodeid, item.location, {}, "failed", text, "call")
        item.config.hook.pytest_runtest_logreport(report=failed)
        shares.give_back(running.number, running.waiting)
        self._start(session)


class _Running:
    """A worker, and the tests that it was given and has not ended."""

    def __init__(self, number: int, pid: int) -> None:
        self.number, self.pid = number, pid
        self.waiting: deque[int] = deque()


def _work(session: pytest.Session, number: int, connection: Connection, base: Path) -> NoReturn:
    """Be a worker to the end of the process."""
    try:
        worker = _Worker(session, connection)
        worker.settle_in(number, base)
        worker.run()
        code = 0
    except (Exception, SystemExit):  # noqa: BLE001 - whoever gathers is told what it was
        connection.send((BROKEN, traceback.format_exc()))
        code = 1
    except KeyboardInterrupt:
        code = 2
    # All that has to be done at the end is what the process was forked from does.
    os._exit(code)


class _Worker:
    """In a worker's process: runs tests and tells of them."""

    def __init__(self, session: pytest.Session, connection: Connection) -> None:
        self._session, self._connection = session, connection
        self._reports: list[Any] = []
        self._has_settled_in = False

    def settle_in(self, number: int, base: Path) -> None:
        """Have folders, streams and plugins of its own."""
        global _shared
        _shared = base
        config = self._session.config
        # By this pytest and its plugins know a process that is not the one to gather and to keep.
        config.workerinput = {"workerid": f"w{number}"}  # type: ignore[attr-defined]
        plugins = config.pluginmanager
        if on_postgres := sys.modules.get("tests.support.on_postgres"):
            on_postgres.renew()
        config.option.basetemp = str(base / f"worker{number}")
        plugins.getplugin("tmpdir").pytest_configure(config)
        reporter = plugins.unregister(name=TERMINAL)
        plugins.register(_Mute(reporter), TERMINAL)
        capture = plugins.getplugin("capturemanager")
        if capture.is_globally_capturing():
            capture.stop_global_capturing()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in (0, 1, 2):
                os.dup2(nowhere, stream)
            os.close(nowhere)
            capture.start_global_capturing()
            capture.suspend_global_capture()
        # Of what was warned of before the fork pytest tells a new plugin as well.
        plugins.register(self)
        self._has_settled_in = True

    def run(self) -> None:
        """Run what is given, to the end."""
        waiting = deque(self._more())
        while waiting:
            item = self._session.items[waiting.popleft()]
            if not waiting:
                # What the next one shares with this one is kept for it.
                waiting.extend(self._more())
            next_one = self._session.items[waiting[0]] if waiting else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=next_one)
            self._connection.send((TESTED, self._reports))
            self._reports = []

    def _more(self) -> Sequence[int]:
        self._connection.send((WANTS, None))
        given: Sequence[int] = self._connection.recv()
        return given

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep it until the test is over."""
        config = self._session.config
        self._reports.append(config.hook.pytest_report_to_serializable(config=config, report=report))

    @pytest.hookimpl
    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str, location: Any) -> None:
        """Tell of it."""
        if not self._has_settled_in:
            return
        told: Mapping[str, Any] = {
            "warning_message": warning_message,
            "when": when,
            "nodeid": nodeid,
            "location": location,
        }
        self._connection.send((WARNED, told))


class _Mute:
    """In place of what writes on the terminal: other plugins ask it for the writer.

    :param reporter: the one that it takes the place of.
    """

    def __init__(self, reporter: Any) -> None:
        self._tw = reporter._tw
