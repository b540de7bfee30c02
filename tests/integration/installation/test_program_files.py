"""Updates of the program's own files, as plugin managers, people and power cuts leave them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from plexsync.installation import program_files
from plexsync.installation.program_files import GONE_AFTER, SETTLED, FilesState, ProgramFiles, fault_of
from tests.support.clocks import ClockAhead

FILES = {
    "huey_consumer.sh": "#!/bin/sh\n",
    "requirements.txt": "huey==2.5.3\n",
    "PlexSync.yml": "name: PlexSync\n",
    "settings.py": "DEFAULT = 1\n",
    "plexsync/__init__.py": '__version__ = "1.0.0"\n',
    "plexsync/model.py": "from plexsync import __version__\n\n\nclass Scene:\n    pass\n",
    "plexsync/cli/__init__.py": "",
    "plexsync/cli/consumer.py": "import settings\nfrom plexsync import model\nfrom plexsync.model import Scene\n",
    "tasks/__init__.py": "from tasks.app import huey\n",
    "tasks/app.py": "import plexsync.model\n\nhuey = 1\n",
}


def write(folder: Path, *names: str, also: str = "") -> None:
    for name in names or FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name] + also)


def remove(folder: Path) -> None:
    """As a plugin manager does: the files of the version, and folders that are empty then."""
    for name in FILES:
        (folder / name).unlink()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path)
    (tmp_path / "data").mkdir()
    return tmp_path


@pytest.fixture
def clock() -> ClockAhead:
    return ClockAhead()


@pytest.fixture
def files(folder: Path, clock: ClockAhead) -> ProgramFiles:
    return ProgramFiles(folder, clock=clock)


def after(clock: ClockAhead, files: ProgramFiles, seconds: float) -> FilesState:
    clock.pass_by(seconds)
    return files.look()


def test_what_belongs_to_nobody_changes_nothing(folder: Path, files: ProgramFiles, clock: ClockAhead) -> None:
    (folder / "data" / "status.json").write_text("{}")
    (folder / "plexsync" / "__pycache__").mkdir()
    (folder / "plexsync" / "__pycache__" / "model.pyc").write_bytes(b"x")
    (folder / ".venv" / "lib").mkdir(parents=True)
    (folder / "plexsync" / "notes.txt").write_text("mine")
    assert [after(clock, files, SETTLED) for _ in range(3)] == [FilesState.SAME] * 3


def test_a_look_at_files_that_are_the_same_lists_no_folder_and_reads_no_file(
    files: ProgramFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("iterdir", "read_bytes", "open", "glob"):
        monkeypatch.setattr(Path, name, lambda *_: pytest.fail("too much for every two seconds"))
    assert files.look() is FilesState.SAME


def test_an_update_counts_when_it_has_settled(folder: Path, files: ProgramFiles, clock: ClockAhead) -> None:
    remove(folder)
    assert files.look() is FilesState.CHANGING
    for name in FILES:
        write(folder, name, also="\n")
        assert after(clock, files, SETTLED - 1) is FilesState.CHANGING
    assert after(clock, files, SETTLED - 1) is FilesState.CHANGING
    assert after(clock, files, 1) is FilesState.NEW


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: write(folder, "tasks/app.py", also="more = 1\n"),
        lambda folder: write(folder, "requirements.txt", also="another==1\n"),
        lambda folder: (folder / "plexsync" / "new.py").write_text(""),
        lambda folder: ((folder / "plexsync" / "room").mkdir(), (folder / "plexsync" / "room" / "x.py").write_text("")),
    ],
)
def test_any_file_of_ours_is_an_update(
    folder: Path,
    files: ProgramFiles,
    clock: ClockAhead,
    change: Callable[[Path], object],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    copy = Path(shutil.copytree(folder, tmp_path_factory.mktemp("new") / "PlexSync"))
    change(copy)
    for path in sorted(copy.rglob("*")):
        target = folder / path.relative_to(copy)
        if path.is_file() and before.get(target) != path.read_bytes():
            # As git, rsync and unpacking do: under another name first.
            target.parent.mkdir(exist_ok=True)
            path.replace(target)
    assert files.look() is FilesState.CHANGING
    assert after(clock, files, SETTLED) is FilesState.NEW


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("plexsync/model.py", "class Scene:\n    def half(self", "plexsync/model.py cannot be read as Python"),
        ("plexsync/model.py", "from plexsync import __version__\n", "needs Scene of plexsync.model, which is missing"),
        ("plexsync/model.py", None, "needs plexsync.model, which is missing"),
        ("tasks/app.py", None, "tasks/__init__.py needs tasks.app, which is missing"),
        ("huey_consumer.sh", "", "huey_consumer.sh is missing or empty"),
        ("requirements.txt", None, "requirements.txt is missing or empty"),
        ("settings.py", None, "settings.py is missing or empty"),
    ],
)
def test_half_an_update_is_waited_out_however_long_it_takes(
    folder: Path, files: ProgramFiles, clock: ClockAhead, name: str, content: str | None, fault: str
) -> None:
    remove(folder)
    write(folder, *FILES.keys() - {name})
    if content is not None:
        (folder / name).write_text(content)
    assert files.look() is FilesState.CHANGING
    assert after(clock, files, SETTLED) is FilesState.CHANGING
    assert fault in files.fault
    assert after(clock, files, 10 * GONE_AFTER) is FilesState.CHANGING
    write(folder, name)
    assert files.look() is FilesState.CHANGING
    assert files.fault == ""
    assert after(clock, files, SETTLED) is FilesState.NEW


def test_half_an_update_is_read_once(
    folder: Path, files: ProgramFiles, clock: ClockAhead, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[Path] = []

    def counted(place: Path) -> str:
        reads.append(place)
        return fault_of(place)

    monkeypatch.setattr(program_files, "fault_of", counted)
    (folder / "tasks" / "app.py").unlink()
    for _ in range(5):
        after(clock, files, SETTLED)
    assert reads == [folder]


def test_a_plugin_that_was_removed_is_gone_after_a_while_and_may_come_back(
    folder: Path, files: ProgramFiles, clock: ClockAhead
) -> None:
    remove(folder)
    assert files.look() is FilesState.CHANGING
    assert after(clock, files, GONE_AFTER - 1) is FilesState.CHANGING
    assert after(clock, files, 1) is FilesState.GONE
    write(folder)
    assert files.look() is FilesState.CHANGING
    assert after(clock, files, SETTLED) is FilesState.NEW


def test_files_that_come_back_as_they_were_are_no_update(folder: Path, files: ProgramFiles, clock: ClockAhead) -> None:
    aside = folder / "data" / "aside.py"
    (folder / "tasks" / "app.py").rename(aside)
    assert files.look() is FilesState.CHANGING
    aside.rename(folder / "tasks" / "app.py")
    assert after(clock, files, SETTLED) is FilesState.SAME


def test_this_program_is_whole() -> None:
    assert fault_of(Path(program_files.__file__).resolve().parents[2]) == ""
