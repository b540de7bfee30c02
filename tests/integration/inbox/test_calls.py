"""Operations and tasks as Stash runs them: real processes of the manifest's command, on every Python there is."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.hook_runner import Hook, command, every_python

COOKIE = "SECRET-COOKIE"


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path / "data")


def call(**args: object) -> bytes:
    session = {"Name": "session", "Value": COOKIE}
    connection = {"Scheme": "http", "Host": "0.0.0.0", "Port": 1, "SessionCookie": session, "PluginDir": "/x"}
    return json.dumps({"server_connection": connection, "args": args}).encode()


def output(hook: Hook, python: str = sys.executable, **args: object) -> Any:
    answer = hook.run(call(**args), argv=command(python))
    assert answer.code == 0
    decoded = json.loads(answer.raw)
    assert list(decoded) == ["output"]
    return decoded["output"]


def snapshot(hook: Hook) -> None:
    hook.data.mkdir()
    (hook.data / "status.json").write_text('{"schema": 1, "state": "running", "text": "Fuß"}\n', encoding="utf-8")


@every_python
def test_the_status_is_answered(hook: Hook, python: str) -> None:
    snapshot(hook)
    result = output(hook, python, mode="status")["result"]
    assert (result["schema"], result["text"], result["life"]["state"]) == (1, "Fuß", "running")
    assert hook.connection() == {"scheme": "http", "host": "127.0.0.1", "port": 1}


@every_python
def test_what_is_asked_of_nobody_and_what_is_wrong_have_a_structure(hook: Hook, python: str) -> None:
    assert output(hook, python, mode="settings")["error"]["kind"] == "not_running"
    assert output(hook, python, mode="dance")["error"]["kind"] == "bad_request"
    assert output(hook, python, mode={"a": 1})["error"]["kind"] == "bad_request"
    assert output(hook, python, mode="sync", scene_ids=["4", 5])["result"]["waiting"] is True
    (request,) = (hook.data / "requests").glob("*.json")
    assert json.loads(request.read_text())["args"] == {"scene_ids": [4, 5]}


@every_python
def test_a_task_tells_what_came_of_it_and_ends_well_whatever_that_is(hook: Hook, python: str) -> None:
    sent = call(mode="task", task="show_status")
    answer = hook.run(sent, argv=command(python))
    assert answer.code == 0
    assert "has not been started yet" in json.loads(answer.raw)["output"]
    assert answer.log.splitlines()[-1].startswith("\x01e\x02")


def test_the_cookie_of_a_session_is_nowhere(hook: Hook) -> None:
    hook.run(call(mode="sync", all=True))
    hook.run(call(mode="task", task="compare"))
    for path in hook.data.rglob("*"):
        assert not path.is_file() or COOKIE.encode() not in path.read_bytes()


def test_the_answer_to_a_page_needs_no_module_that_takes_long_to_load(hook: Hook) -> None:
    snapshot(hook)
    python, *rest = command()
    argv = [python, "-X", "importtime", *rest]
    environment = hook.environment | {"PLEXSYNC_AUTOSTART": "true"}
    done = subprocess.run(argv, input=call(mode="status"), env=environment, capture_output=True, timeout=30, check=True)
    loaded = {line.rpartition(b"|")[2].strip() for line in done.stderr.splitlines()}
    assert b"plexsync.inbox.operations" in loaded
    assert not loaded & {b"json", b"re", b"typing", b"pathlib", b"datetime", b"subprocess", b"http.client"}


def test_a_hook_loads_nothing_of_what_pages_and_tasks_need(hook: Hook) -> None:
    hook.data.mkdir()
    (hook.data / "status.json").touch()
    python, *rest = command()
    argv = [python, "-X", "importtime", *rest]
    context = {"id": 45, "type": "Scene.Update.Post", "input": {}}
    environment = hook.environment | {"PLEXSYNC_AUTOSTART": "true"}
    done = subprocess.run(
        argv, input=call(hookContext=context), env=environment, capture_output=True, timeout=30, check=True
    )
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    ours = {name for name in loaded if name.startswith("plexsync.inbox.")}
    assert ours == {f"plexsync.inbox.{name}" for name in ("event_files", "hook_input", "hook_process")}
    assert not (hook.data / "autostart.lock").exists()


def test_a_task_that_is_killed_leaves_what_it_asked_for(hook: Hook) -> None:
    hook.data.mkdir()
    (hook.data / "status.json").write_text('{"schema": 1, "state": "running"}\n')
    process = hook.start(call(mode="task", task="sync_all"))
    deadline = time.monotonic() + 20
    while not list((hook.data / "requests").glob("[0-9]*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    process.communicate(timeout=20)
    assert [json.loads(path.read_text())["mode"] for path in (hook.data / "requests").glob("*.json")] == ["sync"]
