"""Staying until scenes that were queued are done, and telling how they ended."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from plexsync.cli import show
from plexsync.cli.failures import FAILED
from plexsync.http.breaker import BreakerStorage
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, State

if TYPE_CHECKING:
    from plexsync.queue.storage import Backlog

#: Seconds between looks at the queue.
LOOK_EVERY = 0.25
#: Seconds without any movement until it is said: while messages wait and none is worked on; and while some are, whose
#: consumer renews its hold on them every 20 seconds.
IDLE, SILENT = 10.0, 60.0
#: Seconds between looks while the database cannot be used, and after which that is taken for lasting.
WAIT, GIVE_UP_AFTER = 2.0, 60.0
#: Scenes whose states are read in one query.
PAGE = 500
#: Scenes named of each kind that did not end right.
NAMED = 3
#: More urgent than anything.
ANY_PRIORITY = float("inf")
_Seen = TypeVar("_Seen")
#: States that end a wait without the scene standing right in Plex, and what a person can do.
BAD_ENDS = {
    State.FAILED: "given up; why: ./huey_consumer.sh failed list",
    State.REVIEW: "wait for a person: ./huey_consumer.sh review list",
    State.NOT_FOUND: "not in Plex yet; to see how the folders map: ./huey_consumer.sh --check",
}
GOOD_ENDS = {State.SYNCED: "right in Plex", State.SKIPPED: "skipped, as the settings say"}


def wait_for(scene_ids: Sequence[int]) -> int:
    """Stay until scenes that are queued are done, and tell how they ended.

    :returns: the exit code: 0 where all of them stand right in Plex.
    """
    import tasks.app as app

    ledger = Ledger(app.database)
    waiting = list(dict.fromkeys(scene_ids))
    total = len(waiting)
    progress = show.Progress("Syncing", total)
    watch, patience = WaitWatch(progress.say, _why_nothing_moves), Patience(progress.say)

    def look() -> list[int]:
        left = [scene_id for scene_id in waiting if _is_unfinished(ledger, scene_id)]
        progress.at(total - len(left))
        watch.look(app.huey.backlog(ANY_PRIORITY))
        return left

    while waiting := patience.look(look, waiting):
        time.sleep(patience.wait)
    progress.end()
    return _summary(ledger, scene_ids)


def wait_for_all(total: int, priority: float) -> None:
    """Stay until all that was queued at a low priority is done, by counting: no list of it is held.

    :param total: how many scenes were queued.
    :param priority: theirs; other work of this priority or a lower one is waited for, too.
    """
    import tasks.app as app

    ledger = Ledger(app.database)
    left, backlog = _unfinished(ledger, priority)
    progress = show.Progress("Syncing", max(total, left), done=max(0, total - left))
    watch, patience = WaitWatch(progress.say, _why_nothing_moves), Patience(progress.say)
    while left:
        progress.at(max(0, total - left), max(total, left))
        watch.look(backlog)
        time.sleep(patience.wait)
        left, backlog = patience.look(lambda: _unfinished(ledger, priority), (left, backlog))
    progress.end()


class Patience:
    """Goes on looking though the database cannot be used for a moment: while it is locked, or made anew.

    :param say: tells a person.
    """

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._since: float | None = None
        #: Seconds until the next look.
        self.wait = LOOK_EVERY

    def look(self, look: Callable[[], _Seen], before: _Seen) -> _Seen:
        """What a look shows, or what the one before did where it cannot be taken now.

        :raises sqlite3.Error: that is so for ``GIVE_UP_AFTER`` seconds by now.
        """
        try:
            seen = look()
        except sqlite3.Error as error:
            now = time.monotonic()
            if self._since is None:
                self._since, self.wait = now, WAIT
                self._say(f"the database cannot be used: {error}; tried again for {show.duration(GIVE_UP_AFTER)}")
            elif now - self._since >= GIVE_UP_AFTER:
                raise
            return before
        self._since, self.wait = None, LOOK_EVERY
        return seen


class WaitWatch:
    """Notices when nothing moves, and says so once, and again when it has moved and stopped once more.

    :param say: tells a person.
    :param why: what the reason may be.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self, say: Callable[[str], object], why: Callable[[], str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._say = say
        self._why = why
        self._clock = clock
        self._seen: Backlog | None = None
        self._moved_at = clock()
        self._is_told = False

    def look(self, backlog: Backlog) -> None:
        """See whether anything has moved since the last look."""
        now = self._clock()
        if backlog != self._seen:
            self._seen, self._moved_at, self._is_told = backlog, now, False
            return
        patience = SILENT if backlog.in_progress else IDLE
        if (backlog.pending or backlog.in_progress) and not self._is_told and now - self._moved_at >= patience:
            self._is_told = True
            self._say(f"nothing has moved for {show.duration(now - self._moved_at)}: {self._why()}")


def _why_nothing_moves() -> str:
    import tasks.app as app

    for service in ("Plex", "Stash"):
        storage = BreakerStorage(app.database, service)
        if stopped := storage.record().stopped:
            return f"{stopped}. It goes on by itself once that is put right"
        if storage.state != "closed":
            return f"{service} is down, see ./huey_consumer.sh status: it goes on by itself"
    return "is the consumer running? Start it with ./huey_consumer.sh; it goes on by itself then"


def _unfinished(ledger: Ledger, priority: float) -> tuple[int, Backlog]:
    """How many are still to be done, and what the queue holds of them.

    Of those that wait for their time only the ones whose attempt failed count, not those that Plex may have later.
    """
    import tasks.app as app

    backlog = app.huey.backlog(priority)
    again = min(backlog.scheduled, ledger.scenes.counts().get(State.PENDING, 0)) if backlog.scheduled else 0
    return backlog.pending + backlog.in_progress + again, backlog


def _is_unfinished(ledger: Ledger, scene_id: int) -> bool:
    """Whether the scene is in the queue, unless only for a look at something that may come later."""
    import tasks.app as app

    place = app.huey.whereabouts(app.huey.named(event_files.SYNC_SCENE, scene_id))
    if place != "scheduled":
        return place is not None
    record = ledger.scenes.get(scene_id)
    return record is None or record.state is State.PENDING


def _summary(ledger: Ledger, scene_ids: Sequence[int]) -> int:
    bad = 0
    for start in range(0, len(scene_ids), PAGE):
        chunk = scene_ids[start : start + PAGE]
        states = ledger.scenes.states(chunk)
        for scene_id in chunk:
            state = states.get(scene_id)
            if state is None or state in BAD_ENDS:
                bad += 1
                record = ledger.scenes.get(scene_id)
                why = show.one_line(record.last_error or "", 300) if record else "not synced"
                show.say(f"scene {scene_id}: {show.bad(str(state))}: {why}")
    show.say(f"{len(scene_ids) - bad} of {len(scene_ids)} done")
    return FAILED if bad else 0


def tell_how_all_stand() -> int:
    """Print how many scenes ended how, with some of those that did not end right, and what to do about them.

    :returns: the exit code: 0 where all of them stand as they should.
    """
    import tasks.app as app

    ledger = Ledger(app.database)
    counts = ledger.scenes.counts()
    lines = [[f"{counts[state]:,}", show.good(text)] for state, text in GOOD_ENDS.items() if counts.get(state)]
    if pending := counts.get(State.PENDING):
        lines.append([f"{pending:,}", "edited since, and waiting"])
    bad = [state for state in BAD_ENDS if counts.get(state)]
    lines += [[f"{counts[state]:,}", show.bad(BAD_ENDS[state])] for state in bad]
    show.say("all done; the scenes are now:")
    show.table([["", *line] for line in lines])
    for state in bad:
        for record in ledger.scenes.in_state(state, NAMED):
            show.say(f"scene {record.scene_id}: {state}: {show.one_line(record.last_error or '', 300)}")
        if counts[state] > NAMED:
            show.say(f"... and {counts[state] - NAMED:,} more {state}")
    return FAILED if bad else 0
