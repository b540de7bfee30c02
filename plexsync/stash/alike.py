"""The filter by which Stash finds the scenes that may be those of a file: as long, called alike, or of its title."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plexsync.imports.late_dataclass import dataclass

#: Lengths, names and titles of each that are asked for: Stash's database takes no filter that is nested a hundredfold.
MOST_EACH = 5


@dataclass(frozen=True, slots=True)
class Alike:
    """What scenes are looked for by: that any of it agrees.

    :param lengths: of files, in seconds; a second more or less is alike.
    :param names: of files, without their folders and endings.
    :param titles: of scenes.
    :param lengthless: also scenes of which Stash knows no length.
    :param separator: what stands between folders in Stash.
    """

    lengths: Sequence[float] = ()
    names: Sequence[str] = ()
    titles: Sequence[str] = ()
    lengthless: bool = False
    separator: str = "/"

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.lengths or self.names or self.titles)

    def where(self) -> dict[str, Any]:
        """A ``SceneFilterType`` to which a criterion for ids can be added.

        It may find more than is asked for: in Stash ``%`` and ``_`` stand for others, and case does not count.
        """
        criteria: list[dict[str, Any]] = [{"duration": _around(one)} for one in self.lengths[:MOST_EACH]]
        if self.lengthless:
            criteria.append({"duration": {"value": 0, "modifier": "EQUALS"}})
        # In quotes, since of several words Stash looks for any one.
        criteria += [{"path": _text(f'"{self.separator}{one}."', "INCLUDES")} for one in self.names[:MOST_EACH]]
        criteria += [{"title": _text(one, "EQUALS")} for one in self.titles[:MOST_EACH]]
        nested: dict[str, Any] = {}
        for criterion in reversed(criteria):
            nested = {**criterion, "OR": nested} if nested else criterion
        return {"AND": nested}


def _around(seconds: float) -> dict[str, Any]:
    """Stash cuts lengths to whole seconds before it compares them."""
    return {"value": max(0, int(seconds - 1)), "value2": int(seconds + 1), "modifier": "BETWEEN"}


def _text(value: str, modifier: str) -> dict[str, str]:
    return {"value": value, "modifier": modifier}
