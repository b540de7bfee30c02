"""After a change of Plex's library: every scene is led to the item that holds its file, and what is in doubt is queued.

A database that was made anew or restored, a library that was moved, renamed, merged or split: whatever it was, it shows
in which item holds which file. So when all of Plex's list has been read, scenes whose items hold other files follow
theirs. Where the database itself is another one, all its scenes are put in doubt: their items are read and compared,
and their pictures are looked for before they are sent again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.ledger.moves import Astray, Move, ToDo
from plexsync.words import counted

log = logging.getLogger(__name__)

#: Scenes per transaction.
PAGE = 500
#: Up to so many items may vanish at once, however few there are in all; of more it has to be no more than half.
FEW = 20
#: The fact that tells how many had vanished when that was said last.
VANISHED = "items_vanished"


@dataclass(frozen=True, slots=True)
class Healed:
    """How many scenes follow their files, how many lost them, how many were put in doubt besides."""

    moved: int = 0
    vanished: int = 0
    doubted: int = 0


class Healer:
    """Does it; safe to share between threads. What is left to be done outlives the process.

    :param ledger: who has which item.
    :param queue: queues scenes behind what people do, in the transaction that notes why; None leaves all to a process
        that has a queue.
    """

    def __init__(self, ledger: Ledger, queue: Callable[[Sequence[int]], object] | None) -> None:
        self._ledger = ledger
        self._moves = ledger.moves
        self._queue = queue
        self._lock = threading.Lock()

    def heal(self) -> Healed | None:
        """Do what is left to be done since Plex's list was read last.

        :returns: what was done; None where nothing was to be, or where it has to wait.
        """
        if self._queue is None or self._moves.to_do() is None or not self._moves.is_known():
            return None
        if not self._lock.acquire(blocking=False):
            return None
        try:
            to_do = self._moves.to_do()
            return None if to_do is None else self._heal(to_do, self._queue)
        finally:
            self._lock.release()

    def _heal(self, to_do: ToDo, queue: Callable[[Sequence[int]], object]) -> Healed:
        matched, astray = self._moves.matched_count(), self._moves.astray()
        moves = self._moves.holders(astray)
        # What is not led anywhere although its file is somewhere is decided when it is synchronised.
        vanished = [one for one in astray if one.scene_id not in moves and not self._moves.is_anywhere(one.part_file)]
        is_rebuilt = bool(to_do.sections) or (len(moves) > 1 and 2 * len(moves) >= matched)
        if is_rebuilt and not to_do.sections:
            # So many files are elsewhere that the others' items may be others, too.
            to_do = self._moves.widen(to_do, self._moves.sections_of(moves.values()))
        if self._is_too_much(vanished, matched):
            gone = {one.scene_id for one in vanished}
            astray = [one for one in astray if one.scene_id not in gone]
        self._lead(astray, moves, queue)
        in_review = self._moves.follow_files(is_rebuilt=is_rebuilt)
        queue(in_review)
        doubted = self._doubt(to_do, queue)
        healed = Healed(len(moves), len(vanished), doubted)
        if healed != Healed():
            log.info(
                "Plex's items have changed: %s, of %d the file is gone, %s compared",
                counted(healed.moved, "scene follows its file", "scenes follow their files"),
                healed.vanished,
                counted(healed.doubted, "more is", "more are"),
            )
        return healed

    def _is_too_much(self, vanished: Sequence[Astray], matched: int) -> bool:
        """Whether so many items are gone that it looks like a disk that is not mounted; said once."""
        too_much = len(vanished) > FEW and 2 * len(vanished) > matched
        before = self._ledger.facts.get(VANISHED)
        if not too_much:
            if before is not None:
                self._ledger.facts.drop(VANISHED)
        elif before is None:
            self._ledger.facts.put(VANISHED, str(len(vanished)))
            log.warning(
                "Plex no longer has the items of %d of %d scenes: is a disk not mounted, or a library gone? These "
                "scenes are left as they are until their files are back",
                *(len(vanished), matched),
            )
        return too_much

    def _lead(self, astray: Sequence[Astray], moves: dict[int, Move], queue: Callable[[Sequence[int]], object]) -> None:
        for start in range(0, len(astray), PAGE):
            page = [one.scene_id for one in astray[start : start + PAGE]]
            with self._ledger.database.write(durable=True):
                self._moves.lead(moves[scene_id] for scene_id in page if scene_id in moves)
                self._moves.doubt(scene_id for scene_id in page if scene_id not in moves)
                queue(page)

    def _doubt(self, to_do: ToDo, queue: Callable[[Sequence[int]], object]) -> int:
        count = 0
        while page := self._moves.to_doubt(to_do):
            with self._ledger.database.write(durable=True):
                self._moves.doubt(page)
                queue(page)
                to_do = self._moves.proceed(to_do, page[-1])
            count += len(page)
        self._moves.done(to_do)
        return count
