"""One library through the real index, path map, matching and decision."""

from __future__ import annotations

import gc
import os
import time
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from plexsync.ledger import Ledger
from plexsync.ledger.index import LibraryIndex
from plexsync.library.library import PAGE_SIZE
from plexsync.matching.decision import Verdict, decide
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from plexsync.matching.paths import map_path
from plexsync.model import ListedItem
from plexsync.stash import SceneFiles
from plexsync.storage.database import Database
from plexsync.sync.hash_look import HashLook
from plexsync.sync.path_mapping import PathMapping
from tests.bench.libraries.hashes import HashingPlex
from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.library import KINDS, SECTIONS, cases
from tests.bench.libraries.tally import KEPT, Example, Tally

PathMap = tuple[tuple[str, str], ...]
#: A file name that several items have.
SEVERAL = 0
#: Scenes matched before the first is timed, and before memory is looked at: imports, caches, prepared statements.
WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A library, and how to match it. ``path_map``: infer one, else match without."""

    seed: int
    size: int
    kinds: tuple[str, ...] = tuple(KINDS)
    auto: int = 90
    review: int = 60
    path_map: bool = True
    database: str = ""
    household: str = "mixed"
    #: Plex shows hashes of files to whoever asks.
    hashes: bool = False

    def scenes(self) -> Iterator[Labelled]:
        """Its scenes, made anew each time."""
        for case in cases(self.seed, self.size, self.kinds, self.household):
            yield from case.scenes


@dataclass(frozen=True, slots=True)
class Filled:
    """A filled index. ``names``: file names and the one item that has each, or ``SEVERAL``. ``seconds``: to fill it."""

    items: int
    seconds: float
    path_map: PathMap
    names: dict[str, int]


class StashOfFiles:
    """As much of Stash as path map inference asks: scenes' files by ascending id."""

    def __init__(self) -> None:
        self._scenes: list[SceneFiles] = []

    def add(self, scenes: Iterable[Labelled]) -> None:
        """Add scenes with larger ids than those before."""
        self._scenes += [SceneFiles(one.scene.id, one.scene.files) for one in scenes]

    def newest_scene_id(self) -> int:
        """The largest id; 0 where there is none."""
        return self._scenes[-1].id if self._scenes else 0

    def files(self, after: int, limit: int) -> tuple[tuple[SceneFiles, ...], int]:
        """Scenes beyond an id, and how many there are."""
        start = bisect_right(self._scenes, after, key=lambda scene: scene.id)
        return tuple(self._scenes[start : start + limit]), len(self._scenes) - start


@contextmanager
def opened(plan: Plan) -> Iterator[Ledger]:
    """The plan's database."""
    database = Database(Path(plan.database))
    try:
        yield Ledger(database)
    finally:
        database.close()


def fill(plan: Plan) -> Filled:
    """Write all items into the index, page by page, and infer the path map as the consumer does."""
    stash, items = StashOfFiles(), 0
    names: dict[str, int] = {}
    with opened(plan) as ledger:
        index = ledger.index
        index.keep_sections(SECTIONS)
        numbers = {section.id: index.begin_pass(section.id) for section in SECTIONS}
        pages: dict[int, list[ListedItem]] = {section.id: [] for section in SECTIONS}
        counts = dict.fromkeys(pages, 0)
        shown = HashingPlex(f"{plan.database}.hashes")
        seconds = 0.0

        def put(section_id: int) -> None:
            nonlocal seconds
            began = time.perf_counter()
            index.put(pages[section_id], numbers[section_id])
            seconds += time.perf_counter() - began
            counts[section_id] += len(pages[section_id])
            pages[section_id].clear()

        for case in cases(plan.seed, plan.size, plan.kinds, plan.household):
            stash.add(case.scenes)
            shown.add(case.items)
            for item in case.items:
                items += 1
                _note_names(names, item)
                pages[item.section_id].append(item)
                if len(pages[item.section_id]) >= PAGE_SIZE:
                    put(item.section_id)
        for section_id, number in numbers.items():
            put(section_id)
            index.end_pass(section_id, number, total=counts[section_id], content_changed_at=None)
        shown.close()
        path_mapping = PathMapping(None, ledger.facts, index, stash)
        if plan.path_map:
            path_mapping.ensure()
        return Filled(items, seconds, path_mapping.in_force, names)


def match_all(plan: Plan, path_map: PathMap) -> Tally:
    """Match every scene of a library whose index is filled."""
    tally = Tally()
    before = 0
    plex = HashingPlex(f"{plan.database}.hashes")
    with opened(plan) as ledger:
        look = HashLook(plex, ledger.index, ledger.part_hashes) if plan.hashes else None
        for number, labelled in enumerate(plan.scenes()):
            if number == WARM_UP:
                before = _resident()
            timed = number >= min(WARM_UP, plan.size // 2)
            _match(plan, path_map, ledger.index, labelled, tally, look, timed=timed)
        tally.growth = _resident() - before if before else 0
    tally.hash_requests, tally.hashed_items = plex.requests, plex.items
    plex.close()
    return tally


def _match(
    plan: Plan,
    path_map: PathMap,
    index: LibraryIndex,
    labelled: Labelled,
    tally: Tally,
    look: HashLook | None,
    *,
    timed: bool,
) -> None:
    scene = labelled.scene
    began = time.thread_time()
    matches = find_matches(scene, path_map, index, Settled())
    decision = decide(matches, plan.auto, plan.review)
    took = time.thread_time() - began
    if look is not None and decision.verdict is not Verdict.SYNC and look.learn(scene, matches):
        matches = find_matches(scene, path_map, index, Settled())
        decision = decide(matches, plan.auto, plan.review)
    if timed:
        at_path = any(index.by_path(map_path(file.path, path_map)) for file in scene.files)
        (tally.by_path if at_path else tally.by_search).append(took)
    if decision.match is not None and decision.verdict is Verdict.SYNC:
        if not tally.automatic(labelled, decision.match.rating_key):
            _keep(tally.wrong, labelled, decision.match, index)
        return
    if decision.verdict is Verdict.REVIEW:
        tally.review(labelled, [match.rating_key for match in matches])
    else:
        tally.none(labelled)
    if labelled.knowable:
        _keep(tally.missed, labelled, matches[0] if matches else None, index)


def _keep(examples: list[Example], labelled: Labelled, match: Match | None, index: LibraryIndex) -> None:
    if sum(one.labelled.kind == labelled.kind for one in examples) < KEPT:
        right = tuple(part for key in sorted(labelled.truth) for part in index.of_item(key))
        examples.append(Example(labelled, match, tuple(index.of_item(match.rating_key)) if match else (), right))


def plain_rule(plan: Plan, names: dict[str, int]) -> Tally:
    """The rule of other plugins: the item that has a file of the same name, if there is only one."""
    tally = Tally()
    for labelled in plan.scenes():
        key = names.get(_name(labelled.scene.files[0].path), SEVERAL)
        if key == SEVERAL:
            tally.none(labelled)
        else:
            tally.automatic(labelled, key)
    return tally


def walk(plan: Plan) -> int:
    """Make the library and do nothing with it; returns the bytes by which the process grew meanwhile."""
    before = 0
    for number, _ in enumerate(plan.scenes()):
        if number == WARM_UP:
            before = _resident()
    return _resident() - before if before else 0


def _note_names(names: dict[str, int], item: ListedItem) -> None:
    for part in item.parts:
        name = _name(part.file)
        names[name] = item.rating_key if names.get(name, item.rating_key) == item.rating_key else SEVERAL


def _name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
