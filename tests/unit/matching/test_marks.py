"""Marks by which the versions of one film are told apart, however they are spelt."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from plexsync.matching.marks import alike, lines_in, lines_of, marks_in, marks_of
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO, MARGIN = 90, 10
OTHER = SIZE // 3
#: No whole minute, to which many films are cut.
LONG = 1511.02
TITLE = "Marble Harbour Lights"


# --- Reading ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("a 1080p", (1080, 1080)),
        ("a_2160p60", (2160, 2160)),
        ("a 1920x1080", (1080, 1080)),
        ("a [UHD]", (1600, 2400)),
        ("a 4K", (1600, 2400)),
        ("a (SD)", (1, 620)),
        ("a Full HD", (1080, 1080)),
        ("a 5K_180", (2400, 2900)),
        ("a_720", (720, 720)),
        ("a 931", None),
        ("a 180x180", None),
        ("720", None),
    ],
)
def test_names_tell_the_lines_of_the_picture(name: str, lines: tuple[int, int] | None) -> None:
    assert lines_in(name) == lines


@pytest.mark.parametrize(
    ("name", "aspect", "values"),
    [
        ("ABC-123-C", "subtitles", {"chinese"}),
        ("ABC-123ch", "subtitles", {"chinese"}),
        ("[Chinese Subs] ABC-123", "subtitles", {"chinese"}),
        ("ABC-123 中文字幕", "subtitles", {"chinese"}),
        ("ABC-123 [ENG SUB]", "subtitles", {"english"}),
        ("abc-123-engsub", "subtitles", {"english"}),
        ("ABC-123 English Subtitles", "subtitles", {"english"}),
        ("ABC-123 [sub]", "subtitles", {""}),
        ("Film.2019.SUBBED.1080p", "subtitles", {""}),
        ("ABC-123-U", "censorship", {"uncensored"}),
        ("ABC-123 uncensored leak", "censorship", {"uncensored", "leak"}),
        ("ABC-123 無修正", "censorship", {"uncensored"}),
        ("Film (2005) {edition-Director's Cut}", "edition", {"director"}),
        ("Film.2005.Directors.Cut.1080p", "edition", {"director"}),
        ("Film [Extended Version]", "edition", {"extended"}),
        ("Film UNCUT", "edition", {"uncut"}),
        ("Film GERMAN DUBBED", "language", {"german"}),
        ("a_180_LR", "eyes", {"side by side"}),
        ("a 3dh", "eyes", {"side by side"}),
        ("a_oculus", "device", {"headset"}),
        ("a Gear VR", "device", {"gear"}),
        ("a 1080p60", "frame rate", {"60"}),
        ("a 60fps", "frame rate", {"60"}),
        ("a 8Mbps", "bit rate", {"8000"}),
        ("a x265", "codec", {"hevc"}),
        ("a Blu-ray", "source", {"bluray"}),
    ],
)
def test_one_mark_is_spelt_in_many_ways(name: str, aspect: str, values: set[str]) -> None:
    assert marks_in(name)[aspect] == values


@pytest.mark.parametrize("name", [TITLE, "Sub Girl in the Harbour", "Plan C", "Harbour 123", "Submarine", ""])
def test_most_names_have_no_mark(name: str) -> None:
    assert marks_in(name) == {}


def test_both_letters_behind_a_code_are_read() -> None:
    assert marks_in("ABC-123-UC") == {"censorship": {"uncensored"}, "subtitles": {"chinese"}}


def test_what_a_name_does_not_tell_its_folders_and_its_title_do() -> None:
    found = marks_of(r"D:\Films\4K\Uncensored\ABC-123-C.mkv", "A Film [HDR] [ENG SUB]")
    assert found == {"censorship": {"uncensored"}, "subtitles": {"chinese"}, "range": {"hdr"}}
    assert lines_of(r"D:\Films\4K\Uncensored\ABC-123-C.mkv") == (1600, 2400)
    assert lines_of("/films/4K/ABC-123 1080p.mkv") == (1080, 1080)


# --- Telling apart ----------------------------------------------------------------------------------------------------

#: Marks of two versions as they are spelt on either side; "" for none.
VERSIONS = [
    (("2160p", "[UHD]"), ("540p", "[SD]")),
    (("4K", "2160p"), ("1080p", "FullHD")),
    (("1920x1080", "1080p"), ("1280x720", "HD 720p")),
    (("[60fps]", "1080p60"), ("[30fps]", "1080p30")),
    (("x265", "HEVC"), ("x264", "H.264")),
    (("[HDR]", "HDR10"), ("", "")),
    (("[ENG SUB]", "English Subtitles"), ("", "")),
    (("Subbed", "[Subtitles]"), ("", "")),
    (("German Dubbed", "[GER DUB]"), ("", "")),
    (("uncensored", "[Uncen]"), ("", "")),
    (("leak", "Leaked"), ("", "")),
    (("Uncut", "{edition-Uncut}"), ("", "{edition-Theatrical}")),
    (("Director's Cut", "Directors Cut"), ("Extended", "Extended Version")),
    (("Remastered", "[Remaster]"), ("", "")),
    (("no music", "without music"), ("", "")),
    (("Oculus", "Quest"), ("GearVR", "Gear VR")),
    (("left", "Left Eye"), ("right", "Right Eye")),
    (("SBS", "LR"), ("TB", "3DV")),
    (("LR_180", "180_LR"), ("MKX200", "mkx200")),
    (("FISHEYE190", "fisheye190"), ("RF52", "rf52")),
]


def named(key: int, name: str) -> IndexedPart:
    return part(key, f"/y/{name.strip()}.mkv", OTHER + key, LONG + 0.01 * key)


def marked(name: str, title: str = TITLE) -> Scene:
    return scene(file(f"/x/Northpier - {name}.mp4", SIZE, LONG), title=title, studio="Northpier")


@pytest.mark.parametrize("title", [TITLE, ""])
@pytest.mark.parametrize("versions", VERSIONS)
def test_of_two_versions_each_scene_finds_its_own(
    versions: tuple[tuple[str, str], tuple[str, str]], title: str
) -> None:
    items = [named(key, f"{TITLE} {theirs}") for key, (_, theirs) in enumerate(versions, 1)]
    for key, (ours, _) in enumerate(versions, 1):
        for order in permutations(items):
            best, second = find_matches(marked(f"{TITLE} {ours}".strip(), title), (), MemoryIndex(*order))
            assert (best.rating_key, best.confidence >= AUTO) == (key, True)
            assert second.confidence <= best.confidence - MARGIN


#: Marks behind a code.
CODES = [
    (("-C", "[Chinese Subs]"), ("", "")),
    (("-C", " ch"), ("-UC", "-UC")),
    (("ch", " chs -C"), ("", "")),
    ((" [ENG SUB]", "-engsub"), ("", "")),
    (("-uncensored", " [Uncensored]"), ("", "")),
    (("-leak", " leaked"), ("", "")),
    (("-U", "-uncensored"), ("", "")),
    (("-C", "-C"), ("-uncensored", "-U")),
    (("-4K", " 2160p"), ("", " 1080p")),
]


@pytest.mark.parametrize("versions", CODES)
def test_of_two_versions_of_one_code_each_scene_finds_its_own(
    versions: tuple[tuple[str, str], tuple[str, str]],
) -> None:
    items = [named(key, f"abc-123{theirs}") for key, (_, theirs) in enumerate(versions, 1)]
    for key, (ours, _) in enumerate(versions, 1):
        wanted = scene(file(f"/x/ABC-123{ours}.mp4", SIZE, LONG), performers=("Jane Doe",))
        if "4K" in ours or "1080p" in versions[1][1]:
            height = 2160 if "4K" in ours else 1080
            wanted = replace(wanted, files=(replace(wanted.files[0], height=height),))
        for order in permutations(items):
            best, *_ = find_matches(wanted, (), MemoryIndex(*order))
            assert (best.rating_key, best.confidence >= AUTO) == (key, True)


def test_a_number_of_the_studios_is_no_mark_where_all_have_it() -> None:
    assert alike(marks_in("Northpier VR 360_a_FISHEYE190"), marks_in("northpier-vr-360_a_FISHEYE190")) > 0
    items = [named(1, f"northpier-vr-360_{TITLE}_FISHEYE190"), named(2, f"northpier-vr-360_{TITLE}_LR_180")]
    for key, mark in ((1, "FISHEYE190"), (2, "LR_180")):
        ours = scene(
            file(f"/x/Northpier VR 360/{TITLE}_{mark}.mp4", SIZE, LONG), title=TITLE, studio="Northpier VR 360"
        )
        best, *_ = find_matches(ours, (), MemoryIndex(*items))
        assert (best.rating_key, best.confidence >= AUTO) == (key, True)


def test_folders_tell_versions_apart_as_names_do() -> None:
    items = [named(1, f"4K/{TITLE}"), named(2, f"1080p/{TITLE}")]
    best, _ = find_matches(marked(f"{TITLE} 2160p"), (), MemoryIndex(*items))
    assert (best.rating_key, best.confidence >= AUTO) == (1, True)


def test_a_cropped_picture_has_the_lines_that_its_width_is_called_by() -> None:
    wide = marked(TITLE)
    wide = replace(wide, files=(replace(wide.files[0], width=1920, height=800),))
    best, _ = find_matches(wide, (), MemoryIndex(named(1, f"{TITLE} 720p"), named(2, f"{TITLE} 1080p")))
    assert (best.rating_key, best.confidence >= AUTO) == (2, True)


def test_a_version_alone_is_still_the_film() -> None:
    best, *_ = find_matches(marked(TITLE), (), MemoryIndex(named(1, f"{TITLE} uncensored")))
    assert best.confidence >= AUTO


def test_where_marks_and_streams_contradict_a_person_decides() -> None:
    wanted = marked(TITLE)
    wanted = replace(
        wanted, files=(replace(wanted.files[0], width=1920, height=1080, frame_rate=25.0, video_codec="h264"),)
    )
    plain_one = replace(named(1, TITLE), width=854, height=480, frame_rate=25.0, video_codec="hevc")
    subbed = replace(named(2, f"{TITLE} subbed"), width=1920, height=1080, frame_rate=25.0, video_codec="h264")
    assert max(one.confidence for one in find_matches(wanted, (), MemoryIndex(plain_one, subbed))) < AUTO


def test_a_file_of_the_name_in_the_folder_of_another_version_is_not_the_scenes_where_its_own_is_there() -> None:
    subbed, own = named(1, f"Subbed/Northpier - {TITLE}"), named(2, f"{TITLE} 2019")
    best, _ = find_matches(marked(TITLE), (), MemoryIndex(subbed, own))
    assert (best.rating_key, best.confidence >= AUTO) == (2, True)
    # Alone it is the film all the same.
    assert find_matches(marked(TITLE), (), MemoryIndex(subbed))[0].confidence >= AUTO


def test_a_size_that_is_nearly_the_same_by_chance_does_not_contradict_a_name() -> None:
    ours = replace(file("/x/WANX-9310.mp4", SIZE, LONG), width=854, height=480, video_codec="hevc")
    theirs = replace(part(1, "/y/wanx-9310.mkv", SIZE + 1_000_000, LONG + 0.02), width=854, height=480)
    for codec in ("h264", "hevc"):
        best, *_ = find_matches(scene(ours), (), MemoryIndex(replace(theirs, video_codec=codec)))
        assert best.confidence >= AUTO


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("The Paper Swan (1980) [German]", "german"),
        ("The.Paper.Swan.1980.GER.DVDRip.x264", "german"),
        ("The.Paper.Swan.1980.FRENCH.DVDRip.x264", "french"),
        ("The Paper Swan_french", "french"),
        ("The.Paper.Swan.MULTi.1080p", "several"),
        ("A French Maid in Paris", ""),
        ("The French Maid [1080p]", ""),
    ],
)
def test_a_language_is_a_mark_where_it_is_a_tag(name: str, language: str) -> None:
    assert marks_in(name).get("language", frozenset()) == (frozenset((language,)) if language else frozenset())


@pytest.mark.parametrize("name", ["paper_swan_LR_180_alpha", "Paper Swan (Passthrough)", "paper-swan-passthrough"])
def test_a_mask_for_headsets_is_a_mark(name: str) -> None:
    assert "passthrough" in marks_in(name)
    assert "passthrough" not in marks_in("Alpha Swan in Paper")
