"""The kinds of libraries that can hold scenes, each as one value.

What depends on the kind of a library follows from it: another kind is another value here. Plex's JSON names the items
of every kind ``Metadata``, and their lists alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Section


@dataclass(frozen=True, slots=True)
class LibraryKind:
    """A kind of library.

    :param name: Plex's name of it, as the ``type`` of a section and of its items: ``movie``.
    :param number: Plex's number of its items, as the parameter ``type`` of listings and edits.
    :param agents: what to choose when such a library is made, for a person.
    """

    name: str
    number: str
    agents: str


MOVIES = LibraryKind("movie", "1", "agent Personal Media or Plex Video Files")
#: Those that PlexSync uses.
USED = (MOVIES,)


def used_names(kinds: Iterable[LibraryKind] = USED) -> str:
    """The names of these kinds, for a person: ``movie``, or ``movie or show``."""
    return " or ".join(kind.name for kind in kinds)


def used(sections: Sequence[Section], kinds: Iterable[LibraryKind] = USED) -> list[Section]:
    """Those of the sections that can hold scenes."""
    names = {kind.name for kind in kinds}
    return [section for section in sections if section.type in names]
