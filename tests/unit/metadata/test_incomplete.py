"""Lists of which Stash could not tell all: names are added, and none of ours is taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.metadata import after, desired, difference, digest, drift, fingerprint
from plexsync.model import Applied, Field, Item, Performer, Scene, SceneFile, Tag
from tests.support import rules

RULES = replace(
    rules.RULES,
    selected=frozenset(Field) - {Field.POSTER, Field.BACKGROUND, Field.CONTENT_RATING},
    show_performer_pictures=False,
)
SCENE = Scene(
    id=1, title="A title", files=(SceneFile("/a.mp4"),), performers=(Performer(1, "Ann"),), tags=("one",), tag_ids=(1,)
)
PARTLY = replace(SCENE, incomplete=frozenset({Field.PERFORMERS, Field.TAGS}))
TOLD = Applied(tags={Field.PERFORMERS: ("Ann", "Bea"), Field.TAGS: ("two",)}, thumbs={"Bea": "http://stash/bea"})
ITEM = Item(
    5,
    1,
    tags={
        Field.PERFORMERS: (Tag("Ann"), Tag("Bea", "http://stash/bea"), Tag("Somebody else")),
        Field.TAGS: (Tag("two"),),
    },
)


@pytest.mark.parametrize("item", [None, ITEM])
@pytest.mark.parametrize("owned", [frozenset(), frozenset(Field)])
def test_what_could_be_read_is_added_and_nothing_goes(item: Item | None, owned: frozenset[Field]) -> None:
    rules = replace(RULES, owned=owned)
    edit = difference(desired(PARTLY, rules), TOLD, item, rules)
    assert edit.remove == {}
    assert edit.add == {Field.TAGS: (Tag("one"),)}
    assert difference(desired(SCENE, rules), TOLD, item, rules).remove[Field.PERFORMERS][0] == "Bea"


def test_what_stays_is_remembered_as_ours_so_that_it_goes_when_all_can_be_read() -> None:
    wanted = desired(PARTLY, RULES)
    told = after(TOLD, difference(wanted, TOLD, None, RULES), wanted)
    assert told.tags[Field.PERFORMERS] == ("Ann", "Bea")
    assert told.tags[Field.TAGS] == ("two", "one")
    assert told.thumbs == {"Bea": "http://stash/bea"}
    edit = difference(desired(SCENE, RULES), told, None, RULES)
    assert edit.remove == {Field.PERFORMERS: ("Bea",), Field.TAGS: ("two",)}


def test_what_stays_is_no_drift_and_what_is_gone_is() -> None:
    rules = replace(RULES, owned=frozenset({Field.PERFORMERS}))
    wanted = desired(replace(PARTLY, title="", tags=("two",)), rules)
    assert drift(wanted, TOLD, ITEM, False, owned=rules.owned) == ()
    without = replace(ITEM, tags={**ITEM.tags, Field.PERFORMERS: (Tag("Ann"),)})
    assert [one.field for one in drift(wanted, TOLD, without, False, owned=rules.owned)] == [Field.PERFORMERS]


def test_that_it_is_incomplete_is_told_by_digest_and_fingerprint() -> None:
    assert digest(SCENE, RULES) != digest(PARTLY, RULES)
    assert fingerprint(desired(SCENE, RULES)) != fingerprint(desired(PARTLY, RULES))
    unread = replace(SCENE, unread=frozenset({Field.TAGS}))
    assert digest(SCENE, RULES) != digest(unread, RULES)
    assert Field.TAGS not in desired(unread, RULES).tags
