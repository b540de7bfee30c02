"""Files of a folder that were numbered anew: at a scene's path lies another one, and its own lies beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.further import find_further
from plexsync.matching.lookup import Match
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
#: Seconds.
LONG = 60.22


def ours(name: str = "3", *, rate: float = 30.0, height: int = 1080) -> SceneFile:
    return replace(file(f"/x/set/{name}.mp4", SIZE, LONG), frame_rate=rate, height=height, width=height * 16 // 9)


def theirs(
    key: int, name: str, size: int = OTHER, apart: float = 0.3, *, rate: float = 30.0, height: int = 1080
) -> IndexedPart:
    one = part(key, f"/x/set/{name}.mp4", size, LONG + apart)
    return replace(one, frame_rate=rate, height=height, width=height * 16 // 9)


def best(wanted: Scene, *parts: IndexedPart) -> Match:
    return find_matches(wanted, (), MemoryIndex(*parts))[0]


@pytest.mark.parametrize("apart", [0.0, 0.16, 0.39, 0.9])
@pytest.mark.parametrize(("name", "other"), [("3", "2"), ("0003", "0004"), ("Harbour Lights", "Amber Orchard")])
def test_the_very_bytes_beside_it_tell_more_than_a_path_of_another_size(name: str, other: str, apart: float) -> None:
    found = best(scene(ours(name)), theirs(8, name, apart=apart), theirs(7, other, SIZE, 0.0))
    assert (found.rating_key, found.confidence >= AUTO) == (7, True)


def test_a_size_alone_does_not() -> None:
    found = best(scene(ours()), theirs(8, "3", apart=0.3), theirs(7, "2", SIZE, 40.0))
    assert (found.rating_key, found.confidence) == (8, 95)


@pytest.mark.parametrize(
    ("name", "apart", "rate", "height", "sure"),
    [
        ("3", 0.05, 30.0, 1080, 95),
        ("3", 0.05, 30.0, 720, 95),
        ("3", 0.05, 25.0, 1080, 95),
        ("3", 0.05, 60.0, 720, 95),
        ("3", 0.05, 25.0, 720, 80),
        ("Harbour Lights", 0.05, 25.0, 720, 95),
        ("Harbour Lights", 0.3, 25.0, 720, 80),
        ("Harbour Lights", 0.3, 30.0, 720, 95),
    ],
)
def test_another_size_rate_and_picture_at_a_path_are_for_a_person(
    name: str, apart: float, rate: float, height: int, sure: int
) -> None:
    item = theirs(8, name, apart=apart, rate=rate, height=height)
    assert best(scene(ours(name)), item).confidence == sure


class _AtPath:
    def __init__(self, *parts: IndexedPart) -> None:
        self.parts = parts

    def alike(self, file: SceneFile, mapped: str, but: int) -> list[IndexedPart]:
        return [one for one in self.parts if one.rating_key != but and (one.path == mapped or one.size == file.size)]


def test_what_lies_at_its_path_then_does_not_show_the_scene_besides() -> None:
    items = (theirs(8, "3", apart=0.3), theirs(7, "2", SIZE, 0.0))
    wanted = scene(ours())
    own = best(wanted, *items)
    assert own.rating_key == 7
    assert find_further(wanted, own, (), _AtPath(*items), frozenset(), AUTO) == ()
    at_path = replace(own, path="/x/set/3.mp4")
    (found,) = find_further(wanted, at_path, (), _AtPath(items[0]), frozenset(), AUTO)
    assert found.rating_key == 8


@pytest.mark.parametrize("size", [5, 5_000_000, 123_456_789])
def test_a_file_of_the_same_size_at_the_path_is_the_scenes_own_however_round_the_size_is(size: int) -> None:
    """Its length may be one that a server has not read, or has read wrongly."""
    mine = replace(file("/media/set/3.mp4", size), duration=1800.0)
    yours = replace(part(7, "/media/set/3.mp4", size), duration_ms=1000)
    (match,) = find_matches(scene(mine), (), MemoryIndex(yours))
    assert match.confidence >= AUTO
