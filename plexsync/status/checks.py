"""The checks of ``--check`` and ``doctor``: each finds one thing right, or says what to do."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from plexsync.app import App, build
from plexsync.durations import duration
from plexsync.errors import PlexSyncError
from plexsync.fetching.known_as import consumer_word, fetches, for_instance
from plexsync.http.address import origin
from plexsync.http.certificate import names
from plexsync.http.failures import speaks_tls
from plexsync.inbox.event_files import printable
from plexsync.inbox.hook_fault import explain, out_of_reach
from plexsync.installation.installed import judge
from plexsync.installation.settings_reader import PageUnread, load_settings
from plexsync.ledger.rescue import damaged_files
from plexsync.matching.decision import Verdict, decide
from plexsync.matching.match import find_matches
from plexsync.matching.path_map import agreement, infer
from plexsync.matching.paths import folded, map_path
from plexsync.model import Scene
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.redaction import redact
from plexsync.stash import COMPLETE
from plexsync.status import database_line, findings_now, hook_line, inbox_line, settings_line, stash_address
from plexsync.status.figures import collect, consumer_text, left_alone, queue_text
from plexsync.status.findings import Finding, ask, warning
from plexsync.status.plex_checks import check_plex
from plexsync.storage.database import DATABASE_NAME, Database
from plexsync.storage.open_to_others import open_to_others
from plexsync.storage.opening import open_database
from plexsync.sync.path_mapping import Sample
from plexsync.words import counted
from settings import Settings, SettingsError, config_path, data_dir, database_url

#: Scenes looked up in Plex to see whether the paths lead from one to the other.
SAMPLE = 50
#: Items shown of those that Plex tells of in a way that cannot be read.
ODD_SHOWN = 3
#: Entries of the inbox shown of those that are in the way.
SHOWN = 5
#: Names of a certificate that are shown.
NAMES_SHOWN = 3
#: Seconds two machines' clocks may differ before it is worth a word.
CLOCK_TOLERANCE = 30.0
#: Where events would lie on one machine while a consumer on another works.
_INBOX_OF_ONE = (
    "what the hook leaves in this data folder waits while a consumer on another machine works: "
    "set PLEXSYNC_INBOX=stash for all of them"
)


def check_all(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check settings, data folder, Stash, Plex, libraries and paths, one after the other, as far as each can go."""
    folder = data_dir(environ)
    yield _data_folder(folder)
    yield from _privacy(folder, environ)
    database = _shared_database(folder, environ)
    try:
        yield from _settings_and_services(environ, folder, database)
    finally:
        if database is not None:
            database.close()


def _settings_and_services(environ: Mapping[str, str], folder: Path, shared: Database | None) -> Iterator[Finding]:
    # First, as it needs nothing of Stash: without an answer of Stash's there may be no settings that are whole.
    reached = None if shared is None else Finding("database", *database_line.found_out(shared))
    if reached is not None:
        yield reached
    found = stash_address.place(environ)
    environ = found.environ
    if found.finding is not None:
        yield found.finding
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        for fault in error.faults:
            yield Finding("settings", False, f"{fault.setting} ({fault.source}) {fault.problem}: {fault.remedy}")
        return
    except PageUnread as error:
        yield warning("settings", f"{error.missing} is not set here: it is looked for on Stash's settings page")
        yield Finding("Stash", False, f"its settings page cannot be read: {redact(str(error.cause))}")
        return
    yield Finding("settings", True, "valid")
    yield from (warning("settings", text) for text in settings.warnings)
    if reached is not None:
        if not reached.ok:
            return
        if not fetches(settings.inbox):
            yield warning("database", _INBOX_OF_ONE)
    database = shared or open_database(folder)
    app = build(settings, database, guarded=False)
    try:
        yield from _services(app)
    finally:
        app.close()
        database.close()


def _shared_database(folder: Path, environ: Mapping[str, str]) -> Database | None:
    """The PostgreSQL that the settings name, if any. What is wrong with its address is told of with the settings."""
    try:
        url = database_url(environ)
    except SettingsError:
        return None
    return None if url is None else open_database(folder, url)


def _services(app: App) -> Iterator[Finding]:
    stash = ask("Stash", lambda: _stash(app))
    stash = _with_tls_in_mind(stash, app.settings.stash_url, "PLEXSYNC_STASH_URL", app.settings.connect_timeout)
    stash = stash if stash.ok else _with_plex_in_mind(stash, app.settings)
    yield stash
    if stash.ok and (lacks := app.stash.shortcomings):
        yield warning("Stash", f"it {lacks}; Stash {COMPLETE} and later have it all")
    plex = ask("Plex", lambda: f"answers at {app.settings.plex_url}, server {app.plex.identity()[:8]}")
    plex = _with_tls_in_mind(plex, app.settings.plex_url, "PLEXSYNC_PLEX_URL", app.settings.connect_timeout)
    yield plex
    if plex.ok:
        findings = list(check_plex(app))
        yield from findings
        if findings[0].ok and stash.ok:
            yield _paths(app)
            yield from _odd_items(app)
    yield _hook(app, stash_answers=stash.ok)
    if stash.ok and (found := _inbox(app)) is not None:
        yield found


def _inbox(app: App) -> Finding | None:
    instance = for_instance(app.settings.inbox)
    return inbox_line.finding(
        lambda args: app.stash.operate({**args, **instance}),
        app.settings.data_dir,
        through_stash=fetches(app.settings.inbox),
        # It may have to be noted first, which a folder that is read-only does not let.
        consumer=consumer_word(app.ledger.facts) if fetches(app.settings.inbox) else "",
    )


def _with_plex_in_mind(finding: Finding, settings: Settings) -> Finding:
    """Say so where it is Plex who answers in Stash's place: it would seem to want a login. No token is sent."""
    try:
        endpoint = PlexEndpoint(
            settings.stash_url,
            "none",
            client_identifier="PlexSync",
            verify=settings.stash_verify_tls,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
        )
        with PlexClient(endpoint) as client:
            client.identity()
    except (PlexSyncError, ValueError):
        return finding
    told = f"{origin(settings.stash_url)} is Plex, not Stash: correct PLEXSYNC_STASH_URL, as http://localhost:9999"
    return Finding(finding.name, False, told)


def _with_tls_in_mind(finding: Finding, url: str, setting: str, timeout: float) -> Finding:
    """Say so where a server was asked without TLS and speaks nothing else: it hangs up as one does that is not well."""
    if not finding.ok and url.startswith("https://") and "certificate" in finding.text:
        return _with_its_names(finding, url, setting, timeout)
    if finding.ok or not url.startswith("http://") or not speaks_tls(url, timeout):
        return finding
    told = f"{origin(url)} speaks TLS: {setting} should begin with https://, not with http://"
    return Finding(finding.name, False, told)


def _with_its_names(finding: Finding, url: str, setting: str, timeout: float) -> Finding:
    """Say what a certificate is for that does not fit to the address: a hook can tell the latter only by number."""
    parts = urlsplit(url)
    port = parts.port or 443
    known = names(parts.hostname or "", port, timeout)
    usable = [one for one in known if "*" not in one]
    if not known or parts.hostname in known:
        return finding
    text = f"{finding.text}; it is for {', '.join(known[:NAMES_SHOWN])}"
    if usable:
        text += f": write {setting}=https://{usable[0]}:{port}{parts.path}"
    return Finding(finding.name, False, text)


def _data_folder(folder: Path) -> Finding:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding("data folder", False, explain(error, str(folder)))
    if text := out_of_reach(str(folder)):
        return Finding("data folder", False, text)
    return Finding("data folder", True, str(folder))


def _privacy(folder: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    try:
        text = open_to_others(folder, config_path(environ))
    except SettingsError:
        # What is wrong with it is told with all else that is wrong with the settings.
        text = open_to_others(folder)
    if text:
        yield warning("privacy", text)


def _stash(app: App) -> str:
    version = app.stash.check() or "of an unknown version"
    total = app.stash.scene_count()
    # With the reading of a scene, this is all that differs from one version of Stash to the next.
    app.stash.last_change()
    return f"{version} answers at {app.settings.stash_url}, {counted(total, 'scene')}"


def _paths(app: App) -> Finding:
    """Whether scenes' files are found in Plex, and under the path that the path map gives."""
    name = "paths"
    try:
        app.library.refresh()
        app.path_mapping.ensure()
        sample = app.path_mapping.sample()
        scenes = _looked_up(app, sample)
    except (PlexSyncError, sqlite3.Error) as error:
        return Finding(name, False, redact(str(error)))
    if not scenes:
        return Finding(name, True, "no scene with a file in Stash yet")
    under_path, otherwise, missing = _found(app, scenes)
    found = under_path + otherwise
    looked_up, there = counted(len(scenes), "scene"), counted(found, "is", "are")
    text = f"{_mapped(app)}; of {looked_up} looked up, {there} in Plex"
    if otherwise:
        text += f" ({otherwise} not by the path)"
    if missing:
        text += f"; not surely there: {missing[0]}" + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
    contradiction, wrong = _contradiction(app, sample)
    ok = not wrong and len(missing) < len(scenes)
    return Finding(name, ok, text + contradiction, doubtful=bool(contradiction) or 2 * len(missing) > len(scenes))


def _mapped(app: App) -> str:
    path_mapping = [f"{mount} ({mount.source})" for mount in app.path_mapping.describe()]
    return "; ".join(path_mapping) or "the same in Stash and Plex, as far as is known"


def _odd_items(app: App) -> Iterator[Finding]:
    """What of Plex's list of items cannot be read: no fault of the settings, and none of PlexSync's."""
    count, some = app.ledger.index.odd_ones(ODD_SHOWN)
    if count:
        text = (
            f"{counted(count, 'entry', 'entries')} of Plex's list cannot be read, and is left out, e.g. "
            f"item {'; item '.join(some)}: try Refresh Metadata or Analyze there in Plex"
        )
        yield warning("items", redact(text))


def _looked_up(app: App, sample: Sample) -> list[Scene]:
    """Some of the sample's scenes that have files, from all over it."""
    ids = [scene.id for scene in sample.scenes if scene.files]
    chosen = ids[:: -(-len(ids) // SAMPLE) or 1]
    return [scene for scene in app.stash.scenes(chosen).values() if scene.files]


def _found(app: App, scenes: list[Scene]) -> tuple[int, int, list[str]]:
    """How many scenes are matched under their path and otherwise, and the paths of those that are not surely."""
    under_path, otherwise, missing = 0, 0, []
    path_map = app.path_mapping.in_force
    for scene in scenes:
        matches = find_matches(scene, path_map, app.ledger.index)
        decision = decide(matches, app.settings.match_auto, app.settings.match_review)
        match = decision.match if decision.verdict is Verdict.SYNC else None
        if match is None:
            missing.append(scene.files[0].path)
        elif match.file and folded(map_path(match.file, path_map)) == folded(match.path):
            under_path += 1
        else:
            otherwise += 1
    return under_path, otherwise, missing


def _contradiction(app: App, sample: Sample) -> tuple[str, bool]:
    """What to do where the setting leads fewer files right than what is seen would; and whether it is plainly wrong."""
    if not app.settings.path_map:
        return "", False
    seen = [(mount.stash, mount.plex) for mount in infer(sample.pairs)]
    right, found = agreement(sample.pairs, app.settings.path_map)
    possible, _ = agreement(sample.pairs, seen)
    if right >= possible:
        return "", False
    better = f"PLEXSYNC_PATH_MAP={'; '.join(f'{stash}=>{plex}' for stash, plex in seen)}" if seen else "none at all"
    told = f"; PLEXSYNC_PATH_MAP is right for {right:,} of {found:,} files that Plex has too"
    return f"{told}, {better} would be for {possible:,} (without the setting it is inferred)", 2 * right < possible


def _hook(app: App, *, stash_answers: bool) -> Finding:
    """Whether Stash will call the hook, by its own words where it answers, else by those of the last time."""
    import tasks.app

    seen = None
    if stash_answers:
        try:
            seen = judge(app.stash.plugin_page(with_folder=True))
        except PlexSyncError as error:
            return warning("hook", f"what Stash knows of its plugins cannot be read: {redact(str(error))}")
    return hook_line.finding(app.ledger.facts, tasks.app.huey.hook_called_at(), seen)


def check_machine(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Check what ``doctor`` looks at beyond ``check_all``: queue, breaker, disk, clock."""
    folder = data_dir(environ)
    figures = collect()
    running = figures["consumer"]["running"]
    yield Finding("consumer", running is not False, consumer_text(figures["consumer"]), doubtful=running is None)
    if figures["settings"]:
        is_doubtful = bool(figures["settings"]["at_restart"] or figures["settings"]["sync_all"])
        yield Finding("settings", True, settings_line.text(figures["settings"]), doubtful=is_doubtful)
    yield _queue(figures)
    if count := figures["queue"]["set_aside"]:
        text = findings_now.set_aside_text(count).rstrip(".")
        yield Finding("messages", False, f"{text}, the latest: {_latest_set_aside()}")
    if in_the_way := _in_the_way():
        what = counted(len(in_the_way), "entry", "entries")
        text = f"{what} cannot be moved into the queue; remove by hand: {', '.join(in_the_way[:SHOWN])}"
        yield Finding("inbox", False, text)
    for name, breaker in (("breaker", figures["breaker"]), ("Stash's breaker", figures["stash_breaker"])):
        ok = breaker["state"] == "closed"
        yield Finding(name, ok, "closed" if ok else f"{breaker['state']}, {left_alone(breaker)}")
    yield from _stopped(figures)
    letters = figures["dead_letters"]
    text = f"{counted(letters, 'scene was', 'scenes were')} given up; why: ./huey_consumer.sh failed list"
    yield Finding("dead letters", not letters, text if letters else "none")
    yield _disk(shutil.disk_usage(folder).free, folder)
    yield _integrity(open_database(folder, database_url(environ)))
    damaged = damaged_files(folder / DATABASE_NAME)
    if damaged:
        names = ", ".join(printable(one.name) for one in damaged)
        text = f"was set aside as {names}, and a new one was made: check that disk, then remove the old file"
        yield Finding("damaged database", False, text)
    try:
        settings = load_settings(environ)
    except (SettingsError, PageUnread):
        return
    for name, url, verify in (
        ("Stash", settings.stash_url, settings.stash_verify_tls),
        ("Plex", f"{settings.plex_url}/identity", settings.plex_verify_tls),
    ):
        finding = _clock(name, url, settings, verify=verify)
        if finding:
            yield finding


def _queue(figures: dict[str, Any]) -> Finding:
    oldest = figures["oldest_pending_s"]
    waiting = "nothing waits" if oldest is None else f"oldest waits for {duration(oldest)}"
    text = f"{queue_text(figures['queue'])}, {waiting}"
    if not findings_now.is_stuck(figures):
        return Finding("queue", True, text)
    return Finding("queue", False, f"{text}. {findings_now.STUCK} {findings_now.STUCK_REMEDY}")


def _stopped(figures: dict[str, Any]) -> Iterator[Finding]:
    if stopped := figures["stopped"]:
        yield Finding("access", False, f"{findings_now.access_text(stopped).rstrip('.')}. {findings_now.ACCESS_REMEDY}")
    if stashes := figures["stashes"]:
        text = findings_now.stashes_text(stashes)
        yield Finding("Stashes", False, f"{text} {findings_now.STASHES_REMEDY}")


def _disk(free: int, folder: Path) -> Finding:
    text = f"{free // 2**20} MiB free for {folder}"
    if free >= findings_now.ENOUGH_DISK:
        return Finding("disk", True, text)
    return Finding("disk", False, f"{text}. {findings_now.disk_text(free)} {findings_now.DISK_REMEDY}")


def _latest_set_aside() -> str:
    import tasks.app as app

    return printable(app.huey.latest_set_aside() or "nothing is known of it")


def _in_the_way() -> list[str]:
    import tasks.app as app

    names: list[str] = app.huey.storage.in_the_way()
    return names


def _integrity(database: Database) -> Finding:
    if database.is_shared:
        return Finding("database", *database_line.found_out(database))
    text = database.fault()
    return Finding("database", text == "ok", f"{database.place}: {text}")


def _clock(name: str, url: str, settings: Settings, *, verify: bool | str) -> Finding | None:
    """Compare our clock with the one in a server's answer; None where it does not tell."""
    times_out = (settings.connect_timeout, settings.read_timeout)
    try:
        with requests.get(url, timeout=times_out, verify=verify, stream=True, allow_redirects=False) as answer:
            date = answer.headers.get("Date", "")
        offset = parsedate_to_datetime(date).timestamp() - time.time()
    except (requests.RequestException, ValueError, TypeError):
        return None
    ok = abs(offset) <= CLOCK_TOLERANCE
    text = f"{name}'s differs by {abs(offset):.0f} s" + ("" if ok else ": set both machines' clocks by NTP")
    return Finding("clock", ok, text)
