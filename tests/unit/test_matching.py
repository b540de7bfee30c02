"""Which item a scene belongs to."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from plexsync.matching.match import SAME_NAME_AND_SIZE, SAME_PATH, SAME_PATH_OTHER_SIZE, choose, find_matches
from plexsync.matching.paths import file_name, map_path, path_key
from plexsync.model import Scene, SceneFile


@dataclass(frozen=True)
class FakePart:
    rating_key: int
    file: str
    size: int | None = 10
    section_id: int = 1
    title: str = ""


class FakeIndex:
    def __init__(self, *parts: FakePart) -> None:
        self.parts = parts

    def by_path(self, path: str) -> list[FakePart]:
        return [part for part in self.parts if path_key(part.file) == path]

    def by_name_and_size(self, name: str, size: int) -> list[FakePart]:
        return [part for part in self.parts if file_name(part.file) == name and part.size == size]


def scene(*files: tuple[str, int | None]) -> Scene:
    return Scene(1, files=tuple(SceneFile(path, size) for path, size in files))


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/media/a.mp4", "/media/a.mp4"),
        ("/media//sub///a.mp4", "/media/sub/a.mp4"),
        ("/media/sub/", "/media/sub"),
        ("/", "/"),
        ("D:\\Videos\\a.mp4", "D:/Videos/a.mp4"),
        ("\\\\nas\\videos\\a.mp4", "//nas/videos/a.mp4"),
        ("/odd\\name.mp4", "/odd\\name.mp4"),
        ("/cafe\u0301.mp4", "/café.mp4"),
    ],
)
def test_paths_are_compared_in_one_form(path: str, key: str) -> None:
    assert path_key(path) == key
    assert path_key(key) == key


@pytest.mark.parametrize(
    ("path", "mapped"),
    [
        ("/data/a.mp4", "/media/a.mp4"),
        ("/data/sub/b.mp4", "/media/sub/b.mp4"),
        ("/data2/a.mp4", "/data2/a.mp4"),
        ("/data/special/c.mp4", "/elsewhere/c.mp4"),
        ("/other/a.mp4", "/other/a.mp4"),
        ("d:\\VIDEOS\\x\\a.mp4", "//nas/v/x/a.mp4"),
        ("/data", "/media"),
    ],
)
def test_the_longest_prefix_on_a_folder_border_is_replaced(path: str, mapped: str) -> None:
    path_map = [("/data/", "/media"), ("/data/special", "/elsewhere/"), ("D:\\Videos", "\\\\nas\\v")]
    assert map_path(path, path_map) == mapped


def test_a_root_can_be_mapped_to_a_root() -> None:
    assert map_path("/a/b.mp4", [("/", "/mnt")]) == "/mnt/a/b.mp4"
    assert map_path("/mnt/a/b.mp4", [("/mnt", "/")]) == "/a/b.mp4"


def test_the_same_path_is_the_surest_match() -> None:
    found = find_matches(scene(("/data/a.mp4", 10)), [("/data", "/media")], FakeIndex(FakePart(7, "/media/a.mp4")))
    assert [(match.rating_key, match.confidence, match.reasons) for match in found] == [(7, SAME_PATH, ("same path",))]


def test_another_size_under_the_same_path_is_said() -> None:
    found = find_matches(scene(("/a.mp4", 99)), [], FakeIndex(FakePart(7, "/a.mp4", 10)))
    assert found[0].confidence == SAME_PATH_OTHER_SIZE
    assert "10 bytes in Plex and 99 in Stash" in found[0].reasons[0]


def test_an_unknown_size_does_not_count_against_a_path() -> None:
    found = find_matches(scene(("/a.mp4", None)), [], FakeIndex(FakePart(7, "/a.mp4", 10)))
    assert found[0].confidence == SAME_PATH


def test_a_unique_name_and_size_matches_where_the_path_does_not() -> None:
    found = find_matches(scene(("/x/a.mp4", 10)), [], FakeIndex(FakePart(7, "/y/a.mp4"), FakePart(8, "/z/a.mp4", 11)))
    assert [(match.rating_key, match.confidence) for match in found] == [(7, SAME_NAME_AND_SIZE)]


def test_a_name_and_size_that_two_items_share_match_neither() -> None:
    index = FakeIndex(FakePart(7, "/y/a.mp4"), FakePart(8, "/z/a.mp4"))
    assert find_matches(scene(("/x/a.mp4", 10)), [], index) == []


def test_a_name_and_size_in_two_versions_of_one_item_match_it() -> None:
    index = FakeIndex(FakePart(7, "/y/a.mp4"), FakePart(7, "/z/a.mp4"))
    assert [match.rating_key for match in find_matches(scene(("/x/a.mp4", 10)), [], index)] == [7]


@pytest.mark.parametrize("size", [None, 0])
def test_a_name_alone_never_matches(size: int | None) -> None:
    assert find_matches(scene(("/x/a.mp4", size)), [], FakeIndex(FakePart(7, "/y/a.mp4", size))) == []


def test_any_file_of_a_scene_can_match_and_the_surest_comes_first() -> None:
    index = FakeIndex(FakePart(7, "/y/a.mp4"), FakePart(8, "/b.mp4"))
    found = find_matches(scene(("/x/a.mp4", 10), ("/b.mp4", 10)), [], index)
    assert [match.rating_key for match in found] == [8, 7]


def test_a_scene_without_files_matches_nothing() -> None:
    assert find_matches(Scene(1), [], FakeIndex(FakePart(7, "/a.mp4"))) == []
    assert choose([], None) is None


def test_the_item_a_scene_has_is_kept_among_equals() -> None:
    index = FakeIndex(FakePart(7, "/a.mp4"), FakePart(8, "/a.mp4", section_id=2))
    found = find_matches(scene(("/a.mp4", 10)), [], index)
    chosen = [choose(found, known) for known in (None, 8, 99)]
    assert [match.rating_key for match in chosen if match] == [7, 8, 7]


def test_a_better_match_replaces_the_item_a_scene_has() -> None:
    index = FakeIndex(FakePart(7, "/y/a.mp4"), FakePart(8, "/b.mp4"))
    chosen = choose(find_matches(scene(("/x/a.mp4", 10), ("/b.mp4", 10)), [], index), 7)
    assert chosen is not None
    assert chosen.rating_key == 8
