"""Whether a list that is written adds to what is there, or takes its place."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import made_up
from plexsync.self_test.subject import Subject

_STAYS, _UNNAMED = made_up("one"), made_up("two")


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write two names, then one of them alone; names of others are named each time."""
    subject.write_names("genre", [_STAYS, _UNNAMED])
    shown = subject.read().names("genre")
    if _STAYS not in shown or _UNNAMED not in shown:
        return [SelfTestAnswer("tag lists", "Plex does not show genres that were written to it", ok=False)]
    subject.write_names("genre", [_STAYS])
    shown = subject.read().names("genre")
    if _STAYS not in shown:
        return [SelfTestAnswer("tag lists", "Plex lost a genre when it was written again", ok=False)]
    if _UNNAMED in shown:
        text = "names that a write does not name stay in the list (Plex adds)"
        return [SelfTestAnswer("tag lists", text, traits={Trait.TAG_LISTS: "add"})]
    text = "names that a write does not name go (Plex replaces the list)"
    return [SelfTestAnswer("tag lists", text, traits={Trait.TAG_LISTS: "whole"})]
