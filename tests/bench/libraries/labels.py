"""The right answer for each scene, and whether a person who sees both programs could give it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto

from plexsync.model import Part, Scene, SceneFile

#: Seconds by which one film's two encodings differ at most, for a person who compares them.
SAME_LENGTH = 0.5
#: Seconds from which two files cannot be the same film.
OTHER_LENGTH = 2.0


class Clue(Enum):
    """What Stash and Plex agree on, as a person sees it.

    ``PATH``: the file lies at the same place, whatever the mount, the case and the form of its accents. ``NAME``: the
    same file name, one that hardly another file has. ``FOLDER``: the same name, and a folder above that says whose it
    is. ``TITLE``: a title that tells the film from others. ``DATE``, ``CAST``: date; studio or performers.
    """

    PATH = auto()
    NAME = auto()
    FOLDER = auto()
    TITLE = auto()
    DATE = auto()
    CAST = auto()


@dataclass(frozen=True, slots=True)
class Labelled:
    """A scene with its truth: the rating keys of the items that hold its film, none where it is missing from Plex.

    ``knowable``: a person could tell the item from what both programs know. ``variant`` says more than ``kind``.
    """

    scene: Scene
    kind: str
    variant: str
    truth: frozenset[int]
    knowable: bool


def can_be_known(files: Collection[SceneFile], parts: Collection[Part], clues: Collection[Clue]) -> bool:
    """Whether a person would be sure that these files are the same film.

    Path, or a telling name that nothing contradicts; else two things that hardly agree by chance: bytes and length;
    bytes and a name, title or date; length and a title, or a folder; length, date and people; title and date.
    """
    if Clue.PATH in clues:
        return True
    return any(_tells(file, part, clues) for file in files for part in parts)


def _tells(file: SceneFile, part: Part, clues: Collection[Clue]) -> bool:
    size_known = file.size is not None and part.size is not None
    same_size = size_known and file.size == part.size
    apart = None
    if file.duration is not None and part.duration_ms is not None:
        apart = abs(file.duration - part.duration_ms / 1000)
    same_length = apart is not None and apart <= SAME_LENGTH
    if apart is not None and apart > OTHER_LENGTH:
        return False
    if same_size and (same_length or any(clue in clues for clue in (Clue.NAME, Clue.FOLDER, Clue.TITLE, Clue.DATE))):
        return True
    if same_length and (Clue.TITLE in clues or Clue.FOLDER in clues or {Clue.DATE, Clue.CAST} <= set(clues)):
        return True
    if Clue.TITLE in clues and Clue.DATE in clues:
        return True
    return Clue.NAME in clues and (same_length or not size_known)
