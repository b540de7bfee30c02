"""Whether an item that is read with another one shows the same as alone."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import made_up
from plexsync.self_test.subject import Subject

NAME = "reading together"
#: More names than any listing shows.
_NAMES = [made_up(f"name {number}") for number in range(1, 7)]
#: Items of the library among which another one is looked for.
_FEW = 2


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Read the item alone and with another one, while it has a long list and a lock."""
    record = subject.record
    listed = subject.client.listing(record.section_id, 0, _FEW).items
    another = next((one.rating_key for one in listed if one.rating_key != record.rating_key), None)
    if another is None:
        return [SelfTestAnswer(NAME, "not asked: the library has no other item to read with this one", doubtful=True)]
    subject.write_names("genre", _NAMES)
    subject.lock(["genre"], on=True)
    alone = subject.read()
    together = subject.read_among([record.rating_key, another])
    if (alone.lists, alone.locks, alone.texts) == (together.lists, together.locks, together.texts):
        text = "items that are read together show the same tags and locks as each alone"
        return [SelfTestAnswer(NAME, text, traits={Trait.GROUP_READS: "whole"})]
    text = "items that are read together show less than each alone: they are read one by one, which takes longer"
    return [SelfTestAnswer(NAME, text, doubtful=True, traits={Trait.GROUP_READS: "cut short"})]
