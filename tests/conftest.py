"""What many tests start from."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.world import World
from plexsync.ledger import Ledger
from plexsync.plex import transport
from plexsync.storage.database import Database

# What a rig asserts is explained as what a test asserts is.
pytest.register_assert_rewrite("tests.support")

from tests.support import postgres_server  # noqa: E402 - that has to come first

#: What a property is tried with: ``--hypothesis-profile=thorough`` looks for what a run of every day may miss.
#: What a run of every day tries is the same each time: whether a change is sound does not depend on luck.
settings.register_profile("everyday", max_examples=50, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile("everyday")


#: Seconds before a request to Plex is repeated. In the processes of these tests, where hundreds of requests fail for
#: ever, the waits are short; programs that they start, and tests with ``real_repeats``, wait as long as users do.
QUICK_REPEATS, REAL_REPEATS = (0.01, 0.02, 0.04), transport.REPEAT_AFTER

#: What of the environment tests are told by: where references are, and a PostgreSQL to run on.
KEPT = ("PLEXSYNC_REFERENCE", "PLEXSYNC_TEST_POSTGRES", postgres_server.SHARED)

#: A disk in memory, and the bytes that have to be free there: environments with all packages are made as well.
IN_MEMORY, ROOM = Path("/dev/shm"), 4 * 1024**3


def _has_room(folder: Path) -> bool:
    """Whether tests can work there; programs are started from some of their folders."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize >= ROOM and not disk.f_flag & os.ST_NOEXEC


# Every commit waits for the disk, and a real one takes most of many a test's time. What has to be synced, and when, is
# watched where it is asked for (tests.support.power_cut), which no disk could show.
if _has_room(IN_MEMORY):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))

# Any test of what is stored can be run on a PostgreSQL instead: see on_postgres. Of a run with several workers, all of
# them share one server.
_is_first = postgres_server.SHARED not in os.environ
postgres_server.prepared()
if _postgres := os.environ.get("PLEXSYNC_TEST_POSTGRES", ""):
    from tests.support import on_postgres

    # Who only shares tests out among workers runs none.
    if not any(one.startswith(("-n", "--numprocesses")) for one in sys.argv) or "PYTEST_XDIST_WORKER" in os.environ:
        on_postgres.use(_postgres)

# Importing tasks opens the queue: here in a folder of its own, never in the one of this installation.
for _name in [name for name in os.environ if name.startswith("PLEXSYNC_") and name not in KEPT]:
    del os.environ[_name]
# No hook starts a consumer of its own accord, but where a test is about that.
os.environ["PLEXSYNC_AUTOSTART"] = "false"
# Else every program that a test starts compiles all that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PLEXSYNC_DATA_DIR"] = tempfile.mkdtemp(prefix="plexsync-tests-")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new database in a folder of its own."""
    database = Database(tmp_path / "data" / "plexsync.db")
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> Ledger:
    """An empty ledger."""
    return Ledger(database)


@pytest.fixture
def real_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request to Plex is repeated after the waits that users have."""
    monkeypatch.setattr(transport, "REPEAT_AFTER", REAL_REPEATS)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Half a character in what a test logged or compared cannot be sent to the process that gathers the reports."""
    report = yield
    report.sections = [(_whole(name), _whole(text)) for name, text in report.sections]
    if isinstance(report.longrepr, str) or not _is_whole(str(report.longrepr)):
        report.longrepr = _whole(str(report.longrepr))
    return report


def _is_whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _whole(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What the tests can be asked for besides."""
    parser.addoption("--real-starts", action="store_true", help="start every program from nothing, and fork none")


def pytest_configure(config: pytest.Config) -> None:
    """Make known what tests may be marked with, and how programs are started."""
    from tests.support import programs, quick_tables  # once what they assert is explained, too
    from tests.support.cpu_per_file import CpuPerFile

    if config.getoption("durations") or "PYTEST_XDIST_WORKER" in os.environ:
        config.pluginmanager.register(CpuPerFile())

    quick_tables.use()
    transport.REPEAT_AFTER = QUICK_REPEATS
    programs.always_real = config.getoption("--real-starts")
    World.open_process = staticmethod(programs.Popen)
    # Beside other tests, and other people's, what takes a second may take twenty.
    World.patience = 3.0
    if "PLEXSYNC_TEST_POSTGRES" in os.environ:
        # As of SQLite files, tests that leave one open are told of nowhere: the schema is given back all the same.
        config.addinivalue_line("filterwarnings", "ignore:.*was deleted while still open:ResourceWarning")
        config.addinivalue_line("filterwarnings", "ignore::pytest.PytestUnraisableExceptionWarning")
    config.addinivalue_line("markers", "sqlite: about the SQLite file itself, or SQL of its own; skipped on PostgreSQL")
    config.addinivalue_line("markers", "both_readings: run with a Plex that adds to lists, and with one that replaces")


def pytest_unconfigure() -> None:
    """End the PostgreSQL of this run, if one was started."""
    if _is_first and postgres_server.SHARED in os.environ:
        postgres_server.over()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """What stood for a test's files in PostgreSQL is given back, once nothing of the test uses it."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    yield
    if folder is not None and "tests.support.on_postgres" in sys.modules:
        from tests.support.on_postgres import pool

        if pool is not None:
            pool.give_back(folder)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Where several workers share the tests, what takes long comes first."""
    from tests.support.order import longest_first

    if "PLEXSYNC_TEST_POSTGRES" in os.environ:
        of_files = [item for item in items if item.get_closest_marker("sqlite")]
        config.hook.pytest_deselected(items=of_files)
        items[:] = [item for item in items if item not in of_files]
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = longest_first(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Who of several workers runs what."""
    from tests.support.order import WholeUnits

    return WholeUnits(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are found and stay to the end: what looks for things to throw away need not look there."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests that are marked so run under both readings of what a write to a list of names does."""
    if metafunc.definition.get_closest_marker("both_readings"):
        metafunc.fixturenames.insert(0, "tag_lists")
        metafunc.parametrize("tag_lists", ["add", "replace"], indirect=True)


@pytest.fixture
def tag_lists(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """What every simulated Plex of the test does with a list that is written: ``add`` or ``replace``."""
    reading: str = request.param
    made = Behaviour.__init__

    def make(self: Behaviour, **switches: Any) -> None:
        made(self, **{"tag_lists": reading, **switches})

    monkeypatch.setattr(Behaviour, "__init__", make)
    return reading
