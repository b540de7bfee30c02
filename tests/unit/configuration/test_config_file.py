"""One setting is written into a TOML file, and all else in it stays as it is."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from plexsync.configuration.config_file import NotEditable, edited, put_setting

TOKEN = "new-t0ken"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'plex_token = "new-t0ken"\n'),
        ("workers = 2\n# mine\n", 'plex_token = "new-t0ken"\nworkers = 2\n# mine\n'),
        ('plex_token = "old"\nworkers = 2\n', 'plex_token = "new-t0ken"\nworkers = 2\n'),
        ('workers = 2\nplex_token = "old" # from the web', 'workers = 2\nplex_token = "new-t0ken"'),
        ('  "plex_token"="old"\n', 'plex_token = "new-t0ken"\n'),
        ('# plex_token = "old"\n', 'plex_token = "new-t0ken"\n# plex_token = "old"\n'),
        ("plex_token_of = 1\n", 'plex_token = "new-t0ken"\nplex_token_of = 1\n'),
        ("workers = 2\r\nplex_token = 'old'\r\n", 'workers = 2\r\nplex_token = "new-t0ken"\r\n'),
        ('[a]\nplex_token = "theirs"\n', 'plex_token = "new-t0ken"\n[a]\nplex_token = "theirs"\n'),
    ],
)
def test_only_that_line_is_another_one(before: str, after: str) -> None:
    assert edited(before, "plex_token", TOKEN) == after


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", "é", "a'b#"])
def test_any_text_comes_out_as_it_went_in(value: str) -> None:
    assert tomllib.loads(edited("x = 1\n", "plex_token", value)) == {"x": 1, "plex_token": value}


@pytest.mark.parametrize(
    "before",
    [
        'plex_token = """\nold\n"""\n',
        'note = """\nplex_token = "x"\n"""\nplex_token = "old"\n',
        "plex_token = [\n1,\n]\n",
        "this is no TOML",
        "a = 1\na = 2\n",
    ],
)
def test_what_cannot_be_changed_line_by_line_is_left_alone(tmp_path: Path, before: str) -> None:
    path = tmp_path / "plexsync.toml"
    path.write_text(before)
    with pytest.raises(NotEditable) as caught:
        put_setting(path, "plex_token", TOKEN)
    assert path.read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["plexsync.toml"]
    assert TOKEN not in str(caught.value)
    assert "old" not in str(caught.value)


def test_the_file_is_private_from_then_on_and_made_where_there_is_none(tmp_path: Path) -> None:
    path = tmp_path / "data" / "plexsync.toml"
    put_setting(path, "plex_token", TOKEN)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    put_setting(path, "plex_token", "another")
    assert path.stat().st_mode & 0o777 == 0o600
    assert tomllib.loads(path.read_text()) == {"plex_token": "another"}
    assert [one.name for one in path.parent.iterdir()] == ["plexsync.toml"]


def test_a_link_stays_one(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "plexsync.toml"
    real.write_text("workers = 2\n")
    link.symlink_to(real)
    put_setting(link, "plex_token", TOKEN)
    assert link.is_symlink()
    assert tomllib.loads(real.read_text()) == {"workers": 2, "plex_token": TOKEN}


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plexsync.toml"
    path.write_text("workers = 2\n")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("plexsync.configuration.config_file.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        put_setting(path, "plex_token", TOKEN)
    assert path.read_text() == "workers = 2\n"
    assert [one.name for one in tmp_path.iterdir()] == ["plexsync.toml"]


def test_a_file_that_is_mounted_by_itself_is_written_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plexsync.toml"
    path.write_text("workers = 2\n")

    def busy(_self: Path, _target: Path) -> None:
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr("plexsync.configuration.config_file.Path.replace", busy)
    put_setting(path, "plex_token", TOKEN)
    assert tomllib.loads(path.read_text()) == {"workers": 2, "plex_token": TOKEN}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["plexsync.toml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_root_writes_belongs_to_whoever_has_the_folder_or_the_file(tmp_path: Path) -> None:
    os.chown(tmp_path, 1234, 1235)
    path = tmp_path / "plexsync.toml"
    put_setting(path, "plex_token", TOKEN)
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 1235)
    os.chown(path, 2345, 2346)
    put_setting(path, "plex_token", TOKEN)
    assert (path.stat().st_uid, path.stat().st_gid) == (2345, 2346)
