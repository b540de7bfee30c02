"""Faults of ``plexsync.toml``: which line it is, and what to write there."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import SettingsError, load

SECRET = "s3cr3t-t0ken"
SINGLE = "write paths in single quotes, like '\\\\nas\\videos', or with / in place of each backslash"
STRAIGHT = "put texts in straight double quotes"


def said(tmp_path: Path, text: str) -> str:
    (tmp_path / "plexsync.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load({"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": "t"})
    (fault,) = caught.value.faults
    assert fault.setting == "plexsync.toml"
    assert fault.source == str(tmp_path)
    assert SECRET not in str(fault)
    return str(fault)


@pytest.mark.parametrize(
    ("line", "place", "remedy"),
    [
        (r'path_map = "D:\videos=>/videos"', "line 3, column", SINGLE),
        (r'path_map = "D:\Users\me=>/videos"', "line 3, column", SINGLE),
        (r'path_map = "/videos=>\\nas\movies"', "line 3, column", SINGLE),
        ("path_map = D:\\videos=>/videos", "line 3, column 12", STRAIGHT),
        ("plex_url = http://nas:32400", "line 3, column 12", STRAIGHT),
        ("plex_url = “http://nas:32400”", "line 3, column 12", STRAIGHT),
        ("plex_url: 'http://nas:32400'", "line 3, column 9", 'write name = "value", one on a line'),
        ("export PLEXSYNC_PLEX_URL=http://nas", "line 3, column 8", 'write name = "value", one on a line'),
        ("dry_run = True", "line 3, column 11", "write true or false, in small letters"),
        ("dry_run = yes", "line 3, column 11", "write true or false, in small letters"),
        ('plex_url = "http://nas:32400', "line 3, column", "close it with the same quote"),
        ("plex_url = 'http://nas:32400", "line 3, at its end", "close it with the same quote"),
        ("workers = 4\nworkers = 5", "line 4", "keep one of the two lines"),
        ("reconcile = 04:00", "line 3, column", 'put it in quotes: "04:00"'),
        ("// a comment", "line 3, column 1", "begin a comment with #"),
        ('plex_url = "http://nas", workers = 4', "line 3, column", "write one setting on a line, without a comma"),
        ('plex_libraries = ["Films" "Series"]', "line 3, column", 'write it like ["one", "two"]'),
        ("workers =", "line 3, column 10", 'write name = "value", or remove the line'),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_line_that_is_no_toml(tmp_path: Path, line: str, place: str, remedy: str, newline: str) -> None:
    text = f'# settings\nplex_token = "{SECRET}"\n{line}\nlog_level = "info"\n'
    told = said(tmp_path, text.replace("\n", newline))
    assert f"is not valid TOML at {place}" in told
    assert remedy in told


@pytest.mark.parametrize(
    "line",
    [
        r'path_map = "D:\new=>/new"',
        r'path_map = "D:\films=>/films"',
        r'path_map = "/films=>C:\temp"',
        r'path_map = "\\nas\films=>/films"',
        r'plex_verify_tls = "C:\temp\name.pem"',
    ],
)
def test_a_backslash_that_was_taken_for_an_escape(tmp_path: Path, line: str) -> None:
    told = said(tmp_path, f'plex_token = "{SECRET}"\n\n{line}\n')
    assert f"{line.partition(' ')[0]} at line 3: a backslash in double quotes begins an escape" in told
    assert SINGLE in told


@pytest.mark.parametrize(
    ("line", "pairs"),
    [
        (r"path_map = 'D:\new=>/new'", (("D:\\new", "/new"),)),
        (r'path_map = "D:\\new=>/new"', (("D:\\new", "/new"),)),
        (r'path_map = "D:/new=>/new"', (("D:/new", "/new"),)),
        ('path_map = "/a=>/b\\n/new=>/c"', (("/a", "/b"), ("/new", "/c"))),
        ('path_map = """/a=>/b\n/new=>/c"""', (("/a", "/b"), ("/new", "/c"))),
    ],
)
def test_what_is_written_rightly_is_read_as_before(
    tmp_path: Path, line: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    (tmp_path / "plexsync.toml").write_text(line, encoding="utf-8")
    assert load({"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": "t"}).path_map == pairs
