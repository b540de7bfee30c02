"""Words of files' names that their folders have as well: of a studio or a person, as a rule, and not of the film."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.film_folders import film_folder
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.paths import path_key, stem
from plexsync.matching.reading import read
from plexsync.matching.titles import name_words

#: Folders above a file whose names are looked at.
_FOLDERS = 2
#: Letters that a word of a studio or a person has at the least, and words at most.
_LETTERS, _WORDS = 3, 3


def said_by_folders(paths: Sequence[str]) -> frozenset[str]:
    """Words of files' names that their folders have as well, where all else in the name is what anybody would choose.

    All that lies in such a folder is called so, as by a studio or a performer of whom nothing else is known.
    """
    found: set[str] = set()
    for path in paths:
        own = read(stem(path)).words
        if any(word in GENERIC for word in own):
            folders = path_key(path).split("/")[-1 - _FOLDERS : -1]
            said = {word for folder in folders for word in name_words(folder)}
            besides = [word for word in own if word not in said]
            # A film's own folder is called as the film is, with nothing besides.
            if besides and all(word in GENERIC for word in besides):
                found.update(word for word in own if word in said)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Collections:
    """What the folders are called that hold more than one film: ``Lucky Island/lucky_island_the_small_anchor``.

    ``words``: of all of them; names of other files may have these or lack them, as they do with those of studio and
    performers. ``named``: the words of each that the files' own names begin with, and so hold for the film's.
    """

    words: frozenset[str]
    named: tuple[tuple[str, ...], ...]


def of_collections(paths: Sequence[str]) -> Collections:
    """What the folders of some files are called that hold more than one film."""
    found: set[str] = set()
    named: list[tuple[str, ...]] = []
    for path in paths:
        own = [word for word in read(stem(path)).words if word not in GENERIC]
        if own and not film_folder(path_key(path)):
            for folder in path_key(path).split("/")[-1 - _FOLDERS : -1]:
                said = [word for word in name_words(folder) if word not in GENERIC]
                if said and len(said) <= _WORDS and not _is_of_one_film(folder, said, own):
                    found.update(word for word in said if len(word) >= _LETTERS and word.isalpha())
                    if set(said) <= set(own):
                        named.append(tuple(said))
    return Collections(frozenset(found), tuple(named))


def _is_of_one_film(folder: str, said: Sequence[str], own: Sequence[str]) -> bool:
    """Whether a folder is called after the one film in it: with a year, or by words that are no beginning of its name.

    Studios and people stand first in names, and titles after them.
    """
    if read(folder).year is not None:
        return True
    shared = [word for word in own if word in said]
    return bool(shared) and (len(own) == len(shared) or list(own[: len(shared)]) != shared)
