"""Finds what was changed in Stash although no hook told of it: an auto-tag, a merge, an edit while the plugin was off.

A poll asks for all that was changed since the last one (``stash.Watermark`` says since when). Of that, a scene is
synced again where the ledger does not know it, where it is not in sync, where Plex should show something else of it,
and where its stamp is another than at its last sync: a new cover leaves no other trace. Most of what a poll lists was
brought by hooks before, and nothing is left to do.

Scenes are read each time they are listed, 200 per request. Performers, studios, tags and groups cost more, a request or
more for the scenes of each. So of their up to three listings, only the first and the last count: the one between is
passed over, as the last one, when their stamp has settled, is the one that leaves no doubt.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace

from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, Standing, State
from plexsync.metadata import Rules
from plexsync.model import PICTURE_FIELDS, Scene
from plexsync.stash import Changed, EntityKind, StashClient, Watermark
from plexsync.sync.late_checks import differs
from plexsync.sync.vanished import Vanished

log = logging.getLogger(__name__)

#: Name of the fact that holds the watermark.
WATERMARK = "changes_watermark"
#: Scenes read in one request.
SCENES_PER_READING = 200


@dataclass(frozen=True, slots=True)
class FoundChanges:
    """What a poll came to: scenes and other things that Stash listed, and how many of either were queued.

    ``stamps`` is when those that were queued were changed, as Stash tells it.
    """

    listed: int = 0
    scenes: int = 0
    parts: int = 0
    stamps: tuple[str, ...] = ()


class ChangesPoll:
    """Asks Stash for changes; one poll at a time.

    :param ledger: what we remember, the watermark too.
    :param stash: who is asked.
    :param rules: how a scene becomes what Plex should show.
    :param queue_scenes: takes scenes that have to be synced. What it took is safe when it returns.
    :param queue_parts: takes a kind and the ids of what was changed, of which the scenes are to be looked at. As above.
    :param only_organized: other scenes are left alone.
    :param clock: seconds since the epoch.
    """

    def __init__(
        self,
        ledger: Ledger,
        stash: StashClient,
        rules: Rules,
        queue_scenes: Callable[[Sequence[int]], object],
        queue_parts: Callable[[EntityKind, Sequence[int]], object],
        *,
        only_organized: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._ledger = ledger
        self._stash = stash
        self._rules = rules
        self._queue_scenes = queue_scenes
        self._queue_parts = queue_parts
        self._only_organized = only_organized
        self._clock = clock
        self._vanished = Vanished(ledger, stash, queue_parts)
        self._shows_pictures = not rules.selected.isdisjoint(PICTURE_FIELDS)

    def poll(self) -> FoundChanges:
        """Queue what was changed since the last poll; the first one only notes since when. One request for nothing.

        What dies on the way is done once more by the next poll: the watermark is noted last.

        :raises PlexSyncError: Stash could not be asked.
        """
        mark = self._watermark()
        if mark is None:
            self._keep(Watermark.at(self._stash.last_change(), self._clock()))
            return FoundChanges()
        due = mark.due(self._clock())
        since, after, newest, more = mark.since(due), 0, "", True
        listed = scenes = parts = 0
        stamps: list[str] = []
        while more:
            page = self._stash.changes(since, after)
            queued = self._note_scenes([one.id for one in page.scenes])
            stamps += [one.updated_at for one in page.scenes if one.id in queued]
            scenes += len(queued) + self._note_unreadable([error.scene_id for error in page.unreadable])
            changed = self._note_parts(page.parts, mark if due else None)
            stamps += changed
            parts += len(changed) + self._vanished.look(page.totals)
            listed += len(page.scenes) + len(page.unreadable) + sum(map(len, page.parts.values()))
            newest, more, after = max(newest, page.newest), page.more, page.last
        following = mark.after(newest, self._clock(), due)
        if not _is_same(mark, following):
            self._keep(following)
        return FoundChanges(listed, scenes, parts, tuple(stamps))

    def _note_scenes(self, scene_ids: Sequence[int]) -> set[int]:
        """Read scenes, and queue those that have to be synced; returns which."""
        queued: set[int] = set()
        for start in range(0, len(scene_ids), SCENES_PER_READING):
            some = scene_ids[start : start + SCENES_PER_READING]
            wanted = self._wanted(some)
            if wanted:
                self._queue_scenes(wanted)
            queued.update(wanted)
        return queued

    def _note_unreadable(self, scene_ids: Sequence[int]) -> int:
        """Queue scenes that Stash cannot read, as far as nothing was said of them yet; returns how many.

        When they were changed is not known either, so they are listed time and again until something else is changed.
        """
        known = self._ledger.looks.standing(scene_ids)
        wanted = [one for one in scene_ids if self._is_news_of_unreadable(known.get(one))]
        if wanted:
            self._queue_scenes(wanted)
        return len(wanted)

    def _wanted(self, scene_ids: Sequence[int]) -> list[int]:
        try:
            scenes = self._stash.scenes(scene_ids)
        except StashUnavailable as error:
            # What Stash stumbles over must not hide all others for ever: each is read by itself then.
            log.debug("%d scenes that were changed cannot be compared: %s", len(scene_ids), error)
            return list(scene_ids)
        # After the scenes were read: what was synced before they were is known by now.
        known = self._ledger.looks.standing(scene_ids)
        return [one for one in scene_ids if self._is_to_be_synced(one, known.get(one), scenes)]

    def _is_to_be_synced(self, scene_id: int, known: Standing | None, scenes: Mapping[int, Scene]) -> bool:
        try:
            scene = scenes.get(scene_id)
        except SceneUnreadable:
            return self._is_news_of_unreadable(known)
        return self._is_news(known, scene)

    def _is_news_of_unreadable(self, known: Standing | None) -> bool:
        """Whether nobody has met a scene yet that cannot be read: its first attempt tells of it."""
        return known is None or known.state not in (State.PENDING, State.FAILED)

    def _is_news(self, known: Standing | None, scene: Scene | None) -> bool:
        if scene is None:
            return known is not None and known.state is not State.GONE
        if known is None:
            return True
        if self._only_organized and not scene.organized:
            return known.state is not State.SKIPPED
        if known.state is not State.SYNCED:
            # A change is a new chance for what failed, waits for a person, or was not found.
            return True
        if self._shows_pictures and known.updated_at != scene.updated_at:
            return True
        return differs(scene, known, self._rules)

    def _note_parts(self, parts: Mapping[EntityKind, Sequence[Changed]], settling: Watermark | None) -> list[str]:
        """Queue what was changed and is no scene; returns when each of it was.

        :param settling: the watermark where this listing is that of what has settled, else None.
        """
        stamps: list[str] = []
        for kind, changed in parts.items():
            wanted = [one for one in changed if settling is None or not _comes_again(one.updated_at, settling)]
            if wanted:
                self._queue_parts(kind, [one.id for one in wanted])
            stamps += [one.updated_at for one in wanted]
        return stamps

    # --- the watermark --------------------------------------------------------------------------------------------

    def _watermark(self) -> Watermark | None:
        text = self._ledger.facts.get(WATERMARK)
        if text is None:
            return None
        try:
            return Watermark(**json.loads(text))
        except (TypeError, ValueError):
            log.warning("PlexSync no longer knows since when to ask Stash for changes: sync all scenes once")
            return None

    def _keep(self, mark: Watermark) -> None:
        self._ledger.facts.put(WATERMARK, json.dumps(asdict(mark)))


def _is_same(mark: Watermark, following: Watermark) -> bool:
    """Whether two watermarks ask the same. Since when counts only where something settles."""
    return (following if following.settling else replace(following, since_when=mark.since_when)) == mark


def _comes_again(stamp: str, mark: Watermark) -> bool:
    """Whether a stamp, listed with those that have settled, was listed before and settles later."""
    return mark.settling < stamp <= mark.seen
