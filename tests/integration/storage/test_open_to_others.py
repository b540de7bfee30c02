"""A data folder that others can write to is warned of, with what to type."""

from __future__ import annotations

import grp
import os
import pwd
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from plexsync.status.checks import check_all
from plexsync.storage import open_to_others as module
from plexsync.storage.open_to_others import open_to_others


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "data of mine"
    (folder / "inbox").mkdir(parents=True, mode=0o700)
    folder.chmod(0o700)
    (folder / "plexsync.toml").touch(mode=0o600)
    return folder


def in_group(monkeypatch: pytest.MonkeyPatch, members: Sequence[str]) -> None:
    monkeypatch.setattr(grp, "getgrgid", lambda _: SimpleNamespace(gr_mem=list(members)))
    own = SimpleNamespace(pw_name="me", pw_uid=os.geteuid(), pw_gid=os.getegid())
    monkeypatch.setattr(pwd, "getpwall", lambda: [own])


def test_a_private_folder_is_not_worth_a_word(folder: Path) -> None:
    assert open_to_others(folder) == ""


def test_what_everybody_may_write_to_is_named_and_what_is_to_be_typed_mends_it(folder: Path) -> None:
    folder.chmod(0o777)
    (folder / "plexsync.toml").chmod(0o666)
    text = open_to_others(folder)
    assert text.startswith(
        f"everybody on this machine may write to {folder} and {folder}/plexsync.toml: type chmod o-w"
    )
    subprocess.run(shlex.split(text.partition("type ")[2]), check=True)
    assert folder.stat().st_mode & 0o777 == 0o775
    assert "everybody" not in open_to_others(folder)


def test_a_file_elsewhere_is_looked_at_too(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "mine.toml"
    config.touch()
    config.chmod(0o602)
    assert f"chmod o-w {config}" in open_to_others(folder, config)


def test_a_group_of_ones_own_may_write(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o770)
    in_group(monkeypatch, ["me"])
    assert open_to_others(folder) == ""


def test_a_group_with_others_in_it_is_warned_of(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o770)
    in_group(monkeypatch, ["me", "guest"])
    assert open_to_others(folder) == (
        f"a group with others in it may write to {folder}: type chmod g-w {shlex.quote(str(folder))}"
    )


def test_a_group_that_has_no_name_has_nobody_in_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o770)
    monkeypatch.setattr(grp, "getgrgid", lambda number: {}[number])
    assert open_to_others(folder) == ""


def test_where_modes_are_not_kept_chmod_is_not_what_helps(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.chmod(0o777)
    monkeypatch.setattr(module, "_keeps_modes", lambda _: False)
    assert "umask=077" in open_to_others(folder)
    assert "chmod" not in open_to_others(folder)


def test_check_and_doctor_warn_of_it_and_do_not_fail_for_it(folder: Path) -> None:
    folder.chmod(0o777)
    findings = list(check_all({"PLEXSYNC_DATA_DIR": str(folder)}))
    (found,) = [one for one in findings if one.name == "privacy"]
    assert found.level == "warn"
    assert "chmod o-w" in found.text


def test_check_looks_at_the_configuration_file_that_is_named(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "elsewhere.toml"
    config.touch()
    config.chmod(0o606)
    findings = list(check_all({"PLEXSYNC_DATA_DIR": str(folder), "PLEXSYNC_CONFIG": str(config)}))
    assert [one.text for one in findings if one.name == "privacy"] == [
        f"everybody on this machine may write to {config}: type chmod o-w {config}"
    ]
