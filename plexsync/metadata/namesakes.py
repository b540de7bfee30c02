"""Performers of one name in one scene: told apart as Stash does, since Plex knows people by their names alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from plexsync.metadata.names import alike
from plexsync.metadata.text import single_line
from plexsync.model import Performer


def told_apart(performers: Sequence[Performer]) -> tuple[list[str], list[str]]:
    """The performers' names, with Stash's disambiguation (``Jane Doe (2)``) where several have the same in this scene.

    :returns: the names in the same order, and a sentence for a person about each name that several have.
    """
    namesakes: defaultdict[str, list[int]] = defaultdict(list)
    for place, performer in enumerate(performers):
        namesakes[alike(performer.name)].append(place)
    names, notes = [performer.name for performer in performers], []
    for key, places in namesakes.items():
        if key and len({performers[place].id for place in places}) > 1:
            for place in places:
                names[place] = _with_disambiguation(performers[place])
            shown = list(dict.fromkeys(alike(names[place]) for place in places))
            notes.append(_note(performers[places[0]].name, len(places), [names[place] for place in places], len(shown)))
    return names, notes


def _with_disambiguation(performer: Performer) -> str:
    more = single_line(performer.disambiguation)
    return f"{performer.name} ({more})" if more else performer.name


def _note(name: str, count: int, names: Sequence[str], shown: int) -> str:
    if shown == count:
        told = ", ".join(f'"{single_line(one)}"' for one in names)
        return f'{count} performers are named "{single_line(name)}": Plex shows them as {told}.'
    return (
        f'{count} performers are named "{single_line(name)}", and Plex shows {shown} of them: '
        "give each a disambiguation of its own in Stash."
    )
