"""Going through Stash's scenes in the order of their ids, past those that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash import answers, document
from plexsync.stash.asking import Document, StashAnswer
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import AnswerTooLarge, QueryFailed, StashFault

if TYPE_CHECKING:
    from plexsync.stash.reading import SceneReader

#: The largest number that GraphQL's Int holds, which is what Stash's criterion for ids takes.
LARGEST_ID = 2**31 - 1
#: Unreadable scenes that one walk passes, at most: with so many it leaves the rest to the next one.
MOST_PASSED = 50

#: A filter of scenes, or how to make it for a Stash.
Where = Mapping[str, Any] | Callable[[Dialect], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class SceneQuery:
    """What a walk asks of Stash.

    ``name``: of the requests, for the counters. ``text``: a document with the variables ``where`` and ``limit``.
    ``where``: the filter, without ids. ``needed`` and ``rows_apart``: as ``Asker.ask`` takes them.
    """

    name: str
    text: Document
    where: Where
    needed: bool = False
    rows_apart: bool = False


@dataclass(frozen=True, slots=True)
class Walked:
    """Rows of scenes in the order of their ids, which are right, and the scenes among them that cannot be read.

    ``faults`` is what Stash could not read of some of them, by id. ``last`` is the largest id that was passed, 0 for
    none; ``more``: there may be others beyond it. ``count`` is what the answer says of how many there are, None where
    that is not known from it.
    """

    rows: list[Any]
    unreadable: list[SceneUnreadable]
    faults: dict[int, list[StashFault]]
    dialect: Dialect
    last: int
    more: bool
    count: int | None


class SceneWalk:
    """One walk. See ``SceneReader.walk``."""

    def __init__(self, reader: SceneReader, query: SceneQuery, after: int, limit: int, per_call: int) -> None:
        self._reader = reader
        self._query = query
        self._where = query.where
        self._after = after
        self._limit = limit
        self._per_call = per_call
        self._rows: list[Any] = []
        self._faults: dict[int, list[StashFault]] = {}
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
        known = self._reader.bad.after(self._after)
        if known is not None and known == self._after + 1:
            return self._pass_known(known)
        most = min(self._limit - self._covered, self._reader.size.of(self._per_call))
        wanted = min(most, max(1, self._suspects // 2)) if self._suspects else most
        until = known - 1 if known is not None else None
        self._requests += 1
        try:
            variables = variables_of(self._where, self._after, until, wanted)
            query = self._query
            answer = self._reader.sized(
                wanted, query.name, query.text, variables, needed=query.needed, rows_apart=query.rows_apart
            )
        except AnswerTooLarge as error:
            return self._failed(wanted, str(error), None)
        rows, faults = rows_by_place(answer)
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

    def _take(self, rows: Sequence[Any], faults: Mapping[int, list[StashFault]]) -> bool:
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
            self._reader.readable = answers.id_of(self._rows[-1]) or 0
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
                self._pass(SceneUnreadable(hidden, "Stash's answer for it is not a scene: it has no id"))
                nameless -= 1
            if scene_id in known:
                self._rows.append(known[scene_id])
                self._after = scene_id

    def _pass_known(self, scene_id: int) -> bool:
        error = self._reader.bad.get(scene_id)
        if error is None:
            # It is no longer remembered: the next request has it again.
            return True
        if self._reader.count(self._where, scene_id - 1, scene_id):
            self._pass(error)
        else:
            self._after = scene_id
        return True

    def _pass(self, error: SceneUnreadable) -> None:
        self._reader.bad.note(error)
        self._unreadable.append(error)
        self._after = error.scene_id


def variables_of(where: Where, after: int, until: int | None, limit: int | None) -> Callable[[Dialect], dict[str, Any]]:
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


def rows_by_place(answer: StashAnswer) -> tuple[list[Any] | None, dict[int, list[StashFault]]]:
    """The rows of an answer, and what Stash could not read of them by their place. None where the whole failed.

    :raises StashUnavailable: nothing failed, and there are no rows.
    """
    if answer.error is None:
        return answers.rows_of(answer.whole), {}
    faults: dict[int, list[StashFault]] = {}
    for fault in answer.faults:
        if fault.path[:2] != ("findScenes", "scenes") or len(fault.path) < 3 or type(fault.path[2]) is not int:
            return None, {}
        faults.setdefault(fault.path[2], []).append(StashFault(fault.message, fault.path[3:]))
    try:
        rows = answers.rows_of(answer.data or {})
    except StashUnavailable:
        return None, {}
    return (rows, faults) if max(faults) < len(rows) else (None, {})


def _told(answer: StashAnswer) -> tuple[str, QueryFailed | None]:
    return (answer.error.reason if answer.error else "", answer.error)


def _count_of(data: Mapping[str, Any]) -> int | None:
    """The ``count`` of an answer that has one.

    :raises StashUnavailable: it is none.
    """
    return answers.read_scene_count(data) if "count" in (data.get("findScenes") or ()) else None
