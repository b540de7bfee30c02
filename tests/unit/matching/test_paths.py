"""File paths of two programs in one comparable form."""

from __future__ import annotations

import pytest

from plexsync.matching.paths import folded, map_path, path_key, stem, stem_key


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


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/Beach Day.MP4", "Beach Day"),
        ("D:\\a\\Beach Day.m2ts", "Beach Day"),
        ("/a/Beach.Day.2021.mkv", "Beach.Day.2021"),
        ("/a/Beach Day", "Beach Day"),
        ("/a/.hidden", ".hidden"),
        ("/a/Beach. A long day", "Beach. A long day"),
    ],
)
def test_a_file_is_called_what_stands_before_its_ending(path: str, name: str) -> None:
    assert stem(path) == name
    assert stem_key(path) == name.casefold()


def test_where_case_does_not_count_letters_are_folded() -> None:
    assert folded("/Media/STRASSE.mp4") == folded("/media/straße.MP4")
