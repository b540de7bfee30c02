"""Writing an edit to several items as a whole, or to one so that what Plex refuses of it does not hold back the rest.

As a rule that is one request, and one more for a rating. Where Plex refuses the request, the part that it refuses is
found by halves: each half that is taken is written, each that is not is halved again, until the bad part is alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import field, replace

from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    FileElsewhere,
    ItemGone,
    PermanentError,
    PlexSyncError,
    PlexUnavailable,
    WriteFailed,
)
from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.parts import LOCK, EditPart, joined, parts_of_edit
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Edit, Field, Item
from plexsync.plex import PlexClient
from plexsync.plex.own_fault import may_be_its_own
from plexsync.redaction import redact

log = logging.getLogger(__name__)

#: Requests for one edit, at most. What is not found out by then is left out as it is, good parts among the bad.
MOST_REQUESTS = 60
#: Requests that are refused in a row, with none taken, after which Plex is taken to refuse everything.
ALL_REFUSED = 8
#: Requests that take all the time that they are given, after which no further ones are made for one edit.
MOST_SLOW = 10
#: Seconds for which it is known what Plex refused of one scene, and how many there may be.
REMEMBERED, MOST_REMEMBERED = 3600.0, 1000
#: Of so many items a part is refused before others of the same are left out unasked.
SURELY = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """One part that Plex did not take, with what a person reads of it after the field's name."""

    part: EditPart
    reason: str


@dataclass(slots=True)
class WriteResult:
    """What became of an edit: ``taken`` was written, ``refused`` was not, for ``error`` first of all.

    ``failed``: why the rating was not written this time. It is to be tried again soon, and nothing waits for that.
    """

    taken: Edit = field(default_factory=Edit)
    refused: list[Refusal] = field(default_factory=list)
    error: PlexSyncError | None = None
    failed: WriteFailed | None = None


class RefusedLately:
    """What Plex has refused of other scenes within the last hour: a studio with a bad name may have a thousand.

    Safe to share between threads.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._items: OrderedDict[tuple[Field, str], tuple[float, set[int], str]] = OrderedDict()
        self._nothing_taken: set[int] = set()
        self._nothing_taken_at = float("-inf")

    def note(self, part: EditPart, rating_key: int, reason: str) -> None:
        """A part was refused for an item."""
        with self._lock:
            since, keys, _ = self._items.pop(part.name, (self._clock(), set(), ""))
            if self._clock() - since > REMEMBERED:
                since, keys = self._clock(), set()
            if len(keys) < SURELY:
                keys.add(rating_key)
            self._items[part.name] = since, keys, reason
            if len(self._items) > MOST_REMEMBERED:
                self._items.popitem(last=False)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was refused."""
        return not self._items

    def forget(self, part: EditPart) -> None:
        """A part was taken."""
        if self._items:
            with self._lock:
                self._items.pop(part.name, None)

    @property
    def everything(self) -> bool:
        """Whether Plex took nothing at all of several items in a row: then there is nothing to be looked for."""
        if len(self._nothing_taken) < SURELY:
            return False
        with self._lock:
            return self._clock() - self._nothing_taken_at <= REMEMBERED

    def note_all(self, rating_key: int, *, taken: bool) -> None:
        """Of an edit of many parts to an item nothing was taken, or something was."""
        if taken and not self._nothing_taken:
            return
        with self._lock:
            if taken:
                self._nothing_taken.clear()
            elif len(self._nothing_taken) < SURELY:
                self._nothing_taken.add(rating_key)
                self._nothing_taken_at = self._clock()

    def of(self, part: EditPart) -> tuple[int, str]:
        """Of how many items the part was refused lately (at most ``SURELY`` are counted), and why."""
        if not self._items:
            return 0, ""
        with self._lock:
            since, keys, reason = self._items.get(part.name, (0.0, set(), ""))
            return (len(keys), reason) if keys and self._clock() - since <= REMEMBERED else (0, "")


class Writer:
    """Writes edits to items. Safe to share between threads.

    :param plex: where.
    :param lock: also lock each field that is written.
    :param read: an item as Plex holds it now, None where it has none.
    """

    def __init__(self, plex: PlexClient, *, lock: bool, read: Callable[[int], Item | None]) -> None:
        self._plex = plex
        self._lock = lock
        self._read = read
        self._lately = RefusedLately()

    def write(
        self,
        section_id: int,
        rating_key: int,
        edit: Edit,
        suspects: Sequence[tuple[Field, str]] = (),
        *,
        thorough: bool,
    ) -> WriteResult:
        """Write an edit to an item, as much of it as Plex takes.

        :param suspects: parts that were refused before: they are written by themselves.
        :param thorough: also where Plex fails at the whole, and is well otherwise, it is looked for a part that is to
            blame.
        :raises ItemGone: Plex has no such item (any more).
        :raises PlexSyncError: anything that is not about the edit.
        """
        work = _Work(self._plex, section_id, rating_key, self._lock, self._lately, self._read, thorough=thorough)
        if not suspects and self._lately.is_empty and not edit.rate:
            # As a rule all of it is taken: then nobody has to know its parts.
            return work.write_whole(edit)
        plain: list[EditPart] = []
        apart: list[EditPart] = []
        for part in parts_of_edit(edit):
            times, reason = self._lately.of(part)
            if times >= SURELY:
                work.written.refused.append(Refusal(part, reason))
            elif part.edit.rate:
                continue
            else:
                (apart if times or part.name in suspects else plain).append(part)
        work.write(plain)
        for part in apart:
            work.write_again(part)
        if edit.rate and all(refusal.part.field is not Field.RATING for refusal in work.written.refused):
            work.rate(edit, suspects)
        return work.finish(edit)

    def write_to_all(self, section_id: int, rating_keys: Sequence[int], edit: Edit) -> tuple[Collection[int], int]:
        """Write one edit to several items, as a whole.

        :returns: the items that there are, and the number of writes.
        :raises PlexSyncError: Plex does not take it.
        """
        keys = list(rating_keys)
        while keys:
            try:
                return keys, self._plex.edit(section_id, keys, edit, lock=self._lock)
            except ItemGone:
                # Plex may have taken the edit for none of them, or for those that exist.
                there = self._plex.items(keys)
            left = [key for key in keys if key in there]
            # Where none is missing, it is the section that is.
            keys = left if len(left) < len(keys) else []
        return [], 0


class _Work:
    """One edit's way to one item."""

    def __init__(
        self,
        plex: PlexClient,
        section_id: int,
        rating_key: int,
        lock: bool,
        lately: RefusedLately,
        read: Callable[[int], Item | None],
        *,
        thorough: bool,
    ) -> None:
        self._plex = plex
        self._section_id = section_id
        self._rating_key = rating_key
        self._lock = lock
        self._lately = lately
        self._read = read
        self._thorough = thorough
        self._requests = 0
        self._taken: list[EditPart] = []
        self._takes = 0
        #: In how many requests each list was written.
        self._pieces: Counter[Field] = Counter()
        self._lock_refused = False
        #: How many requests took all the time that they were given.
        self._slow = 0
        self.written = WriteResult()

    def write_whole(self, edit: Edit) -> WriteResult:
        """Write an edit without a rating, of which nothing was refused before; the same as by its parts."""
        self._requests += 1
        error = self._refusal(lambda: self._plex.edit(self._section_id, [self._rating_key], edit, lock=self._lock))
        if error is None:
            self._lately.note_all(self._rating_key, taken=True)
            return WriteResult(taken=edit)
        self.write(parts_of_edit(edit), error)
        return self.finish(edit)

    def write(self, parts: Sequence[EditPart], refused: PlexSyncError | None = None) -> None:
        """Write these parts, by halves where they are refused.

        :param refused: why they were refused all together; None where that is to be tried.
        """
        waiting = deque([parts] if parts else [])
        while waiting:
            some = waiting.popleft()
            if self.written.error is not None and self._is_enough():
                for part in some:
                    self._refused(part, self.written.error, alone=False)
                continue
            error, refused = refused or self._try(some), None
            if error is None:
                continue
            self.written.error = self.written.error or error
            if len(some) > 1:
                waiting += _halves(some)
            elif not self._taken_without_lock(some[0]):
                self._refused(some[0], error)

    def write_again(self, part: EditPart) -> None:
        """Write a part that was refused before."""
        if error := self._try([part], known=True):
            self.written.error = self.written.error or error
            self._refused(part, error)

    def rate(self, edit: Edit, suspects: Sequence[tuple[Field, str]]) -> None:
        """Write the rating, which has a request of its own.

        :param suspects: as for ``Writer.write``.
        """
        part = parts_of_edit(Edit(rate=True, rating=edit.rating))[0]
        known = part.name in suspects
        try:
            error = self._refusal(lambda: self._plex.rate(self._rating_key, edit.rating), known=known)
        except WriteFailed as failure:
            self.written.failed = failure
            return
        if error is None:
            self._took([part])
        else:
            self.written.error = self.written.error or error
            self._refused(part, error)

    def finish(self, edit: Edit) -> WriteResult:
        """What became of it.

        :raises PlexUnavailable: nothing was taken, so it is not one part that Plex stumbles over.
        """
        written = self.written
        if self._takes or self._requests >= ALL_REFUSED:
            self._lately.note_all(self._rating_key, taken=self._takes > 0)
        if isinstance(written.error, PlexUnavailable) and not self._taken and not self._takes_writes():
            raise written.error
        if written.failed is not None:
            edit = replace(edit, rate=False, rating=None)
        if not written.refused and not self._lock_refused:
            written.taken = edit
            return written
        taken = {part.name for part in self._taken}
        in_order = [part for part in parts_of_edit(edit) if part.name in taken]
        written.taken = joined(in_order)
        if torn := [part for part in in_order if self._pieces[part.field] > 1]:
            # In pieces, a list may stand in another order; or, where Plex replaces lists, only its last piece stands.
            self._send(torn)
        return written

    def _takes_writes(self) -> bool:
        """Whether Plex takes a write to this item that changes nothing: where it does not, no part is to blame."""
        try:
            item = self._read(self._rating_key)
            nothing = item and _nothing_new(item, {refusal.part.field for refusal in self.written.refused})
            if not nothing:
                return False
            self._plex.edit(self._section_id, [self._rating_key], nothing, lock=False)
        except PlexSyncError:
            return False
        return True

    def _try(self, parts: Sequence[EditPart], *, known: bool = False) -> PlexSyncError | None:
        """Write; the refusal, None where they were taken.

        :param known: Plex has failed at them before.
        """
        error = self._refusal(lambda: self._send(parts), known=known)
        if error is None:
            self._took(parts)
        return error

    def _took(self, parts: Sequence[EditPart]) -> None:
        self._takes += 1
        self._taken += parts
        self._pieces.update({part.field for part in parts if part.field in TAG_FIELDS})
        for part in parts:
            self._lately.forget(part)

    def _refusal(self, write: Callable[[], object], *, known: bool = False) -> PlexSyncError | None:
        """Write, and return the error where it is about what was written.

        :param known: Plex has failed at this before.
        """
        try:
            write()
        except AccessDenied:
            raise
        except PermanentError as error:
            self._check_it_is_there(error)
            return error
        except PlexUnavailable as error:
            if (self._thorough or known) and self._is_well_otherwise(error):
                self._slow += error.slow
                return error
            raise
        except CircuitOpen:
            if isinstance(self.written.error, PlexUnavailable):
                # What opened the breaker is what there is to tell of.
                raise self.written.error from None
            raise
        return None

    def _is_well_otherwise(self, error: PlexUnavailable) -> bool:
        """Whether Plex hands out the item right after it has failed at writing to it."""
        if isinstance(error, WriteFailed):
            return True
        try:
            item = self._read(self._rating_key) if may_be_its_own(error) else None
        except PlexSyncError:
            return False
        return item is not None and item.section_id == self._section_id

    def _send(self, parts: Sequence[EditPart]) -> None:
        self._requests += 1
        # What was taken of a list is sent again with the rest of it: some servers put what they are sent in its place.
        lists = {part.field for part in parts if part.field in TAG_FIELDS}
        before = [part for part in self._taken if part.field in lists and part not in parts]
        self._plex.edit(self._section_id, [self._rating_key], joined([*before, *parts]), lock=self._lock)

    def _check_it_is_there(self, error: PlexSyncError) -> None:
        """404 is about the item as a rule; where Plex has it, in this section, it is about what was written."""
        if isinstance(error, FileElsewhere):
            raise error
        if isinstance(error, ItemGone):
            item = self._read(self._rating_key)
            if item is None or item.section_id != self._section_id:
                raise error

    def _taken_without_lock(self, part: EditPart) -> bool:
        """Whether it is the lock that is refused, and not the value. Then nothing more is locked."""
        if not self._lock or self._lock_refused or part.edit.lock or self._is_enough():
            return False
        self._lock = False
        if self._try([part]) is not None:
            self._lock = True
            return False
        self._lock_refused = True
        lock = EditPart(part.field, LOCK, Edit(lock=frozenset({part.field})), "the lock")
        self._refused(lock, PermanentError("Plex took the value without it"))
        return True

    def _is_enough(self) -> bool:
        if self._slow >= MOST_SLOW:
            return True
        if self._takes:
            return self._requests >= MOST_REQUESTS
        return self._requests >= (1 if self._lately.everything else ALL_REFUSED)

    def _refused(self, part: EditPart, error: PlexSyncError, *, alone: bool = True) -> None:
        among = "" if alone else ", or something that was written with it,"
        reason = redact(f"{part.what}{among} was refused: {error}")
        if alone:
            self._lately.note(part, self._rating_key, reason)
        self.written.refused.append(Refusal(part, reason))


def _halves(parts: Sequence[EditPart]) -> list[Sequence[EditPart]]:
    """Two halves: between fields where there are several, else between the parts of one."""
    starts = [index for index in range(1, len(parts)) if parts[index].field is not parts[index - 1].field]
    middle = len(parts) // 2
    cut = min(starts, key=lambda start: abs(start - middle)) if starts else middle
    return [parts[:cut], parts[cut:]]


def _nothing_new(item: Item, but: Collection[Field]) -> Edit | None:
    """An edit that leaves an item as it is; None where there is none.

    :param but: fields that are not touched.
    """
    for one in (*TEXT_FIELDS, *TAG_FIELDS):
        if one in item.locked and one not in but:
            return Edit(lock=frozenset({one}))
    for one in TEXT_FIELDS:
        if item.texts.get(one) and one not in but:
            return Edit(texts={one: item.texts[one]})
    return None
