"""Reads many scenes at once, and finds the one on whose account that fails, so that it keeps no other from its turn.

Stash reads whole rows: one that it cannot read fails every answer with that scene, also where only ids are asked for.
What is done then:

- Scenes by id are asked for once more, each by itself in one document; where even that fails, by halves.
- Of scenes in their order the next few are asked for, half as many each time, until the next one alone fails. Which one
  that is is found by counting, for which no scene is read.

That costs some two requests for each doubling of the page, once: such a scene is remembered for a while and left out of
pages. Where nothing else can be read either, no scene is at fault, and the failure is Stash's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.stash import answers, document
from plexsync.stash.asking import Answer, Asker, Document, Variables
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import AnswerLost, AnswerTooLarge, Fault, QueryFailed
from plexsync.stash.pages import FoundScenes
from plexsync.stash.remembered import KnownBad, PageSize
from plexsync.stash.rows import read_rows

#: Scenes read in one call by their ids. More would make answers of many megabytes where descriptions are long.
SCENES_PER_CALL = 200
#: Scenes read in one call when all are gone through, at most: whoever asks for more gets them in several.
SCENES_PER_PAGE = 250
#: The largest number that GraphQL's Int holds, which is what Stash's criterion for ids takes.
LARGEST_ID = 2**31 - 1
#: Unreadable scenes that one walk passes, at most: with so many it leaves the rest to the next one.
MOST_PASSED = 50

#: Scenes from all over that are tried before it is believed that none can be read.
WITNESSES = 5
#: What differs in two messages that say the same of two scenes.
_DIGITS = re.compile(r"\d+")

#: A filter of scenes, or how to make it for a Stash.
Where = Mapping[str, Any] | Callable[[Dialect], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Walked:
    """Rows of scenes in the order of their ids, which are right, and the scenes among them that cannot be read.

    ``faults`` is what Stash could not read of some of them, by id. ``last`` is the largest id that was passed, 0 for
    none; ``more``: there may be others beyond it. ``count`` is what the answer says of how many there are, None where
    that is not known from it.
    """

    rows: list[Any]
    unreadable: list[SceneUnreadable]
    faults: dict[int, list[Fault]]
    dialect: Dialect
    last: int
    more: bool
    count: int | None


class Reader:
    """Reads scenes of one Stash. Safe to share between threads.

    :param asker: who asks it.
    """

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._bad = KnownBad()
        self._size = PageSize()
        #: A scene that was read of late.
        self._readable = 0

    # --- by their ids -------------------------------------------------------------------------------------------------

    def by_ids(self, ids: Sequence[int]) -> FoundScenes:
        """Scenes as they are now.

        :param ids: each once.
        :raises QueryFailed: Stash fails at whatever it is asked.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        search = _Search()
        known = [one for one in ids if self._bad.get(one)]
        others = [one for one in ids if one not in set(known)] if known else ids
        start = 0
        while start < len(others):
            chunk = others[start : start + self._size.of(SCENES_PER_CALL)]
            self._group(chunk, search, one_by_one=True)
            start += len(chunk)
        for one in known:
            self._group([one], search, one_by_one=False)
        return search.found

    def _group(self, ids: Sequence[int], search: _Search, *, one_by_one: bool) -> None:
        """Read scenes in one request, and where that fails find out which of them are to blame.

        :param one_by_one: try whether Stash can answer for each by itself in one document.
        """
        try:
            variables = {"ids": [str(scene_id) for scene_id in ids]}
            answer = self._sized(len(ids), "scenes", document.scenes, variables, needed=True)
        except AnswerTooLarge as error:
            if len(ids) == 1:
                self._failed(ids[0], str(error), search)
            else:
                self._halves(ids, search)
            return
        rows, faults = _rows_by_place(answer)
        if rows is not None and len(rows) == len(ids):
            self._take(dict(enumerate(ids)), rows, faults, answer.dialect, search)
        elif answer.error is None:
            # Stash has left some out, or has given others: each row says itself whose it is.
            self._take_by_id(ids, answers.rows_of(answer.whole), answer.dialect, search)
        elif len(ids) == 1:
            if not _is_gone(answer.error, ids[0]):
                self._failed(ids[0], answer.error.reason, search, answer.error)
            else:
                self._bad.forget(ids[0])
        elif not (one_by_one and self._one_by_one(ids, search)):
            self._halves(ids, search)

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
            answer = self._sized(len(ids), "scenes", build, variables, needed=True)
        except AnswerTooLarge:
            return False
        faults: dict[int, list[Fault]] = {}
        for fault in answer.faults:
            place = _alias(fault.path[0] if fault.path else None)
            if place is None:
                return False
            faults.setdefault(place, []).append(Fault(fault.message, fault.path[1:]))
        if answer.data is None:
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
        faults: Mapping[int, Sequence[Fault]],
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

    def _take_by_id(self, ids: Sequence[int], rows: Sequence[Any], dialect: Dialect, search: _Search) -> None:
        own = {scene_id: row for row in rows if (scene_id := answers.id_of(row)) in set(ids)}
        listed = [one for one in ids if one in own]
        self._take(dict(enumerate(listed)), [own[one] for one in listed], {}, dialect, search)

    # --- in their order -----------------------------------------------------------------------------------------------

    def walk(
        self,
        name: str,
        text: Document,
        where: Where,
        after: int,
        limit: int,
        per_call: int = SCENES_PER_PAGE,
        *,
        needed: bool = False,
    ) -> Walked:
        """The next scenes with ids above ``after`` that meet a filter, ascending.

        :param name: of the requests, for the counters.
        :param text: a document with the variables ``where`` and ``limit``.
        :param where: the filter, without ids.
        :param limit: scenes at most, those that cannot be read among them.
        :param per_call: scenes asked for in one request, at most.
        :param needed: as ``Asker.ask`` takes it.
        :raises QueryFailed: Stash fails at whatever it is asked.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        return _Walk(self, name, text, where, after, limit, per_call, needed).go()

    def count(self, where: Where, after: int = 0, until: int | None = None) -> int:
        """How many scenes with ids above ``after``, up to ``until``, meet a filter. No scene is read for it.

        :raises QueryFailed: Stash could not count.
        :raises PlexSyncError: as ``Asker.ask``.
        """
        if until is not None and until <= after:
            return 0
        variables = _variables(where, after, until, None)
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

    def _sized(self, count: int, name: str, text: Document, variables: Variables, *, needed: bool) -> Answer:
        """Ask for so many scenes; for less the next time where the answer does not come in time."""
        try:
            answer = self._asker.ask(name, text, variables, is_needed=needed)
        except AnswerLost:
            self._size.late(count)
            raise
        self._size.in_time()
        return answer

    def _failed(self, scene_id: int, reason: str, search: _Search, error: QueryFailed | None = None) -> None:
        """One scene asked for alone failed.

        :raises QueryFailed: so does every other one.
        """
        if error is not None and self._bad.get(scene_id) is None:
            self._judge([scene_id], search, error)
        self._note(scene_id, reason, search)

    def _note(self, scene_id: int, reason: str, search: _Search) -> None:
        error = SceneUnreadable(scene_id, reason)
        self._bad.note(error)
        search.found.unreadable[scene_id] = error

    def _found(self, scene_id: int) -> None:
        self._readable = scene_id
        self._bad.forget(scene_id)

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
        if self._readable and self._readable not in failed:
            answer = self._asker.ask("scenes", document.scenes, {"ids": [str(self._readable)]})
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


class _Walk:
    """One walk. See ``Reader.walk``."""

    def __init__(
        self,
        reader: Reader,
        name: str,
        text: Document,
        where: Where,
        after: int,
        limit: int,
        per_call: int,
        needed: bool,
    ) -> None:
        self._reader = reader
        self._name = name
        self._text = text
        self._where = where
        self._after = after
        self._limit = limit
        self._per_call = per_call
        self._needed = needed
        self._rows: list[Any] = []
        self._faults: dict[int, list[Fault]] = {}
        self._unreadable: list[SceneUnreadable] = []
        self._dialect = document.NEWEST
        self._count: int | None = None
        self._requests = 0
        #: So many scenes next in order hold one that cannot be read; 0 where that is not known of any.
        self._suspects = 0
        self._judged = False

    def go(self) -> Walked:
        """Walk."""
        more = True
        while more and self._covered < self._limit and len(self._unreadable) < MOST_PASSED:
            more = self._after < LARGEST_ID and self._step()
        last = self._after if self._covered else 0
        whole = self._count if self._requests == 1 and not self._unreadable else None
        if self._requests == 0:
            # Beyond the largest id that can be asked for there is nothing.
            whole = 0
        return Walked(self._rows, self._unreadable, self._faults, self._dialect, last, more, whole)

    @property
    def _covered(self) -> int:
        return len(self._rows) + len(self._unreadable)

    def _step(self) -> bool:
        """Take the next scenes; whether there may be others beyond them."""
        known = self._reader._bad.after(self._after)
        if known is not None and known == self._after + 1:
            return self._pass_known(known)
        most = min(self._limit - self._covered, self._reader._size.of(self._per_call))
        wanted = min(most, max(1, self._suspects // 2)) if self._suspects else most
        until = known - 1 if known is not None else None
        self._requests += 1
        try:
            variables = _variables(self._where, self._after, until, wanted)
            answer = self._reader._sized(wanted, self._name, self._text, variables, needed=self._needed)
        except AnswerTooLarge as error:
            return self._failed(wanted, str(error), None)
        rows, faults = _rows_by_place(answer)
        if rows is None:
            return self._failed(wanted, *_told(answer))
        self._dialect = answer.dialect
        if self._requests == 1 and known is None:
            self._count = _count_of(answer.data or {})
        self._suspects = max(0, self._suspects - wanted)
        taken = self._take(rows, faults)
        if len(rows) >= wanted:
            if not taken:
                raise StashUnavailable(
                    "Stash lists the same scenes again and again: its answer is not what it should be"
                )
            return True
        return known is not None and self._pass_known(known)

    def _failed(self, wanted: int, reason: str, error: QueryFailed | None) -> bool:
        if wanted > 1:
            if not self._suspects and error is not None:
                # Also finds out whether Stash can answer at all; and most lists are shorter than what is asked for.
                there = self._reader.count(self._where, self._after)
                wanted = min(wanted, there)
                if not there:
                    return False
            self._suspects = wanted
            if wanted > 1:
                return True
        self._suspects = 0
        scene_id = self._reader.next_id(self._where, self._after)
        if scene_id is None:
            return False
        if error is not None and not self._rows and not self._judged:
            self._judged = True
            if self._reader.is_everything([scene_id], error):
                raise error
        self._pass(SceneUnreadable(scene_id, reason))
        return True

    def _take(self, rows: Sequence[Any], faults: Mapping[int, list[Fault]]) -> bool:
        """Take rows, in the order of their ids, each once; whether there were any that are new."""
        before = self._after
        ids = [answers.id_of(row) for row in rows]
        self._faults |= {scene_id: faults[place] for place in faults if (scene_id := ids[place]) is not None}
        named = [one for one in ids if one is not None]
        if len(named) == len(ids) and all(low < high for low, high in pairwise([before, *named])):
            self._rows += rows
            self._after = named[-1] if named else before
        else:
            self._take_odd(rows, ids)
        if self._rows and self._after != before:
            self._reader._readable = answers.id_of(self._rows[-1]) or 0
        return self._after != before

    def _take_odd(self, rows: Sequence[Any], ids: Sequence[int | None]) -> None:
        """Rows of which some have no id, come twice, or stand in another order."""
        known = {scene_id: row for scene_id, row in zip(ids, rows, strict=True) if scene_id and scene_id > self._after}
        nameless = ids.count(None)
        for scene_id in [*sorted(known), LARGEST_ID]:
            while nameless and scene_id > self._after + 1:
                # Between two that have one there may be those that have none.
                hidden = self._reader.next_id(self._where, self._after)
                if hidden is None or hidden >= scene_id:
                    break
                self._pass(SceneUnreadable(hidden, "what Stash tells of it is no scene: it has no id"))
                nameless -= 1
            if scene_id in known:
                self._rows.append(known[scene_id])
                self._after = scene_id

    def _pass_known(self, scene_id: int) -> bool:
        error = self._reader._bad.get(scene_id)
        if error is None:
            # It is no longer remembered: the next request has it again.
            return True
        if self._reader.count(self._where, scene_id - 1, scene_id):
            self._pass(error)
        else:
            self._after = scene_id
        return True

    def _pass(self, error: SceneUnreadable) -> None:
        self._reader._bad.note(error)
        self._unreadable.append(error)
        self._after = error.scene_id


def _variables(where: Where, after: int, until: int | None, limit: int | None) -> Callable[[Dialect], dict[str, Any]]:
    """Variables for a filter, with only the ids above ``after`` and up to ``until``."""
    if until is None:
        ids: dict[str, Any] = {"value": min(after, LARGEST_ID), "modifier": "GREATER_THAN"}
    elif until == after + 1:
        ids = {"value": until, "modifier": "EQUALS"}
    else:
        ids = {"value": after + 1, "value2": until, "modifier": "BETWEEN"}

    def build(dialect: Dialect) -> dict[str, Any]:
        found = {"where": {**(where(dialect) if callable(where) else where), "id": ids}}
        return found if limit is None else found | {"limit": limit}

    return build


def _rows_by_place(answer: Answer) -> tuple[list[Any] | None, dict[int, list[Fault]]]:
    """The rows of an answer, and what Stash could not read of them by their place. None where the whole failed.

    :raises StashUnavailable: nothing failed, and there are no rows.
    """
    if answer.error is None:
        return answers.rows_of(answer.whole), {}
    faults: dict[int, list[Fault]] = {}
    for fault in answer.faults:
        if fault.path[:2] != ("findScenes", "scenes") or len(fault.path) < 3 or type(fault.path[2]) is not int:
            return None, {}
        faults.setdefault(fault.path[2], []).append(Fault(fault.message, fault.path[3:]))
    try:
        rows = answers.rows_of(answer.data or {})
    except StashUnavailable:
        return None, {}
    return (rows, faults) if max(faults) < len(rows) else (None, {})


def _told(answer: Answer) -> tuple[str, QueryFailed | None]:
    return (answer.error.reason if answer.error else "", answer.error)


def _alias(step: Any) -> int | None:
    """The place of a scene in a document that asks for each by itself."""
    digits = step.removeprefix("scene") if isinstance(step, str) else ""
    return int(digits) if digits.isdigit() else None


def _is_gone(error: QueryFailed, scene_id: int) -> bool:
    """Whether Stash said that it has no such scene (its ``SceneStore.FindMany``)."""
    return f"scene with id {scene_id} not found" in error.reason


def _count_of(data: Mapping[str, Any]) -> int | None:
    """The ``count`` of an answer that has one.

    :raises StashUnavailable: it is none.
    """
    return answers.read_scene_count(data) if "count" in (data.get("findScenes") or ()) else None
