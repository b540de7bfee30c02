"""Weighs what speaks for a candidate and against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from plexsync.matching import weights
from plexsync.matching.candidates import Candidates, addressed
from plexsync.matching.evidence import Evidence, FilePair, Place, pair, same_folder
from plexsync.matching.lookup import Settled
from plexsync.matching.paths import map_path, stem, stem_key
from plexsync.matching.reading import Reading, read
from plexsync.matching.same_content import same_content
from plexsync.matching.text import Called, Text, compare
from plexsync.matching.ties import of_another, ties, weighed
from plexsync.matching.titles import words
from plexsync.matching.witnesses import other_kind, performers_named, same_date, same_studio
from plexsync.model import IndexedPart, Scene, SceneFile

#: Files of a scene, and of an item, that are compared by the words in their names.
_NAMES_COMPARED = 3
#: Folders above a file in which studio and performers are looked for.
_FOLDERS_READ = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with all that was found on it. ``sum`` in powers of ten; ``ceiling`` 0 to 100.

    ``file``: the scene's file that speaks for it, ``""`` for none. ``same_video``: that file and ``part`` agree in size
    and duration.
    """

    part: IndexedPart
    file: str
    place: Place
    sum: float
    ceiling: int
    evidence: tuple[Evidence, ...]
    same_video: bool
    #: The confidence it had without rivals.
    alone: int = field(init=False)

    def __post_init__(self) -> None:
        """Once, since it is asked for in each comparison with a rival."""
        object.__setattr__(self, "alone", confidence(self.sum, self.ceiling))


def confidence(total: float, ceiling: int) -> int:
    """A sum of weights as a confidence, 0 to 100."""
    return max(0, min(ceiling, round(weights.EVEN + weights.POINTS * total)))


_NOTHING: Mapping[int, Judged] = {}


class Judge:
    """Weighs candidates for one scene."""

    def __init__(self, scene: Scene, path_map: Sequence[tuple[str, str]], settled: Settled) -> None:
        self._scene = scene
        self._known = settled.known
        self._addressed = frozenset(addressed(scene.urls))
        self._files = [(file, map_path(file.path, path_map)) for file in scene.files]
        names = _names([one.path for one in scene.files])
        title = [Text(scene.title, read(scene.title), is_title=True)] if scene.title else []
        self._texts = (*title, *names)
        self._readings = tuple(text.reading for text in self._texts)
        self._explained = frozenset(
            word for name in (scene.studio, *(one.name for one in scene.performers)) for word in words(name)
        )

    def all(self, candidates: Candidates, before: Mapping[int, Judged] = _NOTHING) -> dict[int, Judged]:
        """Every candidate, by rating key, in the order in which they were found.

        :param before: candidates that have been weighed with the same file names counted; what has no new part stays.
        """
        fresh = [key for key in candidates.parts if key not in before or key in candidates.grown]
        written = candidates.index.written(fresh)
        weighed = {
            key: self._weigh([written[key].taken_out(one) for one in parts] if key in written else parts, candidates)
            for key in fresh
            for parts in (candidates.parts[key],)
        }
        return {key: weighed[key] if key in weighed else before[key] for key in candidates.parts}

    def _weigh(self, parts: Sequence[IndexedPart], candidates: Candidates) -> Judged:
        """One candidate, by those of its parts that were found."""
        pairs = sorted(
            (
                _pair(file, part, mapped, candidates.namesakes.get(stem_key(file.path), 1))
                for file, mapped in self._files
                for part in parts
            ),
            key=lambda one: -one.weight,
        )
        best = pairs[0] if pairs else None
        if best is not None and best.place:
            return _at_its_place(best)
        tied = ties(self._scene, candidates.ids, self._addressed, parts[0])
        other = of_another(self._scene, parts)
        evidence = [*_of_video(pairs), *self._of_name(parts, best), *tied, *([other] if other else [])]
        total = weights.PRIOR + sum(one.weight for one in evidence)
        ceiling = weights.NOT_A_PATH if any(one.decisive for one in evidence) else weights.WORDS_ONLY
        total, ceiling = weighed(total, ceiling, tied, evidence, best)
        if best is None or best.weight <= 0:
            return Judged(parts[0], "", Place.OTHER, total, ceiling, tuple(evidence), same_video=False)
        same = best.same_hash or (best.same_size and best.same_duration)
        return Judged(best.part, best.file.path, Place.OTHER, total, ceiling, tuple(evidence), same)

    def _of_name(self, parts: Sequence[IndexedPart], best: FilePair | None) -> list[Evidence]:
        """The better of file name and words, with the witnesses that do not depend on it."""
        name = best.name if best is not None else None
        names = _names([part.file for part in parts])
        title = self._title(parts[0], names)
        theirs = names if title is None else [title, *names]
        # What the same name says is said, or refuted: its words, here or there, are no evidence of their own.
        spent = read(stem(best.file.path)).words if best is not None and (name or best.refuted) else None
        ours = [text for text in self._texts if text.reading.words != spent]
        called = compare(ours, theirs, self._explained)
        if name is not None:
            found = [name] if called.weight <= name.weight else list(called.evidence)
        else:
            found = self._without_name(called, theirs, best, is_tied=self._is_tied(parts[0]))
        others = [text.reading for text in theirs if text.reading.words != spent]
        dated = self._date(parts[0], others, by_agent=title is not None)
        if dated is not None and (dated.weight > 0 or name is None):
            found.append(dated)
        if best is not None and best.other_duration and not best.same_size:
            # Of the same studio and people there are many.
            return found
        return found + self._cast(parts[0], others, {*called.words, *(spent or ())}, best)

    def _title(self, item: IndexedPart, names: Sequence[Text]) -> Text | None:
        """The item's title, unless it is our own or made from its file's name."""
        if not item.title or item.rating_key == self._known:
            return None
        reading = read(item.title)
        if any(reading.words == name.reading.words and reading.numbers == name.reading.numbers for name in names):
            return None
        return Text(item.title, reading, is_title=True)

    def _without_name(
        self, called: Called, theirs: Sequence[Text], best: FilePair | None, *, is_tied: bool
    ) -> list[Evidence]:
        """What titles and names say where no file names agree."""
        if best is not None and best.same_size:
            # The very file may be called anything.
            return list(called.evidence) if called.weight > 0 else []
        if best is None or not best.same_duration:
            kind = other_kind(self._readings, [text.reading for text in theirs])
            if kind is not None:
                # A trailer is called as its scene is: then that is no evidence at all.
                return [kind]
        found = list(called.evidence)
        # A file that was given another name is what people note the item's address for; and an agent's title is Stash's
        # of another day.
        renamed = is_tied and best is not None and best.same_duration
        if called.otherwise and not renamed:
            found.append(Evidence(weights.OTHER_WORDS, "called otherwise"))
        if best is not None and called.weight > 0:
            folder = same_folder(best.mapped, best.part.path)
            if folder is not None and folder.decisive:
                found.append(Evidence(weights.FOLDER_BESIDE_WORDS, folder.reason))
        return found

    def _date(self, item: IndexedPart, others: Sequence[Reading], *, by_agent: bool) -> Evidence | None:
        """What the dates say. A date at an item that no agent gave a title is its file's, and contradicts nothing."""
        own = item.rating_key == self._known
        dated = same_date(self._scene.date, self._readings, "" if own else item.date, others)
        if dated is not None and dated.weight < 0 and not by_agent and not any(one.dated for one in others):
            return None
        return dated

    def _cast(
        self, item: IndexedPart, others: Sequence[Reading], said: set[str], best: FilePair | None
    ) -> list[Evidence]:
        """Studio and performers, looked for in what has not been said yet."""
        studio = "" if item.rating_key == self._known else item.studio
        names = [one.words for one in others]
        if best is None or best.folder is None:
            folders = (best.part if best is not None else item).path.split("/")[:-1]
            names += [tuple(words(folder)) for folder in folders[-_FOLDERS_READ:]]
        left = [[word for word in name if word not in said] for name in names]
        found = (
            same_studio(self._scene.studio, studio, left),
            performers_named(self._scene.performers, {word for name in left for word in name}),
        )
        return [one for one in found if one is not None]

    def _is_tied(self, part: IndexedPart) -> bool:
        return part.rating_key in self._addressed or part.stash_scene == self._scene.id


def _pair(file: SceneFile, part: IndexedPart, mapped: str, namesakes: int) -> FilePair:
    found = pair(file, part, mapped, namesakes)
    content = same_content(file, part)
    return found if content is None else replace(found, content=content)


def _names(paths: Sequence[str]) -> list[Text]:
    """The names of the first few files, each once."""
    bare = list(dict.fromkeys(stem(path) for path in paths[:_NAMES_COMPARED]))
    return [Text(name, read(name), is_title=False) for name in bare]


def _of_video(pairs: Sequence[FilePair]) -> list[Evidence]:
    """What size, duration and folder of the best pair say, and whether a second pair agrees."""
    if not pairs:
        return []
    best = pairs[0]
    found = [one for one in (best.content, best.size_in_context, best.duration, best.folder) if one is not None]
    if best.same_size:
        others = (one for one in pairs[1:] if one.file is not best.file and one.part is not best.part)
        if any(one.same_size for one in others):
            found.append(Evidence(weights.SECOND_PAIR, "a second file agrees as well"))
    return found


def _at_its_place(best: FilePair) -> Judged:
    evidence = [
        Evidence(weights.SAME_PATH, "same path" if best.place is Place.SAME else "same path but for case"),
        *(one for one in (best.size, best.duration) if one is not None),
    ]
    ceiling = weights.CERTAIN
    if best.other_content:
        ceiling = weights.PATH_OTHER_CONTENT
    elif best.replaced:
        ceiling = weights.PATH_REPLACED
    if best.place is Place.OTHER_CASE:
        ceiling -= weights.PATH_OTHER_CASE
    total = weights.PRIOR + sum(one.weight for one in evidence)
    return Judged(best.part, best.file.path, best.place, total, ceiling, tuple(evidence), same_video=False)
