"""What one question of the self-test has found out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field

from plexsync.imports.late_dataclass import dataclass
from plexsync.plex.traits import Trait

#: What most servers are known, or believed, to do.
USUAL = {
    Trait.GROUP_READS: "whole",
    Trait.TAG_ORDER: "index",
    Trait.REMOVALS: "twice",
    Trait.COMMAS: "whole",
    Trait.RATING_STEP: "none",
    Trait.YEAR: "follows",
    Trait.UPLOADS: "sha1",
    Trait.SCAN: "GET",
    # Neither is usual: what is not shown yet would look like the one, what is still shown like the other.
    Trait.TAG_LISTS: "",
}


@dataclass(frozen=True, slots=True)
class SelfTestAnswer:
    """What was asked, and the answer as a sentence. ``ok`` is False where there is none, or something is to be done.

    ``doubtful``: it works, and yet should be looked at. ``traits``: what is kept of it, and heeded by whoever writes.
    """

    name: str
    text: str
    ok: bool = True
    doubtful: bool = False
    traits: Mapping[Trait, str] = field(default_factory=dict)

    @property
    def is_unusual(self) -> bool:
        """Whether it says that this server does otherwise than most, or that something does not work at all."""
        return not self.ok or any(USUAL.get(trait, value) != value for trait, value in self.traits.items())


def agreed(first: Sequence[SelfTestAnswer], second: Sequence[SelfTestAnswer]) -> list[SelfTestAnswer]:
    """The answers to a question that was asked twice; what was answered in two ways is kept in neither."""
    before = {one.name: one for one in first}
    found = []
    for answer in second:
        other = before.get(answer.name, answer)
        if (other.ok, other.traits) == (answer.ok, answer.traits):
            found.append(answer)
        else:
            told = f"not sure: {other.text}; and, asked again, {answer.text}"
            found.append(SelfTestAnswer(answer.name, told, ok=other.ok or answer.ok, doubtful=True))
    return found
