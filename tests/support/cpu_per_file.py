"""Counts the processor's time of each test file: a plugin of pytest, for what the clock does not tell when it is busy.

What counts is the worker itself and every process below it, those that run still and those that have ended: consumers,
commands, browsers. A process that has left its parents, as a consumer does that a hook has started, counts nowhere.
It is read where a worker goes from one file to another: to look at all processes costs as much as a small test.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import pytest

#: How many files are named as the dearest.
DEAREST = 15
#: What a second of the processor is in ``/proc``.
TICKS = os.sysconf("SC_CLK_TCK")
#: Where pytest's own work is counted: to import the tests, and to find all of them.
COLLECTION = "(collection)"


def cpu_of_tree(process: int) -> float:
    """Seconds that a process, those below it and those of them that have ended have worked; 0 where nothing tells."""
    here = Path(f"/proc/{process}")
    try:
        children = [one for task in (here / "task").iterdir() for one in (task / "children").read_text().split()]
        below = sum(cpu_of_tree(int(child)) for child in children)
        # Last, so that a child that ends meanwhile is there twice rather than not at all.
        told = (here / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, told[11:15])) / TICKS + below


class CpuPerFile:
    """In each worker it measures; where the reports are gathered it adds up and says which files are the dearest."""

    def __init__(self) -> None:
        self._before = 0.0
        self._seconds: Counter[str] = Counter()
        self._tests: defaultdict[str, int] = defaultdict(int)
        self._ends_file = True

    def _since(self) -> float:
        # While processes come and go, the system's list of them may miss one that is there again the next time: what
        # has been counted is not counted once more.
        now = max(self._before, cpu_of_tree(os.getpid()))
        since, self._before = now - self._before, now
        return since

    @pytest.hookimpl
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """From here on it is the tests that work."""
        worker = getattr(session.config, "workeroutput", None)
        seconds = self._since()
        if worker is not None:
            worker["cpu_of_collection"] = seconds
        else:
            self._seconds[COLLECTION] += seconds

    @pytest.hookimpl
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        """Whether another file comes next."""
        self._ends_file = nextitem is None or nextitem.path != item.path

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """The last one of a file is over with its tear-down: what all of them have cost goes with that report."""
        report = yield
        if call.when == "teardown" and self._ends_file:
            report.cpu = self._since()
        return report

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add one test to its file, and what has been spent since another file's."""
        if report.when == "teardown":
            name = report.nodeid.partition("::")[0]
            self._seconds[name] += getattr(report, "cpu", 0.0)
            self._tests[name] += 1

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Add what a worker has spent before its first test."""
        with suppress(AttributeError, KeyError):
            self._seconds[COLLECTION] += node.workeroutput["cpu_of_collection"]  # type: ignore[attr-defined]

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        """Name the dearest files; all of them where a table of all is asked for."""
        count = len(self._seconds) if config.getoption("verbose") > 0 else DEAREST
        total = sum(self._seconds.values())
        terminalreporter.section(f"{total:.0f}s of the processor, and the dearest files")
        for name, seconds in self._seconds.most_common(count):
            tests = f"  {self._tests[name]} tests" if name in self._tests else ""
            terminalreporter.write_line(f"{seconds:7.1f}s  {name}{tests}")
