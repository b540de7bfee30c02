"""Messages that name a setting say where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from plexsync.cli import show
from plexsync.configuration.origins import Origins
from settings import load, note_origins


def told(text: str, **known: str) -> str:
    origins = Origins()
    origins.learn({f"PLEXSYNC_{name}": where for name, where in known.items()})
    return origins.with_origins(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("set PLEXSYNC_A to x", "set PLEXSYNC_A (now there) to x"),
        ("is PLEXSYNC_A right?", "is PLEXSYNC_A (now there) right?"),
        ("PLEXSYNC_A, and PLEXSYNC_A again", "PLEXSYNC_A (now there), and PLEXSYNC_A again"),
        ("PLEXSYNC_A_B is another one", "PLEXSYNC_A_B is another one"),
        ("PLEXSYNC_A (environment) is wrong", "PLEXSYNC_A (environment) is wrong"),
        ("PLEXSYNC_A=x would be right", "PLEXSYNC_A=x would be right"),
        ("nothing is named", "nothing is named"),
    ],
)
def test_it_stands_behind_the_first_mention(text: str, shown: str) -> None:
    assert told(text, A="now there") == shown


def test_what_is_told_once_is_not_told_again() -> None:
    once = told("set PLEXSYNC_A to x", A=r"now in C:\new")
    assert once == r"set PLEXSYNC_A (now in C:\new) to x"
    assert told(once, A="now elsewhere") == once


def test_each_source_is_named(tmp_path: Path) -> None:
    (tmp_path / "plexsync.toml").write_text("plex_url = 'http://nas'\n", encoding="utf-8")
    (tmp_path / "stash_connection.json").write_text('{"scheme": "http", "host": "127.0.0.1", "port": 9}')
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_WORKERS": "3"}
    load(environ, {"plexToken": "abc"})
    for name, where in (
        ("PLEX_URL", f"now plex_url in {tmp_path / 'plexsync.toml'}"),
        ("STASH_URL", "not set: as Stash's last hook said"),
        ("STASH_API_KEY", "not set"),
        ("PLEX_TOKEN", "now plexToken on Stash's plugin settings page"),
        ("WORKERS", "now in the environment"),
        ("FIELDS", "not set: the default"),
    ):
        assert show.as_shown(f"see PLEXSYNC_{name}!") == f"see PLEXSYNC_{name} ({where})!"


def test_what_stands_in_the_environment_and_the_file_is_known_without_stash(tmp_path: Path) -> None:
    (tmp_path / "plexsync.toml").write_text("path_map = no TOML\n", encoding="utf-8")
    note_origins({"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_URL": "whatever"})
    assert show.as_shown("see PLEXSYNC_PLEX_URL") == "see PLEXSYNC_PLEX_URL (now in the environment)"
