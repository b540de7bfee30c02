"""Asks Stash what was changed. One thing that it cannot read keeps no other from being listed.

As a rule that is one request. Where it fails, scenes are asked for as in any other walk, for some minutes, and apart
from performers, studios, tags and groups. These come together, or else kind by kind, in pages of half as many each
time, until the one that cannot be read stands alone.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from itertools import pairwise
from typing import Any

from plexsync.errors import StashUnavailable
from plexsync.stash import answers, document
from plexsync.stash.asking import Asker
from plexsync.stash.changes import Changed, Changes, EntityKind, Total
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import AnswerTooLarge, QueryFailed
from plexsync.stash.reading import SceneReader
from plexsync.stash.remembered import APART
from plexsync.stash.walking import SceneQuery
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Things that were changed last, of which one at least is taken to be readable.
_LAST_LOOKED_AT = 5


class ChangesReader:
    """Asks one Stash. Safe to share between threads.

    :param asker: who asks it.
    :param reader: who finds the scenes that cannot be read.
    """

    def __init__(self, asker: Asker, reader: SceneReader) -> None:
        self._asker = asker
        self._reader = reader
        #: When all may be asked for together again, in seconds that only ever grow.
        self._together_at = 0.0

    def after(self, since: str, after: int, limit: int) -> Changes:
        """A page of what was changed after a moment.

        :param since: a stamp of Stash's.
        :param after: only scenes with larger ids; the other kinds come where it is 0.
        :param limit: scenes on a page.
        :raises PlexSyncError: as ``SceneReader.walk``.
        """
        moment = {"value": since, "modifier": "GREATER_THAN"}
        if time.monotonic() >= self._together_at:
            variables = {"moment": moment, "after": after, "limit": limit, "parts": after == 0}
            try:
                answer = self._asker.ask("changes", document.changes, variables)
                if answer.error is None and (whole := _read(answer.whole, answer.dialect, limit)) is not None:
                    return whole
            except AnswerTooLarge:
                log.debug("what was changed in Stash does not fit into one answer")
            self._together_at = time.monotonic() + APART
        return self._apart(moment, after, limit)

    def ids(self, kind: EntityKind) -> tuple[int, ...]:
        """The ids of all of a kind.

        :raises PlexSyncError: as ``SceneReader.walk``, also where one of them cannot be read.
        """
        answer = self._asker.ask("part_ids", partial(document.part_ids, kind))
        rows = _listed(answer.whole, kind, answer.dialect)
        return tuple(row_id for row in rows if (row_id := answers.id_of(row)) is not None)

    def newest(self) -> str:
        """The last stamp there is.

        :raises PlexSyncError: as ``SceneReader.walk``.
        """
        answer = self._asker.ask("last_change", document.last_changes, {"first": _last(1)})
        kinds: list[EntityKind | None] = [None, *document.kinds(answer.dialect)]
        if answer.error is not None:
            return max((self._newest_of(kind) for kind in kinds), default="")
        rows = [row for kind in kinds for row in _listed(answer.whole, kind, answer.dialect)]
        return max((one.updated_at for one in answers.read_changed(rows)), default="")

    def _newest_of(self, kind: EntityKind | None) -> str:
        """The last stamp of one kind, None for scenes, that can be read. An older one only has more looked at."""
        error: QueryFailed | None = None
        for page in range(1, _LAST_LOOKED_AT + 1):

            def build(dialect: Dialect) -> str:
                return document.last_change_of(kind, dialect)

            answer = self._asker.ask("last_change", build, {"first": _last(page)})
            if answer.error is None:
                rows = _listed(answer.whole, kind, answer.dialect)
                return max((one.updated_at for one in answers.read_changed(rows)), default="")
            error = answer.error
        if kind is None and error is not None:
            raise error
        log.warning("when the %ss in Stash were changed last cannot be read: %s", kind, error)
        return ""

    def _apart(self, moment: dict[str, Any], after: int, limit: int) -> Changes:
        walked = self._reader.walk(
            SceneQuery("changes", document.STAMPS_WHERE, {"updated_at": moment}), after, limit, limit
        )
        parts, totals = self._all_parts(moment) if after == 0 else ({}, {})
        return Changes(
            scenes=answers.read_changed(walked.rows),
            parts=parts,
            more=walked.more,
            last=walked.last,
            unreadable=walked.unreadable,
            totals=totals,
        )

    def _all_parts(
        self, moment: dict[str, Any]
    ) -> tuple[dict[EntityKind, tuple[Changed, ...]], dict[EntityKind, Total]]:
        """What was changed and is no scene, and what there is; in one request. Where that fails, in several."""
        variables = {"moment": moment, "after": 0, "limit": 1, "parts": True, "scenes": False}
        try:
            answer = self._asker.ask("changes", document.changes, variables)
            if answer.error is None:
                return _parts_of(answer.whole, answer.dialect), _totals_of(answer.whole, answer.dialect)
        except AnswerTooLarge:
            log.debug("what was changed in Stash and is no scene does not fit into one answer")
        return {kind: tuple(self._parts(kind, moment)) for kind in document.kinds(self._asker.dialect)}, {}

    def _parts(self, kind: EntityKind, moment: dict[str, Any]) -> list[Changed]:
        """All of one kind that were changed, but for those that cannot be read."""

        def build(dialect: Dialect) -> str:
            return document.changed_parts(kind, dialect)

        def page(number: int, size: int) -> list[Any]:
            variables = {"moment": moment, "page": number, "per_page": size}
            answer = self._asker.ask("changes", build, variables)
            return _listed(answer.whole, kind, answer.dialect)

        count = self._asker.ask("changes", build, {"moment": moment, "page": 1, "per_page": 0}).whole
        names = document.names_of(kind, self._asker.dialect)
        total = count.get(names[0], {}).get("count") if names else 0
        if type(total) is not int:
            raise StashUnavailable(f"Stash's answer is not what it should be: it does not count the {kind}s")
        rows: list[Any] = []
        failed: list[QueryFailed | AnswerTooLarge] = []
        # Halves of a page are pages, too, where its size is a power of two.
        waiting = [(1, 1 << max(0, total - 1).bit_length())] if total else []
        while waiting:
            number, size = waiting.pop()
            try:
                rows += page(number, size)
            except (QueryFailed, AnswerTooLarge) as error:
                if size > 1:
                    waiting += [(2 * number, size // 2), (2 * number - 1, size // 2)]
                    continue
                failed.append(error)
                if len(failed) > 1 and not rows and isinstance(error, QueryFailed):
                    # Not one of them.
                    raise
        if failed:
            what = counted(len(failed), f"{kind} that was", f"{kind}s that were")
            log.warning("%s changed in Stash cannot be read: %s", what, failed[0])
        return list(answers.read_changed(rows))


def _read(data: dict[str, Any], dialect: Dialect, limit: int) -> Changes | None:
    """What an answer with all of it holds; None where one of its scenes has no id, or they do not ascend."""
    rows = answers.rows_of(data)
    scenes = answers.read_changed(rows)
    if len(scenes) < len(rows) or any(one.id >= other.id for one, other in pairwise(scenes)):
        return None
    parts, totals = _parts_of(data, dialect), _totals_of(data, dialect)
    last = scenes[-1].id if scenes else 0
    return Changes(scenes, parts, more=len(scenes) >= limit, last=last, totals=totals)


def _parts_of(data: dict[str, Any], dialect: Dialect) -> dict[EntityKind, tuple[Changed, ...]]:
    """Performers, studios, tags and groups, as far as they were asked for."""
    return {
        kind: answers.read_changed(_listed(data, kind, dialect))
        for kind, (query, _, _) in document.kinds(dialect).items()
        if query in data
    }


def _totals_of(data: dict[str, Any], dialect: Dialect) -> dict[EntityKind, Total]:
    """What there is of each of them, as far as that was asked for."""
    found = {
        kind: answers.read_total(data.get(f"{kind}_total"), listed)
        for kind, (_, _, listed) in document.kinds(dialect).items()
    }
    return {kind: total for kind, total in found.items() if total is not None}


def _listed(data: dict[str, Any], kind: EntityKind | None, dialect: Dialect) -> list[Any]:
    if kind is None:
        return answers.rows_of(data)
    names = document.names_of(kind, dialect)
    return answers.read_listed(data, names[0], names[2]) if names else []


def _last(page: int) -> dict[str, Any]:
    return {"page": page, "per_page": 1, "sort": "updated_at", "direction": "DESC"}
