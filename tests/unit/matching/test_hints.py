"""What a person is told to compare."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.hints import hint
from plexsync.matching.lookup import Match
from plexsync.model import IndexedPart, SceneFile
from tests.support.matching_index import file, part, scene

OURS = replace(file("/data/a/film.mp4", 3_400_000_000, 1492.0), width=3840, height=2160)
THEIRS = replace(part(7, "/media/b/film.mp4", 3_400_000_000, 1492.0), width=3840, height=2160)


def told(ours: SceneFile, theirs: IndexedPart, held_by: int | None = None) -> str:
    match = Match(7, 1, 70, (), "", theirs.file, ours.path)
    return hint(scene(ours), match, [theirs], [("/data", "/media")], held_by)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (OURS, replace(THEIRS, duration_ms=1_450_000), "its length is 24:10, the scene's 24:52; play both"),
        (OURS, replace(THEIRS, duration_ms=3_723_000), "its length is 1:02:03, the scene's 24:52; play both"),
        (OURS, replace(THEIRS, duration_ms=None), "Plex does not know its length"),
        (replace(OURS, duration=None), THEIRS, "Stash does not know the scene's length, and the item's is 24:52"),
        (OURS, replace(THEIRS, width=1920, height=1080), "its picture is 1920x1080, the scene's 3840x2160"),
        (OURS, replace(THEIRS, size=17), "its file has 17 bytes, the scene's 3,400,000,000 bytes"),
        (OURS, THEIRS, "the folders tell them apart (/media/b)"),
        (replace(OURS, size=None), THEIRS, "it is as long as the scene; play both"),
    ],
)
def test_it_is_what_tells_the_two_apart(ours: SceneFile, theirs: IndexedPart, said: str) -> None:
    assert said in told(ours, theirs)


def test_a_picture_that_is_turned_is_the_same() -> None:
    assert "picture" not in told(OURS, replace(THEIRS, width=2160, height=3840))


def test_of_a_file_at_its_path_it_is_what_plex_has_to_look_at() -> None:
    here = replace(THEIRS, path="/media/a/film.mp4", file="/media/a/film.mp4", size=17)
    assert "let the item be analysed" in told(OURS, here)
    assert told(OURS, replace(here, size=OURS.size)) == ""


def test_another_scene_that_has_the_item_goes_before_all_else() -> None:
    assert told(OURS, THEIRS, 12).startswith("scene 12 has this item")


def test_where_nothing_is_known_nothing_is_told() -> None:
    match = Match(7, 1, 70, (), "", "/gone.mp4", "")
    assert hint(scene(OURS), match, [THEIRS], [], None) == ""
    assert hint(scene(), match, [THEIRS], [], None) == ""
