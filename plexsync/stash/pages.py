"""What comes of asking for many scenes: those that were read, and those that could not be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import field
from typing import Any, overload

import msgspec

from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.http.documents import read_row
from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Scene
from plexsync.stash import answers
from plexsync.stash.dialect import Dialect
from plexsync.stash.document import NEWEST
from plexsync.stash.failures import StashFault
from plexsync.stash.rows import read_rows


class FoundScenes(dict[int, Scene]):
    """Scenes by id. Ids that Stash does not know are not in it; asking for one that could not be read raises why.

    So nobody takes a scene that Stash cannot read for one that is gone. Going through it gives those that were read.
    """

    def __init__(self) -> None:
        super().__init__()
        #: The scenes that could not be read.
        self.unreadable: dict[int, SceneUnreadable] = {}

    @overload
    def get(self, key: int, default: None = None, /) -> Scene | None: ...
    @overload
    def get(self, key: int, default: Scene, /) -> Scene: ...
    @overload
    def get(self, key: int, default: Any, /) -> Any: ...
    def get(self, key: int, default: Any = None, /) -> Any:
        """The scene, or ``default`` where Stash has none.

        :raises SceneUnreadable: Stash has it, and cannot read it.
        """
        if key in self.unreadable:
            raise self.unreadable[key]
        return super().get(key, default)

    def __missing__(self, key: int) -> Scene:
        """As ``get``, for whoever takes it for granted that the scene is there."""
        if key in self.unreadable:
            raise self.unreadable[key]
        raise KeyError(key)


class ScenePage(tuple[Scene, ...]):
    """Scenes, ascending by id. ``unreadable`` are those among them that could not be read, which are not in it.

    ``last`` is the largest id that it reaches to, 0 for none; ``more``: there may be scenes beyond that. ``unsettled``
    are the ids of those of which something is still to be found out, so that they are to be read again.
    """

    unsettled: frozenset[int] = frozenset()
    unreadable: tuple[SceneUnreadable, ...]
    last: int
    more: bool

    def __new__(
        cls, scenes: Iterable[Scene], unreadable: Sequence[SceneUnreadable] = (), last: int = 0, *, more: bool = False
    ) -> ScenePage:
        """Make one."""
        page = super().__new__(cls, scenes)
        page.unreadable, page.last, page.more = tuple(unreadable), last, more
        return page


@dataclass(frozen=True, slots=True)
class UnreadScenes:
    """A page of scenes of which the rows are still to be checked and turned into values.

    ``count`` scenes are in it, those that could not be read among them. The ids of ``rows`` are known to be right, and
    to ascend; ``faults`` is what Stash could not read of some of them, by id. ``last`` and ``more`` are those of
    ``ScenePage``.
    """

    rows: Sequence[Any]
    unreadable: Sequence[SceneUnreadable] = ()
    faults: Mapping[int, Sequence[StashFault]] = field(default_factory=dict)
    dialect: Dialect = NEWEST
    last: int = 0
    more: bool = False

    @property
    def count(self) -> int:
        """How many scenes are in it."""
        return len(self.rows) + len(self.unreadable)

    def as_they_came(self) -> dict[int, msgspec.Raw]:
        """The bytes of rows by id: of those that were not looked into yet, and of which nothing failed."""
        came = ((answers.id_of(row), row) for row in self.rows if type(row) is msgspec.Raw)
        return {scene_id: row for scene_id, row in came if scene_id is not None and scene_id not in self.faults}

    def read(self, known: Collection[int] = ()) -> ScenePage:
        """The scenes.

        :param known: the ids of those that need not be read, and are not in the page.
        :raises StashUnavailable: a row is no JSON.
        """
        rows: Sequence[Any] = ()
        if len(known) < len(self.rows):
            rows = [row for row in self.rows if answers.id_of(row) not in known] if known else self.rows
        try:
            rows = [read_row(row) for row in rows]
        except ValueError:
            raise StashUnavailable("Stash's answer is not what it should be: a scene in it is not JSON") from None
        faults = (
            {place: self.faults[one] for place, row in enumerate(rows) if (one := int(row["id"])) in self.faults}
            if self.faults
            else None
        )
        read = read_rows(rows, self.dialect, faults)
        odd = [SceneUnreadable(one.id, one.reason) for one in read.odd if one.id is not None]
        unreadable = sorted((*self.unreadable, *odd), key=lambda one: one.scene_id)
        return ScenePage(read.scenes, unreadable, self.last, more=self.more)
