"""The hook as Stash runs it: a real process that queues the event, whatever surrounds it, and waits for nobody."""

from __future__ import annotations

import base64
import json
import os
import random
import re
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from plexsync.inbox import event_files, event_reading
from plexsync.outside import shown
from tests.support.hook_runner import NO_AUTOSTART, PROMPTLY, Hook, changed, command, every_python, install, stash_sends


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path / "data")


# --- The event is queued ---------------------------------------------------------------------------------------------


@every_python
@pytest.mark.parametrize("kind", ["Scene.Create.Post", "Scene.Update.Post", "Scene.Destroy.Post"])
def test_an_event_is_queued_and_acknowledged(hook: Hook, python: str, kind: str) -> None:
    answer = hook.run(stash_sends(45, kind), argv=command(python))
    assert answer.output == "queued scene 45"

    (message,) = hook.queued()
    assert (message["name"], message["args"], message["event"]) == ("sync_scene", [45], kind)
    # By what Stash's log calls the event it is found in ours, and by trace.
    assert f"queued scene 45 ({kind}) as event {message['id'][: event_files.SHORT_ID]}" in answer.log
    assert hook.connection() == {"scheme": "http", "host": "127.0.0.1", "port": 9999}


@every_python
def test_input_that_is_not_from_stash_is_refused(hook: Hook, python: str) -> None:
    assert "not JSON: Expecting value" in hook.run(b"hello", argv=command(python)).error
    assert "id' is 45.5" in hook.run(stash_sends(45.5), argv=command(python)).error
    assert "nested too deeply" in hook.run(b"[" * 200_000, argv=command(python)).error
    assert not hook.data.exists()


@every_python
def test_a_hostile_environment_changes_nothing(hook: Hook, python: str, tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    (trap / "plexsync").mkdir(parents=True)
    for name in ("json.py", "os.py", "_json.py", "plexsync/__init__.py"):
        (trap / name).write_text("raise SystemExit('trapped')")
    hook.data = tmp_path / "d\N{LATIN SMALL LETTER A WITH DIAERESIS}ta \N{GRINNING FACE}"
    hook.inbox = hook.data / "inbox"
    environment = {
        "PATH": "/nowhere",
        "PYTHONPATH": str(trap),
        "PYTHONIOENCODING": "ascii",
        "PYTHONSTARTUP": str(trap / "os.py"),
        "LC_ALL": "C",
        "LANG": "de_DE.ISO-8859-1",
        "PLEXSYNC_DATA_DIR": str(hook.data),
        **NO_AUTOSTART,
    }

    assert hook.run(argv=command(python), env=environment, cwd=trap).output == "queued scene 45"
    assert hook.scenes() == [45]


def test_the_first_hook_of_a_bulk_edit_queues_all_its_scenes_and_each_its_own(hook: Hook) -> None:
    edit = {"ids": ["45", "46", "47"], "organized": True}
    answers = [hook.run(stash_sends(scene_id, edit=edit)).output for scene_id in (45, 46)]

    assert answers == ["queued scene 45 and the 2 edited with it", "queued scene 46"]
    single = [message["args"] for message in hook.queued() if message["name"] == event_files.SYNC_SCENE]
    (together,) = [message["args"] for message in hook.queued() if message["name"] == event_files.SYNC_SCENES]
    assert single == [[45], [46]]
    assert together[1:] == [45, 46, 47]
    assert time.time() - 10 < together[0] / 1000 <= time.time()


def test_an_edit_of_a_hundred_thousand_scenes_is_queued_whole(hook: Hook) -> None:
    ids = [str(10_000_000 + number) for number in range(100_000)]
    hook.run(stash_sends(int(ids[0]), edit={"ids": ids}))

    messages = [message["args"][1:] for message in hook.queued() if message["name"] == event_files.SYNC_SCENES]
    assert sorted(scene_id for some in messages for scene_id in some) == [int(one) for one in ids]


@pytest.mark.parametrize("kind", ["SceneMarker.Update.Post", "Performer.Create.Post", "Movie.Update.Post"])
def test_an_event_that_changes_no_scene_is_ignored(hook: Hook, kind: str) -> None:
    assert hook.run(stash_sends(7, kind)).output.startswith(f"ignored {kind}")
    assert not hook.data.exists()


def test_a_cover_image_of_twenty_megabytes_is_read_and_left_out_of_the_queue(hook: Hook) -> None:
    picture = "data:image/jpeg;base64," + base64.b64encode(os.urandom(15_000_000)).decode()

    assert hook.run(stash_sends(45, edit={"id": "45", "cover_image": picture})).output == "queued scene 45"
    assert sum(file.stat().st_size for file in hook.inbox.iterdir()) < 300


def test_input_beyond_all_bounds_is_refused(hook: Hook) -> None:
    answer = hook.run(stash_sends(edit="x" * 3_000_000), **changed("hook_process.MAX_INPUT = 2 * 1024 * 1024"))

    assert answer.error == "the input is larger than 2 MiB"
    assert not hook.data.exists()


def test_without_a_data_folder_named_it_is_the_one_in_the_plugin(hook: Hook, tmp_path: Path) -> None:
    plugin = install(tmp_path / "pl\N{LATIN SMALL LETTER U WITH DIAERESIS}gins 1" / "PlexSync")
    hook.data = plugin / "data"
    hook.inbox = hook.data / "inbox"
    hook.environment = {"LC_ALL": "C", **NO_AUTOSTART}

    hook.run(argv=command(plugin=plugin), cwd="/")
    assert hook.scenes() == [45]


# --- Nobody is waited for --------------------------------------------------------------------------------------------


def test_a_locked_and_broken_database_does_not_hold_the_hook_up(hook: Hook) -> None:
    hook.data.mkdir()
    (hook.data / "plexsync.db-wal").write_bytes(b"rubbish")
    with closing(sqlite3.connect(hook.data / "plexsync.db", isolation_level=None)) as database:
        database.execute("begin exclusive")
        assert hook.run().output == "queued scene 45"
    (hook.data / "plexsync.db").write_bytes(b"rubbish")
    assert hook.run().output == "queued scene 45"
    assert hook.scenes() == [45, 45]


def test_sixty_four_hooks_at_once_on_a_fresh_folder_all_land(hook: Hook) -> None:
    processes = [hook.start(stash_sends(scene_id)) for scene_id in range(1, 65)]
    outputs = [process.communicate(timeout=60)[0] for process in processes]

    assert outputs == [f'{{"output": "queued scene {scene_id}"}}\n'.encode() for scene_id in range(1, 65)]
    assert sorted(hook.scenes()) == list(range(1, 65))
    assert sorted(path.name for path in hook.data.iterdir()) == ["inbox", "stash_connection.json"]


def test_hooks_killed_at_any_moment_lose_nothing_they_acknowledged(hook: Hook) -> None:
    usual = min(hook.run(stash_sends(1)).seconds for _ in range(3))
    chance = random.Random(7)
    acknowledged, killed = {1}, 0
    for scene_id in range(2, 82):
        process = hook.start(stash_sends(scene_id))
        time.sleep(chance.uniform(0.2, 1.3) * usual)
        with suppress(ProcessLookupError):
            process.kill()
        output = process.communicate(timeout=20)[0]
        killed += process.returncode == -signal.SIGKILL
        if output:
            assert json.loads(output) == {"output": f"queued scene {scene_id}"}
            acknowledged.add(scene_id)

    assert killed
    assert acknowledged <= complete_scenes(hook)


def complete_scenes(hook: Hook) -> set[int]:
    """The scenes of all messages in the inbox. A half file is passed over, but only if it is known for one."""
    scenes = set()
    for name in event_reading.waiting(str(hook.inbox), 10_000):
        with suppress(event_reading.Unfinished):
            scenes.update(event_reading.read(str(hook.inbox / name))["args"])
    return scenes


# --- Streams ---------------------------------------------------------------------------------------------------------

SHELL = ("/bin/sh", "-c")


def test_closed_standard_error_is_no_obstacle(hook: Hook) -> None:
    answer = hook.run(stash_sends(server_connection=None), through=(*SHELL, 'exec "$@" 2>&-', "sh"))

    assert answer.output == "queued scene 45"
    assert hook.scenes() == [45]


def test_closed_standard_input_is_an_error(hook: Hook) -> None:
    assert "standard input" in hook.run(b"", through=(*SHELL, 'exec "$@" <&-', "sh")).error


def test_an_answer_that_nobody_takes_is_a_failure_but_the_event_is_queued(hook: Hook) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        answer = hook.run(stash_sends(1), stdout=writing)
    finally:
        os.close(writing)
    closed = hook.run(stash_sends(2), through=(*SHELL, 'exec "$@" >&-', "sh"))

    assert (answer.code, closed.code) == (1, 1)
    assert "Stash did not take the answer (Broken pipe), which was: queued scene 1" in answer.log
    assert "Stash did not take the answer (Bad file descriptor), which was: queued scene 2" in closed.log
    assert hook.scenes() == [1, 2]


def test_a_path_that_is_not_plain_text_comes_out_as_json_and_as_one_log_line(hook: Hook, tmp_path: Path) -> None:
    odd = tmp_path / 'a"b\\c\nd\udcff'
    odd.write_text("")
    hook.environment["PLEXSYNC_DATA_DIR"] = str(odd)

    assert shown(str(odd)) in hook.run().error
    reading, writing = os.pipe()
    os.close(reading)
    assert "is not a folder" in hook.run(stdout=writing).log
    os.close(writing)


# --- Where Stash is --------------------------------------------------------------------------------------------------


def connection(**values: object) -> dict[str, Any]:
    return {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999, "SessionCookie": None} | values


def test_the_address_of_stash_is_rewritten_only_when_it_changed(hook: Hook) -> None:
    noted = hook.data / "stash_connection.json"
    hook.run(stash_sends(server_connection=connection()))
    first = noted.stat()
    hook.run(stash_sends(server_connection=connection(Host="::")))
    assert noted.stat().st_ino == first.st_ino
    assert first.st_mode & 0o777 == 0o600

    hook.run(stash_sends(server_connection=connection(Scheme="https", Host="[fd00::5]", Port=443)))
    assert hook.connection() == {"scheme": "https", "host": "fd00::5", "port": 443}
    assert len(list(hook.data.iterdir())) == 2


@pytest.mark.parametrize(
    "wrong", [None, [], "x", {}, connection(Port=0), connection(Host="a/b"), connection(Scheme="x")]
)
def test_an_event_without_a_usable_address_is_queued_with_a_warning(hook: Hook, wrong: object) -> None:
    answer = hook.run(stash_sends(server_connection=wrong))

    assert answer.output == "queued scene 45"
    assert "\x01w\x02Stash's address was not noted ('server_connection" in answer.log
    assert hook.scenes() == [45]
    assert not (hook.data / "stash_connection.json").exists()


def test_an_address_that_cannot_be_noted_is_a_warning(hook: Hook) -> None:
    (hook.data / "stash_connection.json").mkdir(parents=True)
    answer = hook.run()

    assert answer.output == "queued scene 45"
    assert re.search(rf"\x01w\x02Stash's address was not noted \(.*Is a directory.*{hook.data}", answer.log)
    assert sorted(path.name for path in hook.data.iterdir()) == ["inbox", "stash_connection.json"]


@pytest.mark.parametrize("odd", ["pipe", "link", "rubbish"])
def test_whatever_stands_in_place_of_the_address_is_replaced(hook: Hook, tmp_path: Path, odd: str) -> None:
    hook.data.mkdir()
    noted = hook.data / "stash_connection.json"
    if odd == "pipe":
        os.mkfifo(noted)
    elif odd == "link":
        noted.symlink_to(tmp_path / "precious")
        (tmp_path / "precious").write_text("mine")
    else:
        noted.write_bytes(b"\xff" * 100_000)

    assert hook.run().seconds < PROMPTLY
    assert hook.connection() == {"scheme": "http", "host": "127.0.0.1", "port": 9999}
    assert odd != "link" or (tmp_path / "precious").read_text() == "mine"
