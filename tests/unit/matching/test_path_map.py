"""Which folder of Stash is which of Plex, found out from files that both have."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plexsync.matching.path_map import (
    CLEAR_SUPPORT,
    FEW_FILES,
    MOST_MOUNTS,
    Mount,
    agreement,
    infer,
)
from plexsync.matching.paths import folded, map_path, path_key

Pair = tuple[str, str]


def below(stash: str, plex: str, count: int, start: int = 0, folder: str = "") -> list[Pair]:
    """So many files, the same in both below these roots."""
    return [(f"{stash}{folder}/{n}.mp4", f"{plex}{folder}/{n}.mp4") for n in range(start, start + count)]


def path_mapping(pairs: Iterable[Pair]) -> dict[str, str]:
    return {mount.stash: mount.plex for mount in infer(pairs)}


def unmapped(pairs: Iterable[Pair], form: Callable[[str], str] = path_key) -> list[Pair]:
    """The pairs that the map inferred from all of them leads elsewhere."""
    pairs = list(pairs)
    path_map = list(path_mapping(pairs).items())
    return [(stash, plex) for stash, plex in pairs if form(map_path(stash, path_map)) != form(plex)]


# --- What is clear ---------------------------------------------------------------------------------------------------


def test_a_mount_is_what_is_left_without_the_folders_that_paths_end_in_alike() -> None:
    pairs = below("/data", "/media/scenes", 20, folder="/sub")
    assert infer(pairs) == [Mount("/data", "/media/scenes", 20, 0)]


def test_several_roots_each_have_their_mount_and_the_best_supported_comes_first() -> None:
    pairs = below("/films", "/srv/movies", 6) + below("/data", "/media", 9)
    assert infer(pairs) == [Mount("/data", "/media", 9, 0), Mount("/films", "/srv/movies", 6, 0)]


def test_a_root_within_another_may_be_elsewhere() -> None:
    pairs = below("/data", "/media", 30, folder="/all") + below("/data", "/media", 9, folder="/more")
    pairs += below("/data/special", "/elsewhere/s", 8)
    assert path_mapping(pairs) == {"/data": "/media", "/data/special": "/elsewhere/s"}
    assert unmapped(pairs) == []


def test_where_the_inner_root_has_most_files_the_outer_one_is_still_found() -> None:
    pairs = below("/data/special", "/elsewhere", 100) + below("/data", "/media", 6)
    assert path_mapping(pairs) == {"/data": "/media", "/data/special": "/elsewhere"}


def test_the_same_paths_need_no_mount() -> None:
    assert infer(below("/data", "/data", 20)) == []


def test_a_folder_that_is_the_same_within_one_that_is_not_keeps_its_place() -> None:
    pairs = below("/data", "/media", 50, folder="/a") + below("/data", "/media", 50, folder="/b")
    pairs += below("/data/local", "/data/local", 2)
    assert path_mapping(pairs) == {"/data": "/media", "/data/local": "/data/local"}
    assert unmapped(pairs) == []


def test_a_folder_that_is_the_same_beside_one_that_is_not_stays_out_of_it() -> None:
    pairs = below("/data", "/mnt/data", 50) + below("/other", "/other", 2)
    assert path_mapping(pairs) == {"/data": "/mnt/data"}
    assert unmapped(pairs) == []


def test_the_root_of_a_file_system_can_be_mounted_and_mounted_on() -> None:
    assert path_mapping(below("/a", "/mnt/a", 5) + below("/b", "/mnt/b", 5)) == {"/": "/mnt"}
    assert path_mapping(below("/mnt/a", "/a", 5) + below("/mnt/b", "/b", 5)) == {"/mnt": "/"}


@pytest.mark.parametrize(
    ("stash", "plex"), [("/data/data", "/data"), ("/data", "/data/data"), ("/a/b/a/b", "/a/b"), ("/x/x/x", "/x/y/x")]
)
def test_names_that_are_repeated_in_a_path_do_no_harm(stash: str, plex: str) -> None:
    pairs = below(stash, plex, 9, folder="/x") + below(stash, plex, 9, folder="/data/data")
    assert unmapped(pairs) == []


def test_two_folders_of_stash_can_be_one_of_plex() -> None:
    pairs = below("/data/link", "/media/real", 9) + below("/data/real", "/media/real", 9, start=50)
    assert unmapped(pairs) == []


# --- Other systems and spellings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stash", "plex", "expected"),
    [
        ("D:\\Filme\\", "/media/filme2/", ("D:/Filme", "/media/filme2")),
        ("D:\\Videos", "/mnt/videos", ("D:/Videos", "/mnt/videos")),
        ("D:\\", "/mnt/d/", ("D:/", "/mnt/d")),
        ("\\\\nas\\videos\\", "/volume1/videos/", ("//nas/videos", "/volume1/videos")),
        ("/data/", "\\\\nas\\share\\sub\\", ("/data", "//nas/share/sub")),
        ("/data/", "E:\\", ("/data", "E:/")),
        ("\\\\nas\\videos\\", "Z:\\", ("//nas/videos", "Z:/")),
        ("/data//", "/media///x//", ("/data", "/media/x")),
        ("/cafe\u0301/", "/café2/", ("/café", "/café2")),
    ],
)
def test_paths_of_every_system_are_understood(stash: str, plex: str, expected: Pair) -> None:
    def path(root: str, name: str) -> str:
        windows = "\\" in root
        bare = root.rstrip("\\/")
        return f"{bare}\\Sub\\{name}" if windows else f"{bare}/Sub/{name}"

    pairs = [(path(stash, f"{n}.mp4"), path(plex, f"{n}.mp4")) for n in range(9)]
    assert list(path_mapping(pairs).items()) == [expected]
    assert unmapped(pairs) == []


def test_a_drive_is_the_same_whatever_its_case() -> None:
    pairs = below("D:/Videos", "/mnt/v", 4) + below("d:/VIDEOS", "/mnt/v", 4, start=10)
    (mount,) = infer(pairs)
    assert (mount.support, mount.against) == (8, 0)
    assert unmapped(pairs) == []


def test_names_may_be_composed_in_the_one_and_decomposed_in_the_other() -> None:
    names = ["Häuser", "Öl", "Übung", "é", "ñ"]
    pairs = [(unicodedata.normalize("NFD", f"/data/{n}/{n}.mp4"), f"/media/{n}/{n}.mp4") for n in names]
    assert path_mapping(pairs) == {"/data": "/media"}
    assert unmapped(pairs) == []


def test_folders_that_differ_in_case_alone_still_speak_for_the_mount_above_them() -> None:
    pairs = [
        pair for n in range(20) for pair in below(f"/data/Folder {n}", f"/media/{'fF'[n % 2]}older {n}", 3, start=9 * n)
    ]
    assert path_mapping(pairs) == {"/data": "/media"}
    assert unmapped(pairs, folded) == []


def test_a_root_is_taken_as_it_is_spelled_where_all_its_files_agree() -> None:
    assert path_mapping(below("/data/Films", "/media/films", 9)) == {"/data/Films": "/media/films"}


def test_the_spelling_of_most_files_is_taken() -> None:
    pairs = below("/data", "d:\\videos", 3) + below("/data", "D:\\Videos", 7, start=10)
    assert path_mapping(pairs) == {"/data": "D:/Videos"}


# --- What is not clear ------------------------------------------------------------------------------------------------


def test_nothing_is_inferred_from_nothing() -> None:
    assert infer([]) == []


@pytest.mark.parametrize("pair", [("/data/a.mp4", "/media/b.mp4"), ("a.mp4", "a.mp4"), ("/", "/"), ("", "/a.mp4")])
def test_a_pair_that_is_none_says_nothing(pair: Pair) -> None:
    assert infer([pair] * 3) == []


def test_a_few_files_moved_by_hand_are_outvoted_and_counted() -> None:
    moved = [(f"/data/a/{n}.mp4", f"/media/b/{n}.mp4") for n in range(CLEAR_SUPPORT - 1)]
    moved += [(f"/data/x/{n}.mp4", f"/media/x/y{n}/{n}.mp4") for n in range(20)]
    pairs = below("/data", "/media", 500, start=100, folder="/a") + below(
        "/data", "/media", 500, folder="/x", start=900
    )
    assert infer(pairs + moved) == [Mount("/data", "/media", 1000, len(moved))]


def test_a_file_that_plex_has_twice_says_nothing() -> None:
    pairs = [pair for n in range(50) for pair in ((f"/data/{n}.mp4", f"/a/{n}.mp4"), (f"/data/{n}.mp4", f"/b/{n}.mp4"))]
    assert infer(pairs) == []
    assert infer(pairs + below("/data", "/a", 9, start=90)) == [Mount("/data", "/a", 9, 0)]


def test_a_file_that_comes_twice_counts_once() -> None:
    assert infer(below("/data", "/media", 6) * 3) == [Mount("/data", "/media", 6, 0)]


def test_two_ways_of_sorting_files_give_no_map() -> None:
    pairs = [(f"/data/unsorted/{n}.mp4", f"/media/studio {n % 30}/{n}.mp4") for n in range(900)]
    assert infer(pairs) == []


def test_a_folder_has_one_mount_however_many_files_speak_for_another() -> None:
    assert infer(below("/data", "/a", 100) + below("/data", "/b", 20, start=200)) == [Mount("/data", "/a", 100, 20)]


def test_half_and_half_is_not_clear() -> None:
    assert infer(below("/data", "/a", 20) + below("/data", "/b", 20, start=50)) == []


def test_however_odd_a_library_is_its_mounts_are_bounded() -> None:
    pairs = [pair for n in range(MOST_MOUNTS + 9) for pair in below(f"/s/{n}", f"/p/x{n}", CLEAR_SUPPORT, start=9 * n)]
    assert len(infer(pairs)) == MOST_MOUNTS


# --- A few files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_files_are_enough_when_they_are_all_there_are(count: int) -> None:
    assert infer(below("/data", "/media", count, folder="/sub")) == [Mount("/data", "/media", count, 0)]


def test_few_files_in_two_roots_are_enough_for_both() -> None:
    assert path_mapping(below("/data", "/media", 2) + below("/films", "/movies", 1)) == {
        "/data": "/media",
        "/films": "/movies",
    }


def test_few_files_that_contradict_each_other_are_not_enough() -> None:
    assert infer([("/data/x/1.mp4", "/media/x/1.mp4"), ("/data/y/2.mp4", "/media/z/2.mp4")]) == []


def test_few_files_are_not_enough_among_many() -> None:
    assert path_mapping(below("/data", "/media", FEW_FILES) + below("/films", "/movies", 1)) == {"/data": "/media"}


def test_a_moved_file_makes_no_mount_of_its_own_among_few() -> None:
    assert path_mapping([*below("/data", "/media", 6), ("/data/x/9.mp4", "/media/y/9.mp4")]) == {"/data": "/media"}


# --- How well a map does ----------------------------------------------------------------------------------------------


def test_agreement_counts_files_of_stash_whatever_the_case() -> None:
    pairs = [("/data/a.mp4", "/media/A.mp4"), ("/data/a.mp4", "/x/a.mp4"), ("/data/b.mp4", "/x/b.mp4")]
    assert agreement(pairs, [("/data", "/media")]) == (1, 2)
    assert agreement(pairs, []) == (0, 2)


# --- Any roots, any trees ---------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["data", "media", "a", "b", "videos", "Été", "x y"])
FOLDERS = st.lists(NAMES, max_size=3)


def spelled(names: Sequence[str]) -> str:
    return "".join(f"/{name}" for name in names)


@st.composite
def libraries(draw: st.DrawFn) -> list[Pair]:
    """Files below up to four mounts, which may lie within each other, with the same tree below both sides of each."""
    roots = draw(
        st.dictionaries(
            st.tuples(st.sampled_from(["", "D:", "//nas/share"]), FOLDERS.map(tuple)),
            st.tuples(st.sampled_from(["", "E:", "//other/share"]), FOLDERS.map(tuple)),
            min_size=1,
            max_size=4,
        )
    )
    pairs: list[Pair] = []
    for (drive, stash), (plex_drive, plex) in roots.items():
        root = drive + spelled(stash)
        inner = [spelled(one[len(stash) :]) for other, one in roots if other == drive and one[: len(stash)] == stash]
        for folder in draw(st.lists(FOLDERS.map(spelled), min_size=1, max_size=4)):
            # What lies below an inner root belongs to that one.
            if any(name and f"{folder}/".startswith(f"{name}/") for name in inner):
                continue
            for _ in range(CLEAR_SUPPORT):
                name = f"{folder}/{len(pairs)}.mp4"
                pairs.append((root + name, plex_drive + spelled(plex) + name))
    return pairs


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(libraries())
def test_whatever_the_roots_every_file_is_led_to_its_place(pairs: list[Pair]) -> None:
    assert unmapped(pairs) == []


@settings(deadline=None)
@given(libraries(), st.randoms(use_true_random=False))
def test_the_order_of_the_files_does_not_matter(pairs: list[Pair], shuffled: random.Random) -> None:
    before = infer(pairs)
    shuffled.shuffle(pairs)
    assert infer(pairs) == before


@settings(deadline=None)
@given(st.lists(st.tuples(st.text("/\\aB:é\u0301. ", max_size=12), st.text("/\\aB:é. ", max_size=12)), max_size=8))
def test_any_texts_are_borne(pairs: list[Any]) -> None:
    for mount in infer(pairs):
        assert mount.support > 0
        assert mount.against >= 0
