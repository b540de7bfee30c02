"""What one file of a scene and one file of an item say of each other: place, name, size, duration, folders."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import IntEnum

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.codes import told_by_sure_code
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.film_folders import film_folder, is_of_disc
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.paths import stem, stem_key
from plexsync.matching.reading import read
from plexsync.matching.titles import words
from plexsync.model import IndexedPart, SceneFile

#: Files of a library of which nothing is known: a large one is on the safe side.
_LARGE = 100_000
#: What a name must tell so that a cut of it is worth a person's look.
_LONG_NAME = 4.0
_MINUTE = 60.0
#: Items that have a name from which it is known how common it is: two may be copies.
_SEVERAL = 3
#: Digits of a number with zeros before it.
_COUNTED_DIGITS = 4
#: How much quicker films are shown in Europe: 25 frames a second for 23.976; and how exactly.
_PAL, _PAL_APART = 25 / 23.976, 0.001
#: Seconds by which a length is off a whole minute at most to be one.
_TO_THE_MINUTE = 0.1
#: Names that cameras and telephones give, and that come again in each folder.
_CAMERA = late_pattern(r"(?:dsc|dscn|dscf|mvi|img|gopr|gh|gx|gp|dji|mov|pxl)[ _-]?[0-9]+$", re.IGNORECASE)

#: Years, months, counts and initials.
_GENERIC_FOLDER = late_pattern("[0-9]{1,4}|.")


class Place(IntEnum):
    """How the paths agree."""

    OTHER = 0
    OTHER_CASE = 1
    SAME = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a candidate or against it; ``weight`` in powers of ten, ``reason`` for a person.

    ``kind``: what it is about; decisions go by it, and never by the reason's words. ``decisive``: it is about the video
    itself or where it lies, not about how it is called.
    """

    kind: Kind
    weight: float
    reason: str
    decisive: bool = False


@dataclass(frozen=True, slots=True)
class Chances:
    """How common things are in the index of ``files`` files.

    ``count``: tells how many files' lengths are within ``weights.COUNTED_AROUND`` of the scene's file's; None where
    they cannot be counted. It is a look-up, and so is asked only where the answer matters.
    """

    files: int
    count: Callable[[], int] | None = None

    @property
    def prior(self) -> float:
        """The weight that any one item starts with."""
        return -math.log10(max(self.files, weights.SMALLEST_LIBRARY))

    def of_second(self, seconds: float) -> float:
        """The share of files within one second of this length."""
        usual = 1 / (weights.DURATION_SPREAD * seconds)
        as_long = self.count() if self.count is not None else 0
        if not as_long or not self.files:
            return usual
        counted = as_long / (2 * weights.COUNTED_AROUND * self.files)
        return max(counted, weights.DURATION_LEAST_SHARE * usual)

    def of_one_in(self, count: int) -> float:
        """The weight of what so many items have, as far as others may have it that are not in this library."""
        return self.of_so_many(count) + weights.NAMESAKES_SAFETY

    def of_so_many(self, count: int) -> float:
        """The weight of being one of so many."""
        return -self.prior - math.log10(max(count, 1))


@dataclass(frozen=True, slots=True)
class FilePair:
    """A file of the scene beside a file of the item.

    ``name`` is None where the names differ, or where they are the same and yet ``refuted``: size and duration differ.
    """

    file: SceneFile
    part: IndexedPart
    #: The scene's file's path as Plex would see it.
    mapped: str
    place: Place
    name: Evidence | None
    size: Evidence | None
    duration: Evidence | None
    folder: Evidence | None
    refuted: bool
    #: What their hashes say (``same_content``).
    content: Evidence | None = None

    @property
    def weight(self) -> float:
        """How much it speaks for the candidate."""
        here = weights.SAME_PATH if self.place else 0.0
        said = (self.content, self.name, self.size_in_context, self.duration, self.folder)
        return here + sum(one.weight for one in said if one)

    @property
    def size_in_context(self) -> Evidence | None:
        """What the size says beside the duration: where that is the same, another size means a re-encoded file."""
        if self.size is not None and _against(self.size) and self.same_duration:
            ours, theirs = self.file.size or 0, self.part.size or 0
            is_close = self.apart is not None and self.apart <= weights.REPACKED_APART
            if is_close and abs(ours - theirs) <= weights.REPACKED_SHARE * max(ours, theirs):
                told = f"nearly the same size ({ours} bytes in Stash, {theirs} in Plex)"
                return Evidence(Kind.NEAR_SIZE, weights.REPACKED, told)
            return None
        if _for(self.size) and self.other_hash:
            # That they are as long by chance is what the hashes have shown.
            return None
        return self.size

    @property
    def same_hash(self) -> bool:
        """True when the hashes are known and agree."""
        return _for(self.content)

    @property
    def other_hash(self) -> bool:
        """True when the hashes are known and say that these are two files, although of one size."""
        return _against(self.content)

    @property
    def same_size(self) -> bool:
        """True when the sizes are known and agree, and no hash says that this is by chance."""
        return _for(self.size) and not self.other_hash

    @property
    def same_duration(self) -> bool:
        """True when the durations are known and agree."""
        return _for(self.duration)

    @property
    def other_duration(self) -> bool:
        """True when the durations are known and say that these are two videos."""
        return _against(self.duration)

    @property
    def apart(self) -> float | None:
        """By how many seconds the lengths differ; None where one is unknown."""
        if not self.file.duration or not self.part.duration_ms:
            return None
        return abs(self.file.duration - self.part.duration_ms / 1000)

    @property
    def hardly_as_long(self) -> bool:
        """True where size and name differ, and the lengths by half a second to two: more than an encoding explains."""
        if self.name is not None or self.duration is None or _against(self.duration):
            return False
        ours, theirs = self.file.duration or 0.0, (self.part.duration_ms or 0) / 1000
        return (_against(self.size) and not self.same_duration) or (
            not _for(self.size) and abs(ours - theirs) > weights.SAME_DURATION
        )

    @property
    def other_content(self) -> bool:
        """True when size and duration are known, and neither agrees."""
        return is_other_content(self.size, self.duration)

    @property
    def replaced(self) -> bool:
        """True when size or duration does not agree."""
        return is_replaced(self.size, self.duration)


def pair(file: SceneFile, part: IndexedPart, mapped: str, namesakes: int, chances: Chances | None = None) -> FilePair:
    """What a scene's file and an item's say of each other.

    :param mapped: the scene's file's path as Plex would see it (``paths.map_path``).
    :param namesakes: how many items of the index have a file of this name.
    :param chances: how common a name and a length are in the index; None for a large library.
    """
    chances = chances or Chances(_LARGE)
    place = _place(mapped, part.path)
    # At its path, it is enough to know whether the lengths agree.
    lengths = chances if not place else Chances(chances.files)
    size, duration = same_size(file.size, part.size), same_duration(file.duration, part.duration_ms, lengths)
    if place:
        return FilePair(file, part, mapped, place, None, size, duration, None, refuted=False)
    named = stem_key(mapped) == stem_key(part.path)
    other_cut = named and _against(duration) and is_other_cut(file, part) and _telling(stem(mapped)) >= _LONG_NAME
    if other_cut and duration is not None:
        duration = replace(duration, weight=weights.OTHER_CUT_DURATION)
    refuted = named and not other_cut and _against(size) and _against(duration)
    name = _same_name(mapped, namesakes, chances) if named and not refuted else None
    if not named and _for(duration):
        name = _same_film_folder(mapped, part.path)
    # Without name or size, what the folder says counts for nothing.
    folder = same_folder(mapped, part.path) if name is not None or _for(size) else None
    if name is not None and not _against(duration) and _is_enough(stem(mapped), other_size=_against(size)):
        name = replace(name, decisive=True)
    if folder is not None and name is not None:
        folder = _beside_name(folder, name, mapped, namesakes)
    return FilePair(file, part, mapped, place, name, size, duration, folder, refuted)


def same_size(ours: int | None, theirs: int | None) -> Evidence | None:
    """Evidence of two sizes in bytes; None where one is unknown."""
    if not ours or not theirs:
        return None
    if ours != theirs:
        return Evidence(Kind.SIZE, weights.OTHER_SIZE, f"another size ({ours} bytes in Stash, {theirs} in Plex)")
    spread = math.log10(ours / _grain(ours)) + weights.SIZE_SAFETY
    return Evidence(Kind.SIZE, max(0.0, min(weights.SIZE_MOST, spread)), f"same size ({ours} bytes)", decisive=True)


def is_other_cut(file: SceneFile, part: IndexedPart) -> bool:
    """True where two lengths differ as those of two cuts of one film may, or as PAL makes them differ."""
    if not file.duration or not part.duration_ms:
        return False
    theirs = part.duration_ms / 1000
    if abs(max(file.duration, theirs) / min(file.duration, theirs) - _PAL) <= _PAL_APART:
        return True
    apart = abs(file.duration - theirs)
    return apart <= max(weights.OTHER_CUT_SECONDS, weights.OTHER_CUT_SHARE * file.duration)


def same_duration(ours: float | None, theirs: int | None, chances: Chances) -> Evidence | None:
    """Evidence of two durations, in seconds and in milliseconds; None where one is unknown.

    :param chances: how common such a length is.
    """
    if not ours or not theirs or ours <= 0 or theirs <= 0:
        return None
    apart = abs(ours - theirs / 1000)
    if apart <= weights.CLOSE_DURATION:
        within = max(apart, weights.FINEST_DURATION)
        chance = 2 * within * chances.of_second(ours)
        weight = min(weights.DURATION_MOST, weights.DURATION_SAFETY - math.log10(chance))
        if ours >= _MINUTE and abs(ours / _MINUTE - round(ours / _MINUTE)) * _MINUTE < _TO_THE_MINUTE:
            weight += weights.ROUND_MINUTE
        if apart <= weights.SAME_DURATION:
            return Evidence(Kind.LENGTH, max(0.0, weight), "same duration", decisive=True)
        close = max(0.0, weight + weights.CLOSE_DURATION_COST)
        return Evidence(Kind.LENGTH, close, f"durations {apart:.1f} s apart", decisive=True)
    if apart > max(weights.OTHER_DURATION_SECONDS, weights.OTHER_DURATION_SHARE * ours):
        return Evidence(Kind.LENGTH, weights.OTHER_DURATION, f"durations {apart:.0f} s apart")
    return Evidence(Kind.LENGTH, 0.0, f"durations {apart:.1f} s apart")


def of_other_cut(evidence: Sequence[Evidence], best: FilePair) -> list[Evidence]:
    """The evidence with less against it, where the lengths are those of two cuts of one film."""
    if not is_other_cut(best.file, best.part):
        return list(evidence)
    weight = weights.OTHER_CUT_DURATION
    return [replace(one, weight=max(one.weight, weight)) if one is best.duration else one for one in evidence]


def is_other_content(size: Evidence | None, duration: Evidence | None) -> bool:
    """True when size and duration are known, and neither agrees."""
    return _against(size) and duration is not None and not _for(duration)


def is_replaced(size: Evidence | None, duration: Evidence | None) -> bool:
    """True when size or duration does not agree."""
    return _against(size) or _against(duration)


def _place(mapped: str, path: str) -> Place:
    if mapped == path:
        return Place.SAME
    return Place.OTHER_CASE if mapped.casefold() == path.casefold() else Place.OTHER


def _same_name(mapped: str, namesakes: int, chances: Chances) -> Evidence:
    name = stem(mapped)
    others = f", which {namesakes} items have" if namesakes > 1 else ""
    if film_folder(mapped):
        # On each disc a file is called so.
        return Evidence(Kind.FILE_NAME, weights.NAME_LEAST, f"same file name {name!r}{others}")
    told = _telling(name)
    most = weights.NAME_MOST
    if namesakes >= _SEVERAL:
        # So many have it here that it is known how common it is.
        most = min(most, -chances.prior)
    weight = max(0.0, min(told, most - math.log10(max(1, namesakes))))
    if told - weights.NAME_LEAST >= weights.NAMESAKES_LEAST and not _CAMERA.match(name):
        weight = max(weight, min(weights.WORDS_MOST, chances.of_one_in(namesakes)))
    return Evidence(Kind.FILE_NAME, max(weight, _as_code(name, namesakes)), f"same file name {name!r}{others}")


def _as_code(name: str, namesakes: int) -> float:
    """What a name tells by the code in it; 0 for none, or for one that is too common to be a film's."""
    reading = read(name)
    if not reading.of_codes or namesakes >= weights.NO_CODE:
        return 0.0
    return min(weights.CODE_MOST, told_by_sure_code(reading.codes, reading.of_codes))


def _same_film_folder(ours: str, theirs: str) -> Evidence | None:
    """Evidence of two files that say nothing by their names, in folders that are called after one film."""
    folder = film_folder(ours)
    if not folder or folder.casefold() != film_folder(theirs).casefold():
        return None
    return Evidence(Kind.FILM_FOLDER, weights.NAME_LEAST, f"same folder of a film, {folder!r}")


def _telling(name: str) -> float:
    """How much a file name tells, up to a bound."""
    return min(weights.NAME_MOST, told_by_name(name))


def _is_enough(name: str, *, other_size: bool) -> bool:
    """True for a name that is no other film's; where the file was encoded again, one with the day in it."""
    return told_by_name(name) >= weights.NAME_ALONE and (not other_size or any(map(_is_day, read(name).dates)))


def _is_day(date: str) -> bool:
    """Whether a date is of a day, and not of a month."""
    return len(date) == len("2023-05-17")


def told_by_name(name: str) -> float:
    """How much a file name tells, by its letters and digits; words that anybody would choose do not count."""
    told = weights.NAME_LEAST
    for word in words(name):
        if word.isdigit():
            # Leading zeros count as well: ``vid0026`` is one of thousands.
            zeros = f"00{word}" in name and not _CAMERA.match(name)
            told += weights.NAME_DIGIT * max(len(word), _COUNTED_DIGITS if zeros else 0)
        elif word not in GENERIC:
            told += weights.NAME_LETTER * len(word)
    return told


def same_folder(ours: str, theirs: str) -> Evidence | None:
    """Evidence of the folders two files lie in; ``decisive`` where at least one of those named alike tells something.

    :param ours: the scene's file's path as Plex would see it.
    :param theirs: the item's file's path.
    """
    mine, yours = ours.rpartition("/")[0].casefold(), theirs.rpartition("/")[0].casefold()
    if not mine or not yours:
        return None
    weight, shared, telling = 0.0, 0, 0
    for left, right in zip(_from_the_nearest(mine), _from_the_nearest(yours), strict=False):
        if left != right or not left or telling == len(weights.TAIL):
            break
        shared += 1
        if _GENERIC_FOLDER.fullmatch(left) or left in GENERIC:
            weight += weights.TAIL_GENERIC
        else:
            weight += weights.TAIL[telling]
            telling += 1
    if mine == yours:
        told = f"same folder {theirs.rpartition('/')[0]!r}"
        return Evidence(Kind.FOLDER, max(weight, weights.SAME_FOLDER), told, decisive=telling > 0)
    if not telling:
        return Evidence(Kind.FOLDER, weight + weights.OTHER_FOLDER, "in another folder")
    tail = "/".join(_from_the_nearest(theirs.rpartition("/")[0])[shared - 1 :: -1])
    return Evidence(Kind.FOLDER, weight, f"both in {tail!r}", decisive=True)


def _from_the_nearest(folder: str) -> list[str]:
    """The names of a folder and of those that it is in, without those that each disc has."""
    names = folder.split("/")[::-1]
    above = next((place for place, name in enumerate(names) if not is_of_disc(name)), 0)
    return names[above:]


def _beside_name(folder: Evidence, name: Evidence, mapped: str, namesakes: int) -> Evidence | None:
    """What the folder says where the file names agree."""
    if folder.weight < 0 and _as_code(stem(mapped), namesakes):
        # A code is given once: in which folder its file lies says nothing.
        return None
    if folder.weight < 0:
        more = weights.OTHER_FOLDER * ((namesakes > 1) + (name.weight < weights.WEAK_NAME))
        return replace(folder, weight=folder.weight + more)
    return replace(folder, weight=max(folder.weight, weights.NAME_IN_FOLDER - name.weight))


def _grain(size: int) -> int:
    """The power of 1000 or 1024 that a size is a multiple of: a rounded size says less."""
    grain = 1
    for step in (1000, 1024):
        power = step
        while size % power == 0:
            grain = max(grain, power)
            power *= step
    return grain


def _for(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.weight > 0


def _against(evidence: Evidence | None) -> bool:
    return evidence is not None and evidence.weight < 0
