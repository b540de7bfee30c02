"""A folder that Plex does not know yet is named as Plex would name it, whatever our comparisons make of it."""

from __future__ import annotations

import unicodedata

import pytest

from plexsync.matching.paths import map_path, path_key
from plexsync.matching.spelling import spelled_by_plex

NFD_DIR, NFC_DIR = unicodedata.normalize("NFD", "Été"), "Été"


@pytest.mark.parametrize(
    ("file", "path_map", "location", "neighbour", "spelled"),
    [
        # Nothing to translate.
        ("/media/new/a.mp4", (), "/media", None, "/media/new"),
        ("/media/a.mp4", (), "/media", None, "/media"),
        ("/media/a.mp4", (), "/media/", None, "/media/"),
        ("/new/a.mp4", (), "/", None, "/new"),
        ("/a.mp4", (), "/", None, "/"),
        ("/data/new/a.mp4", (("/data", "/media"),), "/media", None, "/media/new"),
        ("/data/a/b.mp4", (("/data", "/media/films/sub"),), "/media/films", None, "/media/films/sub/a"),
        # Windows: drive letters, shares, separators, case.
        (r"\\NAS\share\New\a.mp4", (), r"\\NAS\share", None, r"\\NAS\share\New"),
        (r"\\nas\share\New\a.mp4", (), r"\\NAS\Share", None, r"\\NAS\Share\New"),
        (r"\\NAS\share\a.mp4", (), r"\\NAS\share", None, r"\\NAS\share"),
        ("/data/New/Sub/a.mp4", (("/data", r"\\NAS\share"),), r"\\NAS\share", None, r"\\NAS\share\New\Sub"),
        ("/data/New/a.mp4", (("/data", r"D:\Videos"),), "D:\\", None, r"D:\Videos\New"),
        (r"d:\videos\New\a.mp4", (), r"D:\Videos", None, r"D:\Videos\New"),
        (r"d:\videos\New\a.mp4", (), "D:/Videos", None, "D:/Videos/New"),
        (r"E:\Films\New\a.mp4", ((r"E:\Films", "/srv/films"),), "/srv/films", None, "/srv/films/New"),
        (r"\\NAS\share\\New\a.mp4", (), r"\\NAS\share" + "\\", None, r"\\NAS\share\New"),
        # Case, as the files beside it say.
        (r"d:\videos\studio\New\a.mp4", (), r"D:\Videos", r"D:\Videos\Studio\old.mp4", r"D:\Videos\Studio\New"),
        ("/media/Studio/new/a.mp4", (), "/media", "/media/Studio/old.mp4", "/media/Studio/new"),
        # Unicode: as Plex has it where it shows, else as Stash has it.
        (f"/media/{NFD_DIR}/a.mp4", (), "/media", None, f"/media/{NFD_DIR}"),
        (f"/media/{NFC_DIR}/a.mp4", (), "/media", None, f"/media/{NFC_DIR}"),
        (f"/data/{NFC_DIR}/a.mp4", (("/data", f"/v/{NFD_DIR}"),), f"/v/{NFD_DIR}", None, f"/v/{NFD_DIR}/{NFD_DIR}"),
        (f"/media/{NFC_DIR}/a.mp4", (), "/media", f"/media/{NFD_DIR}/old.mp4", f"/media/{NFD_DIR}"),
        (f"/media/{NFC_DIR}/a.mp4", (), "/media", f"/media/{NFD_DIR}.mp4", f"/media/{NFD_DIR}"),
        (f"/media/{NFD_DIR}/a.mp4", (), "/media", f"/media/{NFC_DIR}.mp4", f"/media/{NFC_DIR}"),
        (f"/media/a/{NFD_DIR}/a.mp4", (), "/media", "/media/a/old.mp4", f"/media/a/{NFD_DIR}"),
        (
            "/media/한국/a.mp4",
            (),
            "/media",
            unicodedata.normalize("NFD", "/media/한국/b.mp4"),
            unicodedata.normalize("NFD", "/media/한국"),
        ),
    ],
)
def test_a_folder_is_named_as_plex_names_it(
    file: str, path_map: tuple[tuple[str, str], ...], location: str, neighbour: str | None, spelled: str
) -> None:
    folder = path_key(map_path(file, path_map)).rpartition("/")[0] or "/"
    assert spelled_by_plex(folder, file, location, neighbour) == spelled
