"""``--instance``: what it leads to, and that it leads there once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from plexsync.cli.instance import WrongInstance, choose
from plexsync.cli.instances import instances
from plexsync.inbox.instances import named


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "instances.json").write_text(json.dumps({"schema": 1, "instances": {"attic": "/srv/attic"}}))
    return {"PLEXSYNC_DATA_DIR": str(tmp_path)}


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (["status", "--instance", "attic", "--json"], ["status", "--json"]),
        (["--instance=attic", "-w", "2"], ["-w", "2"]),
        (["status", "--instance", "other", "--instance", "attic"], ["status"]),
    ],
)
def test_the_option_may_stand_anywhere(environ: dict[str, str], words: list[str], rest: list[str]) -> None:
    assert choose(words, environ) == rest
    assert environ["PLEXSYNC_DATA_DIR"] == "/srv/attic"


def test_the_variable_says_the_same_and_the_option_comes_first(environ: dict[str, str]) -> None:
    environ["PLEXSYNC_INSTANCE"] = "other"
    assert choose(["status", "--instance", "main"], environ) == ["status"]
    environ["PLEXSYNC_INSTANCE"] = "attic"
    assert choose(["status"], environ) == ["status"]
    assert environ["PLEXSYNC_DATA_DIR"] == "/srv/attic"


def test_whoever_is_started_from_there_is_there_already(environ: dict[str, str]) -> None:
    choose(["--instance", "attic"], environ)
    assert choose(["--instance", "attic"], environ) == []
    assert environ["PLEXSYNC_DATA_DIR"] == "/srv/attic"
    assert choose(["--instance", "main"], environ) == []
    assert environ["PLEXSYNC_DATA_DIR"] != "/srv/attic"


def test_without_it_nothing_changes(environ: dict[str, str]) -> None:
    before = dict(environ)
    assert choose(["sync", "--", "--instance"], environ) == ["sync", "--", "--instance"]
    assert environ == before


@pytest.mark.parametrize("words", [["--instance"], ["--instance", "cellar"], ["--instance=../x"]])
def test_what_names_none_is_refused_and_nothing_changes(environ: dict[str, str], words: list[str]) -> None:
    before = dict(environ)
    with pytest.raises(WrongInstance, match="--instance"):
        choose(words, environ)
    assert environ == before


def test_no_two_instances_share_a_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", str(tmp_path))
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert CliRunner().invoke(instances, ["add", "attic", str(tmp_path / "attic")]).exit_code == 0
    for folder, owner in ((tmp_path, "main"), (link, "main"), (tmp_path / "x" / ".." / "attic", "attic")):
        said = CliRunner().invoke(instances, ["add", "cellar", str(folder)])
        assert said.exit_code == 1
        assert f"is the data folder of the instance {owner}" in said.output
    assert list(named(str(tmp_path))) == ["attic"]


@pytest.mark.parametrize("known", [{"attic": ""}, {"attic": "a\0b"}, [], {"attic": 5}, "[" * 100_000])
def test_whatever_stands_in_the_file_what_is_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: object
) -> None:
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", str(tmp_path))
    text = known if isinstance(known, str) else json.dumps({"schema": 1, "instances": known})
    (tmp_path / "instances.json").write_text(text)
    for words in (["add", "attic"], ["remove", "cellar"]):
        said = CliRunner().invoke(instances, words)
        assert said.exit_code == 1
        assert "Traceback" not in said.output
    assert (tmp_path / "instances.json").read_text() == text
