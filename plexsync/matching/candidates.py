"""The items that a scene may belong to, gathered from the index by one of its traits after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import pairwise
from urllib.parse import unquote

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.code_field import field_code
from plexsync.matching.codes import forms_of
from plexsync.matching.film_folders import names_of
from plexsync.matching.fuzzy import fuzz
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.guids import scene_ids
from plexsync.matching.lookup import FileIndex, Settled
from plexsync.matching.mojibake import has_lost, lettered_words
from plexsync.matching.names_in_addresses import names_in_addresses
from plexsync.matching.paths import map_path, path_key, stem, stem_key
from plexsync.matching.reading import read
from plexsync.matching.titles import is_foreign, name_words, plain, words
from plexsync.model import IndexedPart, Scene, SceneFile

#: ``http://plex:32400/library/metadata/12`` and ``https://app.plex.tv/#!/server/ab/details?key=%2Flibrary%2Fmetadata%2F12``.
_ADDRESS = late_pattern(r"/library/metadata/([0-9]{1,18})(?![0-9])")

#: Items of one search by words that are compared. The index gives those with the rarest words first.
_MOST_COMPARED = 12
#: Files of a scene by whose length, and days by which items are looked for.
_MOST_LENGTHS = 2
#: Milliseconds by which a length may differ, as that of a file that was encoded again does.
_AS_LONG = 550
#: Of those of its length, items that are compared: they must share a word, a number or the day.
_MOST_AS_LONG = 8
#: Ids of a scene that items are looked for by.
_MOST_IDS = 25
#: Folders of an item in which words are looked for.
_FOLDERS_SEEN = 3
#: Letters that a text must have to be looked for by itself.
_TELLING = 10
#: Likeness, 0 to 100, of two names, or of one and a part of the other, from which they may be the same mistyped.
_MISTYPED = 72.0
#: Letters from which a word is looked for within others.
_SHORTEST_SEEN = 3
#: How the transliteration spells Cyrillic sounds, and how others do.
_SPELLINGS = (
    (("ia", "ya"), ("iu", "yu"), ("kh", "h"), ("shch", "sch")),
    (("ia", "ja"), ("iu", "ju"), ("kh", "h"), ("shch", "sch"), ("ts", "c")),
    (("ia", "ya"), ("iu", "yu")),
    (("ia", "ja"), ("iu", "ju")),
)


@dataclass(slots=True)
class Candidates:
    """Items with those of their parts that were found, in the order in which they were.

    ``files``: the scene's, each with its path as Plex would see it (``paths.map_path``). ``parts``: by rating key.
    ``grown``: the rating keys that the last search brought parts of. ``namesakes``: by file name (``paths.stem_key``),
    how many items have it.
    """

    scene: Scene
    path_map: Sequence[tuple[str, str]]
    index: FileIndex
    settled: Settled
    parts: dict[int, list[IndexedPart]] = field(default_factory=dict)
    grown: set[int] = field(default_factory=set)
    namesakes: dict[str, int] = field(default_factory=dict)
    files: Sequence[tuple[SceneFile, str]] = ()
    _ids: frozenset[str] | None = None

    def __post_init__(self) -> None:
        self.files = [(file, map_path(file.path, self.path_map)) for file in self.scene.files]

    @property
    def ids(self) -> frozenset[str]:
        """What the scene is known by elsewhere. Read when it is first asked for: a path needs none."""
        if self._ids is None:
            self._ids = scene_ids(self.scene)
        return self._ids

    def find_by_path(self) -> None:
        """The items that have one of the scene's files where it is, or where it is but for case."""
        for _, mapped in self.files:
            found = self.index.by_folded_path(mapped.casefold())
            self._add([part for part in found if part.path == mapped] or found)

    def find_by_file(self) -> None:
        """The items with a file of the same name or size, and those otherwise tied to the scene.

        These are those that its addresses name, those that an agent made from it, and the one that is known.
        """
        self._add(self.index.by_stash_scene(self.scene.id))
        if self.ids:
            self._add(self.index.by_external_id(sorted(self.ids)[:_MOST_IDS]))
        for key in addressed(self.scene.urls):
            self._add(self.index.of_item(key))
        if self.settled.known is not None:
            self._add(self.index.of_item(self.settled.known))
        for file in self.scene.files:
            name = stem_key(file.path)
            found = self.index.by_stem(name)
            self.namesakes[name] = len({part.rating_key for part in found})
            self._add(found)
            if file.size:
                self._add(self.index.by_size(file.size))

    def begin(self) -> None:
        """Note only what comes from now on as new."""
        self.grown.clear()

    def find_by_words(self) -> None:
        """The items that are called alike, by the scene's title and by its first file's name."""
        names = (self.scene.studio, *(one.name for one in self.scene.performers))
        cast = [word for name in names for word in name_words(name)]
        asked: list[list[str]] = []
        named = (name for file in self.scene.files[:1] for name in names_of(file.path))
        for text in (self.scene.title, self.scene.code, *named, *names_in_addresses(tuple(self.scene.urls))):
            wanted = _searched(text, cast)
            codes = sorted(read(text).codes | read(text).uploads)[:_MOST_LENGTHS] if text else []
            if text == self.scene.code and (known := field_code(text)) is not None:
                codes.append(known.code)
            # Among all the words of a title a code would be one of many.
            for words_of in ([word for code in codes for word in (code, *words(code))], wanted):
                if words_of and words_of not in asked:
                    asked.append(words_of)
                    self._add(_first_items(self.index.by_words(words_of, _MOST_COMPARED), _MOST_COMPARED))

    def find_by_duration(self) -> None:
        """The items with a file as long as one of the scene's, that share more than the length with it."""
        about, called = self._words_about(), self._plain_names()
        for file in self.scene.files[:_MOST_LENGTHS]:
            if file.duration and file.duration > 0:
                found = self.index.by_duration(round(file.duration * 1000), _AS_LONG)
                seen = [(part, _seen(part)) for part in found]
                # Most words are in none of them: to see that, all are looked through at once.
                anywhere = "\n".join(text for _, text in seen)
                here = [word for word in about if word in anywhere]
                alike = (part for part, text in seen if self._shares(part, text, here, called))
                self._add(_first_items(alike, _MOST_AS_LONG))

    def find_by_date(self) -> None:
        """The items of the scene's day, where an agent knows it, and there is no length to look for."""
        if any(file.duration for file in self.scene.files):
            return
        if len(self.scene.date) == len("2023-05-17") and not self.scene.date.endswith("-01-01"):
            self._add(_first_items(self.index.by_date(self.scene.date), _MOST_AS_LONG))

    def _words_about(self) -> frozenset[str]:
        """All words that are known of the scene, those of names also in one piece."""
        scene = self.scene
        names = [name_words(name) for name in (scene.studio, *(one.name for one in scene.performers))]
        texts = [scene.title, scene.code, *(stem(file.path) for file in scene.files[:_MOST_LENGTHS])]
        texts += names_in_addresses(tuple(scene.urls))
        folders = [folder for file in scene.files[:1] for folder in path_key(file.path).split("/")[-3:-1]]
        folders += [name for file in scene.files[:1] for name in names_of(file.path)[1:]]
        found = {word for text in (*texts, *folders) for word in words(text)}
        found.update(word for name in names for word in name)
        found.update("".join(name) for name in names)
        found.update("".join(words(text)) for text in texts)
        found.update(*(read(text).uploads for text in texts))
        codes = [code for text in texts for code in read(text).codes]
        codes += [known.code] if (known := field_code(scene.code)) is not None else []
        found.update(form for code in codes for form in forms_of(code))
        told = {word for word in found if len(word) > _SHORTEST_SEEN and word not in GENERIC}
        dates = (scene.date, *(day for text in texts for day in read(text).dates))
        return frozenset(told.union(*(_written(day) for day in dates if len(day) == len("2023-05-17"))))

    def _plain_names(self) -> list[str]:
        """Title and file names in one form, as far as they may be known again although letters of them are wrong."""
        texts = (self.scene.title, *(stem(file.path) for file in self.scene.files[:1]))
        return [found for text in texts if len(found := " ".join(words(text))) >= _TELLING]

    def _shares(self, part: IndexedPart, seen: str, about: Sequence[str], called: Sequence[str]) -> bool:
        if part.date and part.date == self.scene.date:
            return True
        if any(word in seen for word in about):
            return True
        title = self.scene.title
        if title and len(title) <= _SHORTEST_SEEN and title.casefold() in (stem_key(part.path), part.title.casefold()):
            return True
        if not title.isascii() and has_lost(stem(part.path), lettered_words(title)):
            return True
        if not called:
            return False
        name = " ".join(words(stem(part.path)))
        return len(name) >= _TELLING and any(
            fuzz.partial_ratio(name, one, score_cutoff=_MISTYPED) >= _MISTYPED for one in called
        )

    def _add(self, found: Iterable[IndexedPart]) -> None:
        for part in found:
            if part.rating_key not in self.settled.vetoed:
                parts = self.parts.setdefault(part.rating_key, [])
                if part not in parts:
                    parts.append(part)
                    self.grown.add(part.rating_key)


def _seen(part: IndexedPart) -> str:
    """What is seen of an item, in which words are looked for as they stand."""
    *folders, own = part.path.split("/")
    text = f"{part.title} {own} {part.studio} {' '.join(folders[-_FOLDERS_SEEN:])}"
    # Most names are plain.
    return text.lower() if text.isascii() else f"{text.lower()} {plain(text)}"


def _written(day: str) -> set[str]:
    """How names write a day: ``2023-05-17``, ``23.05.17``, ``17.05.2023``, ``20230517``."""
    year, month, date = day.split("-")
    orders = ((year, month, date), (year[2:], month, date), (date, month, year), (month, date, year))
    return {between.join(order) for order in orders for between in ("-", ".", "_", " ", "")}


def addressed(urls: Sequence[str]) -> list[int]:
    """The rating keys that a scene's addresses name, each once."""
    return list(dict.fromkeys(int(key) for url in urls for key in _ADDRESS.findall(unquote(url))))


def _first_items(found: Iterable[IndexedPart], most: int) -> Iterator[IndexedPart]:
    """The parts of the first so many items."""
    keys: set[int] = set()
    for part in found:
        keys.add(part.rating_key)
        if len(keys) > most:
            return
        yield part


def _searched(text: str, cast: Sequence[str]) -> list[str]:
    """The words to search for: dates are left out, as titles lack them or write them otherwise.

    :param cast: words of studio and performers, which help where the text tells little or may be spelt otherwise.
    """
    reading = read(text)
    found = [*reading.words, *sorted(reading.codes)]
    foreign = is_foreign(text)
    if foreign:
        # Where a script has no spaces, the other side may have put its syllables together.
        found += ["".join(two) for two in pairwise(reading.words)]
        found += [spelling for word in reading.words for spelling in _spellings(word)]
    if sum(map(len, reading.words)) < _TELLING:
        found = words(text)
    found += map(str, reading.numbers)
    if foreign or sum(map(len, reading.words)) < _TELLING:
        found += cast
    return list(dict.fromkeys(found)) if text else []


def _spellings(word: str) -> Iterator[str]:
    """The other usual spellings of a word that was Cyrillic: ``zhenshchina`` is ``zhenschina`` as well."""
    for changes in _SPELLINGS:
        other = word
        for before, after in changes:
            other = other.replace(before, after)
        if other != word:
            yield other
