"""Runs Huey's consumer in the foreground: ``huey_consumer.sh`` ends here. Takes the options of Huey's own command."""

from __future__ import annotations

if __name__ == "__main__":
    # Before all that follows is imported.
    from plexsync.cli import garbage

    garbage.begin()

import logging
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields as attributes
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from plexsync import __version__, logs
from plexsync.cli import environment, instance, leading, terminal
from plexsync.cli.anew import Anew
from plexsync.cli.consumer_options import fault_in
from plexsync.cli.failures import faults_shown
from plexsync.cli.from_stash import (
    awaited_settings,
    bounded_log,
    ends_with,
    gives_way,
    is_from_stash,
    note_autostart,
    recorded,
)
from plexsync.cli.start import Start, start_on
from plexsync.cli.updates import following_updates
from plexsync.installation.settings_reader import PageUnread, SettingsReader
from plexsync.redaction import redact
from plexsync.script import name
from plexsync.status.room import StatusRoom
from plexsync.status.served import seen_from_outside
from plexsync.storage.open_to_others import open_to_others
from plexsync.storage.rotating_file import RotatingFile
from plexsync.words import counted
from settings import Settings, config_path, data_dir

if TYPE_CHECKING:
    from huey.consumer_options import ConsumerConfig

log = logging.getLogger("plexsync.consumer")

#: Seconds between two looks at Stash's settings page while nothing can begin without it.
ASK_AGAIN = 4.0
#: The log in the data folder, beside what goes to standard error.
OWN_LOG = "plexsync.log"
#: Options that are ours to carry out, not the consumer's.
_LOG_OPTIONS = ("logfile", "verbose", "simple_log")


def main() -> None:
    """Check the settings, then run until SIGINT or SIGTERM; exits with 2 where the settings are wrong."""
    anew = Anew()
    anew.take_signals()
    terminal.set_up()
    instance.chosen()
    options = _options()
    environment.hold()
    with faults_shown():
        logs.set_up("info", "text", redact)
        reader = SettingsReader(os.environ)
        if is_from_stash():
            folder = data_dir(os.environ)
            logs.set_up("info", "text", redact, bounded_log(folder))
            if gives_way(folder):
                return
            with _on(folder, anew) as (start, room), ends_with(folder):
                _run(reader, awaited_settings(reader, room), options, start, room, anew)
        else:
            settings = _settings(reader)
            with _on(settings.data_dir, anew) as (start, room):
                _run(reader, settings, options, start, room, anew)
        if anew.is_wanted:
            anew.go()
        log.info("stopped")


@contextmanager
def _on(folder: Path, anew: Anew) -> Iterator[tuple[Start, StatusRoom]]:
    """Be the consumer on this data, seen by others, while the block runs."""
    with (
        start_on(folder, anew.keep_if_wanted) as start,
        recorded(folder, lambda: anew.is_wanted),
        following_updates(anew),
    ):
        room = StatusRoom(folder, restart=anew.ask)
        room.start()
        try:
            yield start, room
        except SystemExit as end:
            # It waited for settings, or was about to begin.
            if end.code or not anew.is_wanted:
                raise
        finally:
            room.stop()


def _settings(reader: SettingsReader) -> Settings:
    """The settings; while what is missing may stand in a Stash that cannot be asked, this waits for it.

    A program that ended instead would stay dead where it is started before Stash, as after a reboot.

    :raises SettingsError: they are certainly wrong.
    """
    told = ""
    while True:
        try:
            return reader.read()
        except PageUnread as error:
            if str(error) != told:
                told = str(error)
                log.warning("waiting for Stash, and asking again every %.0f s: %s", ASK_AGAIN, error)
        time.sleep(ASK_AGAIN)


def _options() -> dict[str, Any]:
    from huey.consumer_options import OptionParserHandler

    parser = OptionParserHandler().get_option_parser()
    parser.set_usage(f"{name()} [options]")
    if (kind := parser.get_option("-k")) is not None:
        kind.help = "how workers run: thread (default) or process"
    values, rest = parser.parse_args()
    if rest:
        parser.error(f"not an option: {rest[0]!r}")
    options = {name: value for name, value in vars(values).items() if value is not None}
    if fault := fault_in(options):
        parser.error(fault)
    return options


def _set_up_logs(settings: Settings, options: dict[str, Any]) -> None:
    verbose = options.get("verbose")
    level = settings.log_level if verbose is None else "debug" if verbose else "warning"
    stream: TextIO | None = bounded_log(settings.data_dir) if is_from_stash() else None
    if options.get("logfile"):
        # Opened for the life of the process, and private: a log tells what somebody watches.
        # A pipe that nobody reads is an error, and not waited for.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK
        descriptor = os.open(options["logfile"], flags, 0o600)
        os.set_blocking(descriptor, True)
        stream = os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace", buffering=1)
    # Where Stash has started it, standard error is such a file already. Nobody but the consumer writes to either.
    file = None if is_from_stash() else RotatingFile(settings.data_dir / OWN_LOG)
    conceals: logs.Conceals | None = None
    if settings.log_private:
        # It takes a second to learn which words are PlexSync's own: nobody waits for it who has not asked for it.
        from plexsync.privacy.here import concealer

        names = (one.name for one in attributes(Settings))
        conceals = concealer(settings.data_dir, names, settings.path_map, settings.database_url)
    logs.set_up(level, settings.log_format, redact, stream, file, conceals)


def _run(
    reader: SettingsReader,
    settings: Settings,
    options: dict[str, Any],
    start: Start,
    room: StatusRoom,
    anew: Anew,
) -> None:
    _set_up_logs(settings, options)
    for warning in settings.warnings:
        log.warning("%s", warning)
    if text := open_to_others(settings.data_dir, config_path(os.environ)):
        log.warning("%s", text)
    from huey.consumer_options import ConsumerConfig

    config = ConsumerConfig(**({"workers": settings.workers} | options))
    try:
        config.validate()
    except ValueError as error:
        sys.exit(f"{error}")
    note_autostart(settings.data_dir, settings)
    if settings.database_url is None:
        start.with_room(lambda: _open(reader, settings, start))
        _consume(settings, config, room, anew)
        return
    leading.lead(settings, start, room, anew)
    with leading.anew_without_server(start, anew):
        start.with_room(lambda: _open(reader, settings, start))
        _consume(settings, config, room, anew)


def _open(reader: SettingsReader, settings: Settings, start: Start) -> None:
    if settings.database_url is None:
        start.see_to_the_file()
    from tasks.app import database, runtime, wire

    start.look_after(database)
    runtime.use(wire(settings), reader)


def _consume(settings: Settings, config: ConsumerConfig, room: StatusRoom, anew: Anew) -> None:
    # All of it, before it says that it runs: from then on an update may take files away.
    from huey.constants import WORKER_PROCESS

    import plexsync.ledger
    import tasks.registered
    from plexsync.cli.afterwards import afterwards
    from plexsync.cli.fetching import courier
    from tasks.app import hour_keeper, runtime
    from tasks.probe import Probe
    from tasks.settings_watch import LOOK as SETTINGS_LOOK
    from tasks.settings_watch import SettingsWatch
    from tasks.watch import WATCH_PLEX

    plexsync.ledger.import_all()
    log.info(
        "PlexSync %s: Stash at %s, Plex at %s, %s, data in %s%s",
        __version__,
        settings.stash_url,
        settings.plex_url,
        counted(config.workers, "worker"),
        settings.data_dir,
        " (dry run: nothing is written to Plex)" if settings.dry_run else "",
    )
    if tasks.app.database.is_shared:
        log.info("the database is %s", tasks.app.database.place)

    def watch() -> None:
        tasks.huey.enqueue_by_name(WATCH_PLEX, [()])

    probe = Probe(runtime, tasks.huey, on_plex_back=watch, is_held=lambda: anew.is_update_coming)
    probe.start()

    def changed() -> None:
        probe.settings_changed()
        note_autostart(settings.data_dir, runtime().settings)

    new_settings = SettingsWatch(runtime, changed)
    new_settings.start()
    tasks.huey.storage.arrivals.glances.add(new_settings.glance, SETTINGS_LOOK)
    tasks.huey.storage.arrivals.standstill.add(runtime.reader.paths)
    # It may be another one since the last time.
    watch()
    room.runs(runtime, new_settings.look_soon)
    fetcher = courier(runtime, tasks.huey.storage)
    try:
        consumer = tasks.huey.create_consumer(
            **{name: value for name, value in config.values.items() if name not in _LOG_OPTIONS}
        )
        with seen_from_outside(settings, room.desk), afterwards(forks=consumer.worker_type == WORKER_PROCESS):
            anew.ended(restarts=consumer.run_to_end())
    finally:
        room.stops()
        if fetcher is not None:
            fetcher.stop()
        new_settings.stop()
        probe.stop()
        hour_keeper.write()
        with suppress(sqlite3.Error):
            runtime().close()


if __name__ == "__main__":
    main()
