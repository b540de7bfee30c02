"""Scenes that are as they were when they were synchronised: whoever asks for all scenes need not queue these.

Synchronising such a scene would read it from Stash, compare it with the ledger, and ask for its picture to hear that
it is the same. Here that is done for a page of scenes at once, and Stash's stamp stands for the picture: a new cover
moves it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from plexsync.errors import PlexSyncError
from plexsync.ledger import Ledger
from plexsync.ledger.at_rest import RestingScene
from plexsync.ledger.heirs import is_another
from plexsync.metadata import Rules, digest
from plexsync.model import PICTURE_FIELDS, Scene
from plexsync.stash import StashClient
from plexsync.sync.options import SyncOptions

log = logging.getLogger(__name__)

#: Seconds by which a scene has to have been read after its stamp. Stamps are whole seconds: a cover that was changed in
#: the same second, after the scene was read, has the same one.
SURELY_LATER = 2.0


class UnchangedScenes:
    """Finds them; safe to share between threads.

    :param ledger: how scenes stood.
    :param stash: where they are read.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    """

    def __init__(self, ledger: Ledger, stash: StashClient, rules: Rules, options: SyncOptions) -> None:
        self._ledger = ledger
        self._stash = stash
        self._rules = rules
        self._options = options
        self._pictures = [one for one in PICTURE_FIELDS if one in rules.selected]

    def among(self, scene_ids: Sequence[int]) -> set[int]:
        """Those of the scenes that need no look of their own; none where Stash does not tell."""
        options = self._options
        if options.dry_run or options.preserve_plex_edits:
            return set()
        known = self._ledger.at_rest.among(scene_ids, options.match_auto, self._pictures, all_items=options.all_items)
        if not known:
            return set()
        try:
            scenes = self._stash.scenes(list(known))
        except PlexSyncError as error:
            # Each scene that is queued finds out for itself, and tells.
            log.debug("which scenes have changed is not known: %s", error)
            return set()
        return {scene_id for scene_id, scene in scenes.items() if self._is_same(scene, known[scene_id])}

    def _is_same(self, scene: Scene, known: RestingScene) -> bool:
        if self._options.only_organized and not scene.organized:
            return False
        if scene.updated_at != known.updated_at or is_another(known.created_at, scene):
            return False
        if [file.path for file in scene.files] != [known.file] or (self._pictures and not scene.screenshot_url):
            return False
        # All but the picture is in the digest.
        is_seen = not self._pictures or _is_surely_later(known.read_at, scene.updated_at)
        return is_seen and digest(scene, self._rules) == known.digest


def _is_surely_later(read_at: float, stamp: str) -> bool:
    """Whether a moment (epoch seconds) is after all that can have happened within a stamp's second."""
    try:
        return read_at >= datetime.fromisoformat(stamp).timestamp() + SURELY_LATER
    except ValueError:
        return False
