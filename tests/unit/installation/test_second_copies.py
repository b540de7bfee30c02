"""Other copies of the plugin in Stash's plugins folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from plexsync.installation.second_copies import find, told


def manifest(folder: Path, name: str = "PlexSync.yml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("name: PlexSync\n")
    return path


def test_one_that_is_alone_is_no_reason_for_a_word(tmp_path: Path) -> None:
    own = manifest(tmp_path / "plugins" / "PlexSync")
    manifest(tmp_path / "plugins" / "other", "Other.yml")
    assert find(str(tmp_path / "plugins"), own) == [own]
    assert told(str(tmp_path / "plugins"), own) == ""


@pytest.mark.parametrize(
    ("own", "other", "which"),
    [
        ("PlexSync", "PlexSync-backup", "Stash loads this one"),
        ("PlexSync", "PlexSync.old", "Stash loads this one"),
        ("PlexSync", "A folder", "not this one"),
        ("PlexSync", "community/PlexSync", "Stash loads this one"),
        ("main/PlexSync", "community/PlexSync", "not this one"),
    ],
)
def test_a_second_one_is_named_and_which_of_them_stash_loads(tmp_path: Path, own: str, other: str, which: str) -> None:
    plugins = tmp_path / "plugins"
    ours, theirs = manifest(plugins / own), manifest(plugins / other)
    text = told(str(plugins), ours)
    assert str(theirs) in text
    assert which in text
    # The folder that ours lies in is looked through where Stash's cannot be seen from here.
    assert told("/no/such/folder", ours) == text
    assert told("", ours) == text


def test_another_spelling_of_the_name_is_the_same_plugin(tmp_path: Path) -> None:
    own, other = manifest(tmp_path / "a"), manifest(tmp_path / "b", "plexsync.yml")
    assert find(str(tmp_path), own) == [own, other]


def test_links_are_followed_and_one_that_leads_back_ends(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    own = manifest(plugins / "PlexSync")
    other = manifest(tmp_path / "elsewhere")
    (plugins / "link").symlink_to(tmp_path / "elsewhere")
    (plugins / "PlexSync" / "loop").symlink_to(plugins)
    assert other.parent.samefile(plugins / "link")
    assert str(plugins / "link" / "PlexSync.yml") in told(str(plugins), own)


def test_environments_and_repositories_are_passed_over(tmp_path: Path) -> None:
    own = manifest(tmp_path / "PlexSync")
    for name in (".git", ".venv", "node_modules"):
        manifest(tmp_path / "PlexSync" / name)
    assert find(str(tmp_path), own) == [own]


def test_of_a_folder_that_does_not_hold_this_installation_nothing_is_said(tmp_path: Path) -> None:
    own = manifest(tmp_path / "here" / "PlexSync")
    manifest(tmp_path / "there" / "PlexSync")
    assert told(str(tmp_path / "there"), own) == ""


def test_a_link_to_the_installation_itself_is_no_copy(tmp_path: Path) -> None:
    own = manifest(tmp_path / "src" / "PlexSync")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "PlexSync").symlink_to(own.parent)
    assert told(str(tmp_path / "plugins"), own) == ""


def test_a_working_copy_that_lies_in_no_plugins_folder_is_left_alone(tmp_path: Path) -> None:
    own = manifest(tmp_path / "src" / "PlexSync")
    manifest(tmp_path / "src" / "PlexSync-old")
    assert told("", own) == ""
    assert told("/no/such/folder", own) == ""
