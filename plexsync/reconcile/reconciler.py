"""Compares everything, page by page: Stash with the ledger first, then the ledger with Plex.

What differs is queued in the transaction that notes how far the comparison is. So a run that is cut short goes on at
its last page, whatever cuts it short, and finds nothing twice.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from plexsync.app import App
from plexsync.ledger import State
from plexsync.ledger.compare import Comparing, Known, Unchanged
from plexsync.ledger.further_items import scenes_of
from plexsync.library.ahead import ahead
from plexsync.library.library import ListingWalk
from plexsync.library.listing import UnreadablePage
from plexsync.model import Scene
from plexsync.reconcile import items as item_side
from plexsync.reconcile.items import Compared, ItemSide
from plexsync.reconcile.run import DifferenceKind, Phase, ReconcileFinding, ReconcileRun, Runs
from plexsync.reconcile.scenes import SceneSide
from plexsync.stash.client import SCENES_PER_PAGE
from plexsync.stash.pages import UnreadScenes

log = logging.getLogger(__name__)

#: Below so many scenes it is no sign of anything when most of them are missing.
FEW = 20
#: Seconds between two words in the log on how far a run is.
TELL_EVERY = 30.0
#: What is looked at once more, without the retries that a scene gets on an event.
LOOKED_AT_ONCE = (DifferenceKind.NOT_FOUND, DifferenceKind.REVIEW, DifferenceKind.UNREADABLE)


class Queue(Protocol):
    """Where scenes are queued, behind what people do meanwhile. All of it joins the caller's transaction."""

    def absent(self, scene_ids: Sequence[int]) -> list[int]:
        """Those of the scenes that are not in the queue: not in line, not at work, not for a later time."""

    def sync(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes as an event would, with all their tries."""

    def together(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes that may need the same write, as after a rename that no hook told of."""

    def look(self, scene_ids: Sequence[int]) -> None:
        """Queue scenes for one try."""


class Reconciler:
    """Compares everything.

    :param app: what is compared.
    :param queue: where what differs goes.
    :param dry_run: nothing is queued, and nothing is noted but what files Plex has.
    :param on_finding: told of every difference.
    :param pause: asked after every page whether to leave it at that.
    """

    def __init__(
        self,
        app: App,
        queue: Queue,
        *,
        dry_run: bool = False,
        on_finding: Callable[[ReconcileFinding], None] = lambda _finding: None,
        pause: Callable[[], bool] = lambda: False,
    ) -> None:
        self._app = app
        self._queue = queue
        self._dry_run = dry_run
        self._on_finding = on_finding
        self._pause = pause
        self._comparing = Comparing(app.ledger.database)
        self._runs = Runs(app.ledger.facts)
        self._tell_at = time.monotonic() + TELL_EVERY

    def pages(self, run: ReconcileRun) -> Iterator[ReconcileRun]:
        """Go on with a run; gives how far it is after each page, and last with ``Phase.DONE``, unless there is a pause.

        It can go on later, with the run that was given last or, after a crash, with the one kept last.

        :raises PlexSyncError: Stash or Plex could not be asked.
        """
        steps = {
            Phase.SCENES: self._scenes,
            Phase.BEYOND: self._beyond,
            Phase.ITEMS: self._items,
            Phase.LOST: self._lost,
        }
        for phase, step in steps.items():
            if run.phase is phase:
                for further in step(run):
                    run = further
                    self._tell(run)
                    yield run

    # --- Stash against the ledger -----------------------------------------------------------------------------------

    def _scenes(self, run: ReconcileRun) -> Iterator[ReconcileRun]:
        side = SceneSide(self._app.rules, self._app.options, full=run.full)
        if not run.of_scenes:
            run = self._count(run)
        for unread in ahead(self._page, run.after, self._pause):
            until = max(unread.last, run.after)
            known = self._comparing.between(run.after, until)
            came = unread.as_they_came()
            same = side.as_before(came, known)
            scenes = unread.read(same)
            compared = side.compare(scenes, known)
            findings = [*compared.findings, *side.unreadable(scenes.unreadable, known)]
            findings += self._unwritten(scenes, known, {one.scene_id for one in findings})
            there = {*same, *(scene.id for scene in scenes), *(error.scene_id for error in scenes.unreadable)}
            findings += [
                ReconcileFinding(one.scene_id, DifferenceKind.GONE)
                for one in known.values()
                if one.scene_id not in there and one.state != State.GONE
            ]
            is_last = not unread.more
            run = self._note(
                replace(
                    run,
                    phase=Phase.BEYOND if is_last else Phase.SCENES,
                    after=until,
                    scenes=run.scenes + unread.count,
                ),
                findings,
                unchanged=compared.unchanged,
                in_order=side.in_order(compared, came, known),
            )
            yield run

    def _unwritten(
        self, scenes: Iterable[Scene], known: Mapping[int, Known], differ: Collection[int]
    ) -> list[ReconcileFinding]:
        """Scenes with several files of which an item holds one that nobody has written to yet."""
        found = []
        for scene in scenes if self._app.options.all_items else ():
            one = known.get(scene.id)
            if len(scene.files) < 2 or scene.id in differ or one is None or one.state != State.SYNCED:
                continue
            for key in self._app.sync.preview.unwritten(scene):
                text = f"item {key} holds one of its files, and does not show it yet"
                found.append(ReconcileFinding(scene.id, DifferenceKind.FURTHER, (text,)))
        return found

    def _is_written(self, line_id: int) -> bool:
        return line_id > 0 or self._app.options.all_items

    def _page(self, after: int) -> tuple[UnreadScenes, int | None]:
        scenes = self._app.stash.unread_scenes_after(after, SCENES_PER_PAGE)
        return scenes, scenes.last if scenes.more else None

    def _count(self, run: ReconcileRun) -> ReconcileRun:
        """How many scenes there are, and whether so many can be missing."""
        total, known = self._app.stash.scene_count(), self._comparing.known_count()
        run = replace(run, of_scenes=total)
        if known > FEW and 2 * total < known:
            return self._caution(
                replace(run, trust_stash=False),
                f"Stash has {total} scenes where {known} were known: is it the right one? Those that are missing are "
                "left as they are",
            )
        return run

    def _beyond(self, run: ReconcileRun) -> Iterator[ReconcileRun]:
        while some := self._comparing.beyond(run.after):
            run = self._note(
                replace(run, after=some[-1]), [ReconcileFinding(scene_id, DifferenceKind.GONE) for scene_id in some]
            )
            yield run
            if self._pause():
                return
        yield self._note(replace(run, phase=Phase.ITEMS, after=0), [])

    # --- the ledger against Plex ------------------------------------------------------------------------------------

    def _items(self, run: ReconcileRun) -> Iterator[ReconcileRun]:
        library, app = self._app.library, self._app
        side = ItemSide(
            self._comparing, app.ledger.further_items, app.stash, app.plex, app.rules, app.options, full=run.full
        )
        walks = list(run.walks or library.begin_walks())
        for number, started in enumerate(walks):
            if started.at_end:
                continue
            for page, walk in ahead(self._listed, started, self._pause):
                listed = side.listed(page.as_they_came())
                read = library.read(page, listed.same)
                compared = side.compare(read.items, listed)
                library.keep(walk, compared.news, compared.unchanged, read.odd, read.items)
                walks[number] = walk
                run = replace(
                    run,
                    walks=tuple(walks),
                    items=run.items + len(listed.same) + len(read.items),
                    of_items=sum(one.total for one in walks),
                )
                run = self._note(run, compared.findings, compared=compared)
                yield run
            if not walks[number].at_end:
                return
        for walk in walks:
            library.end_walk(walk)
        yield self._note(replace(run, phase=Phase.LOST), [])

    def _listed(self, walk: ListingWalk) -> tuple[tuple[UnreadablePage, ListingWalk], ListingWalk | None]:
        page, further = self._app.library.walk(walk)
        return (page, further), None if further.at_end else further

    def _lost(self, run: ReconcileRun) -> Iterator[ReconcileRun]:
        items, synced = self._app.ledger.index.count(), self._comparing.synced_count()
        is_believed = not (synced > FEW and 2 * items < synced)
        if not is_believed:
            run = self._caution(
                run,
                f"Plex has {items} items where {synced} scenes were synced: is a disk not mounted, or a library gone? "
                "The scenes whose items are missing are left as they are",
            )
        while some := self._comparing.without_item(run.after):
            text = ("Plex has its item no longer",)
            scene_ids = scenes_of(
                self._comparing.synced(scene_id for _, scene_id in some if self._is_written(scene_id))
            )
            findings = [ReconcileFinding(scene_id, DifferenceKind.REPLACED, text) for scene_id in scene_ids]
            run = self._note(replace(run, after=some[-1][0]), findings, believed=is_believed)
            yield run
            if self._pause():
                return
        run = self._note(replace(run, phase=Phase.DONE, finished_at=time.time()), [])
        if not self._dry_run:
            log.info("everything compared in %.0f s: %s", (run.finished_at or 0) - run.started_at, run.text())
        yield run

    # --- what comes of it -------------------------------------------------------------------------------------------

    def _note(
        self,
        run: ReconcileRun,
        findings: Sequence[ReconcileFinding],
        *,
        unchanged: Sequence[Unchanged] = (),
        in_order: Sequence[tuple[int, str]] = (),
        compared: Compared | None = None,
        believed: bool = True,
    ) -> ReconcileRun:
        """Queue what was found on a page, and note what is known by it and how far the run is, all or nothing."""
        findings = self._still_to_do(findings)
        for finding in findings:
            self._on_finding(finding)
        missing = not run.trust_stash
        due = [one for one in findings if believed and not (missing and one.kind is DifferenceKind.GONE)]
        scene_ids = list(dict.fromkeys(one.scene_id for one in due))
        run = run.found(Counter(one.kind for one in findings), len(scene_ids))
        if self._dry_run:
            return run
        with self._app.ledger.database.write(durable=bool(scene_ids)):
            if unchanged:
                self._comparing.stand(unchanged)
            if in_order:
                self._comparing.set_scenes_in_order(in_order)
            if compared is not None:
                item_side.note(compared, self._app.ledger.scenes, self._comparing)
            self._put(due)
            self._runs.note(run)
        return run

    def _put(self, due: Sequence[ReconcileFinding]) -> None:
        """Queue scenes, each once."""
        kinds = {one.scene_id: one.kind for one in due}
        unreadable = [scene_id for scene_id, kind in kinds.items() if kind is DifferenceKind.UNREADABLE]
        for scene_id in set(unreadable) - set(self._queue.absent(unreadable) if unreadable else ()):
            # Its next attempt is in the queue, for its time.
            del kinds[scene_id]
        once = [scene_id for scene_id, kind in kinds.items() if kind in LOOKED_AT_ONCE]
        changed = [scene_id for scene_id, kind in kinds.items() if kind is DifferenceKind.CHANGED]
        self._queue.look(once)
        self._queue.together(changed)
        self._queue.sync([scene_id for scene_id in kinds if scene_id not in {*once, *changed}])

    def _still_to_do(self, findings: Sequence[ReconcileFinding]) -> list[ReconcileFinding]:
        """Without the scenes that wait for something and are in the queue, as they should be."""
        waiting = [one.scene_id for one in findings if one.is_old]
        absent = set(self._queue.absent(waiting)) if waiting else set()
        return [one for one in findings if not one.is_old or one.scene_id in absent]

    def _caution(self, run: ReconcileRun, text: str) -> ReconcileRun:
        if text in run.cautions:
            return run
        log.warning("%s", text)
        return replace(run, cautions=(*run.cautions, text))

    def _tell(self, run: ReconcileRun) -> None:
        if time.monotonic() >= self._tell_at and run.phase is not Phase.DONE:
            self._tell_at = time.monotonic() + TELL_EVERY
            log.info(
                "comparing everything: %d of %d scenes, %d of %d items, %d differ so far",
                *(run.scenes, run.of_scenes, run.items, run.of_items, run.queued),
            )
