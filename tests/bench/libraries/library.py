"""A library of any size with known truth: kinds of trouble in shares, from one seed, in pieces that fit in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from plexsync.model import ListedItem, Section
from tests.bench.libraries import look_alikes, mounts, naming, same_film, spellings
from tests.bench.libraries.films import FilmMaker
from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.maker import Maker

#: The libraries of Plex the items are in.
SECTIONS = (Section(1, "Scenes", "movie", locations=("/media",)), Section(2, "Favourites", "movie"))
#: Share of cases beside which Plex holds a film that Stash does not know, of the same studio and people.
NEIGHBOURS = 0.12

Builder = Callable[[Maker], None]
#: Each kind of trouble, what makes it, and its share of the cases. A case has one scene, or a few that belong together.
KINDS: dict[str, tuple[Builder, int]] = {
    "plain": (same_film.plain, 10),
    "other root": (same_film.other_root, 14),
    "several roots": (same_film.several_roots, 10),
    "crossed roots": (look_alikes.crossed_roots, 1),
    "moved": (same_film.moved, 6),
    "renamed": (same_film.renamed, 6),
    "re-encoded": (same_film.reencoded, 6),
    "renamed and re-encoded": (same_film.renamed_reencoded, 6),
    "same name": (look_alikes.same_name, 2),
    "same name but missing": (look_alikes.same_name_missing, 2),
    "same title": (look_alikes.same_title, 2),
    "numbered parts": (look_alikes.numbered_parts, 3),
    "NFC and NFD": (spellings.accents, 4),
    "case": (spellings.case, 4),
    "truncated name": (spellings.truncated, 4),
    "several versions": (same_film.versions, 3),
    "copies": (same_film.copies, 3),
    "missing from Plex": (look_alikes.missing, 6),
    "scraped titles": (spellings.scraped, 4),
    "other script": (spellings.transliterated, 5),
    "swapped dates": (spellings.swapped_dates, 4),
    "facts missing": (look_alikes.facts_missing, 5),
}
#: Kinds in which another film has the very file name, or path, of the one that is sought.
SAME_NAME_KINDS = ("same name", "same name but missing", "crossed roots")

look_alikes.UNDER_FACTS_MISSING += [
    same_film.other_root,
    same_film.moved,
    same_film.renamed,
    same_film.reencoded,
    same_film.renamed_reencoded,
]


@dataclass(frozen=True, slots=True)
class Case:
    """Scenes of Stash and items of Plex that belong together, or seem to."""

    scenes: tuple[Labelled, ...]
    items: tuple[ListedItem, ...]


def cases(seed: int, size: int, kinds: Sequence[str] = tuple(KINDS)) -> Iterator[Case]:
    """A library piece by piece; the same arguments give the same library.

    No two films lie at one place, nor would they if Plex had the missing ones.

    :param size: scenes, all in all.
    :param kinds: names in ``KINDS``; their shares among each other stay.
    """
    rng = random.Random(seed)
    make = Maker(rng, FilmMaker(rng, size, naming.USUAL, tuple(naming.LAYOUTS)))
    shares = [KINDS[kind][1] for kind in kinds]
    taken: set[int] = set()
    left = size
    while left > 0:
        kind = rng.choices(kinds, shares)[0]
        KINDS[kind][0](make)
        if rng.random() < NEIGHBOURS:
            stranger = make.films.film()
            make.in_plex(stranger, make.place(stranger, mount=mounts.Mount(mounts.PLEX_ONLY, mounts.PLEX_ONLY)))
        scenes, items, claims = make.harvest()
        places = {hash(claim) for claim in claims}
        if not taken.isdisjoint(places):
            continue
        taken |= places
        scenes = [replace(one, kind=kind) for one in scenes[:left]]
        left -= len(scenes)
        yield Case(tuple(scenes), tuple(items))
