"""Finds what scenes are made of and Stash has no longer, although no hook told: something destroyed, a tag merged.

Neither leaves a stamp anywhere. But there is one less then: how many there are comes with each poll, and which there
are is asked for only when that number is another one than it should be.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence

from plexsync.errors import PlexSyncError
from plexsync.ledger import Ledger
from plexsync.stash import EntityKind, StashClient
from plexsync.stash.changes import Total
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Name of the fact that holds how many there were of each kind, and the largest id.
TOTALS = "part_totals"
#: Below so many it is no sign of anything when most of them are missing.
FEW = 20


class Vanished:
    """Compares what Stash has with what scenes had when they were synced.

    :param ledger: what they had.
    :param stash: who is asked.
    :param queue: takes a kind, and ids of which the scenes are to be looked at; safe when it returns.
    """

    def __init__(
        self, ledger: Ledger, stash: StashClient, queue: Callable[[EntityKind, Sequence[int]], object]
    ) -> None:
        self._ledger = ledger
        self._stash = stash
        self._queue = queue

    def look(self, totals: Mapping[EntityKind, Total]) -> int:
        """Queue what has vanished since the last look; returns how much. No request where nothing has.

        :param totals: what there is by kind.
        """
        before = self._kept()
        after, count = dict(before), 0
        for kind, total in totals.items():
            was = before.get(kind, total)
            # Ids are given one after the other. So where there are as many more as ids were given, all are there.
            if total.newest < was.newest or total.number - was.number != total.newest - was.newest:
                try:
                    count += self._census(kind)
                except PlexSyncError as error:
                    log.debug("Stash cannot be asked which %ss it has: %s", kind, error)
                    continue
            after[kind] = total
        if after != before:
            self._ledger.facts.put(TOTALS, json.dumps(after))
        return count

    def _census(self, kind: EntityKind) -> int:
        known = self._ledger.parts.ids(kind)
        there = set(self._stash.part_ids(kind)) if known else set()
        gone = sorted(known - there)
        if len(gone) > FEW and 2 * len(gone) > len(known):
            log.warning(
                "Stash no longer has %d of %s that scenes had: is it the right one? That is left to the next "
                "comparison of everything",
                *(len(gone), counted(len(known), kind)),
            )
            return 0
        if gone:
            self._queue(kind, gone)
        return len(gone)

    def _kept(self) -> dict[EntityKind, Total]:
        try:
            kept = json.loads(self._ledger.facts.get(TOTALS) or "{}")
            return {kind: Total(int(number), int(newest)) for kind, (number, newest) in kept.items()}
        except (ValueError, TypeError, AttributeError):
            return {}
