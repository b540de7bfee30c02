"""The settings as they stand, right or wrong, as the form in Stash shows them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from settings import SettingsError, describe, examine, load

TOKEN = "s3cr3t-Plex_Token"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PLEXSYNC_DATA_DIR": str(tmp_path)}


def test_each_setting_is_there_with_where_it_comes_from(environ: dict[str, str], tmp_path: Path) -> None:
    toml = tmp_path / "plexsync.toml"
    toml.write_text('workers = 2\npath_map = "/a=>/b; /c=>/d"\n')
    toml.chmod(0o600)
    (tmp_path / "stash_connection.json").write_text('{"scheme": "http", "host": "10.0.0.1", "port": 9999}')
    environ["PLEXSYNC_MATCH_AUTO"] = "80"
    seen = examine(environ, {"plexToken": TOKEN, "plexHost": "nas", "skipUnorganized": True, "fields": "title, tags"})
    assert seen.faults == ()
    assert len(seen.origins) == len(describe())
    picked = ("match_auto", "workers", "plex_url", "only_organized", "stash_url", "reconcile")
    assert {name: (seen.origins[name], seen.values[name]) for name in picked} == {
        "match_auto": ("environment", 80),
        "workers": ("file", 2),
        "plex_url": ("page", "http://nas:32400"),
        "only_organized": ("page", True),
        "stash_url": ("hook", "http://10.0.0.1:9999"),
        "reconcile": ("default", "04:00"),
    }
    assert seen.written_as["plex_url"] == "plexHost"
    assert seen.written_as["match_auto"] == "PLEXSYNC_MATCH_AUTO"
    assert seen.values["fields"] == ["title", "tags"]
    assert seen.values["path_map"] == [["/a", "/b"], ["/c", "/d"]]
    json.dumps(seen.values)


def test_no_secret_is_among_them_only_that_it_is_set(environ: dict[str, str]) -> None:
    environ["PLEXSYNC_STASH_API_KEY"] = "k3y"
    seen = examine(environ, {"plexToken": TOKEN})
    assert set(seen.secrets_set) == {"plex_token", "stash_api_key"}
    assert not {"plex_token", "stash_api_key"} & seen.values.keys()
    assert TOKEN not in repr(seen)
    assert "k3y" not in repr(seen)
    assert examine(environ | {"PLEXSYNC_STASH_API_KEY": ""}).secrets_set == ()


def test_what_is_wrong_hides_nothing_else(environ: dict[str, str]) -> None:
    seen = examine(environ, {"matchAuto": "lots", "matchReview": 70, "plexUrl": "nas", "dryRun": "perhaps"})
    assert {fault.setting for fault in seen.faults} == {"matchAuto", "plexUrl", "dryRun", "PLEXSYNC_PLEX_TOKEN"}
    assert seen.values["match_review"] == 70
    assert not {"match_auto", "plex_url", "dry_run"} & seen.values.keys()
    assert len(seen.faults) == len(set(seen.faults))


def test_settings_that_are_wrong_together_are_told_once(environ: dict[str, str]) -> None:
    seen = examine(environ, {"plexToken": TOKEN, "matchAuto": 50})
    assert [fault.setting for fault in seen.faults] == ["matchAuto"]
    # Each by itself can be read.
    assert (seen.values["match_auto"], seen.values["match_review"]) == (50, 60)


def test_some_can_be_read_whatever_the_others_are(environ: dict[str, str]) -> None:
    page: dict[str, object] = {"plexToken": TOKEN, "plexUrl": "http://nas:32400", "workers": "many"}
    read = load(environ, page, only=("plex_url", "plex_token"))
    assert (read.plex_url, read.plex_token, read.workers) == ("http://nas:32400", TOKEN, 4)
    with pytest.raises(SettingsError, match="PLEXSYNC_PLEX_TOKEN"):
        load(environ, {}, only=("plex_url", "plex_token"))


@pytest.mark.parametrize("value", [5, "5", " 5 "])
def test_whole_numbers_are_taken_as_stash_hands_them(environ: dict[str, str], value: object) -> None:
    seen = examine(environ, {"plexToken": TOKEN, "workers": value})
    assert (seen.faults, seen.values["workers"]) == ((), 5)


@pytest.mark.parametrize("value", [5.5, True, [5], "5.0x"])
def test_what_is_no_whole_number_is_refused(environ: dict[str, str], value: object) -> None:
    assert [fault.setting for fault in examine(environ, {"plexToken": TOKEN, "workers": value}).faults] == ["workers"]


@pytest.mark.parametrize(("value", "read"), [(True, True), ("true", True), ("no", False), (False, False), ("", True)])
def test_switches_are_taken_as_stash_hands_them(environ: dict[str, str], value: object, read: bool) -> None:
    assert examine(environ, {"plexToken": TOKEN, "lockFields": value}).values["lock_fields"] is read
