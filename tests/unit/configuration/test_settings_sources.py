"""Where settings come from, and which source wins."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from plexsync.inbox import event_files
from settings import DEFAULT_DATA_DIR, SettingsError, data_dir, load, stash_access

PAGE = "Stash's plugin settings page"
TOKEN = "s3cr3t-Plex_Token"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": TOKEN}


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    path = tmp_path / "plexsync.toml"
    path.touch(mode=0o600)
    return path


def fault_texts(environ: dict[str, str], page: dict[str, object] | None = None) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(environ, page)
    return [str(fault) for fault in caught.value.faults]


# --- precedence ------------------------------------------------------------------------------------------------------


def test_the_environment_wins_over_the_file_over_the_page_over_the_default(environ: dict[str, str], toml: Path) -> None:
    assert load(environ).workers == 4
    assert load(environ, {"workers": 5}).workers == 5
    toml.write_text("workers = 6")
    assert load(environ, {"workers": 5}).workers == 6
    assert load(environ | {"PLEXSYNC_WORKERS": "7"}, {"workers": 5}).workers == 7


def test_the_token_follows_the_same_order(environ: dict[str, str], toml: Path) -> None:
    del environ["PLEXSYNC_PLEX_TOKEN"]
    assert load(environ, {"plexToken": "page"}).plex_token == "page"
    toml.write_text('plex_token = "file"')
    assert load(environ, {"plexToken": "page"}).plex_token == "file"
    assert load(environ | {"PLEXSYNC_PLEX_TOKEN": "variable"}, {"plexToken": "page"}).plex_token == "variable"


def test_an_empty_text_means_not_set_in_every_source(environ: dict[str, str], toml: Path) -> None:
    toml.write_text('plex_url = ""\nworkers = "  "')
    result = load(
        environ | {"PLEXSYNC_PLEX_URL": "", "PLEXSYNC_WORKERS": " ", "PLEXSYNC_CONFIG": ""},
        {"plexUrl": "", "plexHost": " ", "plexPort": "", "workers": 9, "pathMap": None},
    )
    assert result.plex_url == "http://localhost:32400"
    assert result.workers == 9


def test_only_the_value_that_wins_is_validated(environ: dict[str, str], toml: Path) -> None:
    toml.write_text('workers = "many"')
    assert load(environ | {"PLEXSYNC_WORKERS": "2"}, {"workers": "lots"}).workers == 2


def test_faults_of_all_sources_come_at_once_each_by_the_name_it_was_written_with(
    environ: dict[str, str], toml: Path
) -> None:
    toml.write_text("workers = 99\nplex_ulr = 1\nretry_base = 400\n")
    texts = fault_texts(
        environ | {"PLEXSYNC_PLEX_URL": "nas", "PLEXSYNC_PLEX_TOKEN": ""}, {"lockFields": "perhaps", "plexHost": "a b"}
    )
    assert sorted(text.split(": ")[0] for text in texts) == sorted(
        [
            f"plex_ulr ({toml})",
            "PLEXSYNC_PLEX_URL (environment)",
            "PLEXSYNC_PLEX_TOKEN (not set anywhere)",
            f"workers ({toml})",
            f"retry_base ({toml})",
            f"lockFields ({PAGE})",
        ]
    )


def test_without_an_environment_the_process_own_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PLEXSYNC_PLEX_TOKEN", TOKEN)
    monkeypatch.setenv("PLEXSYNC_STASH_URL", "http://stash:1")
    assert load().plex_token == TOKEN
    assert stash_access().url == "http://stash:1"


def test_an_unknown_variable_is_a_warning_with_the_nearest_name(environ: dict[str, str]) -> None:
    (warning,) = load(environ | {"PLEXSYNC_PLEXURL": "x", "OTHER_PLEX_URL": "y"}).warnings
    assert "PLEXSYNC_PLEXURL" in warning
    assert "did you mean PLEXSYNC_PLEX_URL?" in warning


# --- data folder -----------------------------------------------------------------------------------------------------


def test_the_data_folder_lies_beside_the_plugin_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    import settings

    assert data_dir({}) == data_dir({"PLEXSYNC_DATA_DIR": " "}) == DEFAULT_DATA_DIR
    assert Path(settings.__file__).parent / "data" == DEFAULT_DATA_DIR
    assert data_dir({"PLEXSYNC_DATA_DIR": f"{tmp_path}/new/"}) == tmp_path / "new"


def test_a_home_folder_is_written_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_dir({"PLEXSYNC_DATA_DIR": "~/plexsync"}) == tmp_path / "plexsync"


def test_a_home_folder_of_nobody_is_a_fault(environ: dict[str, str]) -> None:
    (text,) = fault_texts(environ | {"PLEXSYNC_DATA_DIR": "~nobody-of-this-name/x"})
    assert "leads nowhere" in text


def test_a_relative_data_folder_counts_from_the_plugin_as_in_the_hook(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", "here")
    result = load(environ | {"PLEXSYNC_DATA_DIR": "here"})
    assert result.data_dir == DEFAULT_DATA_DIR.parent / "here"
    assert str(result.data_dir) == event_files.data_folder()
    assert result.warnings == ()


def test_a_data_folder_that_is_a_file_is_one_fault(environ: dict[str, str], toml: Path) -> None:
    (text,) = fault_texts(environ | {"PLEXSYNC_DATA_DIR": str(toml)})
    assert text.startswith("PLEXSYNC_DATA_DIR (environment)")
    assert "not a folder" in text
    with pytest.raises(SettingsError, match="not a folder"):
        data_dir({"PLEXSYNC_DATA_DIR": str(toml)})


def test_the_data_folder_cannot_be_set_in_the_file_it_helps_to_find(environ: dict[str, str], toml: Path) -> None:
    toml.write_text('data_dir = "/elsewhere"')
    (text,) = fault_texts(environ)
    assert "set PLEXSYNC_DATA_DIR" in text


# --- plexsync.toml ---------------------------------------------------------------------------------------------------


def test_the_file_may_hold_lists_tables_numbers_and_booleans(environ: dict[str, str], toml: Path) -> None:
    toml.write_text(
        """
        plex_libraries = ["Films, old", 3]
        fields = ["title", "Tags"]
        late_polls = [60, 600]
        connect_timeout = 2
        dry_run = true
        reconcile = 03:15:00
        plex_verify_tls = false
        [path_map]
        "/stash" = "/plex"
        'D:\\videos' = '\\\\nas\\videos'
        """
    )
    result = load(environ)
    assert result.plex_libraries == ("Films, old", "3")
    assert result.fields == {"title", "tags"}
    assert result.late_polls == (60, 600)
    assert result.connect_timeout == 2.0
    assert result.dry_run is True
    assert result.reconcile == "03:15"
    assert result.plex_verify_tls is False
    assert result.path_map == (("/stash", "/plex"), (r"D:\videos", r"\\nas\videos"))


def test_a_list_may_be_written_as_a_text_or_a_single_number(environ: dict[str, str], toml: Path) -> None:
    toml.write_text('plex_libraries = 3\nfields = "title,date"\nlate_polls = []\npath_map = "/a=>/b"')
    result = load(environ)
    assert result.plex_libraries == ("3",)
    assert result.fields == {"title", "date"}
    assert result.late_polls == ()
    assert result.path_map == (("/a", "/b"),)


@pytest.mark.parametrize(
    "line",
    [
        "workers = true",
        "workers = 4.0",
        "workers = [4]",
        f"workers = 0x{'f' * 9000}",
        "connect_timeout = nan",
        "connect_timeout = inf",
        f"connect_timeout = 0x{'f' * 9000}",
        "lock_fields = 2",
        "lock_fields = 1979-05-27",
        "plex_url = 32400",
        "plex_libraries = [true]",
        "plex_libraries = [[]]",
        'plex_libraries = [""]',
        "fields = []",
        "fields = [1]",
        "late_polls = [1.5]",
        "late_polls = true",
        "reconcile = 4",
        "log_level = 1",
        "content_rating = 18",
        "path_map = ['/a=>/b']",
        "path_map = {}",
        "path_map = { '/a' = 1 }",
        "path_map = { '' = '/b' }",
        "plex_verify_tls = []",
    ],
)
def test_a_value_of_the_wrong_type_is_a_fault_of_that_line(environ: dict[str, str], toml: Path, line: str) -> None:
    toml.write_text(line)
    (text,) = fault_texts(environ)
    assert text.startswith(f"{line.split(' ')[0]} ({toml}): ")


@pytest.mark.parametrize(
    ("key", "meant"),
    [("plex_ulr", "plex_url"), ("plexUrl", "plex_url"), ("PLEXSYNC_WORKERS", "workers"), ("patch_map", "path_map")],
)
def test_an_unknown_name_in_the_file_is_a_fault_with_the_nearest_one(
    environ: dict[str, str], toml: Path, key: str, meant: str
) -> None:
    toml.write_text(f'{key} = "x"')
    (text,) = fault_texts(environ)
    assert text.startswith(f"{key} ({toml})")
    assert f"did you mean {meant}?" in text


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"workers = 4\nplex_url = http://nas\n", "is not valid TOML at line 2, column 12"),
        (b"workers = 4\nworkers = 5\n", "is not valid TOML at line 2"),
        (b"workers = [", "is not valid TOML"),
        (b"workers = 4\nplex_url = '\xff'\n", "is not UTF-8 at line 2"),
        (b"\xff\xfew\x00", "is not UTF-8 at line 1"),
        (b"a = " + b"[" * 9000, "is not valid TOML"),
        (b"a = " + b"9" * 9000, "is not valid TOML"),
        (b"#" * 1_000_001, "far too big"),
    ],
)
def test_a_file_that_cannot_be_understood_is_a_fault_naming_file_and_line(
    environ: dict[str, str], toml: Path, content: bytes, problem: str
) -> None:
    toml.write_bytes(content)
    (text,) = fault_texts(environ)
    assert problem in text
    assert str(toml) in text


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(environ: dict[str, str], toml: Path) -> None:
    toml.write_bytes(b"\xef\xbb\xbfworkers = 3\r\nmatch_auto = 80\r\n")
    assert load(environ).workers == 3


def test_a_folder_in_place_of_the_file_is_a_fault(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "plexsync.toml").mkdir()
    (text,) = fault_texts(environ)
    assert "is a folder" in text


def test_a_pipe_in_place_of_the_file_is_a_fault_and_no_endless_wait(environ: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "plexsync.toml")
    assert len(fault_texts(environ)) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_a_fault(environ: dict[str, str], toml: Path) -> None:
    toml.chmod(0)
    (text,) = fault_texts(environ)
    assert "cannot be read (PermissionError)" in text


def test_a_read_that_fails_is_a_fault(environ: dict[str, str], toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    (text,) = fault_texts(environ)
    assert "cannot be read (PermissionError)" in text


def test_another_file_is_read_where_the_environment_says(environ: dict[str, str], toml: Path, tmp_path: Path) -> None:
    toml.write_text("workers = 5")
    other = tmp_path / "other.toml"
    other.write_text("workers = 6")
    other.chmod(0o600)
    assert load(environ | {"PLEXSYNC_CONFIG": str(other)}).workers == 6
    assert load(environ | {"PLEXSYNC_CONFIG": str(other)}).warnings == ()


@pytest.mark.parametrize("name", ["missing.toml", ".", "a\0b", "x" * 5000])
def test_a_named_file_that_is_not_there_is_a_fault(environ: dict[str, str], tmp_path: Path, name: str) -> None:
    (text,) = fault_texts(environ | {"PLEXSYNC_CONFIG": f"{tmp_path}/{name}"})
    assert text.startswith("PLEXSYNC_CONFIG (environment): ")


def test_a_file_that_others_can_read_is_a_warning(environ: dict[str, str], toml: Path) -> None:
    assert load(environ).warnings == ()
    toml.chmod(0o640)
    (warning,) = load(environ).warnings
    assert f"chmod 600 {toml}" in warning


# --- Stash's page ----------------------------------------------------------------------------------------------------


def test_the_page_knows_every_setting_by_its_camel_case_name(environ: dict[str, str]) -> None:
    page: dict[str, object] = {"plexUrl": "http://a:1", "pathMap": "/a=>/b", "matchAuto": 80, "plexVerifyTls": False}
    result = load(environ, page)
    assert (result.plex_url, result.path_map) == ("http://a:1", (("/a", "/b"),))
    assert (result.match_auto, result.plex_verify_tls) == (80, False)
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("host", "port", "url"),
    [
        ("nas", None, "http://nas:32400"),
        ("nas", "1234", "http://nas:1234"),
        ("nas", 1234, "http://nas:1234"),
        (None, "1234", "http://localhost:1234"),
        ("", 1234, "http://localhost:1234"),
        ("nas:5555", None, "http://nas:5555"),
        ("http://nas", 1234, "http://nas:1234"),
        ("https://nas/", "1234", "https://nas:1234"),
        ("https://nas:5555/plex/", None, "https://nas:5555/plex"),
        ("[::1]", None, "http://[::1]:32400"),
        ("nas:1234", 1234, "http://nas:1234"),
    ],
)
def test_the_old_plugins_host_and_port_make_the_address(
    environ: dict[str, str], host: object, port: object, url: str
) -> None:
    result = load(environ, {"plexHost": host, "plexPort": port})
    assert result.plex_url == url
    assert result.warnings == ()


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ({"plexHost": "nas", "plexPort": "abc"}, "plexPort"),
        ({"plexPort": 0}, "plexPort"),
        ({"plexPort": 70000}, "plexPort"),
        ({"plexPort": True}, "plexPort"),
        ({"plexHost": ["nas"]}, "plexHost"),
        ({"plexHost": "a b"}, "plexHost"),
        ({"plexHost": "::1"}, "plexHost"),
        ({"plexHost": "ftp://nas"}, "plexHost"),
    ],
)
def test_a_wrong_old_address_is_a_fault_by_its_old_name(
    environ: dict[str, str], page: dict[str, object], name: str
) -> None:
    (text,) = fault_texts(environ, page)
    assert text.startswith(f"{name} ({PAGE}): ")


def test_a_port_in_the_old_host_wins_over_the_old_port_with_a_warning(environ: dict[str, str]) -> None:
    result = load(environ, {"plexHost": "nas:5555", "plexPort": "1234"})
    assert result.plex_url == "http://nas:5555"
    assert "plexPort" in result.warnings[0]


def test_the_old_plugins_switches_keep_working(environ: dict[str, str]) -> None:
    result = load(environ, {"skipUnorganized": True, "cleanTitles": True})
    assert (result.only_organized, result.ascii_titles, result.warnings) == (True, True, ())


def test_an_old_setting_that_is_overridden_is_a_warning_naming_the_winner(environ: dict[str, str]) -> None:
    result = load(
        environ | {"PLEXSYNC_PLEX_URL": "http://b:1"},
        {"skipUnorganized": True, "onlyOrganized": False, "plexHost": "a", "plexPort": "nonsense"},
    )
    assert (result.only_organized, result.plex_url) == (False, "http://b:1")
    assert result.warnings == (
        f"skipUnorganized ({PAGE}) is ignored: onlyOrganized ({PAGE}) is in force",
        f"plexHost ({PAGE}) is ignored: PLEXSYNC_PLEX_URL (environment) is in force",
    )


def test_an_unknown_name_on_the_page_is_only_a_warning(environ: dict[str, str]) -> None:
    result = load(environ, {"tagStashIDs": True, "plexUrll": "x", "dataDir": "/x"})
    assert result.plex_url == "http://localhost:32400"
    assert [warning.split(" ")[0] for warning in result.warnings] == ["tagStashIDs", "plexUrll", "dataDir"]
    assert "did you mean plexUrl?" in result.warnings[1]


# --- where Stash is --------------------------------------------------------------------------------------------------


def test_stash_is_where_the_last_hook_saw_it(environ: dict[str, str], tmp_path: Path) -> None:
    seen = {"scheme": "https", "host": "127.0.0.1", "port": 9998}
    (tmp_path / "stash_connection.json").write_text(json.dumps(seen))
    assert load(environ).stash_url == "https://127.0.0.1:9998"
    assert load(environ, {"stashUrl": "http://page:1"}).stash_url == "http://page:1"
    assert load(environ | {"PLEXSYNC_STASH_URL": "http://variable:1"}).stash_url == "http://variable:1"


def test_an_ipv6_host_of_the_hook_gets_its_brackets(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "stash_connection.json").write_text('{"scheme": "http", "host": "::1", "port": 9999}')
    assert load(environ).stash_url == "http://[::1]:9999"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'"text"',
        b"[" * 9000,
        b'{"scheme": "http", "host": "a"}',
        b'{"scheme": "http", "host": "a", "port": true}',
        b'{"scheme": "http", "host": "a", "port": 0}',
        b'{"scheme": "http", "host": null, "port": 1}',
        b'{"scheme": "http", "host": ["a"], "port": 1}',
        b'{"scheme": "http", "host": "a/b", "port": 1}',
        b'{"scheme": "http", "host": "", "port": 1}',
        b'{"scheme": "gopher", "host": "a", "port": 1}',
        b'{"scheme": {}, "host": "a", "port": 1}',
    ],
)
def test_a_broken_connection_file_is_ignored_with_a_warning(
    environ: dict[str, str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "stash_connection.json").write_bytes(content)
    result = load(environ)
    assert result.stash_url == "http://localhost:9999"
    assert str(tmp_path / "stash_connection.json") in result.warnings[0]


def test_stash_can_be_reached_before_anything_else_is_right(environ: dict[str, str], toml: Path) -> None:
    toml.write_text('stash_api_key = "key"\nread_timeout = 20\nworkers = "many"')
    access = stash_access(
        {"PLEXSYNC_DATA_DIR": environ["PLEXSYNC_DATA_DIR"], "PLEXSYNC_STASH_URL": "http://stash:9999/"}
    )
    assert (access.url, access.api_key) == ("http://stash:9999", "key")
    assert (access.connect_timeout, access.read_timeout) == (3.05, 20.0)
    assert "key'" not in repr(access)


def test_what_is_wrong_about_reaching_stash_is_raised_likewise(environ: dict[str, str], toml: Path) -> None:
    toml.write_text("read_timeout = 0")
    with pytest.raises(SettingsError) as caught:
        stash_access(environ | {"PLEXSYNC_STASH_URL": "stash", "PLEXSYNC_STASH_API_KEY": "s3cr3t é"})
    assert {fault.setting for fault in caught.value.faults} == {
        "PLEXSYNC_STASH_URL",
        "PLEXSYNC_STASH_API_KEY",
        "read_timeout",
    }
    assert "s3cr3t" not in str(caught.value)
