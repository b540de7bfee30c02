"""Scenes gathered by what has to be written."""

from __future__ import annotations

from plexsync.model import Edit, Field, Tag
from plexsync.sync.batches import BATCH, Batches, same_write

STUDIO = Edit(texts={Field.STUDIO: "New"}, add={Field.GROUPS: (Tag("New"),)}, remove={Field.GROUPS: ("Old",)})


def test_equal_edits_in_one_section_can_be_one_write() -> None:
    other = Edit(remove={Field.GROUPS: ("Old",)}, texts={Field.STUDIO: "New"}, add={Field.GROUPS: (Tag("New"),)})
    assert same_write(1, STUDIO) == same_write(1, other)


def test_the_order_of_what_goes_and_of_locks_does_not_matter() -> None:
    one = Edit(remove={Field.TAGS: ("A", "B")}, lock=frozenset({Field.TITLE, Field.STUDIO}))
    other = Edit(remove={Field.TAGS: ("B", "A")}, lock=frozenset({Field.STUDIO, Field.TITLE}))
    assert same_write(1, one) == same_write(1, other)


def test_whatever_else_differs_makes_another_write() -> None:
    edits = [
        STUDIO,
        Edit(),
        Edit(texts={Field.STUDIO: "Other"}),
        Edit(texts={Field.TITLE: "New"}),
        Edit(add={Field.PERFORMERS: (Tag("New"),)}),
        Edit(add={Field.PERFORMERS: (Tag("New", "http://stash/1"),)}),
        Edit(remove={Field.PERFORMERS: ("New",)}),
        Edit(lock=frozenset({Field.TITLE})),
        Edit(rate=True, rating=1.0),
        Edit(rate=True),
    ]
    writes = {same_write(section, edit) for section in (1, 2) for edit in edits}
    assert len(writes) == 2 * len(edits)


def test_a_batch_is_handed_out_when_it_is_full_and_the_rest_at_the_end() -> None:
    batches = Batches()
    full = [batch for scene in range(BATCH + 3) if (batch := batches.put("a", scene))]
    assert batches.put("b", 9000) == []
    assert full == [list(range(BATCH))]
    assert batches.rest() == [[BATCH, BATCH + 1, BATCH + 2], [9000]]
    assert batches.rest() == []
