"""What items of Plex were seen to hold a moment ago. Nothing is written to an item that was not looked at.

A rating key is an address: after Plex's database was made anew or restored another file may live there. So an item is
looked at right before it is written to. In bulk work that costs next to nothing: whenever an item has to be read, the
items of the scenes that wait next in the queue are read in the same request.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import NamedTuple

from plexsync.errors import FileElsewhere, ItemGone, ItemUnreadable, PlexSyncError, PlexUnavailable
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.lookup import Match
from plexsync.model import Item
from plexsync.plex import PlexClient
from plexsync.plex.traits import Trait
from plexsync.sync.batch_loader import BatchLoader

#: Seconds for which an item counts as seen.
FRESH = 3.0
#: Seconds that a sighting has to last still, or the item is read along with others.
LASTING = 1.0
#: Items read in one request.
TOGETHER = 50
#: Items of waiting scenes that are read along: as many as were wanted within ``FRESH`` seconds, within these bounds.
FEWEST_ALONG, MOST_ALONG = 8, 40
#: Seconds in which reading an item back does not ask again which items could be read along: only a look that nobody
#: has foreseen is worth that.
ASKED_LATELY = 0.1
#: Items read along of which so few are left that it is asked again all the same.
FEW_LEFT = 4
#: Seconds that reading an item back waits for others that are being written, to be read in the same request. What was
#: written is in Plex by then: nobody sees it later.
GATHER_FOR = 0.05
#: Of items that Plex failed at together so many are tried by themselves, one after the other, before it is Plex that
#: fails and not one of them.
SURELY_DOWN = 2
#: Seconds in which nothing is read along, after it turned out that items of waiting scenes are not where they were: in
#: one request they make it a dear one.
ALONE_FOR = 10.0
#: What is known of a server that shows less of items which are read together.
CUT_SHORT = "cut short"
#: Sightings kept.
KEPT = 1000


def held(match: Match, item: Item | None) -> Item:
    """The item, which holds the file by which a scene is matched to it.

    :param item: as Plex has it under the rating key; None where there is none.
    :raises ItemGone: there is none.
    :raises FileElsewhere: it holds other files.
    :raises ItemUnreadable: Plex does not say which files it holds.
    """
    if item is None:
        raise ItemGone(f"Plex has no item {match.rating_key} (any more)")
    if not item.parts:
        raise ItemUnreadable(
            f"Plex does not show the files of item {match.rating_key}: is the token that of the server's owner?"
        )
    if all(part.file != match.path for part in item.parts):
        raise FileElsewhere(f"item {match.rating_key} no longer holds {match.path}")
    return item


def holds(match: Match, item: Item | None) -> bool:
    """Whether an item is there, and shows that it holds the file by which a scene is matched to it."""
    return item is not None and any(part.file == match.path for part in item.parts)


def _items(found: Mapping[int, Item | ItemUnreadable | None]) -> dict[int, Item]:
    return {key: item for key, item in found.items() if isinstance(item, Item)}


class _Want(NamedTuple):
    """An item that somebody wants; ``anew`` where what was seen before does not do."""

    rating_key: int
    anew: bool


@dataclass(frozen=True, slots=True)
class _Sighting:
    """``item`` is None where there was none. ``at``: when it was asked for (monotonic seconds), in which ``epoch``.

    ``is_ahead``: it was read along, while its scene waited in the queue, for the write that is to come. What was seen
    before an event says nothing of where its file is now, so no other sighting stands in for a look.
    """

    item: Item | ItemUnreadable | None
    at: float
    epoch: int
    is_ahead: bool


@dataclass(slots=True, eq=False)
class _Reading:
    """A request under way, one of several maybe; ``written``: the rating keys that are written to meanwhile."""

    written: set[int] = field(default_factory=set)


class ItemsWritten:
    """A block in which items are written to: see ``Sightings.writing``."""

    __slots__ = ("_keys", "_sightings")

    def __init__(self, sightings: Sightings, rating_keys: Sequence[int]) -> None:
        self._sightings = sightings
        self._keys = rating_keys

    def __enter__(self) -> None:
        self._sightings.begin_writing(self._keys)

    def __exit__(self, *_: object) -> None:
        self._sightings.end_writing(self._keys)


class Sightings:
    """Reads items, and remembers for a few seconds what it read. Safe to share between threads.

    :param read: several items at once, by rating key, with errors in place of those that cannot be read; those that
        there are not are left out.
    :param epoch: a number that is another one after each time that Plex was away: what was seen before is forgotten.
    :param upcoming: the rating keys of the scenes that wait next, at most so many as it is asked for.
    :param clock: seconds that only ever grow.
    :param gather_for: see ``GATHER_FOR``.
    """

    def __init__(
        self,
        read: Callable[[Sequence[int]], Mapping[int, Item | ItemUnreadable]],
        epoch: Callable[[], int] = lambda: 0,
        upcoming: Callable[[int], Iterable[int]] = lambda _count: (),
        clock: Callable[[], float] = time.monotonic,
        gather_for: float = GATHER_FOR,
    ) -> None:
        self._ask = read
        self._epoch = epoch
        self._upcoming = upcoming
        self._clock = clock
        self._lock = threading.Lock()
        self._seen: OrderedDict[int, _Sighting] = OrderedDict()
        #: How many of them, at most, are still there for the look that they were read for.
        self._left_ahead = 0
        #: Whether some were to be read along when that was asked last.
        self._found_some = False
        self._readings: list[_Reading] = []
        self._awaiting: Counter[int] = Counter()
        self._wanted_at: deque[float] = deque(maxlen=MOST_ALONG)
        self._alone_until = self._asked_along = float("-inf")
        self._gather_for = gather_for
        #: Items of scenes that have their turn together.
        self._foreseen: dict[int, None] = {}
        #: Items that are being written, and are still to be read back.
        self._to_be_read_back: set[int] = set()
        self._asked = threading.Condition(self._lock)
        self._loader: BatchLoader[_Want, Item] = BatchLoader(self._fetch, TOGETHER)

    @classmethod
    def of(cls, plex: PlexClient, upcoming: Callable[[int], Iterable[int]] = lambda _count: ()) -> Sightings:
        """What is seen through a client; ``upcoming`` as above.

        Where the server cuts short what is read together, each item is a request, and none is read along.
        """

        def along(count: int) -> Iterable[int]:
            return () if plex.traits.get(Trait.GROUP_READS) == CUT_SHORT else upcoming(count)

        return cls(lambda keys: plex.items_or_faults(keys), lambda: plex.failures, along)

    def look(self, rating_key: int) -> Item | None:
        """The item as it is now, or was when it was read along for this look, ``FRESH`` seconds ago at most.

        :returns: None where there is no such item.
        :raises PlexSyncError: Plex could not be asked.
        """
        with self._lock:
            self._wanted_at.append(self._clock())
            sighting = self._take(rating_key)
        if sighting is None:
            return self._loader.get(_Want(rating_key, anew=False))
        if isinstance(sighting.item, ItemUnreadable):
            raise sighting.item
        return sighting.item

    def read(self, rating_key: int) -> Item | None:
        """The item as it is now: asked for after this was called. None where there is none."""
        return self._loader.get(_Want(rating_key, anew=True))

    def item(self, match: Match, *, anew: bool) -> Item:
        """The item of a match, whole, as it was seen a moment ago.

        :param anew: it is read now, whatever was seen before.
        :raises ItemGone: there is none; as ``FileElsewhere`` where it holds another file than the one it is matched by.
        """
        return held(match, self.read(match.rating_key) if anew else self.look(match.rating_key))

    def foresee(self, rating_keys: Iterable[int]) -> None:
        """These items are about to be looked at one by one, until ``over``: they are read along with the first."""
        with self._lock:
            self._foreseen.update(dict.fromkeys(rating_keys))

    def expect_read_back(self, rating_key: int) -> None:
        """The item is about to be written to, and read back after that: others may wait for it, until ``over``."""
        with self._lock:
            self._to_be_read_back.add(rating_key)

    def await_no_longer(self, rating_key: int) -> None:
        """Nobody is to wait until the item is read back: it is, or it will take longer."""
        with self._asked:
            self._to_be_read_back.discard(rating_key)
            self._asked.notify_all()

    def read_back(self, match: Match) -> Item:
        """As ``item``, read anew, for one that was just written to.

        Others that are being written at this moment are waited for, ``GATHER_FOR`` seconds at most, and read along.
        """
        key = match.rating_key
        item = self._loader.get(_Want(key, anew=True), asked=lambda: self.await_no_longer(key), wait=self._gather)
        return held(match, item)

    def read_all(self, rating_keys: Sequence[int]) -> dict[int, Item]:
        """As ``read``, for many at once, ``TOGETHER`` in a request; those that there are not are left out."""
        found: dict[int, Item | ItemUnreadable] = {}
        for start in range(0, len(rating_keys), TOGETHER):
            found |= self._read(rating_keys[start : start + TOGETHER])
        return _items(found)

    def seen(self, rating_keys: Sequence[int]) -> dict[int, Item]:
        """Items as they were within the last ``FRESH`` seconds, for the files they hold; where not seen, they are read.

        They may have been written to since. Those that there are not are left out.
        """
        with self._lock:
            known = {key: one.item for key in rating_keys if (one := self._sighting(key)) is not None}
        return _items(known) | self.read_all([key for key in rating_keys if key not in known])

    def writing(self, rating_keys: Sequence[int]) -> ItemsWritten:
        """In the block the items are written to, as soon as it is their turn: whoever reads others looks at these too.

        What was read of them before the block ends is no longer how they stand.
        """
        return ItemsWritten(self, rating_keys)

    def begin_writing(self, rating_keys: Sequence[int]) -> None:
        """The block of ``writing`` begins."""
        with self._lock:
            for key in rating_keys:
                self._awaiting[key] += 1
            self._written(rating_keys)

    def end_writing(self, rating_keys: Sequence[int]) -> None:
        """The block of ``writing`` ends."""
        with self._lock:
            self._written(rating_keys)
            for key in rating_keys:
                self._awaiting[key] -= 1
                if self._awaiting[key] <= 0:
                    del self._awaiting[key]

    def over(self, rating_key: int) -> None:
        """The item's scene had its turn: what was read along for it is none for the next one."""
        with self._lock:
            self._take(rating_key)
            self._foreseen.pop(rating_key, None)
        self.await_no_longer(rating_key)

    def read_alone(self) -> None:
        """Items are not where they were: for a while nothing is read along."""
        with self._lock:
            self._alone_until = self._clock() + ALONE_FOR

    # -----------------------------------------------------------------------------------------------------------------

    def _gather(self) -> None:
        """Wait until all that are being written have asked to be read back, or for long enough."""
        with self._asked:
            self._asked.wait_for(lambda: not self._to_be_read_back, self._gather_for)

    def _written(self, rating_keys: Iterable[int]) -> None:
        for key in rating_keys:
            self._take(key)
            for reading in self._readings:
                reading.written.add(key)

    def _sighting(self, rating_key: int, lasting: float = 0.0) -> _Sighting | None:
        one = self._seen.get(rating_key)
        if one is None or one.epoch != self._epoch() or self._clock() - one.at > FRESH - lasting:
            return None
        return one

    def _take(self, rating_key: int) -> _Sighting | None:
        """What was seen ahead, for the one look that it was meant for."""
        one = self._sighting(rating_key)
        if one is None or not one.is_ahead:
            return None
        self._seen[rating_key] = replace(one, is_ahead=False)
        self._left_ahead = max(0, self._left_ahead - 1)
        return one

    def _fetch(self, wants: Sequence[_Want]) -> dict[_Want, Item | PlexSyncError]:
        with self._lock:
            # Another request may have brought some of them while this one waited for its turn.
            seen = {want: one for want in wants if not want.anew and (one := self._take(want.rating_key)) is not None}
        keys = list(dict.fromkeys(want.rating_key for want in wants if want not in seen))
        is_look = any(not want.anew for want in wants)
        found = self._read_apart(keys, is_look=is_look) if keys else {}
        items: dict[_Want, Item | PlexSyncError | None] = {
            want: seen[want].item if want in seen else found.get(want.rating_key) for want in wants
        }
        return {want: item for want, item in items.items() if item is not None}

    def _read_apart(self, rating_keys: Sequence[int], *, is_look: bool) -> Mapping[int, Item | PlexSyncError]:
        """As ``_read``; where Plex fails at several items, it may stumble over one, so each is read by itself."""
        try:
            return self._read(rating_keys, is_look=is_look)
        except PlexUnavailable as error:
            if len(rating_keys) < 2 or not error.stumbled:
                raise
        self.read_alone()
        found: dict[int, Item | PlexSyncError] = {}
        worked = False
        for number, key in enumerate(rating_keys, start=1):
            try:
                found |= self._read([key])
                worked = True
            except PlexSyncError as error:
                found[key] = error
                if number == SURELY_DOWN and not worked:
                    return dict.fromkeys(rating_keys, error)
        return found

    def _read(self, rating_keys: Sequence[int], *, is_look: bool = True) -> dict[int, Item | ItemUnreadable]:
        awaiting, ahead = self._along(rating_keys, is_look=is_look)
        keys = [*rating_keys, *awaiting, *ahead]
        reading, began, epoch = _Reading(), self._clock(), self._epoch()
        with self._lock:
            self._readings.append(reading)
        try:
            found = self._ask(keys)
        except BaseException:
            if len(keys) > len(rating_keys):
                # It may be one of the others that Plex stumbles over.
                self.read_alone()
            raise
        finally:
            with self._lock:
                self._readings.remove(reading)
        with self._lock:
            if ahead:
                # What was read before them and never looked at counts no more.
                self._left_ahead = 0
            for key in keys:
                is_ahead = key in ahead and key not in reading.written
                self._left_ahead += is_ahead
                self._seen[key] = _Sighting(found.get(key), began, epoch, is_ahead)
                self._seen.move_to_end(key)
            while len(self._seen) > KEPT:
                self._seen.popitem(last=False)
            if any(key not in found for key in keys[len(rating_keys) :]):
                self._alone_until = self._clock() + ALONE_FOR
        return {key: found[key] for key in rating_keys if key in found}

    def _along(self, rating_keys: Sequence[int], *, is_look: bool) -> tuple[list[int], list[int]]:
        """What is read along: items that wait for their write, and those of the scenes that come next.

        :param is_look: whether an item is wanted before it is written to.
        """
        room = TOGETHER - len(rating_keys)
        with self._lock:
            now = self._clock()
            if room <= 0 or now < self._alone_until:
                return [], []
            while self._wanted_at and now - self._wanted_at[0] > FRESH:
                self._wanted_at.popleft()
            count = min(room, MOST_ALONG, max(FEWEST_ALONG, 2 * len(self._wanted_at)))
            # Where scenes wait and hardly any is left of what was read along, the next ones would look for themselves.
            runs_out = self._found_some and self._left_ahead < FEW_LEFT
            asks = is_look or runs_out or now - self._asked_along >= ASKED_LATELY
            foreseen = list(self._foreseen) if is_look else []
            if asks:
                self._asked_along = now
        # Others that wait have a turn of their own.
        upcoming = foreseen or (list(dict.fromkeys(self._upcoming(count))) if asks else [])
        upcoming = [key for key in upcoming if key not in rating_keys]
        with self._lock:
            self._found_some = bool(upcoming) if asks else self._found_some
            awaiting = [
                key for key in self._awaiting if key not in rating_keys and self._sighting(key, LASTING) is None
            ]
            ahead = [
                key
                for key in upcoming
                if key not in awaiting and ((one := self._sighting(key, LASTING)) is None or not one.is_ahead)
            ]
        return awaiting[:room], ahead[: max(0, room - len(awaiting))]
