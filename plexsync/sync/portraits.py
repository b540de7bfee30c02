"""Performers' pictures under an address that changes only with the picture.

In the address that Stash gives stands the moment of the performer's last change, whatever was changed: a star that is
toggled would be a write to each of her scenes. So Plex goes on being given the address it knows, as long as the picture
is the same by its ETag. Stash is asked for that once per change of a performer, and once when she is met first.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from plexsync.errors import PlexSyncError
from plexsync.imports.late import late_pattern
from plexsync.ledger.performer_pictures import KnownPicture, PerformerPictures
from plexsync.model import Performer, Scene
from plexsync.stash.pictures import Glimpse

log = logging.getLogger(__name__)

#: Seconds until a picture is looked at again that could not be.
AGAIN_AFTER = 60.0

_STAMP = late_pattern(r"(?<=[?&;])t=([0-9]{1,18})(?=[&;]|$)")


class Portraits:
    """Gives performers' pictures lasting addresses; safe to share between threads.

    :param known: what was seen before.
    :param look: asks Stash for a picture's ETag: given the address and the ETag known.
    :param is_shown: whether Plex is given a picture with such an address at all.
    """

    def __init__(
        self,
        known: PerformerPictures,
        look: Callable[[str, str | None], Glimpse],
        is_shown: Callable[[str], bool],
    ) -> None:
        self._known = known
        self._look = look
        self._is_shown = is_shown
        self._not_before: dict[tuple[int, int], float] = {}

    def steady(self, scenes: Sequence[Scene]) -> list[Scene]:
        """The scenes, with the addresses under which Plex knows the pictures. Those never met stay as they are."""
        seen = self._stamps(scenes)
        if not seen:
            return [*scenes]
        known = self._known.of(seen)
        shown = {one.performer_id: self._shown(one, *seen[one.performer_id]) for one in known.values()}
        return [_with_stamps(scene, shown) for scene in scenes]

    def meet(self, scenes: Iterable[Scene], limit: int | None = None) -> None:
        """Note what the pictures are of performers never met before. Where that cannot be told now, it is later.

        :param scenes: as Stash gave them, and as they were brought to Plex.
        :param limit: so many at most.
        """
        seen = self._stamps(scenes)
        known = self._known.of(seen) if seen else {}
        for performer_id in [one for one in seen if one not in known][:limit]:
            stamp, address = seen[performer_id]
            if glimpse := self._glimpse(performer_id, stamp, address, None):
                self._known.note(KnownPicture(performer_id, stamp, stamp, glimpse.etag, glimpse.at))

    def unsettled(self, scenes: Iterable[Scene]) -> frozenset[int]:
        """The scenes with a performer whose picture was not looked at since her last change: it is, when they are read.

        :param scenes: as Stash gave them.
        """
        scenes = list(scenes)
        seen = self._stamps(scenes)
        known = self._known.of(seen) if seen else {}
        open_ones = {one for one, (stamp, _) in seen.items() if one not in known or known[one].seen < stamp}
        if not open_ones:
            return frozenset()
        return frozenset(scene.id for scene in scenes if any(one.id in open_ones for one in scene.performers))

    def _stamps(self, scenes: Iterable[Scene]) -> dict[int, tuple[int, str]]:
        """The stamps and addresses of the pictures that Plex is given, by performer."""
        performers = {one.id: one for scene in scenes for one in scene.performers if one.image_url}
        found = {}
        for one in performers.values():
            address = one.image_url or ""
            stamp = _STAMP.search(address)
            if stamp and self._is_shown(address):
                found[one.id] = (int(stamp.group(1)), address)
        return found

    def _shown(self, one: KnownPicture, stamp: int, address: str) -> int:
        """The stamp under which a picture is given to Plex."""
        if stamp <= one.seen:
            # An older one was read before the change was.
            return one.shown
        glimpse = self._glimpse(one.performer_id, stamp, address, one.etag)
        if glimpse is None:
            return one.shown
        # What was changed before the picture was looked at may have been the picture, and that look have shown it.
        is_same = glimpse.etag is not None and glimpse.etag == one.etag and stamp >= int(one.looked_at)
        shown = one.shown if is_same else stamp
        self._known.note(KnownPicture(one.performer_id, stamp, shown, glimpse.etag, glimpse.at))
        return shown

    def _glimpse(self, performer_id: int, stamp: int, address: str, etag: str | None) -> Glimpse | None:
        key, now = (performer_id, stamp), time.monotonic()
        if self._not_before.get(key, now) > now:
            return None
        try:
            glimpse = self._look(address, etag)
        except PlexSyncError as error:
            log.debug("the picture of performer %d could not be looked at: %s", performer_id, error)
            self._not_before = {one: until for one, until in self._not_before.items() if until > now}
            self._not_before[key] = now + AGAIN_AFTER
            return None
        return glimpse


def _with_stamps(scene: Scene, stamps: Mapping[int, int]) -> Scene:
    if not any(one.id in stamps and one.image_url for one in scene.performers):
        return scene
    return replace(scene, performers=tuple(_with_stamp(one, stamps.get(one.id)) for one in scene.performers))


def _with_stamp(performer: Performer, stamp: int | None) -> Performer:
    if stamp is None or not performer.image_url:
        return performer
    return replace(performer, image_url=_STAMP.sub(f"t={stamp}", performer.image_url, count=1))
