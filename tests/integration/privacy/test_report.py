"""A report, and logs that are private, hold nothing of whose library it is: read by one who looks for it."""

from __future__ import annotations

import functools
import json
import logging
import os
import shutil
import sqlite3
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from io import StringIO
from pathlib import Path

import pytest

from plexsync import log_context, logs
from plexsync.ledger import Ledger
from plexsync.ledger.known_names import KnownNames
from plexsync.privacy.here import concealer
from plexsync.redaction import Redactor
from plexsync.storage.database import DATABASE_NAME
from plexsync.storage.opening import open_database
from tests.support import postgres_server, programs
from tests.support.places import ROOT
from tests.support.planted import NAMES, forms
from tests.support.spaces import new_database

TOKEN, KEY = "Zq7plexToken4f81", "Wv9stashKey5c07"
#: So many characters tell whether it is worth to look for a name.
BEGIN = 6
#: A title of nothing but words that PlexSync itself uses.
ORDINARY = "The Last Scene Stays Whole"


@pytest.fixture(autouse=True)
def loggers_as_they_were() -> Iterator[None]:
    names = (None, "plexsync", "tasks", "huey", "plexsync.installation.settings_reader")
    known = [logging.getLogger(name) for name in names]
    before = [(one, one.level, one.handlers[:], one.filters[:]) for one in known]
    hook = threading.excepthook
    yield
    threading.excepthook = hook
    for one, level, handlers, filters in before:
        one.setLevel(level)
        one.handlers[:], one.filters[:] = handlers, filters


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is full of them, to be copied."""
    folder = tmp_path_factory.mktemp("planted")
    _plant(folder)
    return folder


@pytest.fixture
def data(planted: Path, tmp_path: Path) -> Path:
    """A data folder that is full of them."""
    return Path(shutil.copytree(planted, tmp_path / "data"))


def _plant(folder: Path, url: str | None = None) -> None:
    """Every name in titles, paths, studios, performers, tags, dead letters and both kinds of logs."""
    with closing(open_database(folder, url)) as database:
        ledger = Ledger(database)
        with database.write() as db:
            for number, name in enumerate(NAMES, 1):
                pushed = json.dumps({"studio": name, "performers": [name, ORDINARY], "tags": [name]})
                db.execute(
                    "insert into scene (scene_id, state, rating_key, title, file, part_file, pushed, changed_at, "
                    "last_error) values (?, 'failed', ?, ?, ?, ?, ?, 1, ?)",
                    (number, number, name, f"/data/{name}/{name}.mp4", f"/media/{name}/{name}.mp4", pushed, name),
                )
                db.execute(
                    "insert into item (rating_key, section_id, title, studio, date, pass) values (?, 1, ?, ?, '', 1)",
                    (number, name, name),
                )
            db.execute(
                "insert into section (section_id, title, locations) values (1, ?, ?)",
                (NAMES[0], json.dumps([f"/media/{NAMES[1]}"])),
            )
        for number, name in enumerate(NAMES[:60], 1):
            said_of_it = f"refused: {name!r} at /data/{name}"
            ledger.dead_letters.put(number, f"Kind{number % 40}", said_of_it, name, 1, title=name)
    lines = [f"2026-11-27 04:00:00 +01:00 ERROR   {text}" for text in said(TOKEN)]
    (folder / "plexsync.log").write_text("\n".join(lines[-1000:]), encoding="utf-8")
    as_json = [json.dumps({"level": "error", "message": text, "thread": NAMES[5]}) for text in said(KEY)]
    (folder / "consumer.log").write_text("\n".join(as_json), encoding="utf-8")


def said(secret: str) -> Iterator[str]:
    for number, name in enumerate(NAMES, 1):
        yield f"scene {number}: {name} at /data/{name}/{name}.mp4, {name!r} by {json.dumps(name)}; {ORDINARY}"
    yield f"the secret is {secret}"


@functools.cache
def _forms() -> frozenset[str]:
    return frozenset(form for name in NAMES for form in forms(name))


def left_in(text: str) -> list[str]:
    """The names, however written, and secrets that somebody who looks for them finds."""
    texts = {text, text.replace("\\\\", "\\")}
    # Thousands are looked for in a long text: most of them end with how they begin.
    begins = {one[at : at + BEGIN] for one in texts for at in range(len(one))}
    found = [form for form in _forms() if form[:BEGIN] in begins and any(form in one for one in texts)]
    return found + [one for one in (TOKEN, KEY, ORDINARY, "zorblenas") if one in text]


def report(folder: Path, *words: str, **more: str) -> str:
    environ = {
        "PLEXSYNC_DATA_DIR": str(folder),
        "PLEXSYNC_PLEX_TOKEN": TOKEN,
        "PLEXSYNC_STASH_API_KEY": KEY,
        "PLEXSYNC_PLEX_URL": "http://zorblenas.invalid:1",
        "PLEXSYNC_STASH_URL": "http://127.0.0.1:1",
        "PLEXSYNC_PLEX_LIBRARIES": f"{NAMES[0]}",
        "PLEXSYNC_PATH_MAP": "/data/Zorble Wexq=>/media/Zorble Wexq",
    }
    # A process of its own: what it tells of, it finds by its environment once.
    ended = programs.run(
        [sys.executable, "-P", "-m", "plexsync", "report", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environ | more,
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr
    return str(ended.stdout)


def test_a_report_of_a_thousand_planted_names_holds_none_of_them(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = report(data)
    (made,) = tmp_path.glob("plexsync-report-*.txt")
    assert made.name in "".join(told.split())
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    text = made.read_text(encoding="utf-8")
    assert left_in(text) == []
    for head in ("Versions", "Findings of doctor", "Status", "Settings in force", "Dead letters by kind"):
        assert f"== {head} ==" in text
    assert "not available" not in text
    assert text.count("at /") > 1900
    assert '"failed": 1000' in text
    # The folder of the path map is the same word on both sides.
    mapped = json.loads(text.split("path_map = ")[1].split(" (environment)")[0])
    ((stash, plex),) = mapped
    assert stash.split("/")[2] == plex.split("/")[2]
    assert stash.split("/")[1] != plex.split("/")[1]


@pytest.mark.sqlite
def test_nor_does_one_of_what_a_postgresql_has(tmp_path: Path) -> None:
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    with new_database(server) as url:
        _plant(tmp_path / "data", url)
        report(tmp_path / "data", str(tmp_path / "r.txt"), PLEXSYNC_DATABASE_URL=url)
    text = (tmp_path / "r.txt").read_text(encoding="utf-8")
    assert left_in(text) == []
    assert "not available" not in text
    assert "database: PostgreSQL at" in text
    assert '"failed": 1000' in text


def test_a_server_that_does_not_answer_is_not_asked_for_each_line() -> None:
    asked: list[None] = []

    def look() -> AbstractContextManager[sqlite3.Connection]:
        asked.append(None)
        raise sqlite3.OperationalError("no answer")

    names = KnownNames(look, rest=60)
    assert [names.of("scene 1") for _ in range(5)] == [((), ())] * 5
    assert len(asked) == 1


def test_a_report_comes_without_a_data_folder_and_with_wrong_settings(tmp_path: Path) -> None:
    report(tmp_path / "none", str(tmp_path / "r.txt"), PLEXSYNC_WORKERS="zorblenas", PLEXSYNC_PLEX_TOKEN="")
    text = (tmp_path / "r.txt").read_text(encoding="utf-8")
    assert "WORKERS" in text
    assert left_in(text) == []


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_private_logs_hold_none_of_them(data: Path, log_format: str) -> None:
    stream = StringIO()
    conceals = concealer(data, ["log_private"])
    logs.set_up("info", log_format, Redactor([TOKEN]), stream, conceals=conceals)
    log = logging.getLogger("plexsync.planted")
    for number, name in enumerate(NAMES, 1):
        with log_context.working_on(("3f9c21ab",), "sync_scene", 1), log_context.about_scene(number):
            log.info("%s: %s cannot be read: %r; %s", name, f"/data/{name}/{name}.mp4", name, ORDINARY)
    try:
        raise ValueError(NAMES[0], f"/data/{NAMES[1]}")
    except ValueError:
        log.exception("unexpected: %s", NAMES[2])
    text = stream.getvalue()
    assert left_in(text) == []
    assert text.count("3f9c21ab") == 1000
    assert "cannot be read" in text
    assert ".mp4" in text
    assert "test_report.py" not in text


def test_who_logs_in_the_midst_of_a_write_is_not_held_up(data: Path) -> None:
    conceals = concealer(data, [])
    with closing(open_database(data)) as database, database.write() as db:
        db.execute("update scene set title = 'x' where scene_id = 1")
        assert left_in(conceals.text(f"scene 2: {ORDINARY} of {NAMES[1]}")) == []


def test_names_are_looked_up_by_keys_alone(data: Path) -> None:
    with closing(sqlite3.connect(data / DATABASE_NAME)) as db:
        for table, key in (("scene", "scene_id"), ("item", "rating_key"), ("part", "rating_key")):
            (plan,) = db.execute(f"explain query plan select * from {table} where {key} = 1").fetchall()
            assert "SEARCH" in plan[3]
