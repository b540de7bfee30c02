"""Marks in names that tell the versions of one film apart: the cut, subtitles, censorship, pictures, where it is from.

One mark is spelt in many ways: ``4K``, ``UHD`` and ``2160p``; ``ABC-123-C`` and ``[Chinese Subs] ABC-123``. So each is
read as a value of an aspect, ``("subtitles", "chinese")``. A name may hold none: what it does not tell, its folders do,
or the title.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from functools import lru_cache
from typing import NamedTuple

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.mark_spellings import LANGUAGES, LINES, SPELT, SPOKEN, SUBTITLED, TAGS_OF_LANGUAGES, Lines
from plexsync.matching.paths import path_key, stem
from plexsync.matching.reading import read
from plexsync.matching.texts import Text
from plexsync.matching.titles import plain
from plexsync.model import IndexedPart, SceneFile


class Weight(NamedTuple):
    """What a mark weighs that both have, that is another one, and that only one of them has."""

    same: float
    other: float
    of_one: float


#: What is shown or heard differs: who has such a version says so.
_VERSION = Weight(weights.SAME_MARK, weights.OTHER_VERSION, weights.VERSION_OF_ONE)
#: How it was made: names often leave it out.
_MADE = Weight(weights.SAME_MARK, weights.OTHER_MAKE, weights.MAKE_OF_ONE)
#: By aspect.
_WEIGHTS = {
    "subtitles": _VERSION,
    "censorship": _VERSION,
    "edition": _VERSION,
    "language": _VERSION,
    "sound": _VERSION,
    "passthrough": _VERSION,
    "range": _VERSION,
    "side": _VERSION,
    "eyes": _VERSION,
    "field": _VERSION,
    "device": _VERSION,
    "source": _MADE,
    "remux": _MADE,
    "codec": _MADE,
    "frame rate": _MADE,
    "bit rate": _MADE,
    "lines": _MADE,
}
#: What most are that do not say so.
_USUAL = frozenset(("theatrical", "180", "side by side", "headset", "one", "web", "h264"))
#: What ``hd`` means behind a word.
_HD = {"full": "fhd", "ultra": "uhd"}
#: Lines that are told without a letter, by the last word of a name.
_BARE_LINES = frozenset(("480", "540", "576", "720", "1080", "1440", "2160", "4320"))
#: Lines that any picture has.
_FEWEST, _MOST = 200, 4400
_TOKEN = late_pattern("[0-9a-z]+")
_LINES_TOKEN = late_pattern(r"([0-9]{3,4})[pi]([0-9]{2,3})?")
_SIDES_TOKEN = late_pattern(r"[0-9]{3,4}x([0-9]{3,4})")
_FRAMES_TOKEN = late_pattern(r"([0-9]{2,3})fps")
_BITS_TOKEN = late_pattern(r"([0-9]{3,5})k(?:bps|bits?|bit)?|([0-9]{1,3})m(?:bps|bits?)")
#: Chinese subtitles, no mosaic, or both, as letters behind a code: ``ABC-123-UC``.
_BEHIND_CODE = late_pattern(r"(?<![0-9a-z])[a-z]{2,6}-?[0-9]{2,6}[ -]?(uc|u|ch|c)(?![0-9a-z])")
_BRACKETED = late_pattern(r"[\[({]([A-Za-z]{2,12})[\])}]")
_CAPITALS = late_pattern(r"(?<![0-9A-Za-z])([A-Z]{2,12}|MULTi)(?![0-9A-Za-z])")
_LAST_WORD = late_pattern(r"[ ._-]([A-Za-z]{2,12})$")
_SUB_APART = late_pattern(r"[\[(]sub[\])]|-sub(?![0-9a-z])")
#: Folders above a file that are looked at, and names of which the marks are kept.
_FOLDERS, _KEPT = 2, 1024

Marks = Mapping[str, frozenset[str]]
_NONE: Marks = {}
_NO_WORDS: frozenset[str] = frozenset()


class Marked(NamedTuple):
    """The marks of a name, by aspect, the words that they are, and the lines of the pictures, if it tells these."""

    marks: Marks = _NONE
    words: frozenset[str] = frozenset()
    lines: Lines | None = None


_UNMARKED = Marked()


@lru_cache(maxsize=1)
def _by_first_word() -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    """The spellings by their first words, the longest first: the words behind it, the aspect and the value."""
    spelt = [(aspect, value, spelling) for (aspect, value), text in SPELT.items() for spelling in text.split(", ")]
    for language, codes in LANGUAGES.items():
        for name in (language, *codes.split()):
            spelt += [("subtitles", language, f"{name} {word}") for word in SUBTITLED.split()]
            spelt += [("language", language, f"{name} {word}") for word in SPOKEN.split()]
    found: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for aspect, value, spelling in spelt:
        first, *rest = spelling.split()
        found.setdefault(first, []).append((tuple(rest), aspect, value))
    for those in found.values():
        those.sort(key=lambda one: -len(one[0]))
    return found


def marks_in(name: str) -> Marks:
    """The marks in a title, a folder's name or a file's without its ending: by aspect, the values that it tells."""
    return marked(name).marks


@lru_cache(maxsize=_KEPT)
def marked(name: str) -> Marked:
    """The same with the words that are marks, and so none of a title or of people."""
    text = plain(name)
    tokens: list[str] = _TOKEN.findall(text)
    spelt = _by_first_word()
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    taken = 0
    for place, token in enumerate(tokens):
        if place < taken:
            continue
        for rest, aspect, value in spelt.get(token, ()):
            if tuple(tokens[place + 1 : place + 1 + len(rest)]) == rest:
                found.setdefault(aspect, set()).add(value)
                words.update((token, *rest))
                taken = place + 1 + len(rest)
                break
        if token[0].isdigit() and not token.isdigit():
            _read_digits(token, found)
    if "sub" in text and _SUB_APART.search(text):
        found.setdefault("subtitles", set()).add("")
        words.add("sub")
    if tokens and read(name).codes and (letters := _BEHIND_CODE.search(text)):
        if "u" in letters[1]:
            found.setdefault("censorship", set()).add("uncensored")
        if "c" in letters[1]:
            found.setdefault("subtitles", set()).add("chinese")
        words.add(letters[1])
    if "language" not in found and (language := _language_of(name, words)):
        found["language"] = {language}
    if tokens and len(tokens) > 1 and tokens[-1] == "alpha":
        # A mask for headsets; within a name it is a word.
        found.setdefault("passthrough", set()).add("passthrough")
    lines = _lines_in(tokens)
    if not found and lines is None:
        return _UNMARKED
    return Marked({aspect: frozenset(values) for aspect, values in found.items()}, frozenset(words), lines)


def _language_of(name: str, taken: Set[str]) -> str:
    """The language that a name has as a tag; ``""`` for none. The words say nothing else of the film's title.

    ``[German]``, ``Title.1980.GER.DVDRip``, ``Title_french``: a French maid in a title is none.

    :param taken: words of other marks: those of subtitles are no language that is spoken.
    """
    last = _LAST_WORD.search(name)
    for word in (*_BRACKETED.findall(name), *_CAPITALS.findall(name), *([last[1]] if last else [])):
        if name.upper() != name or word == (last[1] if last else ""):
            for language, tags in TAGS_OF_LANGUAGES.items():
                if word.lower() in tags.split() and word.lower() not in taken:
                    return language
    return ""


def _read_digits(token: str, found: dict[str, set[str]]) -> None:
    """What is told by a number with a unit: ``2160p60``, ``60fps``, ``8000kbps``."""
    if (frames := _FRAMES_TOKEN.fullmatch(token)) or ((frames := _LINES_TOKEN.fullmatch(token)) and frames[2]):
        found.setdefault("frame rate", set()).add(frames[frames.lastindex or 1])
    elif bits := _BITS_TOKEN.fullmatch(token):
        found.setdefault("bit rate", set()).add(bits[1] or str(1000 * int(bits[2])))


def lines_in(name: str) -> Lines | None:
    """How many lines the pictures have by a name, at the least and at the most: ``1080p``, ``1920x1080``, ``4K``."""
    return marked(name).lines


def _lines_in(tokens: Sequence[str]) -> Lines | None:
    for token in tokens:
        if token[0].isdigit() and (found := _LINES_TOKEN.fullmatch(token) or _SIDES_TOKEN.fullmatch(token)):
            lines = int(found[1])
            if _FEWEST <= lines <= _MOST:
                return lines, lines
    for before, called in zip(("", *tokens), tokens, strict=False):
        if called in LINES:
            return LINES[_HD.get(before, called) if called == "hd" else called]
    return (int(tokens[-1]), int(tokens[-1])) if len(tokens) > 1 and tokens[-1] in _BARE_LINES else None


def marks_of(path: str, title: str) -> Marks:
    """The marks of a file: those in its name, and of other aspects those of its folders and of its title.

    :param path: of the file.
    :param title: of its scene or item.
    """
    found = marks_in(stem(path))
    for text in (*_folders(path), title):
        more = marks_in(text) if text else _NONE
        if more and not more.keys() <= found.keys():
            found = {**more, **found}
    return found


def lines_of(path: str) -> Lines | None:
    """How many lines the pictures of a file have by its name, or else by its folders."""
    return next((found for text in (stem(path), *_folders(path)) if (found := lines_in(text))), None)


def _folders(path: str) -> Sequence[str]:
    return path_key(path).split("/")[-2 : -2 - _FOLDERS : -1]


def words_of_marks(ours: Sequence[Text], theirs: Sequence[Text]) -> frozenset[str]:
    """The words of two sides' names that tell versions of a film apart, but for those that the scene's title has.

    :param ours: the scene's texts, and ``theirs`` the item's.
    """
    named = (*[text for text in ours if not text.is_title], *theirs)
    found = {word for text in named for word in marked(text.written).words}
    if not found:
        return _NO_WORDS
    return frozenset(found.difference(*(text.reading.words for text in ours if text.is_title)))


def compared(file: SceneFile, title: str, part: IndexedPart) -> float:
    """How much the marks of a scene's file and an item's speak for one version of a film; see ``alike``.

    :param title: of the scene.
    """
    return alike(marks_of(file.path, title), marks_of(part.path, part.title))


def alike(ours: Marks, theirs: Marks) -> float:
    """How much marks speak for one version of a film, in powers of ten; 0 where there are none."""
    said = 0.0
    for aspect in ours.keys() | theirs.keys():
        weight = _WEIGHTS[aspect]
        mine, yours = ours.get(aspect, frozenset()), theirs.get(aspect, frozenset())
        if not mine or not yours:
            said += weights.MAKE_OF_ONE if mine | yours <= _USUAL else weight.of_one
        elif mine == yours:
            said += weight.same
        elif "" in mine | yours or mine < yours or yours < mine:
            said += weight.same * weights.PARTLY_SAME_MARK
        else:
            said += weight.other
    return said
