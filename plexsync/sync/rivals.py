"""Whether an item that a scene is about to take belongs rather to a scene that has not come yet.

The ledger knows whose an item is of those scenes alone that were synchronised. So before an item is taken for what
resembles it (its length, its name), Stash is asked once for the scenes that resemble it as well, and what speaks for
each of them is weighed. Whoever comes first decides the same as whoever comes last, and no item shows another scene's
data in between. Where the file itself says whose the item is (its path, its content) nothing is asked.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from plexsync.errors import PlexSyncError
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.matching.claims import Claim
from plexsync.matching.lookup import Match
from plexsync.matching.paths import is_windows, stem
from plexsync.model import Scene
from plexsync.stash.alike import MOST_AT_ONCE, Alike, together
from plexsync.stash.pages import ScenePage
from plexsync.sync.resolver import Resolver

#: Scenes that resemble one item and are weighed. Of a hundred thousand some thirty are as long, to a second.
MOST_WEIGHED = 1000
#: Items that a rival is refused before it is taken to want the one in question: each costs a question.
MOST_PASSED = 3
#: Lengths, names and titles of each that are asked for about one item.
MOST_EACH = 5
#: Seconds for which an answer counts that was asked for in common, before the scenes have their turns; and how many.
COUNTS_FOR, MOST_FORESEEN = 10.0, 200
#: Questions to Stash about one item that a scene wants: whether a rival gets the item that it wants itself is another.
MOST_ASKED = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rival:
    """Who stands in the way of a scene that wants an item: ``scene`` is None where only its id is known, if that.

    ``why``: for a person.
    """

    why: str
    scene: Scene | None = None


class Rivals:
    """Finds them; safe to share between threads.

    :param ledger: which scenes have items.
    :param resolver: weighs scenes.
    :param ask: Stash's scenes that have something in common with an item, so many at most.
    """

    def __init__(self, ledger: Ledger, resolver: Resolver, ask: Callable[[Alike, int], ScenePage]) -> None:
        self._ledger = ledger
        self._resolver = resolver
        self._ask = ask
        self._lengthless = True
        #: By scene and item what was asked and the scenes that were found, and until when that counts.
        self._foreseen: dict[tuple[int, int], tuple[float, Alike, ScenePage]] = {}

    def foresee(self, pairs: Sequence[tuple[Scene, Match]]) -> None:
        """Ask Stash once about several scenes and items, as ``first`` will be asked about each in a moment.

        Where that says too little, or Stash cannot be asked, each asks for itself.
        """
        asked: dict[str, list[tuple[tuple[int, int], Alike]]] = {}
        for scene, match in pairs:
            if alike := self._alike(scene, match.rating_key):
                asked.setdefault(alike.separator, []).append(((scene.id, match.rating_key), alike))
        for several in asked.values():
            while several:
                some = _first_few(several)
                del several[: len(some)]
                if len(some) > 1:
                    self._ask_in_common(some)

    def _ask_in_common(self, some: Sequence[tuple[tuple[int, int], Alike]]) -> None:
        try:
            page = self._ask(together(alike for _, alike in some), MOST_WEIGHED)
        except PlexSyncError as error:
            log.debug("rivals of %d scenes are asked for one by one: %s", len(some), error)
            return
        if page.more or page.unreadable:
            # For which of the items that is cannot be told.
            return
        until = time.monotonic() + COUNTS_FOR
        if len(self._foreseen) > MOST_FORESEEN:
            self._foreseen.clear()
        for which, alike in some:
            self._foreseen[which] = until, alike, ScenePage([one for one in page if alike.may_mean(one)])

    def _found(self, scene: Scene, key: int, alike: Alike) -> ScenePage:
        """Stash's scenes that have something in common with an item that a scene wants."""
        until, asked, page = self._foreseen.pop((scene.id, key), (0.0, None, None))
        if page is not None and asked == alike and time.monotonic() < until:
            return page
        return self._ask(alike, MOST_WEIGHED)

    def first(self, scene: Scene, match: Match) -> Rival | None:
        """The scene that is to have an item rather than the one that is about to take it; None for none.

        :param match: of the scene and the item. Stash is asked, so it should be one that no file decides.
        :raises PlexSyncError: Stash could not be asked.
        """
        return self._first(scene, match, _Course({scene.id}))

    def _first(self, scene: Scene, match: Match, course: _Course) -> Rival | None:
        key = match.rating_key
        alike = self._alike(scene, key)
        if not alike:
            return None
        course.asked += 1
        page = self._found(scene, key, alike)
        if page.more and alike.lengthless:
            # A Stash that knows hardly any lengths: there they tell nothing.
            self._lengthless = False
            page = self._ask(replace(alike, lengthless=False), MOST_WEIGHED)
        if page.more:
            return Rival(f"more scenes than can be compared may be those of item {key}: it is as long as they are")
        ids = [*(one.id for one in page), *(error.scene_id for error in page.unreadable)]
        records = self._ledger.scenes.many(ids)
        free = {one for one in ids if (record := records.get(one)) is None or record.rating_key is None}
        if odd := next((error.scene_id for error in page.unreadable if error.scene_id in free - course.met), None):
            return Rival(f"item {key} may be that of scene {odd}, which Stash cannot read")
        ours: Claim | None = None
        for one in page:
            if one.id not in free or one.id in course.met:
                continue
            ours = ours or self._resolver.claim(scene, key)
            # What a scene wants is only asked of those with the better claim: that is a search through the library.
            if self._resolver.claim(one, key) > ours and self._may_want(one, key) and self._wants(one, key, course):
                log.debug("scene %d: item %d fits scene %d better", scene.id, key, one.id)
                return Rival(f"item {key} fits scene {one.id} better, which has no item yet", one)
        return None

    def _may_want(self, rival: Scene, key: int) -> bool:
        """Whether no file of a scene shows it to be another item's, and a person did not rule this one out."""
        settled = self._ledger.reviews.settled(rival.id)
        if key in settled.vetoed or settled.pinned not in (None, key):
            return False
        found = self._resolver.weighed(rival)
        return found is not None and (bool(found.why_not) or found.is_weak or found.match.rating_key == key)

    def _wants(self, rival: Scene, key: int, course: _Course) -> bool:
        """Whether a scene that has the better claim will want the item, or a person may give it to it.

        It does not where it gets the item that it likes better.
        """
        passed: frozenset[int] = frozenset()
        while (found := self._resolver.weighed(rival, passed)) is not None:
            likes = found.match.rating_key
            if found.why_not:
                return any(match.rating_key == key and self._resolver.is_likely(match) for match in found.candidates)
            if likes == key or len(passed) >= MOST_PASSED or course.asked >= MOST_ASKED:
                return True
            if not found.is_weak or self._gets(rival, found.match, course):
                return False
            passed |= {likes}
        return False

    def _gets(self, rival: Scene, match: Match, course: _Course) -> bool:
        course.met.add(rival.id)
        try:
            return self._first(rival, match, course) is None
        finally:
            course.met.discard(rival.id)

    def _alike(self, scene: Scene, key: int) -> Alike:
        """What Stash is asked about an item."""
        parts = self._ledger.index.of_item(key)[:MOST_EACH]
        written = self._ledger.index.written([key]).get(key)
        titles = [one.title for one in ((written.taken_out(part) if written else part) for part in parts)]
        is_of_windows = any(is_windows(file.path) for file in scene.files)
        return Alike(
            [part.duration_ms / 1000 for part in parts if part.duration_ms],
            _each_once([stem(part.file) for part in parts]),
            _each_once([title for title in titles if title]),
            lengthless=self._lengthless,
            separator="\\" if is_of_windows else "/",
        )


@dataclass(slots=True)
class _Course:
    """One search: the scenes that are being looked at, and how often Stash was asked so far."""

    met: set[int]
    asked: int = 0


def _first_few(several: Sequence[tuple[tuple[int, int], Alike]]) -> Sequence[tuple[tuple[int, int], Alike]]:
    """As many of them as one question takes, one at least."""
    count, room = 0, MOST_AT_ONCE
    for _, alike in several:
        room -= len(alike)
        if count and room < 0:
            break
        count += 1
    return several[:count]


def _each_once(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(texts))
