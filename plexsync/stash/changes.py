"""What Stash says of changes since a moment, and how to ask so that none slips through.

Stash stamps a scene, performer, studio, tag or group with the second in which it was changed, in the zone of its
server, and keeps the stamp as a text: ``2026-10-25T02:59:59+02:00``, and ``...Z`` where the zone is UTC. It compares
and sorts stamps as texts. What comes of that:

- Moments are Stash's own texts, sent back as they came. No clock of ours is compared with one of Stash's.
- Several things share a stamp, and one thing can change twice within it.
- A stamp can be older than others that were seen before it: Stash takes the time of a bulk edit or a merge before it
  waits for its one write connection, and shows the edit when the transaction ends.
- When the server's zone moves back (each autumn, or by hand), new stamps stand below old ones for that long.

So what was listed once is listed again when its stamp has settled. ``Watermark`` says since when to ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Self

from plexsync.errors import SceneUnreadable
from plexsync.imports.late_dataclass import dataclass

#: What a scene is made of. A change of one of these changes what its scenes show, and leaves no stamp on them.
EntityKind = Literal["performer", "studio", "tag", "group"]

#: Seconds after which a stamp has settled: nothing with it, or with an older one, can come into sight any more. Judged:
#: an edit waits for those before it, and the longest of them, of tens of thousands of scenes, takes about a minute.
SETTLING = 300.0


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that was changed or made. ``updated_at`` is its stamp, as Stash wrote it."""

    id: int
    updated_at: str


class Total(NamedTuple):
    """How many there are of something, and the largest id."""

    number: int
    newest: int


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what was changed: ``scenes`` ascending by id; ``parts`` by kind, all of them, on the first page only.

    ``totals``: what there is of each kind, changed or not; of those that are not in it nobody knows.

    ``more``: there may be another page, for scenes with ids larger than ``last``. ``unreadable``: scenes that were
    changed, and that Stash cannot read, not even when that was.
    """

    scenes: tuple[Changed, ...]
    parts: Mapping[EntityKind, tuple[Changed, ...]] = field(default_factory=dict)
    more: bool = False
    last: int = 0
    unreadable: Sequence[SceneUnreadable] = ()
    totals: Mapping[EntityKind, Total] = field(default_factory=dict)

    @property
    def newest(self) -> str:
        """The last stamp by its text; ``""`` where nothing was changed."""
        listed = (self.scenes, *self.parts.values())
        return max((one.updated_at for some in listed for one in some), default="")


@dataclass(frozen=True, slots=True)
class Watermark:
    """Since when to ask for changes. A value: keep it, over restarts too, and take the next one from ``after``.

    A poll does exactly this::

        due = mark.due(now())
        since = mark.since(due)
        newest, page = "", client.changes(since)
        ...                                  # note page.scenes and page.parts as to be read again; newest = max(...)
        while page.more:
            page = client.changes(since, page.last)
            ...                              # the same
        mark = mark.after(newest, now(), due)  # stored together with what was noted, or after it; never before

    All that is listed is to be *read* after it was listed: a reading from before does not count, whatever its stamp.
    Then each change is read after it came into sight, provided that it does so within ``SETTLING`` seconds. Each is
    listed at once and again when it has settled, three times at most, and none for ever. Where nothing was changed and
    all is settled, a poll is one request with an empty answer.

    What leaves no stamp is not found this way: something destroyed, a tag merged into another, a file moved to another
    scene, an import of old stamps. Hooks tell the first two, and ``Changes.totals`` gives them away; for the others
    everything has to be compared.

    :param settled: all stamps up to this one are done with.
    :param seen: the last stamp listed so far.
    :param settling: the stamp that is done with next, or ``""``.
    :param since_when: when ``settling`` was listed, in seconds since the epoch on the caller's own clock, of which
        only the time that passes counts. Setting it back delays.
    """

    settled: str
    seen: str
    settling: str = ""
    since_when: float = 0.0

    @classmethod
    def at(cls, moment: str, now: float) -> Self:
        """Where what came into sight before is of no interest.

        :param moment: what ``StashClient.last_change`` says, or ``""`` where all is of interest.
        :param now: as ``after`` takes it.
        """
        if not moment:
            return cls("", "")
        unsettled = datetime.fromisoformat(moment) - timedelta(seconds=SETTLING)
        return cls(_stamp(unsettled), moment, moment, now)

    def due(self, now: float) -> bool:
        """Whether what was listed has settled, and is to be listed again.

        :param now: seconds, on the clock that ``after`` was told.
        """
        return bool(self.settling) and now - self.since_when >= SETTLING

    def since(self, due: bool) -> str:
        """The moment to ask for."""
        return self.settled if due else self.seen

    def after(self, newest: str, now: float, due: bool) -> Watermark:
        """The next watermark, when all pages were read.

        :param newest: the last stamp that they held, ``""`` where they were empty.
        :param now: seconds, read after the last page came.
        :param due: as it was before the first page.
        """
        if again := moved_back(self.settled, newest):
            return Watermark.at(again, now)
        seen = max(self.seen, newest)
        settled = self.settling if due else self.settled
        if self.settling and not due:
            return replace(self, seen=seen, since_when=min(self.since_when, now))
        return Watermark(settled, seen, seen if seen > settled else "", now)


def moved_back(settled: str, stamp: str) -> str | None:
    """Where to look again when the server's zone has moved back between two stamps; None where it has not.

    What was changed after ``settled`` has stamps from the returned moment on, in the new zone, although their texts
    stand below ``settled``.

    :param settled: the older stamp, or ``""``.
    :param stamp: the younger one, or ``""``.
    """
    if not settled or not stamp:
        return None
    old, new = datetime.fromisoformat(settled), datetime.fromisoformat(stamp)
    if _offset(new) >= _offset(old):
        return None
    # A second earlier, since more may have happened within it after the zone had moved.
    return _stamp((old - timedelta(seconds=1)).astimezone(new.tzinfo))


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
