"""Which sections of Plex are synced: those that the settings name, or all that can hold scenes."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.errors import LibraryMissing
from plexsync.library import kinds
from plexsync.model import Section
from plexsync.words import listed


def choose_sections(sections: Sequence[Section], wanted: Sequence[str]) -> list[Section]:
    """The sections named in the settings, by title or id; without names all those of a kind that can hold scenes.

    :raises LibraryMissing: a name is none of Plex's, or its section cannot hold scenes.
    """
    usable = kinds.used(sections)
    if not wanted:
        if usable:
            return usable
        agents = ", or ".join(kind.agents for kind in kinds.USED)
        raise LibraryMissing(
            f"Plex has no library of type {kinds.used_names()}: add one for Stash's folders ({agents})"
        )
    chosen: list[Section] = []
    for name in wanted:
        found = [one for one in usable if name == str(one.id) or name.casefold() == one.title.casefold()]
        if not found:
            known = listed(repr(one.title) for one in usable) or "none"
            raise LibraryMissing(
                f"PLEXSYNC_PLEX_LIBRARIES: Plex has no {kinds.used_names()} library {name!r} (it has: {known})"
            )
        chosen += [one for one in found if one not in chosen]
    return chosen
