"""Reads many scenes at once, and finds the one on whose account that fails, so that it keeps no other from its turn.

Stash reads whole rows: one that it cannot read fails every answer with that scene, also where only ids are asked for.
What is done then:

- Scenes by id are asked for once more, each by itself in one document; where even that fails, by halves. A scene that
  Stash does not have is missing from an answer, and no failure: see ``by_id``.
- Of scenes in their order the next few are asked for, half as many each time, until the next one alone fails. Which one
  that is is found by counting, for which no scene is read.

That costs some two requests for each doubling of the page, once: such a scene is remembered for a while and left out of
pages. Where nothing else can be read either, no scene is at fault, and the failure is Stash's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash import answers, by_id, document
from plexsync.stash.asking import Asker, Document, StashAnswer, Variables
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import AnswerLost, AnswerTooLarge, QueryFailed, StashFault
from plexsync.stash.pages import FoundScenes
from plexsync.stash.remembered import KnownBad, PageSize
from plexsync.stash.rows import read_rows
from plexsync.stash.walking import LARGEST_ID, SceneQuery, SceneWalk, Walked, Where, variables_of

#: Scenes read in one call by their ids. More would make answers of many megabytes where descriptions are long.
SCENES_PER_CALL = 200
#: Scenes read in one call when all are gone through, at most: whoever asks for more gets them in several.
SCENES_PER_PAGE = 250
#: Scenes from all over that are tried before it is believed that none can be read.
WITNESSES = 5
#: What differs in two messages that say the same of two scenes.
_DIGITS = late_pattern(r"\d+")


class SceneReader:
    """Reads scenes of one Stash. Safe to share between threads.

    :param asker: who asks it.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self.bad = KnownBad()
        self.size = PageSize()
        #: A scene that was read of late.
        self.readable = 0

    # --- by their ids -------------------------------------------------------------------------------------------------

    def by_ids(self, ids: Sequence[int]) -> FoundScenes:
        """Scenes as they are now.

        :param ids: each once.
        :raises QueryFailed: Stash fails at whatever it is asked.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        search = _Search()
        # A filter takes no id that is larger.
        alone = [one for one in ids if one > LARGEST_ID or self.bad.get(one)]
        others = sorted(set(ids).difference(alone))
        start = 0
        while start < len(others):
            chunk = others[start : start + self.size.of(SCENES_PER_CALL)]
            self._group(chunk, search, one_by_one=True)
            start += len(chunk)
        for one in alone:
            self._single(one, search)
        return search.found

    def _group(self, ids: Sequence[int], search: _Search, *, one_by_one: bool) -> None:
        """Read scenes in one request, and where that fails find out which of them are to blame.

        :param ids: ascending.
        :param one_by_one: try whether Stash can answer for each by itself in one document.
        """
        if len(ids) == 1:
            self._single(ids[0], search)
            return
        text, variables = by_id.question(ids)
        try:
            answer = self.sized(len(ids), "scenes", text, variables, needed=True)
        except AnswerTooLarge:
            self._halves(ids, search)
            return
        rows, faults = by_id.rows_of(answer)
        if rows is not None and _are_of(rows, ids):
            self._take(dict(enumerate(ids)), rows, faults, answer.dialect, search)
        elif rows is not None and answer.error is None:
            # Stash does not have some of them: each row says itself whose it is.
            self._left_out(self._take_by_id(ids, rows, answer.dialect, search), search)
        elif not (one_by_one and self._one_by_one(ids, search)):
            self._halves(ids, search)

    def _single(self, scene_id: int, search: _Search) -> None:
        """Read one scene."""
        try:
            answer = self.sized(1, "scenes", _document_of_one, {"id0": str(scene_id)}, needed=True)
        except AnswerTooLarge as error:
            self._failed(scene_id, str(error), search)
            return
        row = (answer.data or {}).get("scene0")
        if answer.error is not None and row is None:
            self._failed(scene_id, answer.error.reason, search, answer.error)
        elif row is None and "scene0" not in (answer.data or {}):
            # Null says that Stash does not have it. No word on it at all is no answer to the question.
            raise StashUnavailable("Stash's answer is not what it should be: it says nothing of the scene asked for")
        elif row is None:
            # Stash does not have it.
            self.bad.forget(scene_id)
        else:
            faults = [StashFault(fault.message, fault.path[1:]) for fault in answer.faults]
            self._take({0: scene_id}, [row], {0: faults} if faults else {}, answer.dialect, search)

    def _halves(self, ids: Sequence[int], search: _Search) -> None:
        half = len(ids) // 2
        for some in (ids[:half], ids[half:]):
            self._group(some, search, one_by_one=False)

    def _one_by_one(self, ids: Sequence[int], search: _Search) -> bool:
        """Ask for each scene by itself, in one request; whether that told each one's fate."""

        def build(dialect: Dialect) -> str:
            return document.scenes_one_by_one(len(ids), dialect)

        try:
            variables = {f"id{place}": str(scene_id) for place, scene_id in enumerate(ids)}
            answer = self.sized(len(ids), "scenes", build, variables, needed=True)
        except AnswerTooLarge:
            return False
        faults: dict[int, list[StashFault]] = {}
        for fault in answer.faults:
            place = _alias(fault.path[0] if fault.path else None)
            if place is None:
                return False
            faults.setdefault(place, []).append(StashFault(fault.message, fault.path[1:]))
        if answer.data is None or any(f"scene{place}" not in answer.data for place in range(len(ids))):
            return False
        rows = [answer.data.get(f"scene{place}") for place in range(len(ids))]
        # Null without a word is a scene that Stash does not know.
        places = [place for place, row in enumerate(rows) if row is not None or place in faults]
        if answer.error is not None and len(faults) == len(places) and all(rows[place] is None for place in places):
            self._judge([ids[place] for place in places], search, answer.error)
        self._take(
            {number: ids[place] for number, place in enumerate(places)},
            [rows[place] for place in places],
            {number: faults[place] for number, place in enumerate(places) if place in faults},
            answer.dialect,
            search,
        )
        return True

    def _take(
        self,
        ids: Mapping[int, int],
        rows: Sequence[Any],
        faults: Mapping[int, Sequence[StashFault]],
        dialect: Dialect,
        search: _Search,
    ) -> None:
        """Read rows of which it is known whose they are, by their place."""
        read = read_rows(rows, dialect, faults)
        wanted = set(ids.values())
        for scene in read.scenes:
            if scene.id in wanted:
                self._found(scene.id)
                search.found[scene.id] = scene
        for odd in read.odd:
            scene_id = odd.id if odd.id in wanted else ids[odd.place]
            if scene_id not in search.found:
                self._note(scene_id, odd.reason, search)

    def _left_out(self, ids: Sequence[int], search: _Search) -> None:
        """Ask for each of these by itself: that a filter did not find it is not enough to take a scene for gone."""
        if len(ids) < 2 or not self._one_by_one(ids, search):
            for one in ids:
                self._single(one, search)

    def _take_by_id(self, ids: Sequence[int], rows: Sequence[Any], dialect: Dialect, search: _Search) -> list[int]:
        """Read rows by the ids in them; returns the ids of which there was none."""
        own = {scene_id: row for row in rows if (scene_id := answers.id_of(row)) in set(ids)}
        listed = [one for one in ids if one in own]
        self._take(dict(enumerate(listed)), [own[one] for one in listed], {}, dialect, search)
        return [one for one in ids if one not in own]

    # --- in their order -----------------------------------------------------------------------------------------------

    def walk(self, query: SceneQuery, after: int, limit: int, per_call: int = SCENES_PER_PAGE) -> Walked:
        """The next scenes with ids above ``after`` that meet the query's filter, ascending.

        :param limit: scenes at most, those that cannot be read among them.
        :param per_call: scenes asked for in one request, at most.
        :raises QueryFailed: Stash fails at whatever it is asked.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        return SceneWalk(self, query, after, limit, per_call).go()

    def count(self, where: Where, after: int = 0, until: int | None = None) -> int:
        """How many scenes with ids above ``after``, up to ``until``, meet a filter. No scene is read for it.

        :raises QueryFailed: Stash could not count.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        if until is not None and until <= after:
            return 0
        variables = variables_of(where, after, until, None)
        return answers.read_scene_count(self._asker.ask("count", document.COUNT_WHERE, variables).whole)

    def next_id(self, where: Where, after: int) -> int | None:
        """The first id above ``after`` of a scene that meets a filter, found by counting; None for none.

        :raises QueryFailed: Stash could not count.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        low, step = after, 1
        while self.count(where, low, min(low + step, LARGEST_ID)) == 0:
            low, step = low + step, step * 2
            if low >= LARGEST_ID or (step > _FAR and self.count(where, low) == 0):
                return None
        high = min(low + step, LARGEST_ID)
        while high - low > 1:
            middle = (low + high) // 2
            if self.count(where, low, middle):
                high = middle
            else:
                low = middle
        return high

    # --- what all of it shares ----------------------------------------------------------------------------------------

    def sized(
        self, count: int, name: str, text: Document, variables: Variables, *, needed: bool, rows_apart: bool = False
    ) -> StashAnswer:
        """Ask for so many scenes; for less the next time where the answer does not come in time."""
        try:
            answer = self._asker.ask(name, text, variables, is_needed=needed, rows_apart=rows_apart)
        except AnswerLost:
            self.size.late(count)
            raise
        self.size.in_time()
        return answer

    def _failed(self, scene_id: int, reason: str, search: _Search, error: QueryFailed | None = None) -> None:
        """One scene asked for alone failed.

        :raises QueryFailed: so does every other one.
        """
        if error is not None and self.bad.get(scene_id) is None:
            self._judge([scene_id], search, error)
        self._note(scene_id, reason, search)

    def _note(self, scene_id: int, reason: str, search: _Search) -> None:
        error = SceneUnreadable(scene_id, reason)
        self.bad.note(error)
        search.found.unreadable[scene_id] = error

    def _found(self, scene_id: int) -> None:
        self.readable = scene_id
        self.bad.forget(scene_id)

    def _judge(self, failed: Sequence[int], search: _Search, error: QueryFailed) -> None:
        """Find out whether it is on account of these scenes that they could not be read.

        :raises QueryFailed: no other scene can be read either.
        """
        if search.found or search.judged:
            return
        search.judged = True
        if self.is_everything(failed, error):
            raise error

    def is_everything(self, failed: Sequence[int], error: QueryFailed) -> bool:
        """Whether Stash fails at other scenes, too: one that could be read of late, else some from all over.

        :param failed: ids that could not be read.
        :param error: why.
        """
        if self.readable and self.readable not in failed:
            answer = self._asker.ask("scenes", _document_of_one, {"id0": str(self.readable)})
            if answer.error is None:
                return False
            if answer.error.reason == error.reason:
                return True
        answer = self._asker.ask("count", document.SCENE_COUNT)
        if answer.error is not None:
            return True
        count = answers.read_scene_count(answer.whole)
        if count <= len(failed):
            # There is no other one. Two that fail together are taken to fail for one reason.
            return len(failed) > 1
        said = set()
        for place in sorted({1 + step * (count - 1) // (WITNESSES - 1) for step in range(WITNESSES)}):
            answer = self._asker.ask("scenes", document.scenes_at, {"page": place})
            if answer.error is None:
                return False
            said.add(_DIGITS.sub("", answer.error.reason))
        return said == {_DIGITS.sub("", error.reason)}


#: Ids in a row that are looked at before it is asked whether there are any at all.
_FAR = 64


@dataclass(slots=True)
class _Search:
    """What one reading came to so far, and whether it was found out that Stash can read others."""

    found: FoundScenes = field(default_factory=FoundScenes)
    judged: bool = False


def _document_of_one(dialect: Dialect) -> str:
    """A scene that Stash does not have is null in its answer."""
    return document.scenes_one_by_one(1, dialect)


def _alias(step: Any) -> int | None:
    """The place of a scene in a document that asks for each by itself."""
    digits = step.removeprefix("scene") if isinstance(step, str) else ""
    return int(digits) if digits.isdigit() else None


def _are_of(rows: Sequence[Any], ids: Sequence[int]) -> bool:
    """Whether these are the rows of these scenes, in their order, as far as each says whose it is."""
    if len(rows) != len(ids):
        return False
    return all(answers.id_of(row) in (None, scene_id) for row, scene_id in zip(rows, ids, strict=True))
