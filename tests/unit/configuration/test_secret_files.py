"""Secrets in files of their own, which a variable names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plexsync.cli import show
from plexsync.configuration import plain_values
from plexsync.configuration.secret_files import MAX_BYTES
from settings import SettingsError, describe, examine, load, note_origins, stash_access

SECRET = "s3cr3t-Plex_Token"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "plex_token"
    path.write_text(f"\ufeff  {SECRET}\r\n", encoding="utf-8")
    return path


@pytest.fixture
def environ(tmp_path: Path, secret: Path) -> dict[str, str]:
    return {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN_FILE": str(secret)}


def only_fault(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert SECRET not in str(caught.value)
    assert caught.value.__context__ is None
    (fault,) = caught.value.faults
    return str(fault)


def test_the_secret_is_what_the_file_holds_without_white_space(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the-key\n")
    environ["PLEXSYNC_STASH_API_KEY_FILE"] = str(tmp_path / "key")
    result = load(environ)
    assert (result.plex_token, result.stash_api_key, result.warnings) == (SECRET, "the-key", ())
    assert stash_access(environ).api_key == "the-key"


def test_each_secret_and_nothing_else_has_such_a_variable(environ: dict[str, str], secret: Path) -> None:
    assert {one.file_name for one in describe() if one.file_name} >= {
        "PLEXSYNC_PLEX_TOKEN_FILE",
        "PLEXSYNC_STASH_API_KEY_FILE",
    }
    (warning,) = load(environ | {"PLEXSYNC_PLEX_URL_FILE": str(secret)}).warnings
    assert warning.startswith("PLEXSYNC_PLEX_URL_FILE (environment) is not a setting and is ignored")


def test_it_comes_before_the_file_of_settings_and_stashs_page(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "plexsync.toml"
    path.write_text("plex_token = 'other'")
    path.chmod(0o600)
    assert load(environ, {"plexToken": "another"}).plex_token == SECRET


def test_an_empty_name_means_not_set(environ: dict[str, str]) -> None:
    environ |= {"PLEXSYNC_PLEX_TOKEN": SECRET, "PLEXSYNC_PLEX_TOKEN_FILE": " "}
    assert load(environ).plex_token == SECRET


def test_a_link_is_followed(environ: dict[str, str], secret: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(secret)
    assert load(environ | {"PLEXSYNC_PLEX_TOKEN_FILE": str(tmp_path / "link")}).plex_token == SECRET


def test_secret_and_file_at_once_are_a_fault(environ: dict[str, str], secret: Path) -> None:
    told = only_fault(environ | {"PLEXSYNC_PLEX_TOKEN": SECRET})
    assert told == f"PLEXSYNC_PLEX_TOKEN_FILE ({secret}): is set, and so is PLEXSYNC_PLEX_TOKEN; set one of the two"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "names a file that is empty or not text"),
        (b" \r\n\t", "names a file that is empty or not text"),
        (b"\xff\xfe" + SECRET.encode(), "names a file that is empty or not text"),
        (SECRET.encode() * MAX_BYTES, f"names a file of more than {MAX_BYTES} bytes"),
        (f"{SECRET}\n{SECRET}".encode(), "holds quotes, spaces, control characters or letters outside ASCII"),
    ],
)
def test_a_file_that_holds_no_secret_is_a_fault_that_names_it(
    environ: dict[str, str], secret: Path, content: bytes, problem: str
) -> None:
    secret.write_bytes(content)
    assert only_fault(environ).startswith(f"PLEXSYNC_PLEX_TOKEN_FILE ({secret}): {problem}; ")


def test_as_large_as_it_may_be_it_is_read(environ: dict[str, str], secret: Path) -> None:
    secret.write_bytes(b"a" * MAX_BYTES)
    assert load(environ).plex_token == "a" * MAX_BYTES


def test_what_is_no_file_is_a_fault_and_is_not_waited_for(environ: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, problem in (
        ("pipe", "names something that is not a file"),
        ("", "names something that is not a file"),
        ("missing", "names a file that is not there"),
        ("plex_token/below", "names a file that cannot be read (NotADirectoryError)"),
    ):
        path = tmp_path / name
        told = only_fault(environ | {"PLEXSYNC_PLEX_TOKEN_FILE": str(path)})
        assert told.startswith(f"PLEXSYNC_PLEX_TOKEN_FILE ({path}): {problem}; "), name


def test_no_descriptor_stays_open(environ: dict[str, str], tmp_path: Path) -> None:
    before = len([*Path("/proc/self/fd").iterdir()])
    load(environ)
    only_fault(environ | {"PLEXSYNC_PLEX_TOKEN_FILE": str(tmp_path)})
    assert len([*Path("/proc/self/fd").iterdir()]) == before


def test_messages_say_where_it_stands(environ: dict[str, str], secret: Path) -> None:
    note_origins(environ)
    where = f"now in {secret}, which PLEXSYNC_PLEX_TOKEN_FILE names"
    assert show.as_shown("see PLEXSYNC_PLEX_TOKEN!") == f"see PLEXSYNC_PLEX_TOKEN ({where})!"
    examined = examine(environ)
    assert examined.secrets_set == ("plex_token",)
    assert (examined.origins["plex_token"], examined.written_as["plex_token"]) == (
        "environment",
        "PLEXSYNC_PLEX_TOKEN_FILE",
    )
    assert SECRET not in repr(examined)


@pytest.mark.parametrize("written", [SECRET, f"https://u:{SECRET}@h/x", f"postgresql://u:{SECRET}@h/x"])
@pytest.mark.parametrize("besides", [{}, {"PLEXSYNC_PLEX_TOKEN": "t"}])
def test_a_secret_that_stands_where_its_file_should_be_named_is_not_repeated(
    environ: dict[str, str], written: str, besides: dict[str, str]
) -> None:
    told = only_fault(environ | besides | {"PLEXSYNC_PLEX_TOKEN_FILE": written})
    assert told.startswith("PLEXSYNC_PLEX_TOKEN_FILE (environment): ")


def test_a_file_in_the_plugins_folder_is_named_once_it_was_read(
    environ: dict[str, str], secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain_values, "PLUGIN_FOLDER", secret.parent)
    note_origins(environ | {"PLEXSYNC_PLEX_TOKEN_FILE": secret.name})
    assert f"now in {secret}, which" in show.as_shown("PLEXSYNC_PLEX_TOKEN")
