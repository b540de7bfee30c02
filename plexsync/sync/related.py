"""Which scenes have to be synchronised because a performer, studio, tag or group of theirs was edited or destroyed.

Stash says which scenes have it now, the ledger which had it when they were last synchronised: of something that is
destroyed nobody else knows. Of all these only those are named whose items are to show something else. Where the same
has to be written to the items of several, they are named together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from plexsync.errors import PermanentError
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, LeftOut, SceneRecord, State
from plexsync.metadata import Rules, desired, difference, digest, fingerprint, from_json, stands
from plexsync.model import Scene
from plexsync.stash import EntityKind, StashClient
from plexsync.sync.batch import can_join
from plexsync.sync.batches import Batches, same_write
from plexsync.sync.confirmed import parts_of
from plexsync.sync.left_out import hold_back
from plexsync.sync.options import SyncOptions

#: States in which nothing of a scene stands in Plex, or nothing certain. What it is to show is read when that ends.
WAITING = (State.NOT_FOUND, State.REVIEW)
#: Scenes read in one go.
PAGE = 200
#: The name of the batches of scenes that are looked at to be on the safe side.
_ONCE_MORE = "once more"


@dataclass(frozen=True, slots=True)
class Named:
    """Scenes to be synchronised: ``alone`` each by itself, and ``batches`` with one write each, if all goes well.

    :param looked_at: how many were looked at to name these.
    :param differ: of how many the items are known to have to show something else.
    """

    alone: tuple[int, ...]
    batches: tuple[tuple[int, ...], ...]
    looked_at: int = 0
    differ: int = 0


class Related:
    """Finds them; safe to share between threads.

    :param ledger: what we remember.
    :param stash: where scenes are read.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    """

    def __init__(self, ledger: Ledger, stash: StashClient, rules: Rules, options: SyncOptions) -> None:
        self._ledger = ledger
        self._stash = stash
        self._rules = rules
        self._options = options

    def scenes(
        self, kind: EntityKind, part_ids: Sequence[int], at_work: Callable[[], Collection[int]]
    ) -> Iterator[Named]:
        """The scenes to be synchronised, each once, as they are found. No more than their ids is held.

        A scene that somebody works on at this moment may have been read before the change, and no trace of it be in the
        ledger yet. So those are named too, whatever the ledger says.

        :param part_ids: ids of performers, studios, tags or groups, one at least.
        :param at_work: tells the scenes that somebody works on now, in any process. What is finished by then is in the
            ledger.
        :raises PlexSyncError: Stash could not be asked.
        """
        look = _Look(self._ledger, self._rules, self._options, at_work)
        gone, after, more = set(part_ids), 0, True
        while more:
            page = self._stash.scenes_with(kind, *part_ids, after=after, limit=PAGE)
            after, more = page.last, page.more
            if page or page.unreadable:
                gone -= {part_id for scene in page for its, part_id in parts_of(scene) if its == kind}
                yield look.at({scene.id: scene for scene in page}, unreadable=[one.scene_id for one in page.unreadable])
        if gone:
            # What somebody is about to write may still hold it.
            yield look.once_more(at_work())
        for part_id in part_ids:
            for known in self._ledger.parts.scenes_with(kind, part_id):
                unseen = [scene_id for scene_id in known if scene_id not in look.seen]
                for start in range(0, len(unseen), PAGE):
                    some = unseen[start : start + PAGE]
                    scenes = self._stash.scenes(some)
                    yield look.at(scenes, [*some], unreadable=[*scenes.unreadable])
        yield look.rest()

    def known(self, kind: EntityKind, part_ids: Sequence[int]) -> Iterator[list[int]]:
        """The scenes that had any of these when they were last synchronised, some at a time; Stash is not asked."""
        for part_id in part_ids:
            yield from self._ledger.parts.scenes_with(kind, part_id)


class _Look:
    """One such search. ``seen`` are the scenes looked at so far."""

    def __init__(
        self, ledger: Ledger, rules: Rules, options: SyncOptions, at_work: Callable[[], Collection[int]]
    ) -> None:
        self._ledger = ledger
        self._rules = rules
        self._options = options
        self._at_work = at_work
        self._batches = Batches()
        self.seen: set[int] = set()

    def at(self, scenes: Mapping[int, Scene], asked_for: Sequence[int] = (), unreadable: Sequence[int] = ()) -> Named:
        """Those of the scenes, just read from Stash, that are to be synchronised.

        :param asked_for: ids, of which Stash may have said that there is no such scene.
        :param unreadable: ids of scenes that Stash has, and cannot read. Each is its own business.
        """
        beyond_reading = set(unreadable)
        asked = dict.fromkeys([*scenes, *asked_for, *unreadable])
        scene_ids = [scene_id for scene_id in asked if scene_id not in self.seen]
        self.seen.update(scene_ids)
        # In this order: what was read before Stash's answer is being worked on still, or is in the ledger by now.
        scene_locks = set(self._at_work())
        records, had = self._ledger.scenes.many(scene_ids), self._ledger.parts.of(scene_ids)
        left_out = self._ledger.left_out.of(scene_ids)
        alone: list[int] = []
        full: list[tuple[int, ...]] = []
        differ = 0
        for scene_id in scene_ids:
            scene = None if scene_id in beyond_reading else scenes.get(scene_id)
            known = records.get(scene_id)
            write = self._write(scene, known, had[scene_id], left_out.get(scene_id, ())) if scene else ""
            differ += write not in (None, _ONCE_MORE)
            if write is None and scene_id in scene_locks:
                write = _ONCE_MORE
            if write == "":
                alone.append(scene_id)
            elif write is not None and (batch := self._batches.put(write, scene_id)):
                full.append(tuple(batch))
        return Named(tuple(alone), tuple(full), len(scene_ids), differ)

    def once_more(self, scene_ids: Collection[int]) -> Named:
        """Scenes to be synchronised although nothing is known against them."""
        full = [self._batches.put(_ONCE_MORE, scene_id) for scene_id in scene_ids if scene_id not in self.seen]
        self.seen.update(scene_ids)
        return Named((), tuple(tuple(batch) for batch in full if batch))

    def rest(self) -> Named:
        """What was gathered and fills no batch."""
        batches = self._batches.rest()
        alone = [batch[0] for batch in batches if len(batch) == 1]
        return Named(tuple(alone), tuple(tuple(batch) for batch in batches if len(batch) > 1))

    def _write(
        self,
        scene: Scene,
        record: SceneRecord | None,
        had: Collection[tuple[str, int]],
        left_out: Sequence[LeftOut],
    ) -> str | None:
        """What has to be written: a text for ``Batches``, ``""`` for the scene's own business, None for nothing."""
        if self._options.only_organized and not scene.organized:
            return None
        if record is None:
            return ""
        if record.state in WAITING:
            return None
        if record.state is not State.SYNCED:
            # A change is a new chance for what has failed; a retry that is due later may be brought forward.
            return ""
        if record.intended is not None:
            return "" if not can_join(record, scene, self._options) else _ONCE_MORE
        if record.digest == digest(scene, self._rules):
            return None
        try:
            return self._edit(scene, record, had, left_out)
        except PermanentError:
            # Whoever synchronises it meets the same, and tells.
            return ""

    def _edit(
        self, scene: Scene, record: SceneRecord, had: Collection[tuple[str, int]], left_out: Sequence[LeftOut]
    ) -> str | None:
        wanted = desired(scene, self._rules)
        if stands(record.fingerprint, fingerprint(wanted)):
            # Of two with the same name one was put in the other's place: the ledger has to know which it has now.
            return None if set(had) == set(parts_of(scene)) else _ONCE_MORE
        if not can_join(record, scene, self._options) or record.section_id is None:
            return ""
        edit, _ = hold_back(difference(wanted, from_json(record.applied or ""), None, self._rules), left_out)
        # What is to stand in another order is another write for each.
        return "" if edit.rate or edit.order else same_write(record.section_id, edit)
