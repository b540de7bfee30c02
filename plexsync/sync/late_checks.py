"""Looking again at scenes that lacked something: Stash makes a cover, and a scraper fills a scene in, after the scan.

A scene is looked at after fixed times, counted from its first sync (the setting ``late_polls``), until it lacks nothing
or the times are used up. When looks begin:

- with the first sync, where the scene lacks something;
- anew with an event's sync, while the looks at a scene go on;
- anew where a scene, after its looks were over, lacks something that it did not lack before (its cover was taken away).

So an old library of which nobody will ever write a description is looked at five times, and then never again for a mere
edit. A look costs a two-hundredth of a request to Stash. Only where the result differs, or where the picture is what
was missing, a sync follows.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from plexsync.errors import PermanentError, SceneUnreadable, StashUnavailable
from plexsync.ledger import Ledger, Standing, State
from plexsync.metadata import Rules, desired, digest, fingerprint
from plexsync.model import PICTURE_FIELDS, Field, Scene
from plexsync.stash import StashClient

log = logging.getLogger(__name__)

#: Scenes looked at in one request.
SCENES_PER_LOOK = 200
#: What a wait is made longer by at most, as a share of it and in seconds, so that scenes come together.
GRID_SHARE, GRID_LIMIT = 0.05, 300.0
#: Seconds until scenes that could not be read are looked at, while others have their turn.
POSTPONED = 300.0


def planned(now: float, wait: float) -> float:
    """When to look next: after ``wait`` seconds, or a little later, at a moment that others share (epoch seconds)."""
    grid = min(max(1.0, wait * GRID_SHARE), GRID_LIMIT)
    return math.ceil((now + wait) / grid) * grid


def wait_after(waits: Sequence[float], looks: int) -> float | None:
    """Seconds from one look to the next; None after the last.

    :param waits: seconds from the first sync to each look, ascending.
    :param looks: how many have been.
    """
    if looks >= len(waits):
        return None
    return waits[looks] - (waits[looks - 1] if looks else 0.0)


def begins(before: Collection[Field] | None, missing: Collection[Field], *, going_on: bool, fresh: bool) -> bool:
    """Whether the looks at a scene begin (anew) with a sync.

    :param before: what it lacked at the sync before; None where there was none.
    :param missing: what it lacks now.
    :param going_on: its looks are not over.
    :param fresh: an event asked for the sync.
    """
    if before is None or not missing:
        return bool(missing)
    return fresh if going_on else not set(missing) <= set(before)


class LateChecks:
    """Plans looks and takes them; safe to call from several threads.

    :param ledger: where they are planned.
    :param stash: where scenes are read.
    :param rules: how a scene becomes what Plex should show.
    :param waits: seconds from the first sync to each look, ascending.
    :param clock: seconds since the epoch.
    """

    def __init__(
        self,
        ledger: Ledger,
        stash: StashClient,
        rules: Rules,
        waits: Sequence[float],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._looks = ledger.looks
        self._stash = stash
        self._rules = rules
        self._waits = waits
        self._clock = clock

    def synced(self, lacking: Mapping[int, Sequence[Field]], *, fresh: bool) -> float | None:
        """Note what scenes lack that were just synced, and plan to look again.

        :param lacking: what each of them lacks.
        :param fresh: an event asked for the sync; not a retry, and not a look.
        :returns: when the first looks begin (epoch seconds), None where none do now.
        """
        known = self._looks.standing(lacking)
        times = [self._synced(known[one], missing, fresh=fresh) for one, missing in lacking.items() if one in known]
        return min((at for at in times if at is not None), default=None)

    def _synced(self, one: Standing, missing: Sequence[Field], *, fresh: bool) -> float | None:
        wait = wait_after(self._waits, 0)
        if wait is not None and begins(one.missing, missing, going_on=one.looks_at is not None, fresh=fresh):
            at = planned(self._clock(), wait)
            self._looks.begin(one.scene_id, missing, at)
            return at
        if one.missing != tuple(missing):
            self._looks.note(one.scene_id, missing)
        return None

    def take(self, queue: Callable[[Sequence[int]], object]) -> tuple[int, int]:
        """Look at all scenes whose time has come.

        :param queue: takes those that have to be synced.
        :returns: how many were looked at, and how many of them queued.
        :raises PlexSyncError: Stash could not be asked; those that were not looked at are so later.
        """
        looked, queued = 0, 0
        now = self._clock()
        while due := self._due(now, SCENES_PER_LOOK):
            try:
                scenes = self._stash.scenes([one.scene_id for one in due])
            except StashUnavailable:
                # It may be on account of these that Stash fails: they must not keep all others from their turn.
                self._looks.postpone(due, now + POSTPONED)
                raise
            wanted = [one.scene_id for one in due if self._is_news(one, scenes)]
            # First, as a death in between costs a repeat then, and no look.
            queue(wanted)
            self._looks.looked((one, self._next(one)) for one in due)
            looked, queued = looked + len(due), queued + len(wanted)
        return looked, queued

    def _due(self, now: float, limit: int) -> list[Standing]:
        return self._looks.due(now, now + max(self._waits, default=0.0) + GRID_LIMIT + POSTPONED, limit)

    def is_any_due(self, within: float) -> bool:
        """Whether a look is due by now, or so many seconds from now."""
        now, at = self._clock(), self.next_at()
        return at is not None and (at < now + within or bool(self._due(now, 1)))

    def next_at(self) -> float | None:
        """When to look next (epoch seconds); None where nothing is planned."""
        return self._looks.next_at()

    def _next(self, one: Standing) -> float | None:
        wait = wait_after(self._waits, one.looks + 1)
        return None if wait is None else planned(self._clock(), wait)

    def _is_news(self, one: Standing, scenes: Mapping[int, Scene]) -> bool:
        if one.state is not State.SYNCED:
            # It is tried again, or waits for something else, all the same.
            return False
        try:
            scene = scenes.get(one.scene_id)
        except SceneUnreadable:
            # Its attempt tells of it.
            return True
        if scene is None or not set(PICTURE_FIELDS).isdisjoint(one.missing or ()):
            return True
        return differs(scene, one, self._rules)


def differs(scene: Scene, known: Standing, rules: Rules) -> bool:
    """Whether Plex should show something else of a scene than was applied, its pictures aside."""
    if known.fingerprint is not None and known.digest == digest(scene, rules):
        return False
    try:
        return fingerprint(desired(scene, rules)) != known.fingerprint
    except PermanentError as error:
        # Whoever syncs the scene tells of it where it belongs.
        log.debug("scene %d cannot be compared: %s", scene.id, error)
        return True
