"""A library matched as a whole: scenes that want one item are matched as ``plexsync.sync.contest`` does it.

Each scene comes in any order, and nothing is written: only who has which item in the end is looked at.
"""

from __future__ import annotations

import random
from collections import defaultdict, deque
from collections.abc import Sequence

from plexsync.ledger.index import LibraryIndex
from plexsync.matching.claims import Claim, claim
from plexsync.matching.decision import Verdict, decide
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from plexsync.matching.paths import folded, map_path
from plexsync.model import Scene
from plexsync.sync.contest import MOST_LOOKED_AT, MOST_REFUSED
from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.matching_run import PathMap, Plan, opened
from tests.bench.libraries.tally import Tally


def match_together(plan: Plan, path_map: PathMap) -> Tally:
    """Match every scene of a library whose index is filled, in an order that the seed gives."""
    with opened(plan) as ledger:
        scenes = {one.scene.id: one for one in plan.scenes()}
        contest = _Contests(plan, path_map, ledger.index, scenes)
        order = list(scenes)
        random.Random(plan.seed).shuffle(order)
        contest.play(order)
        return contest.tally()


class _Contests:
    def __init__(self, plan: Plan, path_map: PathMap, index: LibraryIndex, scenes: dict[int, Labelled]) -> None:
        self._plan = plan
        self._path_map = path_map
        self._index = index
        self._scenes = scenes
        self._held: dict[int, int] = {}
        self._items: dict[int, int] = {}
        self._matches: dict[int, tuple[Match, ...]] = {}
        self._waiting: defaultdict[int, set[int]] = defaultdict(set)

    def play(self, order: Sequence[int]) -> None:
        """Let scenes come, and come again, until none has a reason to."""
        line = deque(order)
        while line:
            line += self._come(line.popleft())

    def tally(self) -> Tally:
        """What came of it."""
        tally = Tally()
        for scene_id, labelled in self._scenes.items():
            if scene_id in self._items:
                tally.automatic(labelled, self._items[scene_id])
            elif scene_id in self._matches:
                tally.review(labelled, [match.rating_key for match in self._matches[scene_id]])
            else:
                tally.none(labelled)
        return tally

    def _come(self, scene_id: int) -> list[int]:
        """Let one scene come; the scenes that have to come again."""
        scene = self._scenes[scene_id].scene
        if scene_id in self._items:
            return []
        taken: set[int] = set()
        first: tuple[Match, ...] = ()
        while len(taken) < MOST_REFUSED:
            matches = tuple(find_matches(scene, self._path_map, self._index, Settled(vetoed=frozenset(taken))))
            decision = decide(matches, self._plan.auto, self._plan.review)
            if decision.match is None or decision.verdict is Verdict.NOT_FOUND:
                break
            first = first or matches
            if decision.verdict is Verdict.REVIEW:
                better = {match.rating_key for match in matches[:MOST_LOOKED_AT] if self._is_anothers(scene, match)}
                if not better:
                    break
                taken |= better
                continue
            key = decision.match.rating_key
            if key not in self._held or not self._keeps(scene, decision.match):
                return self._take(scene_id, key)
            taken.add(key)
            if len(scene.files) < 2 and self._is_in_place(decision.match):
                break
        if first:
            self._matches[scene_id] = first
            for match in first:
                self._waiting[match.rating_key].add(scene_id)
        return []

    def _take(self, scene_id: int, key: int) -> list[int]:
        again = [self._held[key]] if key in self._held else []
        for loser in again:
            del self._items[loser]
        self._held[key], self._items[scene_id] = scene_id, key
        self._matches.pop(scene_id, None)
        return again + sorted(self._waiting.pop(key, set()) - {scene_id})

    def _is_anothers(self, scene: Scene, match: Match) -> bool:
        return match.rating_key in self._held and not self._is_in_place(match) and self._keeps(scene, match)

    def _keeps(self, scene: Scene, match: Match) -> bool:
        holder = self._scenes[self._held[match.rating_key]].scene
        return self._claim(holder, match.rating_key) >= self._claim(scene, match.rating_key)

    def _claim(self, scene: Scene, key: int) -> Claim:
        files = {part.path.casefold() for part in self._index.of_item(key)}
        here = any(map_path(file.path, self._path_map).casefold() in files for file in scene.files)
        return claim(scene, key, self._path_map, self._index, is_in_place=here)

    def _is_in_place(self, match: Match) -> bool:
        return bool(match.file) and map_path(match.file, self._path_map).casefold() == folded(match.path)
