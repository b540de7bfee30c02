"""What Stash has in its fields besides a title: a code, whatever its letters, and addresses of the scene's pages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.code_field import field_code
from plexsync.matching.match import find_matches
from plexsync.matching.names_in_addresses import names_in_addresses
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

LONG = 7358.33
AUTO = 90
OTHERS = [part(100 + one, f"/y/other/Film {one} of something.mkv", SIZE + one, LONG + 60 * one) for one in range(1, 9)]


def _confidence(ours: Scene, *parts: IndexedPart) -> int:
    found = find_matches(ours, (), MemoryIndex(*parts, *OTHERS))
    return next((match.confidence for match in found if match.rating_key == 7), 0)


def _with_code(code: str, name: str = "Wild Weekend Marta Vance") -> Scene:
    return replace(
        scene(file(f"/x/{name}.mp4", SIZE, LONG), title="Wild Weekend", performers=("Marta Vance",)), code=code
    )


@pytest.mark.parametrize(
    ("code", "theirs"),
    [
        *[("MKV-863", theirs) for theirs in ("MKV-863", "mkv863", "mkv00863", "[MKV-863]", "MKV-863_1080p", "MKV 863")],
        ("MOV-306", "site.com@MOV-306"),
        ("VOL-335", "VOL-335"),
        ("vol335", "VOL-335 1080p"),
        ("T28-567", "T28-567"),
        ("T28-567", "t28567hhb"),
        ("300MIUM-123", "300mium-123"),
        ("N1234", "n1234"),
        ("WANX-931", "wanx00931hhb"),
    ],
)
def test_what_stands_in_the_code_field_is_a_code(code: str, theirs: str) -> None:
    assert _confidence(_with_code(code), part(7, f"/y/dl/{theirs}.mkv", SIZE // 3, LONG + 0.03)) >= AUTO


@pytest.mark.parametrize("theirs", ["Wild Weekend", "Marta Vance - Wild Weekend 720p"])
def test_a_code_in_the_name_of_the_scene_alone_is_no_number_of_a_part(theirs: str) -> None:
    ours = _with_code("VOL-335", "VOL-335 Wild Weekend")
    assert _confidence(ours, part(7, f"/y/dl/{theirs}.mkv", SIZE // 3, LONG + 0.03)) >= AUTO


@pytest.mark.parametrize(
    ("code", "theirs"),
    [
        ("MKV-863", "MKV-864"),
        ("VOL-335", "VOL-336"),
        ("MOV-306", "MOV_0306"),
        ("MOV-306", "MOV_1306"),
        ("VOL-3", "Vol. 3"),
        ("T28-567", "T29-567"),
        ("T28-567", "567"),
        ("A-12", "a12"),
    ],
)
def test_another_code_or_a_count_is_none(code: str, theirs: str) -> None:
    ours = replace(scene(file("/x/9876543.mp4", SIZE, LONG)), code=code)
    assert _confidence(ours, part(7, f"/y/dl/{theirs}.mkv", SIZE // 3, LONG + 0.03)) < AUTO


@pytest.mark.parametrize(
    ("field", "code"),
    [("MKV-863", "mkv863"), ("T28-567", "t28-567"), ("", None), ("WANX-931", None), ("some words", None), ("12", None)],
)
def test_codes_that_are_read_anywhere_are_no_matter_of_the_field(field: str, code: str | None) -> None:
    found = field_code(field)
    assert (found.code if found else None) == code


def test_that_titles_hold_the_letters_and_the_number_of_a_code_does_not_make_it_common() -> None:
    ours = replace(scene(file("/x/Weekend.mp4", SIZE, LONG)), code="SNZ-002")
    near = [
        part(20 + one, f"/y/dl/SNZ-{100 + one} Weekends {2}.mkv", SIZE + one, LONG + 99 * one) for one in range(1, 9)
    ]
    assert _confidence(ours, part(7, "/y/dl/SNZ-002.mkv", SIZE // 3, LONG + 0.03), *near) >= AUTO


def test_a_code_that_many_hold_is_a_sites() -> None:
    ours = replace(scene(file("/x/Weekend.mp4", SIZE, LONG)), code="MKV-863")
    near = [
        part(20 + one, f"/y/dl/MKV-863 Film{'abcdefgh'[one - 1]}.mkv", SIZE + one, LONG + 99 * one)
        for one in range(1, 9)
    ]
    assert _confidence(ours, part(7, "/y/dl/MKV-863.mkv", SIZE // 3, LONG + 0.4), *near) < AUTO


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://www.blue-lantern.com/video/36167/poolside-of-the-wild-violin", "poolside of the wild violin"),
        ("https://site.example/scene/poolside-of-the-wild-violin-36167/", "poolside of the wild violin"),
        ("https://site.example/36167-poolside_of_the_wild_violin.html?x=1#y", "poolside of the wild violin"),
        ("https://site.example/en/video/blue/Poolside-Of-The-Wild-Violin/36167", "Poolside Of The Wild Violin"),
        ("https://site.example/poolside%20of%20the%20wild%20violin", "poolside of the wild violin"),
        ("https://site.example/scene/poolside-wild-violin-part-2", "poolside wild violin part 2"),
    ],
)
def test_addresses_have_titles(url: str, title: str) -> None:
    assert names_in_addresses((url,)) == (title,)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.some-long-name-of-a-site.com/",
        "https://site.example/video/36167",
        "https://site.example/watch-free-hd-videos/36167",
        "https://site.example/pornstars/ann-day",
        "https://site.example/best-videos/3f2a9c1d-1111-2222-3333-444455556666",
        "https://[",
        "https://site.example/" + "a-b-" * 400,
    ],
)
def test_paths_of_any_page_are_no_titles(url: str) -> None:
    assert names_in_addresses((url,)) == ()


URL = "https://www.blue-lantern.com/video/36167/poolside-of-the-wild-violin"


def test_a_file_may_be_called_as_the_scenes_page_is() -> None:
    ours = scene(file("/x/Blue Lantern/6582020.mp4", SIZE, LONG), urls=(URL,))
    assert _confidence(ours, part(7, "/y/new/poolside-of-the-wild-violin.mkv", SIZE // 3, LONG + 0.03)) >= AUTO
    assert _confidence(ours, part(7, "/y/new/Poolside.Of.The.Wild.Violin.1080p.mkv", SIZE // 3, LONG + 0.03)) >= AUTO


@pytest.mark.parametrize(
    "theirs", ["poolside-of-the-wild-mirror", "poolside-of-the-wild-violin-2", "velvet-attic-waltz"]
)
def test_another_film_is_none_although_it_is_as_long(theirs: str) -> None:
    ours = scene(file("/x/Blue Lantern/6582020.mp4", SIZE, LONG), urls=(URL,))
    assert _confidence(ours, part(7, f"/y/new/{theirs}.mkv", SIZE // 3, LONG + 0.03)) < AUTO
