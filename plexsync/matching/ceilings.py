"""How sure a candidate can be at most, whatever speaks for it: where names may be another's, or things contradict."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching import weights
from plexsync.matching.counters import is_count
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.film_folders import film_folder
from plexsync.matching.other_people import is_of_people
from plexsync.matching.paths import stem
from plexsync.matching.reading import read
from plexsync.matching.same_streams import is_encoded_otherwise

#: What many films have in common: frame rates, the folders of studios and people, studios, people.
_FOLDERS = frozenset((Kind.SAME_FRAME_RATE, Kind.FOLDER_OF_STUDIO, Kind.FOLDER_OF_PERFORMER))
_OF_STUDIO = _FOLDERS | {Kind.SAME_STUDIO, Kind.EXPLAINED_WORDS}
_OF_PEOPLE = _FOLDERS | {Kind.PERFORMERS, Kind.FIRST_NAME}
#: What streams have in common that are as long and of one bit rate.
_OF_ENCODING = frozenset((Kind.NEAR_SIZE, Kind.SAME_PICTURES, Kind.RETAGGED))
_IN_STUDIO_FOLDER = frozenset((Kind.FOLDER_OF_STUDIO, Kind.SAME_FRAME_RATE))
#: What no two films have.
_OF_ONE_FILM = frozenset(
    (Kind.SAME_CODE, Kind.LONG_NUMBER, Kind.FILM_ID, Kind.MOMENT, Kind.ADDRESS, Kind.AGENT, Kind.EXTERNAL_ID)
)
#: What contradicts nothing, as it but takes back what other evidence said.
TAKES_BACK = frozenset((Kind.SEVERAL_OF_SUCH, Kind.OTHER_PICTURES))
#: What is no further contradiction: the file's own size, length and folder, and what takes back.
_NO_CONTRADICTION = TAKES_BACK | {Kind.SIZE, Kind.LENGTH, Kind.FOLDER}


def ceiling_of(
    evidence: Sequence[Evidence],
    best: FilePair | None,
    own: float,
    is_whole: bool = False,
    apart: float = 0.0,
    unlike: float = 0.0,
) -> int:
    """The confidence that a candidate has at most, whatever speaks for it.

    :param own: how much the names tell that both have, without studio and performers.
    :param is_whole: that is all that their titles hold.
    :param apart: how much they tell that only the one has, and only the other; the less of the two, but the more where
        the scene has no title.
    :param unlike: the less of the two.
    """
    ceiling = weights.NOT_A_PATH if any(one.decisive for one in evidence) else weights.WORDS_ONLY
    of_video = best is not None and (best.same_size or best.same_hash or best.same_duration)
    if apart >= weights.TELLING and not of_video:
        # Two films of one studio, day and people are called so, and nothing is known of the video itself.
        ceiling = weights.WORDS_ONLY
    if best is None:
        return ceiling
    if not (best.same_size or best.same_hash) and any(one.kind is Kind.OTHER_YEAR for one in evidence):
        # A remake; films of one house are cut to one length, too.
        ceiling = min(ceiling, weights.WORDS_ONLY)
    if not is_whole and _is_of_another_day(evidence, best):
        ceiling = min(ceiling, weights.WORDS_ONLY)
    if best.other_duration and not (best.same_size or best.same_hash):
        return min(ceiling, weights.OTHER_CUT)
    if _contradictions(evidence, best) > 1 or _is_anothers_count(evidence, best, own):
        return min(ceiling, weights.WORDS_ONLY)
    if best.hardly_as_long and not (is_whole and _agrees_besides(evidence, best, own)):
        return min(ceiling, weights.WORDS_ONLY)
    if _is_of_company_alone(evidence, best, unlike):
        return min(ceiling, weights.WORDS_ONLY)
    if any(one.kind is Kind.COPY_NUMBER for one in evidence):
        # The other file of the name is not there, because of which a program would have added the number.
        return min(ceiling, weights.WORDS_ONLY)
    if is_encoded_otherwise(best, evidence) and not (best.same_duration and _has_title_and_day(evidence, own)):
        return min(ceiling, weights.WORDS_ONLY)
    if any(one.kind is Kind.OTHER_PEOPLE for one in evidence):
        return min(ceiling, weights.WORDS_ONLY)
    return ceiling


def _is_of_another_day(evidence: Sequence[Evidence], best: FilePair) -> bool:
    """Whether the item's file is named by another day, and all else that agrees in names is words.

    Another film may have some of them as well. What an agent says of the day is often another film's.
    """
    if best.same_size or best.same_hash or best.name is not None:
        return False
    if not any(one.kind is Kind.OTHER_DATE for one in evidence) or not read(stem(best.part.path)).dates:
        return False
    return not any(one.weight > 0 and one.kind in _OF_ONE_FILM for one in evidence)


def _is_of_company_alone(evidence: Sequence[Evidence], best: FilePair, unlike: float) -> bool:
    """Whether an item is as long, and all else that is known of it is the studio, or one of the people.

    They have other films than those that are here, of which one may be as long; so a person looks. But in a studio's
    folder a copy is found by its length where that is the same to some frames, and the frame rate is the same, too: few
    others are.

    Nor does it tell more that an item is nearly as large: a house encodes all of its films at one bit rate, so that
    those that are as long are as large as well. The same to the byte, or nearly so where no title contradicts, is
    another thing.
    """
    if best.same_size or best.same_hash or best.name is not None or not best.same_duration:
        return False
    found = {one.kind for one in evidence if one.weight > 0 and one is not best.duration}
    is_retagged = Kind.RETAGGED in found and not any(one.kind is Kind.CALLED_OTHERWISE for one in evidence)
    is_as_large = Kind.NEAR_SIZE in found and not is_retagged
    if is_as_large:
        # Some words of a title many a film has.
        found -= _OF_ENCODING if unlike < weights.TELLING else _OF_ENCODING | {Kind.WORDS}
    is_close = best.apart is not None and best.apart <= weights.FINEST_DURATION
    if is_close and found >= _IN_STUDIO_FOLDER:
        return False
    is_near = best.apart is not None and best.apart <= weights.WITNESSES_CLOSE
    if is_near and Kind.FOLDER_OF_STUDIO in found and any(map(is_of_people, evidence)):
        return False
    return found <= _OF_STUDIO or found <= _OF_PEOPLE or (is_as_large and found <= _OF_STUDIO | _OF_PEOPLE)


def _agrees_besides(evidence: Sequence[Evidence], best: FilePair, own: float) -> bool:
    """Whether the lengths are no more than a second apart, title and day agree, and nothing contradicts."""
    if best.apart is None or best.apart > weights.CLOSE_DURATION:
        return False
    return not _contradictions(evidence, best) and _has_title_and_day(evidence, own)


def _has_title_and_day(evidence: Sequence[Evidence], own: float) -> bool:
    return own >= weights.WEAK_NAME and any(one.kind is Kind.SAME_DATE for one in evidence)


def _is_anothers_count(evidence: Sequence[Evidence], best: FilePair, own: float) -> bool:
    """Whether the file's name is but a count, and so may be another's.

    It is where the folder is not the scene's, as each site and camera counts, and no title agrees; and a code where
    anything contradicts.
    """
    if best.name is None or best.same_size or best.same_hash or not is_count(stem(best.mapped)):
        return False
    if best.folder is not None:
        return best.folder.weight < 0 and best.folder in evidence and own < weights.TELLING
    return _against_it(evidence) > 0


def is_of_another_disc(best: FilePair) -> bool:
    """Whether the names agree only in what each disc has."""
    return best.folder is not None and best.folder.weight < 0 and bool(film_folder(best.mapped))


def _contradictions(evidence: Sequence[Evidence], best: FilePair) -> int:
    """How many things speak against a candidate whose file is not known by its bytes or its name."""
    if best.same_size or best.same_hash or best.name is not None:
        return 0
    return _against_it(evidence)


def _against_it(evidence: Sequence[Evidence]) -> int:
    """How many things speak against a candidate besides its size, length and folder."""
    return sum(one.weight <= weights.CONTRADICTION and one.kind not in _NO_CONTRADICTION for one in evidence)
