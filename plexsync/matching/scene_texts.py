"""What is compared of a scene: the names of its files, and the words that studio, performers and folders explain."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.imports.late import late_pattern
from plexsync.matching.bare_names import Collections, said_by_folders
from plexsync.matching.film_folders import names_of
from plexsync.matching.reading import read
from plexsync.matching.texts import Text
from plexsync.matching.titles import name_words, plain
from plexsync.model import Scene

#: Files of a scene, and of an item, that are compared by the words in their names.
NAMES_COMPARED = 3
_NUMBER = late_pattern("[0-9]+")
#: Addresses of films, as ids.
_TMDB = late_pattern(r"themoviedb\.org/movie/([0-9]+)")


def address_read(url: str) -> str:
    """An address with the id of a film in the form in which names have it."""
    found = _TMDB.search(url)
    return f"tmdb-{found[1]}" if found else url


def title_words(title: str) -> tuple[str, ...]:
    """The words of a title, and all of it in one piece, with the articles that its words lack: ``ADayInMay``."""
    return (*read(title).words, "".join(filter(str.isalnum, plain(title))))


def explained_words(scene: Scene, collections: Collections) -> frozenset[str]:
    """Words of studio and performers, which names may have besides; those of a name also in one piece."""
    found: set[str] = set()
    for name in (scene.studio, *(one.name for one in scene.performers)):
        parts = name_words(name)
        found.update(parts)
        if len(parts) > 1:
            found.update(("".join(parts), "".join(reversed(parts))))
    # ``VR 360`` is no kind of picture there.
    found.update(number.lstrip("0") for number in _NUMBER.findall(scene.studio))
    paths = [file.path for file in scene.files[:NAMES_COMPARED]]
    return said_by_folders(paths).union(found, collections.words)


def names_read(paths: Sequence[str]) -> list[Text]:
    """The names of the first few files, each once; where one says nothing, that of its folder as well."""
    named = [names_of(path) for path in paths[:NAMES_COMPARED]]
    bare = dict.fromkeys(name for name, *_ in named)
    folders = dict.fromkeys(folder for _, *rest in named for folder in rest)
    return [
        *(Text(name, read(name), is_title=False) for name in bare),
        *(Text(folder, read(folder), is_title=False, of_folder=True) for folder in folders),
    ]
