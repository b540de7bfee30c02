"""What is compared of a scene and an item, titles and names of files, and what comes of it."""

from __future__ import annotations

from dataclasses import replace

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.reading import Reading
from plexsync.matching.titles import is_foreign

_BARE = late_pattern(r"(?:[A-Za-z]{2,6}[ _-]?)?[0-9]{2,}(?:[ _-][0-9]+)*|[0-9a-fA-F]{16,64}|[0-9a-fA-F-]{36}")
_CLIP = "clip"


@dataclass(frozen=True, slots=True)
class Text:
    """A title (``is_title``) or a file name without its ending, as written and as read."""

    written: str
    reading: Reading
    is_title: bool
    #: It is the name of a file's folder.
    of_folder: bool = False

    @property
    def foreign(self) -> bool:
        """True where letters of another script than the Latin one had to be put into it."""
        return is_foreign(self.written)


@dataclass(frozen=True, slots=True)
class Called:
    """How a scene and an item are called, as evidence. ``words`` are those of the scene's text that was compared.

    ``otherwise``: both have names that tell something, and they have next to nothing in common.
    """

    evidence: tuple[Evidence, ...] = ()
    words: tuple[str, ...] = ()
    otherwise: bool = False
    #: The scene's text, and the item's, that are the most alike.
    ours: Text | None = None
    theirs: Text | None = None
    #: What the words tell that both have, without those of studio and performers.
    own: float = 0.0
    #: The code or the long number that both have, as evidence says it; ``""`` for none.
    code: str = ""
    #: A word of the one is another one in the other, or the one has another code: then two films are meant.
    contradicts: bool = False
    #: Both have all words of the other's title, and the same numbers.
    is_whole: bool = False
    #: What the words tell that only the scene's has, or only the item's: the less of the two; but the more where the
    #: scene has no title, as its name may have none, either.
    apart: float = 0.0
    #: What the words tell that only the scene's has, or only the item's: the less of the two.
    unlike: float = 0.0

    @property
    def weight(self) -> float:
        """How much it speaks for the item."""
        return sum(one.weight for one in self.evidence)

    @property
    def least(self) -> float:
        """What the words that both have must tell besides studio and people so that they are a name of the film."""
        is_title = self.is_whole and self.ours is not None and self.ours.is_title
        return weights.TITLE_LEAST if is_title else weights.NAMESAKES_LEAST

    @property
    def is_name(self) -> bool:
        """Whether they are one."""
        return self.weight > 0 and self.own >= self.least


@dataclass(frozen=True, slots=True)
class Likeness:
    ours: Text
    theirs: Text
    #: 0 to 1, of what the shorter text tells.
    likeness: float
    weight: float
    otherwise: bool
    #: All words of the scene's text are in the item's, letter by letter.
    holds_all: bool = False
    #: What the words tell that both have, without those of studio and performers.
    own: float = 0.0
    #: A word that both have has a letter wrong in one of them.
    misspelt: bool = False
    #: A word of the scene's text and the other one that stands in its place (``replaced_words``).
    replaced: tuple[str, str] | None = None
    #: Words in the same order that both have, where each has others besides (``word_runs``).
    run: tuple[str, ...] = ()
    #: What the words tell that only the one has, or only the other: the less of the two, and the more.
    apart: float = 0.0
    more: float = 0.0


def is_bare(name: str) -> bool:
    """True for a name that programs and cameras give, and that is no title: ``VID_20051231_155010``, a check sum."""
    return _BARE.fullmatch(name) is not None


def as_witness(text: Text) -> Reading:
    """What a text tells beside the title: the number of a bare name is no year, and ``clip-123`` is no short cut."""
    reading = text.reading
    if (reading.year is None and _CLIP not in reading.words) or not is_bare(text.written):
        return reading
    numbers = reading.numbers if reading.year is None else (*reading.numbers, reading.year)
    return replace(reading, year=None, numbers=numbers, words=tuple([word for word in reading.words if word != _CLIP]))
