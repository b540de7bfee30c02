"""What it says that an item lies in a folder of the scene's studio, of its people or of its own folder's name.

In such a folder the item is one of so many, and no longer one of a whole library: where a few dozen files lie, one that
is as long to a few tenths of a second is hardly another one by chance. Names need not say anything for that.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.evidence import Chances, Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.fuzzy import fuzz
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.lookup import FileIndex
from plexsync.matching.paths import folded
from plexsync.matching.reading import read
from plexsync.matching.titles import name_words
from plexsync.model import IndexedPart, Scene

#: Folders above a file that are looked at, from the nearest.
_FOLDERS = 3
#: Words by which folders are called that hold whole collections, of any studio and anybody.
_SHELVES = GENERIC | frozenset(
    "site sites siterip siterips studio studios network networks channel channels model models girls stars people "  # noqa: SIM905 - as a list it would take a page
    "performers series collection collections sorted unsorted done todo new old incoming complete completed torrents "
    "remux mkv mp4 vr dvd dvds jav amateur favourites favorites archive backup all by".split()
)
#: Letters that a folder's name must have to be a part of a studio's, to be its initials, and to be known again at all.
_PART_OF_STUDIO, _INITIALS, _TELLING = 5, 3, 4
#: Others of about the length in a folder, and of how many files one, so that all of them are alike.
_ALIKE = 3
#: A folder that holds one in so many of all files is one of a whole collection, whatever it is called.
_WHOLE = 5
#: The same where no more are counted.
_MOST = 1000
#: What is said of folders, by whose they are.
_SAID = {
    Kind.FOLDER_OF_STUDIO: "",
    Kind.FOLDER_OF_PERFORMER: " of a performer",
    # It is called after no studio and nobody known.
    Kind.FOLDER_OF_OWN_NAME: ", called as the scene's",
}
#: Likeness, 0 to 100, of a folder's name and a studio's that are one.
_SAME = 88.0


@dataclass(frozen=True, slots=True)
class Company:
    """An item's folder, whose it is by its ``kind``. ``weight`` in powers of ten: of being one of those in it."""

    kind: Kind
    weight: float
    reason: str
    #: The same where the item's name has one of the people: of being one of hers in a studio's folder.
    narrowed: float


class Folders:
    """Knows which folders speak of a scene, and how much it says that an item lies in one.

    :param scene: the scene.
    :param own: its file's path in comparable form.
    :param index: counts what lies in folders.
    """

    def __init__(self, scene: Scene, own: str, index: FileIndex) -> None:
        self._index = index
        studio = name_words(scene.studio) if scene.studio else ()
        self._studio = "".join(studio)
        self._initials = "".join(word[0] for word in studio) if len(studio) >= _INITIALS else ""
        self._people = [name for one in scene.performers if len(name := "".join(name_words(one.name))) >= _TELLING]
        told = [name for folder in own.split("/")[-1 - _FOLDERS : -1] if (name := _telling(folder))]
        self._own, self._nearest = set(told), told[-1] if told else ""
        #: By folder, what lies in it.
        self._found: dict[str, Sequence[tuple[int | None, int]]] = {}

    def company(self, part: IndexedPart, chances: Chances, seconds: float) -> Company | None:
        """What the nearest folder says that speaks of the scene; None where none does.

        :param part: a file that is as long as the scene's.
        :param chances: how common such a length is in the whole index.
        :param seconds: the length.
        """
        *folders, _ = part.path.split("/")
        is_within_another = False
        for depth in range(len(folders), max(0, len(folders) - _FOLDERS), -1):
            name = _telling(folders[depth - 1])
            speaks = self._least(folders[depth - 1])
            if speaks is not None:
                if speaks[0] is Kind.FOLDER_OF_OWN_NAME and is_within_another and name != self._nearest:
                    # Both lie in folders of their own within it: of other people, or of other films.
                    return None
                return self._counted_in("/".join(folders[:depth]), *speaks, part, chances, seconds)
            is_within_another = is_within_another or bool(name)
        return None

    def _least(self, folder: str) -> tuple[Kind, float] | None:
        """Whose a folder is, and as how many files it counts at the least; None for one that says nothing."""
        name = "".join(name_words(folder))
        if not name:
            return None
        if self._studio and (
            self._studio in name
            or (len(name) >= _PART_OF_STUDIO and (name in self._studio or fuzz.ratio(name, self._studio) >= _SAME))
            or name == self._initials
        ):
            return Kind.FOLDER_OF_STUDIO, weights.FOLDER_LEAST
        if any(one in name for one in self._people):
            return Kind.FOLDER_OF_PERFORMER, weights.FOLDER_LEAST_OF_PEOPLE
        if _telling(folder) in self._own:
            return Kind.FOLDER_OF_OWN_NAME, weights.FOLDER_LEAST_OF_OWN
        return None

    def _counted_in(
        self, folder: str, whose: Kind, least: float, part: IndexedPart, chances: Chances, seconds: float
    ) -> Company | None:
        milliseconds = part.duration_ms or 0
        found = self._found.get(folder)
        if found is None:
            found = self._found[folder] = self._index.in_folder(folded(folder))
        files = len(found)
        if not files or (whose is Kind.FOLDER_OF_OWN_NAME and (files >= _MOST or files * _WHOLE >= chances.files)):
            return None
        around = round(weights.COUNTED_AROUND * 1000)
        as_long = {key for one, key in found if one is not None and abs(one - milliseconds) <= around}
        others = max(0, len(as_long) - 1)
        if others >= _ALIKE and others * _ALIKE >= files:
            # All are about as long here: a length tells nothing.
            return None
        # What is expected of so many files anywhere, put right by what is here.
        anywhere = chances.of_second(seconds)
        usual = max(anywhere, weights.FOLDER_SPREAD / seconds)
        crowd = (1 + others) / (1 + files * 2 * weights.COUNTED_AROUND * usual) * usual / anywhere
        among_so_many = math.log10(max(files, least) * crowd)
        apart = abs(seconds - milliseconds / 1000)
        rest = -chances.prior + weights.FOLDER_APART * max(0.0, apart - weights.FINEST_DURATION)
        weight = rest - among_so_many + weights.FOLDER_SAFETY
        narrowed = weight
        if whose is not Kind.FOLDER_OF_PERFORMER:
            narrowed = max(weight, rest - max(0.0, among_so_many - weights.PERFORMER))
        alone = ", the only one about as long" if not others else ""
        told = f"one of {files} files in the folder {folder.rpartition('/')[2]!r}{_SAID[whose]}{alone}"
        return Company(whose, weight, told, narrowed)


def _telling(folder: str) -> str:
    """A folder's name in one piece; ``""`` for one that many have."""
    found = name_words(folder)
    name = "".join(found)
    if len(name) < _TELLING or name.isdigit() or _SHELVES.issuperset(found):
        return ""
    # In the folder of one day lie the takes of one shoot, which are about as long as each other.
    return "" if read(folder).dates else name


def among(witnesses: Iterable[Evidence], company: Company, in_names: Sequence[Evidence]) -> list[Evidence]:
    """The witnesses, with the folder in place of those that it is known by.

    :param in_names: those that the item's names tell by themselves.
    """
    kept = [one for one in witnesses if one in in_names]
    return [*kept, Evidence(company.kind, company.weight, company.reason)]
