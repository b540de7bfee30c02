"""What a scene lacks that it is likely to get."""

from __future__ import annotations

from dataclasses import replace

from plexsync.metadata import desired, missing
from plexsync.model import Field, Performer, Scene, SceneFile
from tests.support.rules import RULES

FULL = Scene(
    1,
    title="A title",
    details="A text",
    date="2024-05-01",
    files=(SceneFile("/data/a file.mp4"),),
    studio="A studio",
    performers=(Performer(1, "Ann"),),
    tags=("one",),
    screenshot_url="http://stash:9999/scene/1/screenshot",
)


def test_a_scene_that_has_all_of_it_lacks_nothing_though_it_has_no_rating_director_or_group() -> None:
    assert missing(desired(FULL, RULES), picture_may_come=False) == ()


def test_a_title_taken_from_the_file_name_is_missing_as_is_all_that_is_empty() -> None:
    bare = Scene(1, files=FULL.files, screenshot_url=FULL.screenshot_url)
    assert missing(desired(bare, RULES), picture_may_come=True) == (
        Field.TITLE,
        Field.SUMMARY,
        Field.STUDIO,
        Field.DATE,
        Field.PERFORMERS,
        Field.TAGS,
        Field.POSTER,
        Field.BACKGROUND,
    )


def test_what_is_not_carried_is_not_missed() -> None:
    rules = replace(RULES, selected=frozenset({Field.TITLE, Field.POSTER}))
    assert missing(desired(Scene(1), rules), picture_may_come=True) == (Field.TITLE, Field.POSTER)
    assert missing(desired(FULL, rules), picture_may_come=False) == ()
