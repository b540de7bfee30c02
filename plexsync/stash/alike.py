"""The filter by which Stash finds the scenes that may be those of a file: as long, called alike, or of its title."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Scene

#: Lengths, names and titles of all that are asked for at once: Stash's database takes no filter that is nested a
#: hundredfold.
MOST_AT_ONCE = 60
#: Seconds by which two lengths differ at the most that Stash takes for the same one.
_APART = 2.0


@dataclass(frozen=True, slots=True)
class Alike:
    """What scenes are looked for by: that any of it agrees.

    :param lengths: of files, in seconds; a second more or less is alike.
    :param names: of files, without their folders and endings.
    :param titles: of scenes. Of all three together there are ``MOST_AT_ONCE`` at most.
    :param lengthless: also scenes of which Stash knows no length.
    :param separator: what stands between folders in Stash.
    """

    lengths: Sequence[float] = ()
    names: Sequence[str] = ()
    titles: Sequence[str] = ()
    lengthless: bool = False
    separator: str = "/"

    def __len__(self) -> int:
        """How many things are looked for."""
        return len(self.lengths) + len(self.names) + len(self.titles)

    def where(self) -> dict[str, Any]:
        """A ``SceneFilterType`` to which a criterion for ids can be added.

        It may find more than is asked for: in Stash ``%`` and ``_`` stand for others, and case does not count.
        """
        criteria: list[dict[str, Any]] = [{"duration": _around(one)} for one in self.lengths]
        if self.lengthless:
            criteria.append({"duration": {"value": 0, "modifier": "EQUALS"}})
        # In quotes, since of several words Stash looks for any one.
        criteria += [{"path": _text(f'"{self.separator}{one}."', "INCLUDES")} for one in self.names]
        criteria += [{"title": _text(one, "EQUALS")} for one in self.titles]
        nested: dict[str, Any] = {}
        for criterion in reversed(criteria):
            nested = {**criterion, "OR": nested} if nested else criterion
        return {"AND": nested}

    def may_mean(self, scene: Scene) -> bool:
        """Whether a scene that was found for this and for others may have been found for this: true rather too often.

        What Stash found only because a sign stood for another one is no file's or title's name, and is left out.
        """
        lengths = [file.duration or 0.0 for file in scene.files] or [0.0]
        if any(abs(one - ours) <= _APART for one in lengths for ours in self.lengths):
            return True
        if self.lengthless and any(one < 1 for one in lengths):
            return True
        paths = [file.path.casefold() for file in scene.files]
        if any(f"{self.separator}{name}.".casefold() in path for name in self.names for path in paths):
            return True
        return scene.title.casefold() in {one.casefold() for one in self.titles}


def together(several: Iterable[Alike]) -> Alike:
    """What finds the scenes of all of these: one at least, each with the same separator."""
    each = list(several)
    lengths, names, titles = (
        list(dict.fromkeys(one for alike in each for one in getattr(alike, what)))
        for what in ("lengths", "names", "titles")
    )
    return Alike(lengths, names, titles, lengthless=any(one.lengthless for one in each), separator=each[0].separator)


def _around(seconds: float) -> dict[str, Any]:
    """Stash cuts lengths to whole seconds before it compares them."""
    return {"value": max(0, int(seconds - 1)), "value2": int(seconds + 1), "modifier": "BETWEEN"}


def _text(value: str, modifier: str) -> dict[str, str]:
    return {"value": value, "modifier": modifier}
