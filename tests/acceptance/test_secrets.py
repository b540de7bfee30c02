"""The Plex token and Stash's API key: nowhere but in the headers they are for, also when everything goes wrong.

Real processes, real servers, real files. A server that shows a client what it sent is as bad as it gets.
"""

from __future__ import annotations

import html
import json
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault, Request, Response, SimulatedServer
from plexsync.demo.world import PLUGIN, World
from plexsync.ledger import Ledger
from plexsync.ledger.schema import STEPS
from plexsync.storage.database import DATABASE_NAME, Database
from tests.support import programs

TOKEN = "Zq7-plex+Token/4f=81<x>&22"
KEY = "Wv9-stash+Key/5c=07<y>&33.44"
#: So much of a secret is too much.
PARTS = (TOKEN[:8], KEY[:8])
SESSION = "c2ltdWxhdGVk"
COMMANDS = (
    ["status"],
    ["status", "--json"],
    ["scene", "1"],
    ["scene", "1", "--json"],
    ["failed", "list"],
    ["failed", "list", "--json"],
    ["failed", "show", "1"],
    ["failed", "show", "1", "--json"],
    ["sync", "1", "--dry-run"],
    ["sync", "--all"],
    ["check"],
    ["doctor", "--json"],
)
#: Those that ask the servers.
ASKING = (["check"], ["sync", "1", "--dry-run"], ["sync", "--all"])


def protected(folder: Path, **settings: str) -> World:
    """A world in which both servers want their secret."""
    secrets = {"PLEXSYNC_PLEX_TOKEN": TOKEN, "PLEXSYNC_STASH_API_KEY": KEY, "PLEXSYNC_LOG_LEVEL": "debug"}
    world = World(folder, secrets | settings)
    world.plex.set_token(TOKEN)
    world.stash.require_auth(KEY)
    return world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with protected(tmp_path) as world:
        yield world


def run(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    return programs.run(
        [sys.executable, *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)},
        capture_output=True,
        text=True,
        timeout=60,
        cwd=world.data_dir.parent,
        check=False,
    )


def outputs(world: World, commands: Sequence[Sequence[str]] = COMMANDS) -> dict[str, str]:
    """What each command prints, and a Python shell where it is all of them."""
    shell = "from tasks import failed, huey\nprint(failed(), failed()[:], huey.pending(), huey.all_results())"
    asked = {" ".join(words): ["-P", "-m", "plexsync", *words] for words in commands}
    if commands is COMMANDS:
        asked["shell"] = ["-P", "-c", shell]
    with ThreadPoolExecutor(4) as pool:
        done = dict(zip(asked, pool.map(lambda words: run(world, *words), asked.values()), strict=True))
    return {name: one.stdout + one.stderr for name, one in done.items()}


def texts(world: World) -> dict[str, str]:
    """All that is left behind anywhere, by where it is: logs, files, requests as a server's log shows them."""
    found = {
        f"requests to {type(server).__name__}": "\n".join(f"{one.method} {one.path}?{one.query}" for one in server.log)
        for server in (world.plex, world.stash)
    }
    found["hooks"] = "\n".join(f"{one.output} {one.error} {one.log}" for one in world.stash.hook_runs)
    for path in (*world.data_dir.rglob("*"), world.log_path):
        if path.is_file():
            found[path.name] = path.read_bytes().decode("latin-1")
    if (world.data_dir / DATABASE_NAME).exists():
        with closing(sqlite3.connect(world.data_dir / DATABASE_NAME)) as database:
            found["tables"] = "\n".join(database.iterdump())
    return found


def leaks(found: dict[str, str]) -> list[str]:
    """Where a secret, or half of one, stands."""
    return [
        f"{place}: ...{text[max(0, text.index(part) - 60) : text.index(part) + 40]}..."
        for place, text in found.items()
        for part in (*PARTS, SESSION)
        if part in text
    ]


def last_error(world: World, scene: int) -> str | None:
    with closing(sqlite3.connect(world.data_dir / DATABASE_NAME)) as database:
        row = database.execute("select last_error from scene where scene_id = ?", (scene,)).fetchone()
    return row[0] if row else None


# --- Ordinary work ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_ordinary_work_leaves_no_secret_anywhere(tmp_path: Path, log_format: str) -> None:
    with protected(tmp_path, PLEXSYNC_LOG_FORMAT=log_format) as world:
        # From nothing: what is forked has the command line of what it was forked from.
        world.open_process = subprocess.Popen
        world.start_consumer()
        scenes = [world.add(f"{number}.mp4") for number in range(3)]
        performer = world.stash.add_performer("Ann", picture=pictures.png(1, 2, 3))
        for scene in scenes:
            mutate(world, scene, title=f"Title {scene}", performer_ids=[str(performer)])
        world.wait_until_right(scenes)
        world.wait_until_idle()
        command_line = Path(f"/proc/{world.consumer_pid}/cmdline").read_text()
        assert "plexsync.cli.consumer" in command_line
        found = texts(world) | {"ps": command_line} | (outputs(world) if log_format == "text" else {})
        assert "wrote title" in found["consumer.log"]
        assert world.plex.counters["uploads"]
        assert leaks(found) == []


def mutate(world: World, scene: int, **values: object) -> None:
    """Edit in Stash with the API key, as its web page would with a login."""
    world.log_in(KEY)
    world.edit(scene, **values)


def test_the_hook_is_given_no_secret_to_show(world: World) -> None:
    environment = {"PATH": os.environ["PATH"], "PLEXSYNC_DATA_DIR": str(world.data_dir)}
    environment["PLEXSYNC_AUTOSTART"] = "false"
    command = [sys.executable, "-I", "-S", str(PLUGIN / "plexsync" / "hook.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe) as hook:
        command_line = Path(f"/proc/{hook.pid}/cmdline").read_text()
        cookie = {"Name": "session", "Value": SESSION}
        server = {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999, "SessionCookie": cookie, "ApiKey": KEY}
        event = {"id": 1, "type": "Scene.Update.Post", "input": {"id": "1", "details": TOKEN}}
        sent = json.dumps({"server_connection": server, "args": {"hookContext": event}})
        said = b"".join(hook.communicate(sent.encode(), timeout=20)).decode()
    assert "queued scene 1" in said
    assert list((world.data_dir / "inbox").iterdir())
    assert leaks(texts(world) | {"ps": command_line, "said": said}) == []


# --- Everything goes wrong --------------------------------------------------------------------------------------------


def test_a_plex_that_echoes_the_token_gets_it_nowhere(world: World) -> None:
    echo = echoed(TOKEN)
    check_echo(
        world,
        world.plex,
        [
            PlannedFault("status", None, status=400, body=echo),
            PlannedFault("status", None, status=500, body=b"<pre>" + echo),
            PlannedFault("status", None, status=503, body=b"<b>" + b" " * 4080 + echo),
            PlannedFault("status", None, status=404, body=echo),
            PlannedFault("html", None, body=b"<html><p>" + b"y" * 60 + echo),
            PlannedFault("html", None, body=json.dumps({"MediaContainer": echo.decode()}).encode()),
            PlannedFault("status", None, status=401, body=echo),
        ],
    )


def test_a_stash_that_echoes_the_key_gets_it_nowhere(world: World) -> None:
    echo = echoed(KEY)
    at_the_cut = "x" * 285 + echo.decode()
    check_echo(
        world,
        world.stash,
        [
            PlannedFault(
                "status", None, status=422, body=json.dumps({"errors": [{"message": echo.decode()}]}).encode()
            ),
            PlannedFault("html", None, body=json.dumps({"errors": [{"message": at_the_cut}]}).encode()),
            PlannedFault("status", None, status=500, body=echo),
            PlannedFault("html", None, body=b"<html>" + echo),
            PlannedFault("html", None, body=json.dumps({"data": {"findScenes": echo.decode()}}).encode()),
            PlannedFault("status", None, status=401, body=echo),
        ],
    )


def echoed(secret: str) -> bytes:
    """A secret, however a server may write it into a page."""
    forms = (secret, json.dumps(secret), html.escape(secret), quote(secret), quote(secret, safe=""))
    return "; ".join(forms).encode()


def check_echo(world: World, server: SimulatedServer, faults: list[PlannedFault]) -> None:
    """Let the server answer everything but mutations with one fault after the other, and look everywhere each time."""
    world.environ |= {"PLEXSYNC_MAX_RETRIES": "0", "PLEXSYNC_BREAKER_RESET_TIMEOUT": "0.2"}
    scenes = [world.add(f"{number}.mp4") for number in range(len(faults))]
    world.start_consumer()
    found = {}
    for scene, fault in zip(scenes, faults, strict=True):
        mutate(world, scene, title="All is well")
        world.wait_until_right([scene])
        world.wait_until_idle()
        fault.match = lambda request: b"mutation" not in request.body
        server.faults.add(fault)
        mutate(world, scene, title="Goes wrong")
        world.wait(lambda one=scene: last_error(world, one) is not None, 20, f"scene {scene} goes wrong")  # type: ignore[misc]
        found = texts(world) | outputs(world, [["check"]])
        assert leaks(found) == []
        server.faults.clear()
    found |= outputs(world)
    assert "***" in found["tables"] or "[redacted]" in found["tables"]
    assert leaks(found) == []


def test_a_bug_that_names_a_secret_is_told_without_it(world: World) -> None:
    program = """if True:
        import os
        from plexsync.sync.sync import SceneSync
        def bug(self, scene_id, snapshot):
            raise KeyError("headers: " + os.environ["PLEXSYNC_PLEX_TOKEN"] + os.environ["PLEXSYNC_STASH_API_KEY"])
        SceneSync.sync = bug
        from plexsync.cli.consumer import main
        main()
    """
    scene = world.add("a.mp4")
    with world.log_path.open("wb") as log:
        environment = world.environ | {"PYTHONPATH": str(PLUGIN)}
        consumer = subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=log, stderr=log)
    try:
        mutate(world, scene, title="First")
        world.wait(lambda: len(failed_ids(world)) == 1, 20, "a dead letter")
        world.wait_until_idle()
    finally:
        consumer.terminate()
        consumer.wait(40)
    found = texts(world) | outputs(world)
    assert "KeyError" in found["failed show 1"]
    assert "[redacted]" in found["failed show 1"]
    assert "KeyError" in found["shell"]
    assert leaks(found) == []


def failed_ids(world: World) -> list[int]:
    if not (world.data_dir / DATABASE_NAME).exists():
        return []
    database = Database(world.data_dir / DATABASE_NAME)
    try:
        return [one.id for page in Ledger(database).dead_letters.pages() for one in page]
    finally:
        database.close()


class Redirecting(SimulatedServer):
    """Sends everybody elsewhere."""

    target = ""

    def respond(self, request: Request) -> Response:
        """Redirect, as a proxy does; the secret goes into the address as well."""
        return Response(
            307, echoed(TOKEN) + echoed(KEY), "text/html", {"Location": f"{self.target}{request.path}?t={quote(TOKEN)}"}
        )


class Elsewhere(SimulatedServer):
    """Another host, which should hear of nothing."""

    def respond(self, _: Request) -> Response:
        """Say yes to everything."""
        return Response.json({})


@pytest.mark.parametrize("name", ["PLEXSYNC_PLEX_URL", "PLEXSYNC_STASH_URL"])
def test_a_redirect_to_another_host_carries_nothing_there(world: World, name: str) -> None:
    with Redirecting() as proxy, Elsewhere() as elsewhere:
        proxy.target = elsewhere.url
        world.environ[name] = proxy.url
        world.start_consumer()
        mutate(world, world.add("a.mp4"), title="First")
        world.wait(lambda: len(proxy.log) > 1, 20, "the consumer was redirected")
        found = texts(world) | outputs(world, ASKING)
        found["requests to the proxy"] = "\n".join(f"{one.path}?{one.query}" for one in proxy.log)
        assert elsewhere.log == []
        assert leaks(found) == []


@pytest.mark.parametrize("name", ["PLEXSYNC_PLEX_URL", "PLEXSYNC_STASH_URL"])
def test_tls_that_cannot_be_agreed_on_shows_no_secret(world: World, name: str) -> None:
    world.environ[name] = world.plex.url.replace("http:", "https:")
    world.start_consumer()
    mutate(world, world.add("a.mp4"), title="First")
    world.wait(lambda: "TLS" in world.log_path.read_text(), 20, "the consumer says so")
    found = texts(world) | outputs(world, ASKING)
    assert "does not speak TLS" in found["check"]
    assert leaks(found) == []


def test_a_picture_beyond_all_bounds_is_left_out_and_the_rest_is_synced(world: World) -> None:
    scene = world.add("a.mp4")
    world.stash.set_screenshot(scene, pictures.png(1, 2, 3) + bytes(25_000_000))
    world.start_consumer()
    mutate(world, scene, title="First")
    world.wait(lambda: world.plex.item(world.items[scene]).title == "First", 20, "the title is in Plex")
    world.wait_until_idle()
    assert world.plex.counters["uploads"] == 0


# --- Who may read the files -------------------------------------------------------------------------------------------


@pytest.fixture
def open_handed() -> Iterator[None]:
    """A user whose files everybody may read and write, unless a program says otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_handed")
def test_everything_in_the_data_folder_is_for_its_owner_alone(world: World) -> None:
    database = Database(world.data_dir / DATABASE_NAME)
    database.migrate("ledger", STEPS[:1])
    database.close()
    scene = world.add("a.mp4")
    mutate(world, scene, title="Before the consumer runs")
    assert open_to_others(world.data_dir) == []
    world.plex.faults.add(PlannedFault("status", None, status=400, match=lambda request: request.method == "PUT"))
    world.start_consumer("--logfile", str(world.data_dir / "consumer.log"))
    world.wait(lambda: len(failed_ids(world)) == 1, 20, "a dead letter")
    mutate(world, scene, title="After it failed")
    outputs(world)
    run(world, "-P", "-c", "from tasks import huey, sync_scene; sync_scene(2)")
    names = {path.name for path in world.data_dir.iterdir()}
    expected = {"plexsync.db", "plexsync.db-wal", "inbox", "stash_connection.json", "notice.json", "notice.shown"}
    assert expected | {"consumer.log", f"plexsync.db.before-ledger-{len(STEPS)}"} <= names
    assert open_to_others(world.data_dir) == []
    world.stop_consumer()
    assert open_to_others(world.data_dir) == []


def open_to_others(folder: Path) -> list[str]:
    return [
        f"{path.name}: {stat.S_IMODE(path.stat().st_mode):04o}"
        for path in (folder, *folder.rglob("*"))
        if path.exists() and stat.S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    ]
