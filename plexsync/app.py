"""Puts the rooms together: from settings to everything that is needed to synchronise a scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import field

from plexsync.configuration.database_url import secrets_in
from plexsync.configuration.setting_values import FIELDS
from plexsync.configuration.template import Template
from plexsync.errors import PlexUnavailable, StashUnavailable
from plexsync.fields import TEMPLATED_FIELDS
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.ledger.further_items import scenes_of
from plexsync.library.folder_scans import FolderScans
from plexsync.library.library import Library
from plexsync.metadata import Rules
from plexsync.metadata.addresses import public
from plexsync.model import Field
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.traits import Trait
from plexsync.redaction import Redactor, redact
from plexsync.stash import StashClient
from plexsync.storage.database import Database
from plexsync.sync.batch import BatchSync
from plexsync.sync.changed_files import ChangedFiles
from plexsync.sync.first_looks import FirstLooks
from plexsync.sync.hash_look import HashLook
from plexsync.sync.healing import Healer
from plexsync.sync.options import READ_BACK_TRIES, SyncOptions
from plexsync.sync.outcomes import Outcomes
from plexsync.sync.path_mapping import PathMapping
from plexsync.sync.picture_look import waits_by
from plexsync.sync.related import Related
from plexsync.sync.resolver import Resolver
from plexsync.sync.scene_locks import SceneLocks
from plexsync.sync.server_watch import ServerWatch
from plexsync.sync.sightings import Sightings
from plexsync.sync.steady_stash import SteadyStash
from plexsync.sync.sync import SceneSync
from plexsync.sync.tools import SyncTools
from plexsync.sync.unchanged import UnchangedScenes
from settings import Settings


@dataclass(frozen=True)
class App:
    """Everything that is needed to synchronise, wired once per process and again when the settings change."""

    settings: Settings
    ledger: Ledger
    stash: StashClient
    plex: PlexClient
    guard: Guard
    stash_guard: Guard
    library: Library
    watch: ServerWatch
    path_mapping: PathMapping
    sync: SceneSync
    together: BatchSync
    related: Related
    #: Tells those of some scenes that are as they were when they were synchronised.
    unchanged: Callable[[Sequence[int]], Collection[int]]
    rules: Rules
    options: SyncOptions
    redact: Redactor
    #: Hears how scenes fared.
    outcomes: Outcomes
    #: How often each scene's own failure came with an outage, since it was last synced or given up.
    outages_met: Counter[int] = field(default_factory=Counter)

    def guard_of(self, service: str) -> Guard:
        """What guards ``"Plex"`` or ``"Stash"``."""
        return self.stash_guard if service == self.stash_guard.service else self.guard

    def close(self) -> None:
        """Close the connections to Plex and Stash; the database stays open."""
        self.plex.close()
        self.stash.close()


@dataclass(frozen=True)
class QueueAccess:
    """What an app asks of the queue, and tells it. Without one, scenes are left for the consumer.

    ``waiting``: how many messages wait, for the log. ``requeue``: called with scenes that have lost their item, or
    whose files have appeared in Plex. ``on_appeared``: called with the latter in its place. ``on_moved``: called with
    scenes whose items have become others, or are to be compared, in the transaction that notes it; None for
    ``requeue``. ``upcoming``: the scenes that wait next, at most so many as it is asked for.
    """

    waiting: Callable[[], int] | None = None
    requeue: Callable[[Sequence[int]], object] | None = None
    on_appeared: Callable[[Sequence[int]], object] | None = None
    on_moved: Callable[[Sequence[int]], object] | None = None
    upcoming: Callable[[int], Sequence[int]] | None = None


#: For whoever has no queue.
NO_QUEUE = QueueAccess()


def open_stash(settings: Settings, breaker: Guard | None = None) -> StashClient:
    """A client for the Stash of the settings; whoever opens it closes it."""
    return StashClient(*_stash_options(settings), breaker=breaker)


def plex_endpoint(settings: Settings, client_identifier: str) -> PlexEndpoint:
    """The Plex of the settings.

    :param client_identifier: the name by which it knows this installation.
    """
    return PlexEndpoint(
        settings.plex_url,
        settings.plex_token,
        client_identifier,
        verify=settings.plex_verify_tls,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
    )


@contextmanager
def opened_for_all(settings: Settings, ledger: Ledger) -> Iterator[tuple[StashClient, UnchangedScenes]]:
    """In the block, what asking for all scenes takes: Stash, and what tells the scenes that are as they were."""
    rules = _rules(settings)
    with closing(_open_steadily(settings, rules, ledger, None)) as stash:
        yield stash, UnchangedScenes(ledger, stash, rules, _options(settings))


def _open_steadily(settings: Settings, rules: Rules, ledger: Ledger, breaker: Guard | None) -> StashClient:
    """As ``open_stash``; where Plex is given performers' pictures, under addresses that last as long as they."""
    if Field.PERFORMERS not in rules.selected or not rules.show_performer_pictures:
        return open_stash(settings, breaker)

    def is_shown(url: str) -> bool:
        return public(url, rules.stash_url, rules.public_url) is not None

    return SteadyStash(ledger.performer_pictures, is_shown, *_stash_options(settings), breaker=breaker)


def _stash_options(settings: Settings) -> tuple[str, str | None, float, float, bool | str]:
    timeouts = settings.connect_timeout, settings.read_timeout
    return settings.stash_url, settings.stash_api_key, *timeouts, settings.stash_verify_tls


def build(
    settings: Settings,
    database: Database,
    queue: QueueAccess = NO_QUEUE,
    *,
    scene_locks: SceneLocks | None = None,
    outcomes: Outcomes | None = None,
    guarded: bool = True,
) -> App:
    """Wire everything up; nothing is connected to yet.

    :param scene_locks: the scenes that threads of this process work on, where another app has worked on some before.
    :param outcomes: hears how scenes fare, where others listen already.
    :param guarded: False for a person's own question: it is asked though a breaker is open, and does not count.
    :raises DatabaseTooNew: a newer PlexSync has written the file.
    """
    redact.learn(settings.plex_token, settings.stash_api_key, settings.ping_url, settings.notify_url)
    redact.learn(*secrets_in(settings.database_url or ""))
    ledger = Ledger(database)
    limits = (settings.breaker_fail_max, settings.breaker_reset_timeout)
    guard = Guard(
        "Plex",
        PlexUnavailable,
        *limits,
        BreakerStorage(database, "Plex"),
        # It is asked for one thing at a time at first, and for more as it proves to bear it.
        on_change=lambda _old, new, _cause: plex.ramp_up() if new == "closed" else None,
        backlog=queue.waiting,
    )
    stash_guard = Guard("Stash", StashUnavailable, *limits, BreakerStorage(database, "Stash"), backlog=queue.waiting)
    plex = PlexClient(
        plex_endpoint(settings, ledger.facts.client_identifier()),
        breaker=guard if guarded else None,
        pool_size=settings.workers,
        max_writes_per_second=settings.max_writes_per_second,
        memory=ledger.facts,
    )
    rules, options = _rules(settings, plex), _options(settings)
    stash = _open_steadily(settings, rules, ledger, stash_guard if guarded else None)
    # Further items of scenes are kept under ids of their own; who queues knows scenes alone.
    requeue, on_appeared, on_moved = map(_of_scenes, (queue.requeue, queue.on_appeared, queue.on_moved))
    healer = Healer(ledger, on_moved or requeue)
    library = Library(
        plex, ledger.index, settings.plex_libraries, on_appeared=on_appeared or requeue, on_read=healer.heal
    )
    path_mapping = PathMapping(settings.path_map, ledger.facts, ledger.index, stash)
    hash_look = HashLook(plex, ledger.index, ledger.part_hashes)
    changed_files = None if settings.dry_run else ChangedFiles(plex, ledger.index, ledger.analysed_items)
    resolver = Resolver(ledger, library, path_mapping, options, hash_look, changed_files)
    scans = FolderScans(ledger.scanned_folders, plex, lambda: path_mapping.in_force) if settings.scan_missing else None
    looks = FirstLooks(ledger, lambda after, limit: stash.files(after, limit)[0], lambda: path_mapping.in_force)
    sightings = Sightings.of(plex, lambda count: looks.items_of(queue.upcoming(count)) if queue.upcoming else ())
    tools = SyncTools(
        ledger,
        resolver,
        stash,
        plex,
        rules,
        options,
        scene_locks=scene_locks or SceneLocks(),
        sightings=sightings,
        outcomes=outcomes or Outcomes(),
        requeue=requeue or (lambda _scene_ids: None),
    )
    met = stash.portraits.meet if isinstance(stash, SteadyStash) else None
    return App(
        settings=settings,
        ledger=ledger,
        stash=stash,
        plex=plex,
        guard=guard,
        stash_guard=stash_guard,
        library=library,
        watch=ServerWatch(ledger, plex, library, healer),
        path_mapping=path_mapping,
        sync=SceneSync(tools, scans, met),
        together=BatchSync(tools),
        related=Related(ledger, stash, rules, options),
        unchanged=UnchangedScenes(ledger, stash, rules, options).among,
        rules=rules,
        options=options,
        redact=redact,
        outcomes=tools.outcomes,
    )


def _of_scenes(queue: Callable[[Sequence[int]], object] | None) -> Callable[[Sequence[int]], object] | None:
    """The same for ids of lines, as the ledger has them."""
    return None if queue is None else lambda line_ids: queue(scenes_of(line_ids))


def _rules(settings: Settings, plex: PlexClient | None = None) -> Rules:
    def rating_step() -> float | None:
        known = plex.traits.peek(Trait.RATING_STEP) if plex else None
        return float(known) if known in ("0.5", "1", "2") else None

    written = {field: getattr(settings, field) for field in TEMPLATED_FIELDS}
    templates = {field: Template.parse(text) for field, text in written.items() if text}
    owns_all = settings.owned_fields.issuperset(FIELDS)
    return Rules(
        selected=frozenset({*map(Field, settings.fields), *templates}),
        owned=frozenset({*map(Field, settings.owned_fields), *(templates if owns_all else ())}),
        templates=tuple(templates.items()),
        ascii_titles=settings.ascii_titles,
        content_rating=settings.content_rating,
        # Without a key Stash needs no login: with one, the viewers' devices could not fetch the pictures.
        show_performer_pictures=settings.stash_api_key is None,
        stash_url=settings.stash_url,
        public_url=settings.stash_public_url,
        rating_step=rating_step,
    )


def _options(settings: Settings) -> SyncOptions:
    return SyncOptions(
        lock_fields=settings.lock_fields,
        only_organized=settings.only_organized,
        preserve_plex_edits=settings.preserve_plex_edits,
        dry_run=settings.dry_run,
        match_auto=settings.match_auto,
        match_review=settings.match_review,
        all_items=settings.all_items,
        read_back_tries=min(READ_BACK_TRIES, settings.max_retries),
        picture_waits=waits_by(settings.late_polls),
    )
