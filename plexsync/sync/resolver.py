"""Finds the item of a scene: the one it has, as long as that holds its file, else the best of the library index.

What the matching says is pure; here it meets the ledger (what was matched and decided before), the paths of the two
servers, and a Plex that may know more by now.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from plexsync.errors import NotFoundYet
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger, SceneRecord
from plexsync.ledger.lines import scene_of
from plexsync.library.kinds import used_names
from plexsync.library.library import Library
from plexsync.matching.claims import Claim, claim
from plexsync.matching.decision import Decision, Verdict, decide
from plexsync.matching.further import find_further
from plexsync.matching.hints import hint
from plexsync.matching.lookup import LEAST_BYTES, Match, Settled
from plexsync.matching.match import find_matches
from plexsync.matching.paths import folded, map_path, path_key
from plexsync.matching.weights import FINEST_DURATION
from plexsync.model import IndexedPart, Item, Scene, SceneFile
from plexsync.sync.changed_files import ChangedFiles
from plexsync.sync.hash_look import HashLook
from plexsync.sync.options import SyncOptions
from plexsync.sync.path_mapping import PathMapping

log = logging.getLogger(__name__)

#: From here on a new match is not worth a line of its own in the log: a file at its path, give or take its size.
SURE = 95
#: Candidates of a review of which is told what would decide.
MOST_HINTS = 6
#: Confidence below which a person is not shown a candidate, but for the first and the one that makes it unsure: less
#: than one in a hundred is likely. Of items that are just as long there are many.
LEAST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Resolution:
    """The item to write to, or, where ``why_not`` says why it is not sure enough, the best of the ``candidates``.

    ``further``: the items that show the scene besides that one. ``is_new``: the scene did not have the item before.
    ``is_weak``: it was found now, by what resembles it, so that it may be the item of a scene that it resembles more.
    """

    match: Match
    candidates: tuple[Match, ...]
    why_not: str = ""
    further: tuple[Match, ...] = ()
    is_new: bool = False
    is_weak: bool = False


class Resolver:
    """Finds items; safe to share between threads.

    :param ledger: matches made before, a person's decisions, the index.
    :param library: refreshes the index.
    :param path_mapping: which folder of Stash is which of Plex.
    :param options: how sure a match has to be, and whether further items of a scene are found, too.
    :param hash_look: asks Plex what content files have, where that decides; None never does.
    :param changed_files: has Plex look again at files that seem to be replaced; None never does.
    """

    def __init__(
        self,
        ledger: Ledger,
        library: Library,
        path_mapping: PathMapping,
        options: SyncOptions,
        hash_look: HashLook | None = None,
        changed_files: ChangedFiles | None = None,
    ) -> None:
        self._ledger = ledger
        self._library = library
        self._path_mapping = path_mapping
        self._options = options
        self._hash_look = hash_look
        self._changed_files = changed_files

    def find(
        self,
        scene: Scene,
        *,
        lost: bool = False,
        taken: frozenset[int] = frozenset(),
        record: SceneRecord | None = None,
        settled: Settled | None = None,
    ) -> Resolution:
        """The scene's item.

        :param record: what the ledger knows of the scene, where that was read already.
        :param settled: what was decided of it, where that is known.
        :param taken: rating keys of items that other scenes have, and fit better.
        :param lost: the item it had has just proved to be gone: what is like it is taken only when the index is newer.
        :raises NotFoundYet: there is nothing in Plex that it could be.
        :raises PlexSyncError: Plex or Stash had to be asked, and could not be.
        """
        # Where an item holds another file, so may all others: what is known of them says nothing until they are read.
        newer = lost and self._library.is_suspected and self._library.refresh()
        if settled is None:
            self._ledger.reviews.know(scene)
        record = record or self._ledger.scenes.get(scene.id)
        settled = settled or self._settled(scene, taken)
        kept = self.kept(scene, record, settled)
        if kept is not None:
            return Resolution(kept, (kept,), further=self.further(scene, kept, settled))
        looked_at = self._library.now()
        found = self._look(scene, settled)
        if not newer and not self._is_certain(found, settled):
            # The file may have come to Plex since, and what is like it be a copy.
            if self._library.refresh(looked_at):
                # An item that was scanned anew has another key: a decision about it speaks of that one now.
                settled = self._settled(scene, taken)
                found = self._look(scene, settled)
            elif lost:
                found = None
        if settled.pinned is not None and (found is None or found.match.rating_key != settled.pinned):
            raise NotFoundYet(
                f"Plex has no item {abs(settled.pinned)} any more, which a person chose for the scene: it waits until "
                f"its file is back; to let another item be found: ./huey_consumer.sh review forget {scene.id}"
            )
        if found is None:
            raise NotFoundYet(self._not_found_text(scene))
        if not found.why_not:
            self._tell(scene, found.match, record)
            is_new = record is None or record.rating_key != found.match.rating_key
            further = self.further(scene, found.match, settled)
            is_weak = found.match.rating_key != settled.pinned and not self._is_its_file(scene, found.match)
            found = replace(found, further=further, is_new=is_new, is_weak=is_weak)
        return found

    def weighed(self, scene: Scene, taken: frozenset[int] = frozenset()) -> Resolution | None:
        """What would be found for a scene by what is known: nobody is asked, and nothing noted.

        :param taken: as ``find``.
        """
        settled = self._settled(scene, taken)
        found = _resolution(*self._weigh(scene, settled))
        if found is None or found.why_not or found.match.rating_key == settled.pinned:
            return found
        return replace(found, is_weak=not self._is_its_file(scene, found.match))

    def is_likely(self, match: Match) -> bool:
        """Whether a person would be asked about a match by itself, if not more."""
        return match.confidence >= self._options.match_review

    def further(self, scene: Scene, own: Match, settled: Settled | None = None) -> tuple[Match, ...]:
        """The items that show a scene besides its own.

        :param settled: what was decided of the scene; None to look it up.
        """
        if not self._options.all_items:
            return ()
        settled = settled or self._ledger.reviews.settled(scene.id)
        in_force = self._path_mapping.in_force
        return find_further(scene, own, in_force, self._ledger.index, settled.vetoed, self._options.match_auto)

    def _settled(self, scene: Scene, taken: frozenset[int]) -> Settled:
        settled = self._ledger.reviews.settled(scene.id)
        return replace(settled, vetoed=settled.vetoed | taken - {settled.pinned}) if taken else settled

    def lost(self, rating_key: int, item: Item | None) -> None:
        """An item is not what the index says: note that, and that the index may be wrong about others as well.

        :param item: what is there instead, None where nothing is.
        """
        if item is None:
            self._ledger.index.drop(rating_key)
            return
        self._ledger.index.learn(item)
        self._library.suspect()

    def _is_certain(self, found: Resolution | None, settled: Settled) -> bool:
        if found is None or found.why_not:
            return False
        return found.match.rating_key == settled.pinned or self.is_in_place(found.match.file, found.match.path)

    def is_in_place(self, file: str, part_file: str) -> bool:
        """Whether a file of Stash and one of Plex are the same by their paths.

        :param file: the path in Stash.
        :param part_file: the path in Plex.
        """
        return map_path(file, self._path_mapping.in_force).casefold() == folded(part_file)

    def _is_its_file(self, scene: Scene, match: Match) -> bool:
        """Whether an item holds a file of the scene's by its path or by its content."""
        if self.is_in_place(match.file, match.path):
            return True
        parts = self._ledger.index.of_item(match.rating_key)
        return any(is_same_file(file, part) for file in scene.files for part in parts)

    def claim(self, scene: Scene, rating_key: int) -> Claim:
        """What speaks for an item being a scene's, to be compared with another scene's."""
        files = [part.file for part in self._ledger.index.of_item(rating_key)]
        is_in_place = any(self.is_in_place(file.path, one) for file in scene.files for one in files)
        in_force = self._path_mapping.in_force
        return claim(scene, rating_key, in_force, self._ledger.index, is_in_place=is_in_place)

    def with_hints(self, scene: Scene, found: Resolution) -> tuple[Match, ...]:
        """The candidates worth a look, the first few of them with what a person is to compare to decide about them.

        Worth it is also the one that makes the first unsure: once that is another scene's, this one is sure.
        """
        told = []
        kept = {one.lowered_by for one in found.candidates[:1]} | {one.rating_key for one in found.candidates[:1]}
        worth_it = [one for one in found.candidates if one.rating_key in kept or one.confidence >= LEAST_SHOWN]
        for match in worth_it[:MOST_HINTS]:
            holder = self._ledger.scenes.holder(match.rating_key)
            held_by = None if holder is None or scene_of(holder) == scene.id else scene_of(holder)
            parts = self._ledger.index.of_item(match.rating_key)
            told.append(replace(match, hint=hint(scene, match, parts, self._path_mapping.in_force, held_by)))
        return (*told, *worth_it[MOST_HINTS:])

    def kept(self, scene: Scene, record: SceneRecord | None, settled: Settled | None = None) -> Match | None:
        """The match made before, as long as the item still holds the file, and the scene does.

        :param settled: what was decided of the scene; None to look it up.
        """
        if record is None or record.rating_key is None or record.section_id is None or record.part_file is None:
            return None
        key, settled = record.rating_key, settled or self._ledger.reviews.settled(scene.id)
        if key in settled.vetoed or settled.pinned not in (None, key):
            return None
        if settled.pinned is None and (record.confidence or 0) < self._options.match_auto:
            return None
        if record.file not in {file.path for file in scene.files} and not (settled.pinned == key and not record.file):
            return None
        part = next((one for one in self._ledger.index.of_item(key) if one.file == record.part_file), None)
        if part is None:
            return None
        return Match(
            key, part.section_id, record.confidence or 0, record.reasons, part.title, part.file, record.file or ""
        )

    def _look(self, scene: Scene, settled: Settled) -> Resolution | None:
        self._path_mapping.ensure()
        matches, decision = self._weigh(scene, settled)
        if decision.verdict is not Verdict.SYNC and settled.pinned is None and self._learns(scene, matches, decision):
            matches, decision = self._weigh(scene, settled)
        return _resolution(matches, decision)

    def _weigh(self, scene: Scene, settled: Settled) -> tuple[list[Match], Decision]:
        matches = find_matches(scene, self._path_mapping.in_force, self._ledger.index, settled)
        return matches, decide(matches, self._options.match_auto, self._options.match_review)

    def _learns(self, scene: Scene, matches: Sequence[Match], decision: Decision) -> bool:
        """Ask Plex for what may decide about a scene that is not sure; whether the index knows more now."""
        best = decision.match
        if best is not None and self._changed_files is not None and self.is_in_place(best.file, best.path):
            return self._changed_files.learn(best)
        return self._hash_look is not None and self._hash_look.learn(scene, matches)

    def _tell(self, scene: Scene, match: Match, record: SceneRecord | None) -> None:
        """Note where the file was found, and name matches that rest on less than its path."""
        if match.file:
            self._path_mapping.note(match.file, match.path)
        if match.confidence < SURE and (record is None or record.rating_key != match.rating_key):
            why = "; ".join(match.reasons)
            log.info(
                "scene %d: taken for item %d (%s), confidence %d: %s",
                scene.id,
                match.rating_key,
                match.path,
                match.confidence,
                why,
            )

    def _not_found_text(self, scene: Scene) -> str:
        if not scene.files:
            return "the scene has no file in Stash"
        path = scene.files[0].path
        mapped = map_path(path, self._path_mapping.in_force)
        looked_for = f" (looked for {mapped})" if mapped != path_key(path) else ""
        return (
            f"no item in Plex for {path}{looked_for}, nor one like it: not scanned yet, or in no library of "
            f"type {used_names()}"
        )


def is_same_file(file: SceneFile, part: IndexedPart) -> bool:
    """Whether two files have the same content: by its hash, or else by size to the byte and length to a frame."""
    if file.oshash and part.oshash:
        return file.oshash == part.oshash
    if not (file.size and file.size >= LEAST_BYTES and file.size == part.size and file.duration and part.duration_ms):
        return False
    return abs(file.duration - part.duration_ms / 1000) <= FINEST_DURATION


def _resolution(matches: Sequence[Match], decision: Decision) -> Resolution | None:
    if decision.match is None or decision.verdict is Verdict.NOT_FOUND:
        return None
    return Resolution(decision.match, tuple(matches), "" if decision.verdict is Verdict.SYNC else decision.why)
