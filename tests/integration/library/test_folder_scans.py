"""What Plex is asked to scan: the folder of a missing file, in Plex's own spelling, and never one outside its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from plexsync.errors import NotFoundYet
from plexsync.model import Part
from tests.support.sync_bench import SIZE, SyncBench, sync_bench

NFD = unicodedata.normalize("NFD", "Été")
SHARE = r"\\NAS\Films"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, scan_missing=True) as bench:
        yield bench


def asked(bench: SyncBench, *paths: str) -> list[tuple[str, str]]:
    """Look for scenes with new files at these paths; the sections and folders that Plex was asked to scan."""
    bench.app.library.refresh()
    for number, path in enumerate(paths):
        scene = bench.stash.add_scene(f"Scene {number}", path, size=SIZE + 100 + number)
        with pytest.raises(NotFoundYet):
            bench.sync(scene)
    scans = [one for one in bench.plex.log if one.path.endswith("/refresh")]
    return [(one.path.split("/")[3], parse_qs(one.query)["path"][0]) for one in scans]


def test_a_folder_of_a_windows_share_is_named_with_backslashes(bench: SyncBench) -> None:
    section = bench.plex.add_section("Windows", locations=[SHARE])
    assert asked(bench, r"\\nas\films\New\a.mp4") == [(str(section), r"\\NAS\Films\New")]


def test_a_folder_below_a_mapped_share_and_a_mapped_drive_too(bench: SyncBench) -> None:
    bench.restart(path_map=(("/mnt/films", SHARE), ("/mnt/videos", "D:\\Videos")))
    films = bench.plex.add_section("Films", locations=[SHARE])
    videos = bench.plex.add_section("Videos", locations=["D:\\"])
    assert asked(bench, "/mnt/films/New/Sub/a.mp4", "/mnt/videos/New/b.mp4") == [
        (str(films), r"\\NAS\Films\New\Sub"),
        (str(videos), r"D:\Videos\New"),
    ]


@pytest.mark.parametrize("known", ["old.mp4", "Old/old.mp4"])
def test_a_folder_whose_files_plex_lists_decomposed_is_named_so(bench: SyncBench, known: str) -> None:
    bench.plex.add_item(bench.section, "old", [Part(f"/media/{NFD}/{known}", 1, 1)])
    assert asked(bench, "/data/Été/a.mp4") == [(str(bench.section), f"/media/{NFD}")]


def test_a_new_folder_is_composed_as_the_files_around_it_are(bench: SyncBench) -> None:
    bench.plex.add_item(bench.section, "old", [Part(f"/media/Studio/{NFD}.mp4", 1, 1)])
    assert asked(bench, "/data/Studio/Noël/a.mp4") == [
        (str(bench.section), f"/media/Studio/{unicodedata.normalize('NFD', 'Noël')}")
    ]


def test_where_plex_shows_nothing_of_the_kind_it_is_named_as_in_stash(bench: SyncBench) -> None:
    assert asked(bench, f"/data/{NFD}/a.mp4") == [(str(bench.section), f"/media/{NFD}")]


def test_a_folder_is_named_in_plexs_case_where_stash_has_another(bench: SyncBench) -> None:
    section = bench.plex.add_section("Windows", locations=[r"D:\Videos"])
    bench.plex.add_item(section, "old", [Part(r"D:\Videos\Studio\old.mp4", 1, 1)])
    assert asked(bench, r"d:\videos\STUDIO\New\a.mp4") == [(str(section), r"D:\Videos\Studio\New")]


def test_what_only_begins_like_a_folder_of_plex_is_not_scanned(bench: SyncBench) -> None:
    bench.plex.add_section("Windows", locations=[SHARE])
    assert asked(bench, "/data2/new/a.mp4", r"\\nas\films2\new\a.mp4", "/new/a.mp4") == []


def test_one_folder_is_asked_for_once_however_stash_spells_it(bench: SyncBench) -> None:
    found = asked(bench, "/data/Été/a.mp4", f"/data/{NFD}/b.mp4")
    assert found == [(str(bench.section), "/media/Été")]
