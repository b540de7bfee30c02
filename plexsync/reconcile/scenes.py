"""Stash's scenes against the ledger: which of them are not as they were when they were synchronised.

Of most scenes the bytes that Stash tells of them are those of the last comparison, and so is all that the ledger says:
a digest of both was kept, and is enough to tell that they stand. Only the others are looked into.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from plexsync.errors import PermanentError, SceneUnreadable
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import State
from plexsync.ledger.compare import Known, Unchanged
from plexsync.metadata import Rules, desired, digest, fingerprint, rules_as_text, stands
from plexsync.model import Scene
from plexsync.reconcile.run import DifferenceKind, ReconcileFinding
from plexsync.stash.pages import ScenePage
from plexsync.sync.confirmed import parts_of
from plexsync.sync.options import SyncOptions

#: Bytes of the digest of a scene's row.
DIGEST_SIZE = 8
#: What a scene is counted as that an attempt left in one of these states. Whether it is to be tried again depends on
#: whether it is in the queue already.
WAITING: dict[str, DifferenceKind] = {
    State.PENDING: DifferenceKind.STRANDED,
    State.NOT_FOUND: DifferenceKind.NOT_FOUND,
    State.REVIEW: DifferenceKind.REVIEW,
}


@dataclass(frozen=True, slots=True)
class ComparedScenes:
    """What was found of a page of scenes.

    ``findings``: those that differ. ``unchanged``: those of which the ledger is to note that they do not. ``standing``:
    the ids of those that were looked into, and need not be until something is told otherwise.
    """

    findings: tuple[ReconcileFinding, ...]
    unchanged: tuple[Unchanged, ...]
    standing: tuple[int, ...]


class SceneSide:
    """Compares pages of scenes; asks nobody.

    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    :param full: what Plex should show is worked out for every scene, also where its digest says that it is as it was.
    """

    def __init__(self, rules: Rules, options: SyncOptions, *, full: bool) -> None:
        self._rules = rules
        self._options = options
        self._full = full
        chosen = f"{rules_as_text(rules)}{options.only_organized}{options.all_items}"
        self._seed = hashlib.blake2b(chosen.encode(), digest_size=DIGEST_SIZE)

    def as_before(self, came: Mapping[int, Any], known: Mapping[int, Known]) -> set[int]:
        """The scenes of which everything is as it was when they were found to stand last, by their id.

        :param came: the bytes that Stash told of them.
        :param known: as for ``compare``.
        """
        if self._full:
            return set()
        return {
            scene_id
            for scene_id, row in came.items()
            if (one := known.get(scene_id)) is not None
            and one.in_order is not None
            and one.state == State.SYNCED
            and one.doubt is None
            and one.in_order == self._row_digest(row, one.file, one.fingerprint, one.digest)
        }

    def in_order(
        self, compared: ComparedScenes, came: Mapping[int, Any], known: Mapping[int, Known]
    ) -> list[tuple[int, str]]:
        """What ``as_before`` is to find of the scenes that stand, where it is not noted yet.

        :param came: the bytes that Stash told of them.
        :param known: as for ``compare``.
        """
        anew = {one.scene_id: (one.seen, one.digest) for one in compared.unchanged}
        found = []
        for scene_id in compared.standing:
            one, row = known[scene_id], came.get(scene_id)
            if row is None:
                continue
            marks = anew.get(scene_id, (one.fingerprint, one.digest))
            if (text := self._row_digest(row, one.file, *marks)) != one.in_order:
                found.append((scene_id, text))
        return found

    def _row_digest(self, row: Any, *held: str | None) -> str:
        """A text that is another one when Stash tells something else, or the ledger or the settings say so."""
        seen = self._seed.copy()
        seen.update(row)
        seen.update(repr(held).encode(errors="replace"))
        return seen.hexdigest()

    def compare(self, scenes: ScenePage, known: Mapping[int, Known]) -> ComparedScenes:
        """What differs of a page of scenes, and what does not.

        :param known: how they stand; those that were never looked at are not in it.
        """
        findings: list[ReconcileFinding] = []
        unchanged: list[Unchanged] = []
        standing: list[int] = []
        for scene in scenes:
            one = known.get(scene.id)
            now = digest(scene, self._rules)
            if one is not None and self._stands(scene, one) and one.digest == now and not self._full:
                standing.append(scene.id)
                continue
            kind, seen = self._look_at(scene, one)
            if kind is not None:
                findings.append(ReconcileFinding(scene.id, kind, is_old=one is not None and _is_old(kind, one)))
            elif one is not None and one.fingerprint is not None and seen is not None:
                standing.append(scene.id)
                if one.digest != now:
                    unchanged.append(
                        Unchanged(scene.id, one.fingerprint, seen, now, tuple(parts_of(scene)), scene.created_at)
                    )
        # Whether each of several files is written to its item depends on what Plex has.
        several = {scene.id for scene in scenes if len(scene.files) > 1} if self._options.all_items else set()
        settled = [scene_id for scene_id in standing if scene_id not in scenes.unsettled and scene_id not in several]
        return ComparedScenes(tuple(findings), tuple(unchanged), tuple(settled))

    def unreadable(self, errors: Sequence[SceneUnreadable], known: Mapping[int, Known]) -> list[ReconcileFinding]:
        """The scenes that Stash could not read, but for those that are given up, and that a person wants left alone."""
        return [
            ReconcileFinding(error.scene_id, DifferenceKind.UNREADABLE, (str(error),))
            for error in errors
            if (one := known.get(error.scene_id)) is None or one.state != State.FAILED or one.given_up
        ]

    def _stands(self, scene: Scene, one: Known) -> bool:
        """Whether nothing but a change of the scene's metadata could be a reason to synchronise it."""
        return (
            one.state == State.SYNCED
            and one.fingerprint is not None
            and one.doubt is None
            and not self._has_moved(scene, one)
            and self._is_wanted(scene)
        )

    def _look_at(self, scene: Scene, one: Known | None) -> tuple[DifferenceKind | None, str | None]:
        """What is to be said of a scene, and its fingerprint where nothing is."""
        kind = self._reason(scene, one)
        if kind is not None or one is None or one.state != State.SYNCED:
            return kind, None
        now = self._fingerprint(scene)
        if now is None:
            return (DifferenceKind.CHANGED if one.fingerprint is not None else None), None
        return (None, now) if stands(one.fingerprint, now) else (DifferenceKind.CHANGED, None)

    def _reason(self, scene: Scene, one: Known | None) -> DifferenceKind | None:
        """Why it is to be synchronised, but for its metadata."""
        if one is None or one.state == State.GONE:
            return DifferenceKind.NEW if self._is_wanted(scene) else None
        if one.state in WAITING:
            return WAITING[one.state]
        if one.state == State.FAILED:
            # Where there is no dead letter a person has discarded it, and wants to be left in peace.
            return DifferenceKind.FAILED if one.given_up else None
        if one.state == State.SKIPPED:
            return DifferenceKind.SKIPPED if self._is_wanted(scene) and not self._options.dry_run else None
        if not self._is_wanted(scene):
            return DifferenceKind.SKIPPED
        if one.doubt is not None:
            return DifferenceKind(one.doubt) if one.doubt in set(DifferenceKind) else DifferenceKind.UNCONFIRMED
        if self._has_moved(scene, one):
            return DifferenceKind.MOVED
        return None

    def _is_wanted(self, scene: Scene) -> bool:
        return scene.organized or not self._options.only_organized

    def _has_moved(self, scene: Scene, one: Known) -> bool:
        return bool(one.file) and all(file.path != one.file for file in scene.files)

    def _fingerprint(self, scene: Scene) -> str | None:
        try:
            return fingerprint(desired(scene, self._rules))
        except PermanentError:
            # Synchronising it will tell what is wrong.
            return None


def _is_old(kind: DifferenceKind, one: Known) -> bool:
    """Whether somebody knew of it before, and queued the scene."""
    return kind in WAITING.values() or (one.doubt is not None and one.state == State.SYNCED)
