"""The report to share: what helps somebody else to find a fault, in one text, and nothing of whose library it is."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from plexsync import __version__
from plexsync.durations import iso
from plexsync.errors import PlexSyncError
from plexsync.installation.settings_reader import SettingsReader
from plexsync.privacy.concealer import Concealer, lines_of
from plexsync.privacy.here import concealer
from plexsync.redaction import redact
from plexsync.status.checks import check_all, check_machine
from plexsync.status.figures import collect
from plexsync.status.findings import Finding
from plexsync.storage.opening import looked_at
from settings import Examined, SettingsError, data_dir, database_url, describe

#: Lines of each log, the newest, and bytes of its end that are read.
LOG_LINES, LOG_BYTES = 1000, 1024 * 1024
#: The logs in the data folder: the consumer's own, and that of one that Stash has started.
LOGS = ("plexsync.log.1", "plexsync.log", "consumer.log")
#: Seconds for which Stash and Plex are waited for.
PATIENCE = "3"
#: Settings whose values are names, or texts around them.
_NAMES = {"plex_libraries", "content_rating", "tagline", "sort_title"}
#: Kinds of dead letters that are shown.
_MOST_KINDS = 30


def shared_report(environ: Mapping[str, str]) -> str:
    """The report, concealed and without secrets.

    :param environ: the environment, with the settings.
    :raises SettingsError: nobody can tell where the data folder is.
    :raises OSError: the secret by which names become words can be neither read nor made.
    """
    folder = data_dir(environ)
    patient = {**environ, "PLEXSYNC_CONNECT_TIMEOUT": PATIENCE, "PLEXSYNC_READ_TIMEOUT": PATIENCE}
    reader = SettingsReader(patient)
    with suppress(PlexSyncError, SettingsError):
        # So that the secrets are known, and taken out of whatever holds them.
        reader.read()
    examined = reader.examine()
    conceals = concealer(folder, examined.origins, _path_map(examined), url := _database_url(environ))
    parts: list[tuple[str, Callable[[], Iterator[str]]]] = [
        ("Versions", _versions),
        ("Findings of doctor", lambda: _findings(patient, conceals)),
        ("Status", lambda: _status(conceals)),
        ("Settings in force", lambda: _settings(examined, environ, conceals)),
        ("Dead letters by kind", lambda: _dead_letters(folder, url, conceals)),
        *((f"Log {name}", lambda name=name: _log(folder / name, conceals)) for name in LOGS),
    ]
    lines = [
        f"Report of PlexSync {__version__}, {iso(time.time())}",
        "Paths, titles, names and hosts are replaced by words that only this installation makes: the same name is the",
        "same word. Behind each stands how long the name is: s up to 4 characters, m 12, l 40, x more.",
    ]
    for head, part in parts:
        lines += ["", f"== {head} ==", *_told(part, conceals)]
    return redact("\n".join(lines) + "\n")


def _told(part: Callable[[], Iterator[str]], conceals: Concealer) -> Iterator[str]:
    """A part of the report, as far as it can be had: a report is for days on which something is broken."""
    try:
        yield from part()
    except Exception as error:  # noqa: BLE001 - whatever it is, all else is worth having
        yield conceals.text(f"not available: {type(error).__name__}: {error}")


def _versions() -> Iterator[str]:
    yield f"PlexSync {__version__}"
    yield f"Python {sys.version.split()[0]} ({platform.python_implementation()}), {platform.system()} " + (
        f"{platform.machine()}, {os.cpu_count()} processors"
    )
    yield f"SQLite {sqlite3.sqlite_version}"
    # What is installed, which is all of PyPI's: no name of anybody's.
    found = {one.metadata["Name"]: one.version for one in metadata.distributions()}
    yield ", ".join(f"{name} {version}" for name, version in sorted(found.items()))


def _findings(environ: Mapping[str, str], conceals: Concealer) -> Iterator[str]:
    def all_of_them() -> Iterator[Finding]:
        yield from check_all(environ)
        yield from check_machine(environ)

    for one in all_of_them():
        yield f"{one.level:5} {conceals.text(one.name)}: {conceals.text(one.text)}"


def _status(conceals: Concealer) -> Iterator[str]:
    yield json.dumps(conceals.value(collect()), indent=1, ensure_ascii=False)


def _settings(examined: Examined, environ: Mapping[str, str], conceals: Concealer) -> Iterator[str]:
    for name, value in examined.values.items():
        shown = _setting(name, value, conceals)
        yield f"{name} = {json.dumps(shown, ensure_ascii=False)} ({examined.origins[name]})"
    for name in examined.secrets_set:
        yield f"{name}: set ({examined.origins[name]})"
    for fault in examined.faults:
        yield conceals.text(f"wrong: {fault}")
    known = {one.name for one in describe()}
    others = sum(name.startswith("PLEXSYNC_") and name not in known for name in environ)
    yield f"{others} other variables that begin with PLEXSYNC_"


def _setting(name: str, value: object, conceals: Concealer) -> object:
    if isinstance(value, (list, tuple)):
        return [_setting(name, one, conceals) for one in value]
    if not isinstance(value, str):
        return value
    if name in _NAMES:
        return conceals.name(value)
    return conceals.path(value) if name == "path_map" or value[:1] in "/\\" else conceals.text(value)


def _path_map(examined: Examined) -> tuple[tuple[str, str], ...]:
    found = examined.values.get("path_map")
    return tuple((str(one[0]), str(one[1])) for one in found) if isinstance(found, list) else ()


def _database_url(environ: Mapping[str, str]) -> str | None:
    """Of the PostgreSQL that is used; None for the file, or where nobody can tell."""
    with suppress(SettingsError):
        return database_url(environ)
    return None


def _dead_letters(folder: Path, url: str | None, conceals: Concealer) -> Iterator[str]:
    select = (
        "select error_class, number, message, scene_id from dead_letter join "
        "(select max(id) as newest, count(*) as number from dead_letter group by error_class) as kinds "
        f"on id = newest order by number desc, id limit {_MOST_KINDS}"
    )
    with looked_at(folder, url, patience=2)() as db:
        rows = db.execute(select).fetchall()
    if not rows:
        yield "none"
    for kind, count, message, scene in rows:
        said = conceals.text(f"scene {scene}: {message}")
        yield f"{count:6} {conceals.text(kind)}, the latest of " + said.replace("\n", " ")


def _log(path: Path, conceals: Concealer) -> Iterator[str]:
    if not path.is_file():
        yield "there is none"
        return
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - LOG_BYTES))
        text = file.read().decode("utf-8", "replace")
    yield from lines_of(deque(text.splitlines(), LOG_LINES), conceals)
