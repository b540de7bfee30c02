"""Puts the rooms together: from settings to everything that is needed to synchronise a scene."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from plexsync.database import Database
from plexsync.errors import PlexSyncError
from plexsync.ledger import Ledger
from plexsync.library import Library
from plexsync.metadata import Rules
from plexsync.model import Field
from plexsync.plex import Guard, LedgerBreakerStorage, PlexClient
from plexsync.secrets import Redactor
from plexsync.stash import StashClient
from plexsync.sync import SceneSync, SyncOptions
from settings import Settings, load, stash_access

log = logging.getLogger(__name__)

#: The name of the database in the data folder.
DATABASE_NAME = "plexsync.db"


class Once:
    """Says when something that happens to many scenes at once has to be told again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told_at = float("-inf")

    def first_in(self, seconds: float) -> bool:
        """True when this was not asked successfully within the last ``seconds``."""
        with self._lock:
            now = time.monotonic()
            if now - self._told_at < seconds:
                return False
            self._told_at = now
            return True


@dataclass(frozen=True)
class App:
    """Everything that is needed to synchronise, wired once per process."""

    settings: Settings
    ledger: Ledger
    stash: StashClient
    plex: PlexClient
    guard: Guard
    library: Library
    sync: SceneSync
    redact: Redactor
    #: Refused tokens are one fault, however many scenes run into it.
    denials: Once = field(default_factory=Once)

    def close(self) -> None:
        """Close the connections to Plex and Stash; the database stays open."""
        self.plex.close()
        self.stash.close()


def open_database(data_dir: Path) -> Database:
    """The database in the data folder, made when it is missing."""
    return Database(data_dir / DATABASE_NAME)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings from all their sources, Stash's own settings page among them.

    :raises SettingsError: with all faults at once. When Stash did not answer, its page counts as empty: the settings
        then have to be right without it.
    """
    access = stash_access(environ)
    page: dict[str, object] = {}
    try:
        with closing(
            StashClient(access.url, access.api_key, access.connect_timeout, access.read_timeout, access.verify_tls)
        ) as stash:
            page = stash.plugin_settings()
    except PlexSyncError as error:
        log.warning("the plugin's settings page in Stash could not be read: %s", error)
    return load(environ, page)


def open_stash(settings: Settings) -> StashClient:
    """A client for the Stash of the settings; whoever opens it closes it."""
    return StashClient(
        settings.stash_url,
        settings.stash_api_key,
        settings.connect_timeout,
        settings.read_timeout,
        settings.stash_verify_tls,
    )


def build(settings: Settings, database: Database) -> App:
    """Wire everything up; nothing is connected to yet.

    :raises DatabaseTooNew: a newer PlexSync has written the file.
    """
    ledger = Ledger(database)
    guard = Guard(
        settings.breaker_fail_max, settings.breaker_reset_timeout, LedgerBreakerStorage(database, name="plex")
    )
    plex = PlexClient(
        settings.plex_url,
        settings.plex_token,
        client_identifier=ledger.facts.client_identifier(),
        verify=settings.plex_verify_tls,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        breaker=guard,
        pool_size=settings.workers,
    )
    stash = open_stash(settings)
    library = Library(plex, ledger.index, settings.plex_libraries)
    return App(
        settings=settings,
        ledger=ledger,
        stash=stash,
        plex=plex,
        guard=guard,
        library=library,
        sync=SceneSync(ledger, library, stash, plex, _rules(settings), _options(settings)),
        redact=Redactor([settings.plex_token, settings.stash_api_key]),
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        selected=frozenset(Field(name) for name in settings.fields),
        owned=frozenset(Field(name) for name in settings.owned_fields),
        ascii_titles=settings.ascii_titles,
        content_rating=settings.content_rating,
        # Without a key Stash needs no login: with one, the viewers' devices could not fetch the pictures.
        show_performer_pictures=settings.stash_api_key is None,
        stash_url=settings.stash_url,
        public_url=settings.stash_public_url,
    )


def _options(settings: Settings) -> SyncOptions:
    return SyncOptions(
        path_map=settings.path_map,
        lock_fields=settings.lock_fields,
        only_organized=settings.only_organized,
        match_auto=settings.match_auto,
        match_review=settings.match_review,
        dry_run=settings.dry_run,
    )
