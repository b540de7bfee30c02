"""Which scene an item belongs to, where more than one could have it: scenes are destroyed, merged, and lose files.

Stash tells of a destroyed scene, but not always, and of a merge or of a file that moves to another scene not at all. So
whoever wants an item that another scene has looks whether that one still has the file.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from plexsync.errors import NotFoundYet, SceneUnreadable
from plexsync.ledger import Ledger, Result, SceneRecord, State
from plexsync.ledger.lines import scene_of
from plexsync.matching.lookup import Match
from plexsync.metadata import from_json, possibly, to_json
from plexsync.model import Applied, Edit, Item, Scene
from plexsync.sync.resolver import Resolver

log = logging.getLogger(__name__)


class AnotherHasIt(Exception):
    """Another scene has the item. It may be worked on at this moment, so it is to be held before anything is decided.

    :param holder: that scene.
    """

    def __init__(self, holder: int) -> None:
        super().__init__(f"scene {holder} has the item")
        self.holder = holder


class Holders:
    """Looks after who has which item; safe to share between threads.

    :param ledger: who had it so far.
    :param resolver: knows paths.
    :param read: a scene as Stash has it now, or None; raises ``SceneUnreadable`` where Stash cannot read it.
    :param see: an item as Plex has it now, or None.
    :param requeue: queues scenes whose item, or whose chance of one, has changed.
    """

    def __init__(
        self,
        ledger: Ledger,
        resolver: Resolver,
        read: Callable[[int], Scene | None],
        see: Callable[[int], Item | None],
        requeue: Callable[[Sequence[int]], object],
    ) -> None:
        self._ledger = ledger
        self._resolver = resolver
        self._read = read
        self._see = see
        self._requeue = requeue

    def keeps(self, scene_id: int, scene: Scene, match: Match) -> bool:
        """Whether a scene that has the item of ``match`` is to keep it, where another one wants it.

        It is where it lives in Stash, with the file it has the item for, unless more speaks for the other one. Where
        files lie goes before all that makes them alike, and what a person has decided stays. So it does not matter
        which of the two came first.

        :param scene: the one that wants it.
        """
        record = self._ledger.scenes.get(scene_id)
        if record is None or record.rating_key != match.rating_key:
            return False
        try:
            holder = self._read(scene_id)
        except SceneUnreadable as error:
            # As long as nobody knows better, it has its file.
            log.debug("whether scene %d has its file still: %s", scene_id, error)
            return self._is_its_item(record)
        if holder is None or not self._is_as_noted(record, holder) or not self._is_its_item(record):
            return False
        if self.is_chosen(scene_id, match.rating_key):
            return True
        ours = self.is_in_place(match)
        theirs = bool(record.file) and self._resolver.is_in_place(record.file or "", record.part_file or match.path)
        if ours or theirs:
            return theirs
        return self._resolver.claim(holder, match.rating_key) >= self._resolver.claim(scene, match.rating_key)

    def is_better_placed(self, line_id: int, match: Match) -> bool:
        """Whether another scene has the item of ``match`` for a file that lies there, and ours only resembles that.

        By what is noted: Stash is not asked.
        """
        record = self._ledger.scenes.get(line_id)
        if record is None or not record.file or not record.part_file or self.is_in_place(match):
            return False
        return self._resolver.is_in_place(record.file, record.part_file)

    def is_in_place(self, match: Match) -> bool:
        """Whether the item of a match holds the scene's file at its path."""
        return bool(match.file) and self._resolver.is_in_place(match.file, match.path)

    def is_chosen(self, scene_id: int, rating_key: int) -> bool:
        """Whether a person gave an item to a scene."""
        return self._ledger.reviews.settled(scene_id).pinned == rating_key

    def line_gives_way(self, line_id: int, match: Match, scene_id: int) -> bool:
        """Whether another scene's further item is to be the item of ``match``.

        A path says which file it is, and belongs to the scene that was just read. Of two to which it is a copy the
        scene's own item goes before a further one, and else the first scene.

        :param line_id: of the further item's line.
        :param scene_id: the scene that wants the item; negative, its line's, where that would be a further one, too.
        """
        record = self._ledger.scenes.get(line_id)
        if record is None or not record.file or not record.part_file or self.is_in_place(match):
            return True
        if not self._resolver.is_in_place(record.file, record.part_file):
            return scene_id > 0 or scene_of(scene_id) < scene_of(line_id)
        return not self._has_its_file(record)

    def _is_its_item(self, record: SceneRecord) -> bool:
        """Whether the scene's item holds the file by which it has it: its rating key may mean another item by now."""
        if record.rating_key is None or record.part_file is None:
            return True
        item = self._see(record.rating_key)
        if item is None or any(part.file == record.part_file for part in item.parts):
            return item is not None
        self._ledger.index.learn(item)
        return False

    def _has_its_file(self, record: SceneRecord) -> bool:
        try:
            scene = self._read(scene_of(record.scene_id))
        except SceneUnreadable as error:
            # As long as nobody knows better, it has.
            log.debug("whether scene %d has its file still: %s", record.scene_id, error)
            return True
        return scene is not None and self._is_as_noted(record, scene)

    def _is_as_noted(self, record: SceneRecord, scene: Scene) -> bool:
        """Whether a scene is the one that was known, and has the file for which it has its item."""
        if self._ledger.births.is_another(scene):
            return False
        return not record.file or record.file in {file.path for file in scene.files}

    def _has_one_of(self, record: SceneRecord, paths: Sequence[str]) -> bool:
        """Whether a scene has one of these files; not asked where its item is its by another one."""
        if record.file:
            return True
        try:
            scene = self._read(record.scene_id)
        except SceneUnreadable:
            return True
        return scene is not None and any(file.path in paths for file in scene.files)

    def meet(self, scene: Scene) -> None:
        """Forget what is known under a scene's id where that meant another scene. The caller holds the scene."""
        if self._ledger.births.is_another(scene):
            log.info("scene %d is not the scene it was: Stash's database seems to have been rebuilt", scene.id)
            self._ledger.births.begin_anew(scene.id)

    def let_go(self, scene_id: int, rating_key: int) -> None:
        """Take an item from a scene that is not to keep it. The caller holds the scene."""
        try:
            scene = self._read(scene_id)
        except SceneUnreadable as error:
            # Stash has it, and no more is known: it loses the item, and not what is known of it.
            log.debug("scene %d loses item %d: %s", scene_id, rating_key, error)
        else:
            if scene is None:
                self.gone(scene_id, but=rating_key)
                return
            if self._ledger.births.is_another(scene):
                self.meet(scene)
                self._requeue([scene_id])
                return
        record = self._ledger.scenes.get(scene_id)
        if record is not None and record.rating_key == rating_key:
            log.info("scene %d loses item %d: its file belongs to another scene now", scene_id, rating_key)
            self._ledger.scenes.release(scene_id)
            self._requeue([scene_id])

    def gone(self, scene_id: int, *, but: int | None = None) -> None:
        """Note that Stash has a scene no longer. Its item stays as it is, for whichever scene has its file next.

        :param but: this item is about to be another scene's, so nobody else is told of it.
        """
        record, further = self._ledger.scenes.get(scene_id), self._ledger.further_items.of(scene_id)
        if beside := self._ledger.reviews.waiting_beside(scene_id):
            self._requeue(beside)
        self._ledger.scenes.set_state(scene_id, State.GONE, Result.GONE)
        keys = [] if record is None else [record.rating_key, *(line.rating_key for line in further)]
        for key in keys:
            if key not in (None, but) and (waiting := self._ledger.scenes.waiting_for(key)):
                self._requeue(waiting)

    def look_for_losers(self, scene: Scene) -> None:
        """Have scenes looked at again that have an item for a file which is this scene's now.

        A merge, or a file that is moved, touches but the scene that gets the file, if that.
        """
        paths, scenes = [file.path for file in scene.files], self._ledger.scenes
        # Its one file leads to its item, and there whoever had that is met; unless a person gave that one its item.
        others = scenes.holders_of_files(paths, scene.id) if len(paths) > 1 else []
        others += self._ledger.reviews.chosen_for_files(paths, scene.id)
        for other in dict.fromkeys(others):
            record = scenes.get(other)
            if record and not (self._has_its_file(record) and self._has_one_of(record, paths)):
                self._requeue([other])

    def check_it_is_no_copy(self, holder: int | None, match: Match, rival: Scene | None = None) -> None:
        """Where another scene's file is the item's by its path, and ours only resembles it, ours is a copy of that.

        :param holder: the scene that has the item, or is to have it.
        :param rival: that scene, where it does not have it yet.
        :raises NotFoundYet: so it is: our own item is still to come.
        """
        if holder is None or self._resolver.is_in_place(match.file, match.path):
            return
        if rival is not None:
            files = [file.path for file in rival.files]
        else:
            record = self._ledger.scenes.get(holder)
            files = [record.file] if record is not None and record.file else []
        if any(self._resolver.is_in_place(file, match.path) for file in files):
            raise NotFoundYet(
                f"no item in Plex for {match.file} itself: item {match.rating_key} ({match.path}) is like it, but "
                f"belongs to scene {holder}"
            )


def put_right(ledger: Ledger, scene_id: int, rating_key: int, edit: Edit) -> list[int]:
    """A person gave an item to another scene while this one wrote to it, maybe after that one did.

    :param edit: what was written.
    :returns: the scenes that have to look again: this one, and the one that has the item.
    """
    with ledger.database.write():
        holder = ledger.scenes.holder(rating_key)
        record = ledger.scenes.get(holder) if holder is not None else None
        if record is None:
            return [scene_id]
        applied = from_json(record.intended or record.applied or to_json(Applied()))
        ledger.scenes.doubt(record.scene_id, to_json(possibly(applied, edit)))
    return [scene_id, record.scene_id]


def put_right_by_file(ledger: Ledger, scene_id: int, item: Item | None, edit: Edit) -> list[int]:
    """An item came to hold another file while a scene wrote to it: the scene with that file may have it applied now.

    :param scene_id: the scene that wrote.
    :param item: as it is now.
    :param edit: what was written, or may have been.
    :returns: the scenes that have to look again.
    """
    if item is None:
        return []
    with ledger.database.write():
        found = [one for one in ledger.moves.having([part.file for part in item.parts]) if one != scene_id]
        for one, record in ledger.scenes.many(found).items():
            applied = from_json(record.intended or record.applied or to_json(Applied()))
            ledger.scenes.doubt(one, to_json(possibly(applied, edit)))
    return found
