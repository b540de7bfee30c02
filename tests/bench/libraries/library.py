"""A library of any size with known truth: kinds of trouble in shares, from one seed, in pieces that fit in memory."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from plexsync.model import ListedItem, Section
from tests.bench.libraries import (
    file_changes,
    film_files,
    hardly_called,
    look_alikes,
    marked_versions,
    mounts,
    name_forms,
    other_names,
    same_film,
    site_files,
    spellings,
    weak_names,
)
from tests.bench.libraries.films import FilmMaker, Lengths
from tests.bench.libraries.households import HOUSEHOLDS
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
    "siterips": (site_files.siterips, 2),
    "siterips renamed": (site_files.siterips_renamed, 2),
    "siterips missing": (site_files.siterips_missing, 2),
    "codes": (site_files.codes, 2),
    "neighbouring codes": (site_files.neighbouring_codes, 2),
    "joined names": (site_files.joined_names, 2),
    "release groups": (site_files.release_groups, 2),
    "studios in X": (site_files.studios_in_x, 2),
    "only studio, day and cast": (site_files.only_day_and_cast, 2),
    "same day and cast": (site_files.same_day_and_cast, 2),
    "numbers only": (site_files.numbers_only, 2),
    "remakes": (film_files.remakes, 2),
    "wrong agent": (film_files.wrong_agent, 2),
    "editions": (film_files.editions, 2),
    "film ids": (film_files.film_ids, 2),
    "two resolutions": (film_files.two_resolutions, 2),
    "year for a date": (film_files.year_for_a_date, 2),
    "remuxed": (file_changes.remuxes, 3),
    "typos": (file_changes.typos, 2),
    "intro cut": (file_changes.intro_cut, 1),
    "split parts": (file_changes.split_parts, 1),
    "no length in Stash": (file_changes.no_length, 2),
    "no size": (file_changes.no_size, 2),
    "replaced content": (file_changes.replaced_content, 1),
    "swapped names": (file_changes.swapped_names, 1),
    "virtual reality": (file_changes.virtual_reality, 2),
    "escaped names": (file_changes.escapes, 2),
    "junk names": (file_changes.junk, 2),
    "beside the film": (file_changes.beside_the_film, 1),
    "compilations": (file_changes.compilations, 1),
    "lengths tell": (file_changes.lengths_tell, 2),
    "hard links": (file_changes.hard_links, 1),
    "series": (file_changes.series, 1),
    "sites renamed": (other_names.site_renamed, 1),
    "odd dates": (other_names.odd_dates, 2),
    "aliases": (other_names.aliases, 2),
    "telling folders": (other_names.telling_folders, 2),
    "download sites": (other_names.download_sites, 2),
    "signs": (other_names.signs, 2),
    "other frame rates": (other_names.frame_rates, 2),
    "sped up": (other_names.sped_up, 1),
    "one shoot": (other_names.one_shoot, 1),
    "only the day": (other_names.only_the_day, 2),
    "others of the day": (other_names.others_of_the_day, 1),
    "second of a name": (name_forms.second_of_a_name, 1),
    "parts in letters": (name_forms.parts_in_letters, 1),
    "figures in words": (name_forms.figures_in_words, 1),
    "in one piece": (name_forms.in_one_piece, 1),
    "cut titles": (name_forms.cut_titles, 1),
    "years taken out": (name_forms.years_taken_out, 1),
    "translated titles": (hardly_called.translated_titles, 1),
    "replaced words": (hardly_called.replaced_words, 1),
    "other groups": (hardly_called.other_groups, 1),
    "names without words": (hardly_called.without_words, 1),
    "only names": (hardly_called.only_names, 1),
    "only folder and length": (hardly_called.only_folder_and_length, 1),
    "size elsewhere": (hardly_called.size_elsewhere, 1),
    "halves of one title": (name_forms.halves_of_one_title, 1),
    "added to names": (name_forms.added_to_names, 1),
    "marked versions": (marked_versions.marked_versions, 1),
    "marked codes": (marked_versions.marked_codes, 1),
    "short titles": (weak_names.short_titles, 1),
    "called after quality": (weak_names.called_after_quality, 1),
    "moments": (weak_names.moments, 1),
    "people in folders": (weak_names.people_in_folders, 1),
    "numbered studios": (weak_names.numbered_studios, 1),
    "long numbers": (weak_names.long_numbers, 1),
    "cut early": (weak_names.cut_early, 1),
    "lost letters": (weak_names.lost_letters, 1),
}
#: Kinds in which another film has the very file name, or path, of the one that is sought.
SAME_NAME_KINDS = ("same name", "same name but missing", "crossed roots", "siterips missing", "replaced content")

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


def cases(seed: int, size: int, kinds: Sequence[str] = tuple(KINDS), household: str = "mixed") -> Iterator[Case]:
    """A library piece by piece; the same arguments give the same library.

    No two films lie at one place, nor would they if Plex had the missing ones.

    :param size: scenes, all in all.
    :param kinds: names in ``KINDS``; their shares among each other are the household's.
    :param household: a name in ``HOUSEHOLDS``.
    """
    rng = random.Random(f"{household} {seed}")
    own = HOUSEHOLDS[household]
    lengths = Lengths(own.median, own.spread, own.round_minutes)
    make = Maker(rng, FilmMaker(rng, size, own.schemes, own.layouts, lengths), own)
    shares = [own.share(kind, KINDS[kind][1]) for kind in kinds]
    if not any(shares):
        shares = [1] * len(kinds)
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
        files = [file.path for one in scenes for file in one.scene.files]
        parts = [part.file for item in items for part in item.parts]
        if not taken.isdisjoint(places) or len(set(files)) < len(files) or len(set(parts)) < len(parts):
            continue
        taken |= places
        scenes = [replace(one, kind=kind) for one in scenes[:left]]
        left -= len(scenes)
        yield Case(tuple(scenes), tuple(items))
