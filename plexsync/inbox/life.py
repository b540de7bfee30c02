"""Whether the consumer runs, as a person is to be told it: its state, a sentence, and what to do.

Answered without the consumer, from what it left and from who holds which lock; on any Python from 3.9, see
``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH118

import os
import time

from plexsync.inbox import autostart, consumer_record, event_files, remote, request_files
from plexsync.inbox.autostart import LastStart
from plexsync.inbox.consumer_record import ConsumerRecord
from plexsync.inbox.remote import RemoteConsumer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

RUNNING, SETTING_UP, NEEDS_SETTINGS = "running", "setting_up", "needs_settings"
STOPPED, DEAD, NEVER_STARTED, CANNOT_START = "stopped", "dead", "never_started", "cannot_start"
#: The states in which a consumer takes requests.
ALIVE = (RUNNING, NEEDS_SETTINGS)
#: Seconds after its start in which a consumer may well not have said anything.
_STARTING = 60.0
#: What the script and ``environment.py`` say where a package is missing, and what to tell.
_MISSING = (
    ("needs Python 3.11", "PlexSync's consumer needs Python 3.11 or newer, which is not there."),
    ("venv or pip is missing", "Python's venv or pip is missing, which the consumer needs."),
)
_INSTALL = "Install it where Stash runs. Alpine: apk add python3 py3-pip. Debian, Ubuntu: apt install python3-venv."
_THEIRS = "Start it where it ran: as a service, in its container or in a terminal. Or press Start."


def life(folder: str, snapshot: "dict[str, Any] | None") -> "dict[str, Any]":
    """How it stands: ``state``, ``since`` (ISO 8601, None where not known), ``text``, ``remedy``, ``can_start``.

    :param folder: the data folder.
    :param snapshot: what the consumer wrote last, None where there is nothing that can be read.
    """
    record = consumer_record.read(folder)
    age = request_files.heartbeat_age(folder)
    is_fresh = snapshot is not None and age is not None and abs(age) < request_files.GONE_AFTER
    held = autostart.is_held(os.path.join(folder, consumer_record.CONSUMER_LOCK))
    known = remote.read(folder)
    if known is not None and not held:
        return _remote(known, snapshot)
    # A lock cannot be seen from another machine that shares the folder.
    is_elsewhere = record is None or record.boot != consumer_record.boot()
    if held or (is_fresh and (held is None or is_elsewhere)):
        return _alive(snapshot or {}, record, None if is_fresh else age)
    last = autostart.last_start(folder)
    if last is not None and autostart.is_under_way(folder):
        return _setting_up(last)
    if last is not None and autostart.has_failed(last, record):
        return _cannot_start(folder, last)
    return _gone(folder, record, age)


def _told(state: str, since: "str | None", text: str, remedy: "str | None", *, can_start: bool) -> "dict[str, Any]":
    return {"state": state, "since": since, "text": text, "remedy": remedy, "can_start": can_start}


def _alive(snapshot: "dict[str, Any]", record: "ConsumerRecord | None", silent: "float | None") -> "dict[str, Any]":
    since = snapshot.get("since")
    if not isinstance(since, str):
        since = _iso(record.at) if record else None
    if silent is not None or not snapshot:
        if record is not None and abs(time.time() - record.at) < _STARTING:
            return _told(RUNNING, _iso(record.at), "PlexSync is starting.", None, can_start=False)
        text = "PlexSync runs, but has not said anything for a while."
        return _told(RUNNING, since, text, "Look into its log, and restart it.", can_start=False)
    state = snapshot.get("state")
    if state == NEEDS_SETTINGS:
        text = f"PlexSync waits for its settings{_first_problem(snapshot)}."
        return _told(NEEDS_SETTINGS, since, text, _settings_remedy(snapshot), can_start=False)
    texts = {
        "waiting_for_stash": f"PlexSync waits for Stash{_first_problem(snapshot)}.",
        "waiting_for_database": "PlexSync waits for its database, PostgreSQL.",
        "standby": "PlexSync runs, and waits: another consumer of the same database works.",
        "stopping": "PlexSync is stopping.",
    }
    return _told(RUNNING, since, texts.get(str(state), "PlexSync runs."), None, can_start=False)


def _remote(known: RemoteConsumer, snapshot: "dict[str, Any] | None") -> "dict[str, Any]":
    """How it stands with a consumer that fetches from here."""
    place = event_files.printable(known.host) or "another machine"
    if known.is_there:
        return _alive(snapshot or {}, None, None if snapshot else known.silent)
    since = _iso(time.time() - known.silent)
    can_start = known.silent >= remote.GIVEN_UP_AFTER
    remedy = f"Start it on {place}." + (" Or press Start: then it runs here." if can_start else "")
    if known.leaves:
        text = f"PlexSync's consumer on {place} is stopped. Changes wait here until it is started."
        return _told(STOPPED, since, text, remedy, can_start=can_start)
    text = f"PlexSync's consumer on {place} has not called for a while. Changes wait here until it does."
    return _told(DEAD, since, text, remedy, can_start=can_start)


def _first_problem(snapshot: "dict[str, Any]") -> str:
    fault = _first_fault(snapshot)
    return f": {fault.get('setting')} {fault.get('problem')}" if fault else ""


def _settings_remedy(snapshot: "dict[str, Any]") -> str:
    remedy = _first_fault(snapshot).get("remedy")
    return remedy if isinstance(remedy, str) and remedy else "Open PlexSync's settings in Stash, and fill them in."


def _first_fault(snapshot: "dict[str, Any]") -> "dict[str, Any]":
    faults = snapshot.get("settings_faults")
    first = faults[0] if isinstance(faults, list) and faults else None
    return first if isinstance(first, dict) else {}


def _setting_up(last: LastStart) -> "dict[str, Any]":
    text = "PlexSync is setting up: it installs what it needs, once, which takes up to a few minutes. Changes wait."
    if os.path.lexists(os.path.join(event_files.PLUGIN, ".venv", "plexsync.json")):
        text = "PlexSync is starting."
    return _told(SETTING_UP, _iso(last.at), text, None, can_start=False)


def _cannot_start(folder: str, last: LastStart) -> "dict[str, Any]":
    text, remedy = why_it_failed(folder, last)
    return _told(CANNOT_START, _iso(last.at), text, remedy, can_start=True)


def why_it_failed(folder: str, last: LastStart) -> "tuple[str, str]":
    """Why a start from here has led to no consumer, and what to do.

    :param folder: the data folder.
    """
    words = autostart.words_of(folder, last)
    said = " ".join(words)
    for sign, text in _MISSING:
        if sign in said:
            return text, _INSTALL
    why = words[-1] if words else "it said nothing"
    text = f"The consumer could not be started: {why}"
    return text, f"{os.path.join(folder, autostart.LOG_FILE)} says more."


def _gone(folder: str, record: "ConsumerRecord | None", age: "float | None") -> "dict[str, Any]":
    if record is None:
        if not os.path.lexists(os.path.join(folder, consumer_record.CONSUMER_LOCK)):
            text = "PlexSync's consumer has not been started yet."
            return _told(NEVER_STARTED, None, text, "Press Start.", can_start=True)
        return _told(STOPPED, None, "PlexSync's consumer does not run.", _THEIRS, can_start=True)
    since = _iso(record.at)
    if record.state == consumer_record.RUNNING:
        died = since if age is None else _iso(time.time() - age)
        text = "PlexSync's consumer has ended without a word, as after a power cut or when it is killed."
        soon = "It is started again within a minute." if autostart.is_wanted(folder) else "Press Start."
        return _told(DEAD, died, text, soon if record.is_ours else _THEIRS, can_start=True)
    if record.state == consumer_record.FAILED:
        text = "PlexSync's consumer has ended with an error, which its log tells."
        return _told(DEAD, since, text, "Press Start." if record.is_ours else _THEIRS, can_start=True)
    text = "PlexSync's consumer is stopped. Changes wait until it is started."
    return _told(STOPPED, since, text, "Press Start." if record.is_ours else _THEIRS, can_start=True)


def _iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
