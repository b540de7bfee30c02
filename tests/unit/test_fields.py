"""The table of fields: everything in it is in a hash, and what was noted before a field was added stays valid."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import pytest

from plexsync.fields import FieldKind
from plexsync.metadata import after, desired, digest, fingerprint, to_json
from plexsync.metadata.digest import LEFT_OUT
from plexsync.model import TEXT_FIELDS, Applied, Desired, Edit, Field, Performer, Scene, SceneFile, Tag
from plexsync.plex.answers import unread_page
from plexsync.plex.reads import NOT_LISTED
from plexsync.plex.transport import PlexAnswer
from tests.support import rules

RULES = replace(rules.RULES, owned=frozenset({Field.TAGS}), content_rating="XXX")
SCENE = Scene(
    id=7,
    title="A title",
    details="Some words.\n\nAnd more.",
    director="Dana Dee; Eve Ess",
    date="2023-05-17",
    rating100=73,
    files=(SceneFile("/a/b.mp4", 5, 1.5),),
    studio="Studio",
    studio_id=3,
    performers=(Performer(1, "Zoe", "http://stash:9999/performer/1/image"), Performer(2, "Anna")),
    tags=("B", "A"),
    tag_ids=(5, 6),
    groups=("G",),
    group_ids=(9,),
    screenshot_url="http://stash:9999/scene/7/screenshot?t=1",
    updated_at="2024-01-01T00:00:00Z",
    created_at="2023-01-01T00:00:00Z",
)
#: Values of another kind than a text; a text is another one where a letter is put behind it.
OTHERS: dict[str, Any] = {
    "id": 8,
    "rating100": 74,
    "organized": True,
    "urls": ("http://a.example",),
    "files": (SceneFile("/a/c.mp4", 5, 1.5),),
    "performers": (),
    "tags": ("A", "B"),
    "groups": (),
    "studio_id": 4,
    "tag_ids": (5, 7),
    "group_ids": (),
    "unread": frozenset({Field.DATE}),
    "incomplete": frozenset({Field.TAGS}),
    "faults": ("A fault.",),
}


@pytest.mark.parametrize("name", [one.name for one in fields(Scene)])
def test_whatever_a_scene_has_is_in_its_digest_or_left_out_for_a_reason(name: str) -> None:
    value = OTHERS[name] if name in OTHERS else f"{getattr(SCENE, name)}x".replace("screenshot?", "picture?")
    changed = replace(SCENE, **{name: value})
    assert changed != SCENE
    assert (digest(changed, RULES) == digest(SCENE, RULES)) == bool(LEFT_OUT.get(name))


def test_nothing_is_left_out_of_the_digest_that_a_scene_does_not_have() -> None:
    assert LEFT_OUT.keys() <= {one.name for one in fields(Scene)}


@pytest.mark.parametrize("field", list(Field))
def test_every_field_is_in_the_fingerprint(field: Field) -> None:
    nothing = Desired({}, {}, None, {}, frozenset(Field))
    value = {
        FieldKind.TEXT: replace(nothing, texts={field: "2023-05-17"}),
        FieldKind.NAMES: replace(nothing, tags={field: (Tag("A"),)}),
        FieldKind.RATING: replace(nothing, rating=7.0),
        FieldKind.PICTURE: replace(nothing, pictures={field: "http://stash:9999/scene/7/screenshot"}),
    }[field.row.kind]
    assert fingerprint(value) != fingerprint(nothing)


@pytest.mark.parametrize("field", [one for one in TEXT_FIELDS if one.row.is_listed])
def test_what_is_said_to_be_listed_is_read_from_a_listing(field: Field) -> None:
    listing = {"MediaContainer": {"Metadata": [{"ratingKey": "7", field.row.plex: "2023-05-17"}]}}
    (item,) = unread_page(PlexAnswer({}, json.dumps(listing).encode(), "GET /"), 1, 0).read().items
    assert getattr(item, field) == "2023-05-17"
    assert field.row.plex not in dict(NOT_LISTED)["excludeFields"].split(",")


def test_what_an_earlier_version_noted_of_a_scene_says_the_same_now() -> None:
    # Were it otherwise, an update would write all scenes anew: so does a field that is on by default.
    wanted = desired(SCENE, RULES)
    assert fingerprint(wanted) == ("6af24290d75e522ce71d8a811f530c641aa620626d54e07d1eb66a32ea7c0db9.dcbcacfe683c908b")
    assert fingerprint(desired(Scene(id=1), RULES)) == (
        "e2ad8996c0faa911a03cc55b2ea0419b027bb74c45ca5ab8a64e1c3e30f03f18.89b87c8442ef8087"
    )
    assert to_json(after(Applied(), Edit(), wanted)) == (
        '{"rating":7.3,"rating_written":true,"tags":{"director":["Dana Dee","Eve Ess"],"groups":["G","Studio"],'
        '"performers":["Zoe","Anna"],"tags":["B","A"]},"texts":{"content_rating":"XXX","date":"2023-05-17",'
        '"studio":"Studio","summary":"Some words.\\n\\nAnd more.","title":"A title"},'
        '"thumbs":{"Zoe":"http://stash:9999/performer/1/image"}}'
    )
