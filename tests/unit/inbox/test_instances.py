"""The hook lays an event for each instance; one that cannot take it holds up no other."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_reading, hook_process, instances
from plexsync.inbox.operations import answer_to

SCENE = {"args": {"hookContext": {"id": 45, "type": "Scene.Update.Post", "input": {"id": "45"}}}}
CONNECTION = {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999}


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("PLEXSYNC_DATA_DIR", str(folder))
    monkeypatch.setenv("PLEXSYNC_AUTOSTART", "false")
    return folder


def named(main: Path, /, **places: object) -> None:
    (main / "instances.json").write_text(json.dumps({"schema": 1, "instances": places}))


def hook() -> str:
    return hook_process.handle({**SCENE, "server_connection": CONNECTION})


def laid(folder: Path) -> list[Any]:
    return [json.loads(path.read_bytes()) for path in sorted((folder / "inbox").glob("*.json"))]


def test_every_instance_gets_the_event_under_one_id(main: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    named(main, one=str(tmp_path / "one"), two="../two")
    assert hook() == "queued scene 45"
    (first,), (second,), (third,) = laid(main), laid(tmp_path / "one"), laid(tmp_path / "two")
    assert first == second == third
    assert json.loads((tmp_path / "two" / "stash_connection.json").read_text())["port"] == 9999


def test_a_second_event_is_the_same_file_under_two_names(main: Path, tmp_path: Path) -> None:
    (tmp_path / "one" / "inbox").mkdir(parents=True)
    named(main, one=str(tmp_path / "one"))
    hook()
    (here,), (there,) = list((main / "inbox").iterdir()), list((tmp_path / "one" / "inbox").iterdir())
    assert here.samefile(there)
    # Taken over by one consumer, it is still there for the other.
    here.unlink()
    assert event_reading.read(str(there))["args"] == [45]


def test_where_no_link_can_be_made_a_copy_is_laid(main: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    (tmp_path / "one" / "inbox").mkdir(parents=True)
    named(main, one=str(tmp_path / "one"))
    monkeypatch.setattr(os, "link", cannot)
    hook()
    assert laid(tmp_path / "one") == laid(main)


def test_an_instance_that_is_down_holds_up_no_other(
    main: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "inbox").write_text("a file where the inbox should be")
    (tmp_path / "well").mkdir()
    named(main, gone=str(tmp_path / "gone"), full=str(tmp_path / "full"), well=str(tmp_path / "well"))
    assert hook() == "queued scene 45"
    assert len(laid(main)) == len(laid(tmp_path / "well")) == 1
    said = capfd.readouterr().err
    assert "was not queued for the instance gone" in said
    assert "was not queued for the instance full" in said
    assert not (tmp_path / "gone").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"instances": 5}', b"\xff" * 10, b"x" * 70_000])
def test_a_file_that_names_none_is_said_and_the_event_is_queued(
    main: Path, content: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    (main / "instances.json").write_bytes(content)
    assert hook() == "queued scene 45"
    assert len(laid(main)) == 1
    assert "instances.json does not name instances" in capfd.readouterr().err


def test_names_and_places_that_are_none_are_left_out(main: Path) -> None:
    named(main, **{"UPPER": "a", "../x": "b", "main": "c", "ok": "d", "odd": 5, "empty": ""})
    assert instances.others(str(main)) == {"ok": str(main / "d")}


def test_twenty_instances_with_long_paths_are_all_read(main: Path) -> None:
    named(main, **{f"n{number}": f"/{'x' * 400}/{number}" for number in range(20)})
    assert len(instances.others(str(main))) == 20


# --- What the page asks ----------------------------------------------------------------------------------------------


@pytest.fixture
def ask(main: Path, tmp_path: Path) -> Callable[..., Any]:
    (tmp_path / "one").mkdir()
    named(main, one=str(tmp_path / "one"))
    return lambda mode, **args: json.loads(answer_to(str(main), {"mode": mode, **args}, {}))


def test_the_page_asks_of_the_instance_that_it_names(ask: Callable[..., Any], main: Path, tmp_path: Path) -> None:
    (main / "status.json").write_text('{"schema": 1, "queue": {"pending": 1}}')
    (tmp_path / "one" / "status.json").write_text('{"schema": 1, "queue": {"pending": 2}}')
    assert ask("status")["result"]["queue"] == {"pending": 1}
    assert ask("status", instance="one")["result"]["queue"] == {"pending": 2}
    assert ask("status", instance="main")["result"]["queue"] == {"pending": 1}
    assert list(ask("instances")["result"]) == ["main", "one"]


@pytest.mark.parametrize("name", ["two", "../one", "", 5, ["one"]])
def test_another_name_is_refused_with_those_that_there_are(ask: Callable[..., Any], name: object) -> None:
    answer = ask("status", instance=name)
    assert answer["error"]["kind"] == "bad_request"
    assert "nstance" in answer["error"]["text"]
