"""Weighs what speaks for a candidate and against it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from functools import cached_property

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.bare_names import Collections, of_collections, said_by_folders
from plexsync.matching.candidates import Candidates, addressed
from plexsync.matching.ceilings import ceiling_of, is_of_another_disc
from plexsync.matching.code_field import FieldCode, field_code, with_code
from plexsync.matching.code_holders import weighed_by_holders
from plexsync.matching.company import Folders, among
from plexsync.matching.compared_files import of_video_itself, pair_of
from plexsync.matching.counters import other_count
from plexsync.matching.evidence import Chances, Evidence, FilePair, Place, of_other_cut, same_folder
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.judged import Judged, at_its_place
from plexsync.matching.lengths import AsLong
from plexsync.matching.lookup import FileIndex, Settled
from plexsync.matching.marks import compared, words_of_marks
from plexsync.matching.mojibake import restored
from plexsync.matching.moments import compared_moments
from plexsync.matching.names_in_addresses import names_in_addresses
from plexsync.matching.namesakes import beyond, namesakes_of
from plexsync.matching.numbers_in_names import same_number
from plexsync.matching.other_people import is_of_people, names_people, of_others, others_named
from plexsync.matching.other_titles import weighed_by_day
from plexsync.matching.paths import path_key, stem, stem_key
from plexsync.matching.reading import Reading, ids_in, read, without_parts_of_dates
from plexsync.matching.same_streams import same_streams
from plexsync.matching.scene_texts import NAMES_COMPARED, address_read, explained_words, names_read, title_words
from plexsync.matching.shared_words import word_told
from plexsync.matching.text import compare, told
from plexsync.matching.texts import Called, Text, as_witness
from plexsync.matching.ties import of_another, ties, weighed
from plexsync.matching.titles import name_words
from plexsync.matching.twins import heights_of, likeness
from plexsync.matching.whole_titles import weighed_as_whole
from plexsync.matching.witnesses import (
    left_by_witnesses,
    other_kind,
    performers_named,
    same_date,
    same_edition,
    same_studio,
    spelt_out,
)
from plexsync.model import IndexedPart, Scene, SceneFile

#: What is said where studio, day and people fit others as well.
_SEVERAL_OF_SUCH = "of such studio, day and people there are several"
#: Ties that say nothing more beside a film's id in an item's names.
_BESIDE_IDS = frozenset((Kind.EXTERNAL_ID, Kind.ADDRESS))
#: Folders above a file in which studio and performers are looked for.
_FOLDERS_READ = 2
_NOTHING: Mapping[int, Judged] = {}


@dataclass(frozen=True, slots=True)
class _Named:
    """What names say, with the witnesses. ``in_folders``: a folder of the item is named after studio or performers."""

    evidence: list[Evidence]
    is_called: bool
    in_folders: bool = False
    #: The one is a trailer or the like, the other is not.
    other_kind: bool = False
    #: How much the names tell that both have, without studio and performers; and whether that is all of them.
    own: float = 0.0
    is_whole: bool = False
    #: How much they tell that only the one has, and only the other; the less of the two (``Called`` has both).
    apart: float = 0.0
    unlike: float = 0.0


class Judge:
    """Weighs candidates for one scene."""

    def __init__(
        self, scene: Scene, files: Sequence[tuple[SceneFile, str]], settled: Settled, index: FileIndex
    ) -> None:
        """Nothing is read yet: where a file is at its path, no text is needed.

        :param files: the scene's files, each with its path as Plex would see it.
        """
        self._scene = scene
        self._index = index
        self._rarities: dict[tuple[str, ...], float] = {}
        self._known = settled.known
        self._files = files
        #: One file of each candidate.
        self._others: Sequence[IndexedPart] = ()

    @cached_property
    def _addressed(self) -> frozenset[int]:
        return frozenset(addressed(self._scene.urls))

    @cached_property
    def _texts(self) -> tuple[Text, ...]:
        scene = self._scene
        names = (scene.title, scene.code, *names_in_addresses(tuple(scene.urls)))
        title = [Text(text, read(text), is_title=True) for text in names if text]
        return tuple([with_code(text, self._code) for text in (*title, *names_read([one.path for one in scene.files]))])

    @cached_property
    def _code(self) -> FieldCode | None:
        return field_code(self._scene.code)

    def _read_again(self, text: Text) -> Text:
        """An item's text with what the scene's own tell of it: letters that were lost, and the code."""
        return with_code(restored(text, self._texts), self._code)

    @cached_property
    def _readings(self) -> tuple[Reading, ...]:
        return tuple(map(as_witness, self._texts))

    @cached_property
    def _explained(self) -> frozenset[str]:
        return explained_words(self._scene, self._collections)

    @cached_property
    def _collections(self) -> Collections:
        return of_collections([file.path for file in self._scene.files[:NAMES_COMPARED]])

    @cached_property
    def _people(self) -> list[tuple[str, ...]]:
        named = [name for one in self._scene.performers if (name := name_words(one.name))]
        # Of whom nothing else is known, the folder may be.
        studio = name_words(self._scene.studio)
        return named or [name for name in self._collections.named if len(name) > 1 and name != studio]

    @cached_property
    def _names_people(self) -> bool:
        return names_people(self._people, self._texts)

    @cached_property
    def _folders(self) -> Folders:
        return Folders(self._scene, self._files[0][1] if self._files else "", self._index)

    @cached_property
    def _ids(self) -> frozenset[str]:
        scene = self._scene
        folders = [
            folder for one in scene.files[:1] for folder in path_key(one.path).split("/")[-1 - _FOLDERS_READ : -1]
        ]
        return frozenset(
            found for text in (*folders, *map(address_read, scene.urls)) for found in ids_in(text.lower())
        ).union(*(text.reading.ids for text in self._texts))

    def at_path(self, candidates: Candidates) -> dict[int, Judged]:
        """As ``all``, where the candidates have a file of the scene at its path: what was written to them says nothing.

        Where nobody looks further, that is one question less.
        """
        return {key: self._weigh(parts, candidates) for key, parts in candidates.parts.items()}

    def all(self, candidates: Candidates, before: Mapping[int, Judged] = _NOTHING) -> dict[int, Judged]:
        """Every candidate, by rating key, in the order in which they were found.

        :param before: candidates that have been weighed with the same file names counted; what has no new part stays.
        """
        fresh = [key for key in candidates.parts if key not in before or key in candidates.grown]
        self._others = [parts[0] for parts in candidates.parts.values()]
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
                pair_of(file, part, mapped, candidates.namesakes.get(stem_key(file.path), 1), chances)
                for (file, mapped), chances in zip(self._files, self._chances, strict=True)
                for part in parts
            ),
            key=lambda one: -one.weight,
        )
        best = pairs[0] if pairs else None
        if best is not None and best.place:
            return at_its_place(best, self._prior)
        of_video, named = of_video_itself(pairs), self._of_name(parts, best)
        of_ids = [] if named.other_kind else self._of_ids(parts)
        tied = ties(self._scene, candidates.ids, self._addressed, parts[0])
        if any(one.weight > 0 for one in of_ids):
            # The id that the agent noted is the one in the name, as a rule.
            tied = [one for one in tied if one.kind not in _BESIDE_IDS]
        other = of_another(self._scene, parts)
        if best is not None and best.same_duration and not (best.same_size or best.same_hash):
            of_video += same_streams(best.file, best.part)
        evidence = [*of_video, *named.evidence, *of_ids, *tied, *([other] if other else [])]
        if best is not None and best.folder in evidence and best.folder.weight < 0 and named.in_folders:
            # It is another folder, but one of the same studio or people.
            evidence.remove(best.folder)
        if best is not None and best.other_duration and named.own >= weights.WEAK_NAME:
            evidence = of_other_cut(evidence, best)
        total = self._prior + sum(one.weight for one in evidence)
        words = (named.own, named.is_whole, named.apart, named.unlike)
        ceiling = ceiling_of(evidence, best, *words)
        total, ceiling = weighed(total, ceiling, tied, evidence, best)
        if best is None or best.weight <= 0:
            return Judged(parts[0], "", Place.OTHER, total, ceiling, tuple(evidence), same_video=False)
        same = best.same_hash or (best.same_size and best.same_duration)
        by_chance = any(one.kind is Kind.OTHER_PICTURES for one in evidence)
        marks = compared(best.file, self._scene.title, best.part)
        is_other_version = marks <= weights.OTHER_VERSION + weights.SAME_MARK
        # In the folder of another version a file of the name is the other version.
        name = None if is_other_version else best.name
        about = (best.content, None if by_chance else best.size_in_context, name, best.folder)
        of_file = sum(one.weight for one in about if one is not None)
        return Judged(
            best.part,
            best.file.path,
            Place.OTHER,
            total,
            ceiling,
            tuple(evidence),
            same,
            as_long=best.same_duration,
            is_called=named.is_called,
            of_file=of_file,
            is_file=best.same_hash or (best.same_size and best.name is not None and not best.other_duration),
            likeness=likeness(best.file, best.part, marks),
            is_other_version=is_other_version,
        )

    @property
    def _prior(self) -> float:
        return self._common.prior

    @cached_property
    def _common(self) -> Chances:
        """How common things are in the index."""
        return Chances(self._index.size())

    @cached_property
    def _chances(self) -> list[Chances]:
        """The same with lengths such as that of each of the scene's files."""
        files = self._common.files
        return [Chances(files, AsLong(self._index, file.duration)) for file, _ in self._files]

    def _chances_of(self, file: SceneFile) -> Chances:
        return next(found for (one, _), found in zip(self._files, self._chances, strict=True) if one is file)

    def _rarity(self, words: Sequence[str]) -> float:
        """What it weighs that an item's names hold all of these words, by how many do."""
        asked = tuple(words)
        found = self._rarities.get(asked)
        if found is None:
            found = 0.0
            if sum(word_told(word, self._explained) for word in asked) >= weights.NAMESAKES_LEAST:
                found = self._common.of_one_in(self._index.holding(asked))
            self._rarities[asked] = found
        return found

    def _of_name(self, parts: Sequence[IndexedPart], best: FilePair | None) -> _Named:
        """The better of file name and words, with the witnesses that do not depend on it."""
        name = best.name if best is not None else None
        names = [self._read_again(text) for text in names_read([part.file for part in parts])]
        title = self._title(parts[0], names)
        theirs = names if title is None else [title, *names]
        # What the same name says is said, or refuted: its words, here or there, are no evidence of their own.
        spent = read(stem(best.file.path)).words if best is not None and (name or best.refuted) else None
        ours = [text for text in self._texts if text.reading.words != spent]
        said = said_by_folders([part.file for part in parts[:NAMES_COMPARED]])
        explained = self._explained | said if said else self._explained
        if marks := words_of_marks(self._texts, theirs):
            explained |= marks
        called = compare(ours, theirs, explained, self._rarity, heights_of(best))
        called = weighed_by_holders(called, self._index, self._common, self._code)
        called = self._among_namesakes(called, parts[0], best)
        if name is None and called.weight > 0 and not called.own:
            # It is studio and people that the names have in common: as witnesses they say what that is worth.
            called = replace(called, evidence=(), words=())
        if name is not None:
            found = [name] if called.weight <= name.weight else list(called.evidence)
        else:
            found = self._without_name(called, theirs, best, is_tied=self._is_tied(parts[0]))
            if not any(one.weight <= weights.OTHER_NUMBER for one in found):
                number = self._of_number(theirs, best, is_named=called.own >= weights.NAMESAKES_LEAST)
                found += [number] if number is not None else []
        edition = same_edition(self._readings, [text.reading for text in theirs])
        found += [edition] if edition is not None and found else []
        kind = any(one.kind is Kind.OTHER_KIND for one in found)
        is_called = called.is_name
        if best is not None and name is not None:
            # What any file of a disc is called, in a folder that is not the scene's, says nothing.
            is_called = is_called or not is_of_another_disc(best)
        # An agent that took the file for another film is wrong about its day and its studio as well.
        by_agent = title is not None
        # A name such as ``1`` does not show that: it may as well be the other film's.
        told_by_name = name is None or name.weight >= weights.WEAK_NAME
        misled = by_agent and is_called and told_by_name and called.theirs is not title and self._is_other(title)
        others = [as_witness(text) for text in theirs if text.reading.words != spent and not (misled and text is title)]
        item = replace(parts[0], date="", year=None, studio="") if misled else parts[0]
        if by_agent and name is None and called.theirs is title and not (best is not None and best.same_duration):
            found += self._against_title(names)
        dated = self._date(item, others, by_agent=by_agent)
        weak = name is None or name.weight < weights.WEAK_NAME
        if dated is not None and not (dated.weight > 0 or weak):
            dated = None
        if best is not None and best.other_duration and not best.same_size:
            # Of the same studio and people there are many.
            return _Named([*found, *([dated] if dated else [])], is_called=is_called, other_kind=kind, own=called.own)
        cast, in_folders, in_names = self._cast(item, others, {*called.words, *(spent or ())}, best)
        if called.otherwise and not any(one.kind is Kind.OTHER_CODE for one in called.evidence):
            found = weighed_by_day(found, dated, cast, best, explained, is_replaced=called.contradicts)
        witnesses = [*([dated] if dated else []), *cast]
        most = left_by_witnesses(dated, cast) - self._prior
        if best is not None and best.same_duration and not best.same_size:
            most += weights.WITNESSES_APART * beyond(best.file, best.part, weights.WITNESSES_CLOSE)
        weight = sum(one.weight for one in witnesses)
        may_be = not is_called and not called.otherwise
        if may_be and best is not None and best.same_duration and not best.same_size:
            company = self._folders.company(best.part, self._chances_of(best.file), best.file.duration or 0.0)
            if company is not None:
                counted = among(witnesses, company, [*([dated] if dated else []), *in_names])
                most = max(most, company.narrowed if any(map(is_of_people, in_names)) else company.weight)
                if min(most, sum(one.weight for one in counted)) > min(most, weight):
                    witnesses, weight = counted, sum(one.weight for one in counted)
        if called.weight > 0 and name is None:
            # It is studio and people that the names have in common.
            weight += called.weight
        if name is None and not (best is not None and (best.same_size or best.same_hash)):
            witnesses += self._of_others(called, others, cast, marks)
        if not is_called and weight > most:
            witnesses.append(Evidence(Kind.SEVERAL_OF_SUCH, most - weight, _SEVERAL_OF_SUCH))
        told = (
            is_called,
            in_folders,
            kind,
            called.own,
            called.is_whole,
            called.apart if name is None else 0.0,
            called.unlike,
        )
        return _Named([*found, *witnesses], *told)

    def _among_namesakes(self, called: Called, item: IndexedPart, best: FilePair | None) -> Called:
        """What a name says where other candidates that have it are not as long as the scene: the item is one of these.

        A number that a program adds where a file of the name is there says nothing then.
        """
        if called.ours is None or called.theirs is None or called.evidence[0].weight <= 0:
            return called
        if best is None or not best.same_duration or best.same_size:
            return called
        namesakes = namesakes_of(
            *((called.ours, called.theirs), self._explained, item, best.file, self._others), is_whole=called.is_whole
        )
        if not namesakes:
            return weighed_as_whole(called, item, best, self._explained, self._others, self._index, self._common)
        said, *more = called.evidence
        bound = -self._prior - math.log10(1 + namesakes)
        weight = max(
            0.0,
            min(said.weight, bound) + weights.NAMESAKES_APART * beyond(best.file, best.part, weights.FINEST_DURATION),
        )
        left = [one for one in more if one.kind is not Kind.COPY_NUMBER]
        return replace(called, evidence=(replace(said, weight=weight), *left))

    def _of_number(self, theirs: Sequence[Text], best: FilePair | None, *, is_named: bool) -> Evidence | None:
        """What the numbers of names say that hold hardly anything else, and the moments of a camera's."""
        number = None if is_named else same_number(self._texts, theirs, self._scene.date[:4])
        if number is not None or best is None or best.same_size:
            return number
        mine, yours = stem(best.mapped), stem(best.part.path)
        return (None if is_named else other_count(mine, yours)) or compared_moments(mine, yours)

    def _is_other(self, title: Text | None) -> bool:
        """Whether an item's title is about something else than all that the scene is called."""
        return title is not None and compare(self._texts, [title], self._explained).otherwise

    def _against_title(self, names: Sequence[Text]) -> list[Evidence]:
        """What the names of an item's files say against its title: agents take files for other films."""
        telling = [text for text in names if told(text, self._explained) >= weights.TELLING]
        if not telling:
            return []
        called = compare(self._texts, telling, self._explained)
        if called.weight > 0 or not called.otherwise:
            return []
        said = f"its file is called otherwise: {telling[0].written!r}"
        return [Evidence(Kind.FILE_CALLED_OTHERWISE, weights.OTHER_WORDS, said)]

    def _title(self, item: IndexedPart, names: Sequence[Text]) -> Text | None:
        """The item's title, unless it is our own or made from its file's name."""
        if not item.title or item.rating_key == self._known:
            return None
        title = self._read_again(Text(item.title, read(item.title), is_title=True))
        reading = title.reading
        if reading.numbers and not reading.dates:
            reading = without_parts_of_dates(reading, sorted({day for name in names for day in name.reading.dates}))
        if any(reading.words == name.reading.words and reading.numbers == name.reading.numbers for name in names):
            return None
        return replace(title, reading=reading)

    def _without_name(
        self, called: Called, theirs: Sequence[Text], best: FilePair | None, *, is_tied: bool
    ) -> list[Evidence]:
        """What titles and names say where no file names agree."""
        if best is not None and best.same_size:
            # The very file may be called anything.
            return list(called.evidence) if called.weight > 0 else []
        as_long = best is not None and best.same_duration
        kind = other_kind(self._readings, list(map(as_witness, theirs)), as_long=as_long)
        if kind is not None:
            # A trailer is called as its scene is: then that is no evidence at all.
            return [kind]
        found = list(called.evidence)
        # A file that was given another name is what people note the item's address for; and an agent's title is Stash's
        # of another day.
        renamed = is_tied and best is not None and best.same_duration
        if called.otherwise and not renamed:
            found.append(Evidence(Kind.CALLED_OTHERWISE, weights.OTHER_WORDS, "called otherwise"))
        if best is not None and called.weight > 0 and called.own >= weights.NAMESAKES_LEAST:
            folder = same_folder(best.mapped, best.part.path)
            if folder is not None and folder.decisive:
                found.append(Evidence(Kind.FOLDER, weights.FOLDER_BESIDE_WORDS, folder.reason))
        return found

    def _date(self, item: IndexedPart, others: Sequence[Reading], *, by_agent: bool) -> Evidence | None:
        """What the dates say. A date at an item that no agent gave a title is its file's, and contradicts nothing."""
        own = item.rating_key == self._known
        dated = same_date(self._scene.date, self._readings, "" if own else item.date, others)
        if dated is not None and dated.weight < 0 and not by_agent and not any(one.dated for one in others):
            # What is left is what the names themselves say of the year.
            dated = same_date(self._scene.date, self._readings, "", others)
            return dated if dated is not None and any(one.year for one in others) else None
        return dated

    def _cast(
        self, item: IndexedPart, others: Sequence[Reading], said: set[str], best: FilePair | None
    ) -> tuple[list[Evidence], bool, list[Evidence]]:
        """Studio and performers, looked for in what has not been said yet; whether a folder tells; what names do."""
        studio = "" if item.rating_key == self._known else item.studio
        left = [[word for word in spelt_out(one, self._scene.studio) if word not in said] for one in others]
        in_names = self._named(studio, left)
        if best is not None and best.folder is not None and best.folder.weight > 0:
            told_by_names = [one for one in in_names if one is not None]
            return told_by_names, False, told_by_names
        folders = (best.part if best is not None else item).path.split("/")[:-1]
        told = [name_words(folder) for folder in folders[-_FOLDERS_READ:]]
        in_all = self._named(studio, [*left, *told])
        in_folders = any(one is not None and one.weight > 0 for one in self._named("", told))
        return (
            [one for one in in_all if one is not None],
            in_folders,
            [one for one in in_names if one is not None],
        )

    def _of_others(
        self, called: Called, others: Sequence[Reading], cast: Sequence[Evidence], marks: Set[str]
    ) -> list[Evidence]:
        """That names hold other people's names (``other_people``), which the words of marks are not."""
        if not self._people or any(map(is_of_people, cast)) or not (called.weight > 0 or self._names_people):
            return []
        ours = {word for text in self._texts for word in text.reading.words} | self._explained | marks
        title, studio = title_words(self._scene.title), name_words(self._scene.studio)
        strangers = others_named(self._people, ours, others, title, studio)
        if not strangers:
            return []
        if called.evidence and called.evidence[0].kind is Kind.SAME_CODE:
            # People of another spelling, or a site; the code says which film it is, as far as few items hold it. A site
            # gives an id once: what else stands beside it is another title.
            is_id = any(called.code in text.reading.uploads for text in self._texts)
            return [] if is_id else [of_others(strangers, is_rare=True)]
        words = called.ours.reading.words if called.ours is not None else ()
        own = [word for word in words if word not in self._explained]
        is_rare = called.own >= weights.WEAK_NAME and self._index.holding(own) <= weights.RARE_TITLE
        return [of_others(strangers, is_rare=is_rare or any(text.foreign for text in self._texts))]

    def _named(self, studio: str, names: Sequence[Sequence[str]]) -> tuple[Evidence | None, Evidence | None]:
        return (
            same_studio(self._scene.studio, studio, names),
            performers_named(self._scene.performers, {word for name in names for word in name}),
        )

    def _of_ids(self, parts: Sequence[IndexedPart]) -> list[Evidence]:
        """What the ids of databases of films say, in names, in folders and among the scene's addresses."""
        if not self._ids:
            return []
        texts = [parts[0].title, *(name for part in parts for name in part.path.split("/")[-1 - _FOLDERS_READ :])]
        theirs = {found for text in texts for found in ids_in(text.lower())}
        if same := sorted(self._ids & theirs):
            return [Evidence(Kind.FILM_ID, weights.SAME_ID, f"same id of {same[0].partition(':')[0]}", decisive=True)]
        databases = {one.partition(":")[0] for one in self._ids} & {one.partition(":")[0] for one in theirs}
        return [Evidence(Kind.FILM_ID, weights.OTHER_ID, f"another id of {min(databases)}")] if databases else []

    def _is_tied(self, part: IndexedPart) -> bool:
        return part.rating_key in self._addressed or part.stash_scene == self._scene.id
