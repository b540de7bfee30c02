"""Tagline and sort title: made by a template, where a setting says so, and otherwise as if they were not there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.configuration.template import Template
from plexsync.metadata import Rules, desired, difference, digest, drift, fingerprint, mismatches, preserve
from plexsync.model import Applied, Edit, Field, Item, Scene, SceneFile
from tests.support.rules import RULES

OFF = replace(RULES, selected=frozenset(Field) - {Field.TAGLINE, Field.SORT_TITLE})
SCENE = Scene(1, title="A day", code="AC-7", studio="Acme", date="2023-05-17", director="Dana Dee; Eve Ess")


def on(**templates: str) -> Rules:
    made = {Field(name): Template.parse(text) for name, text in templates.items()}
    return replace(OFF, selected=frozenset({*OFF.selected, *made}), templates=tuple(made.items()))


def texts(scene: Scene, **templates: str) -> dict[Field, str]:
    found = desired(scene, on(**templates)).texts
    return {field: found[field] for field in (Field.TAGLINE, Field.SORT_TITLE) if field in found}


def test_they_are_made_of_the_scene_by_their_templates() -> None:
    made = texts(SCENE, tagline="{code}", sort_title="{studio} {date} {title}")
    assert made == {Field.TAGLINE: "AC-7", Field.SORT_TITLE: "Acme 2023-05-17 A day"}
    assert texts(SCENE, tagline="by {director}") == {Field.TAGLINE: "by Dana Dee, Eve Ess"}


def test_what_stash_does_not_have_is_empty_so_that_what_we_wrote_goes() -> None:
    bare = Scene(1, title="A day")
    assert texts(bare, tagline="{code}", sort_title="{studio} {date}") == {Field.TAGLINE: "", Field.SORT_TITLE: ""}


def test_the_title_is_the_one_that_plex_shows() -> None:
    untitled = Scene(1, code="AC-7", files=(SceneFile("/data/My.Scene.mp4"),))
    assert texts(untitled, sort_title="{code} {title}") == {Field.SORT_TITLE: "AC-7 My Scene"}
    bare = replace(untitled, code="")
    assert texts(bare, sort_title="{code} {title}") == {Field.SORT_TITLE: ""}, "Plex sorts by it anyhow"
    plain = replace(on(sort_title="{title}"), ascii_titles=True)
    assert desired(Scene(1, title="Süß"), plain).texts[Field.SORT_TITLE] == "Suss"


def test_it_is_one_line_within_the_limit() -> None:
    made = desired(replace(SCENE, code="x\n" * 400), on(tagline="{code}"))
    assert len(made.texts[Field.TAGLINE]) <= 500
    assert made.notes == ("The tagline is cut from 799 to 500 characters to fit into one request.",)


def test_without_a_template_nothing_is_said_of_them_and_no_hash_moves() -> None:
    assert texts(SCENE) == {}
    assert fingerprint(desired(SCENE, OFF)) == fingerprint(desired(replace(SCENE, code=""), OFF))
    chosen = replace(OFF, selected=frozenset(Field))
    assert fingerprint(desired(SCENE, chosen)) == fingerprint(desired(SCENE, OFF)), "a name without a template is none"


@pytest.mark.parametrize("name", ["tagline", "sort_title"])
def test_a_template_is_in_both_hashes(name: str) -> None:
    rules, other = on(**{name: "{code}"}), on(**{name: "{studio}"})
    assert len({digest(SCENE, one) for one in (OFF, rules, other)}) == 3
    assert len({fingerprint(desired(SCENE, one)) for one in (OFF, rules, other)}) == 3
    assert fingerprint(desired(SCENE, rules)) != fingerprint(desired(replace(SCENE, code="AC-8"), rules))


@pytest.mark.parametrize(
    ("template", "unread", "left"),
    [
        ("{code}", Field.TAGLINE, True),
        ("{studio} {title}", Field.STUDIO, True),
        ("{studio} {title}", Field.TITLE, True),
        ("{studio} {title}", Field.TAGLINE, False),
        ("{code}", Field.STUDIO, False),
    ],
)
def test_where_stash_could_not_tell_a_piece_the_field_is_left_as_it_is(
    template: str, unread: Field, left: bool
) -> None:
    scene = replace(SCENE, unread=frozenset({unread}))
    for name in ("tagline", "sort_title"):
        made = desired(scene, on(**{name: template}))
        assert (Field(name) not in made.texts) == left == (Field(name) not in made.selected)


@pytest.mark.parametrize(
    ("shown", "is_right"), [("The day", True), ("day", True), ("", True), ("Acme 2023", False), ("The", False)]
)
def test_a_sort_title_that_was_cleared_may_read_as_plex_makes_it_of_the_title(shown: str, is_right: bool) -> None:
    item = Item(1, 1, texts={Field.TITLE: "The day", Field.SORT_TITLE: shown, Field.TAGLINE: "The day"})
    assert (mismatches(Edit(texts={Field.SORT_TITLE: ""}), item) == ()) == is_right
    assert mismatches(Edit(texts={Field.TAGLINE: ""}), item) != ()


def test_what_somebody_else_wrote_over_it_is_drift_and_is_preserved_where_it_is_locked() -> None:
    wanted = desired(SCENE, on(tagline="{code}"))
    applied = Applied(texts={Field.TAGLINE: "AC-7"})
    item = Item(1, 1, texts={Field.TAGLINE: "Theirs"}, locked=frozenset({Field.TAGLINE}))
    assert [one.field for one in drift(wanted, applied, item, lock=True)] == [Field.TAGLINE]
    assert preserve(wanted, applied, item)[1] == (Field.TAGLINE,)


def test_what_an_earlier_scene_of_the_file_showed_stays_until_there_is_something_else() -> None:
    rules = on(tagline="{code}", sort_title="{studio} {title}")
    applied = Applied(texts={Field.TITLE: "A day", Field.TAGLINE: "AC-7", Field.SORT_TITLE: "Acme A day"})
    applied = replace(applied, inherited=frozenset(applied.texts))
    anew = Scene(2, files=(SceneFile("/data/My.Scene.mp4"),))
    assert not difference(desired(anew, rules), applied, None, rules)
    changed = difference(desired(replace(anew, code="AC-8"), rules), applied, None, rules)
    assert changed.texts == {Field.TAGLINE: "AC-8"}


def test_the_sort_title_that_plex_makes_itself_is_nobodys() -> None:
    wanted = desired(Scene(1, title="The day"), replace(on(sort_title="{code}"), owned=frozenset(Field)))
    item = Item(1, 1, texts={Field.TITLE: "The day", Field.SORT_TITLE: "day"})
    assert drift(wanted, Applied(), item, lock=False, owned=frozenset(Field)) == ()
