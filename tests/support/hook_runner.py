"""The hook as Stash starts it, for the tests: a real process, from the manifest's own command line."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from plexsync.inbox import event_files, event_reading
from tests.support.places import ROOT

MANIFEST = yaml.safe_load((ROOT / "PlexSync.yml").read_text())
#: Seconds within which the hook answers, whatever fails.
PROMPTLY = 3
#: No consumer is started, but where a test is about that.
NO_AUTOSTART = {"PLEXSYNC_AUTOSTART": "false"}
LOG_LINE = re.compile(rb"\x01[tdiwep]\x02[^\x00-\x1f]+\n")


def installed(version: str) -> list[str]:
    """Where a Python of that version may be."""
    beside = sorted(str(path) for path in Path.home().glob(f".pyenv/versions/{version}.*/bin/python3"))
    on_path = shutil.which(f"python{version}")
    return [*beside, on_path] if on_path else beside


def answers(python: str, version: str = "", **options: Any) -> bool:
    """Whether it is there and starts (a pyenv shim may not), and is of that version."""
    try:
        asked = subprocess.run([python, "--version"], capture_output=True, text=True, timeout=20, **options)
    except OSError:
        return False
    return asked.returncode == 0 and asked.stdout.startswith(f"Python {version}")


def pythons() -> Iterator[Any]:
    for version in ("3.9", "3.10", "3.11", "3.12", "3.13"):
        found = next((python for python in installed(version) if answers(python, version)), None)
        missing = pytest.mark.skipif(found is None, reason=f"no Python {version} on this machine")
        yield pytest.param(found, id=version, marks=missing)


every_python = pytest.mark.parametrize("python", list(pythons()))

#: All that the hook may import of ours.
HOOK_FILES = (
    ROOT / "plexsync" / "__init__.py",
    ROOT / "plexsync" / "hook.py",
    *sorted((ROOT / "plexsync" / "inbox").glob("*.py")),
)


def command(python: str = sys.executable, plugin: Path = ROOT) -> list[str]:
    """What Stash starts, from the manifest."""
    first, *rest = MANIFEST["exec"]
    assert first == "python3"
    return [python, *(word.replace("{pluginDir}", str(plugin)) for word in rest)]


def changed(change: str) -> dict[str, Any]:
    """What ``Hook.run`` takes to run a hook in which something is otherwise.

    :param change: a line of Python that knows ``hook_process``.
    """
    program = f"import os\nfrom plexsync.inbox import hook_process\n{change}\nos._exit(hook_process.main())"
    return {"argv": [sys.executable, "-S", "-c", program], "cwd": ROOT}


def stash_sends(scene_id: object = 45, kind: str = "Scene.Update.Post", **other: Any) -> bytes:
    edit = other.pop("edit", {"id": str(scene_id), "title": "Ein Fuß \N{GRINNING FACE}"})
    server = {
        "Scheme": "http",
        "Host": "0.0.0.0",
        "Port": 9999,
        "SessionCookie": {"Name": "session", "Value": "SECRET-COOKIE"},
        "Dir": "/root/.stash",
        "PluginDir": "/root/.stash/plugins/PlexSync",
    }
    context = {"id": scene_id, "type": kind, "input": edit, "inputFields": ["title", "id"]}
    payload = {"server_connection": server, "args": {"hookContext": context}} | other
    return json.dumps(payload, ensure_ascii=False).encode()


class Hook:
    """Runs hooks on one data folder, and knows what they left there."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.inbox = data / event_files.FOLDER
        self.environment = {"PATH": os.environ["PATH"], "PLEXSYNC_DATA_DIR": str(data)} | NO_AUTOSTART

    def run(self, sent: bytes = stash_sends(), *, through: tuple[str, ...] = (), **options: Any) -> Answer:
        """One hook, started by way of the command ``through``."""
        argv = [*through, *options.pop("argv", command())]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started = time.monotonic()
        ended = subprocess.run(argv, input=sent, timeout=30, **{"env": self.environment, **pipes, **options})
        return Answer(ended, time.monotonic() - started)

    def start(self, sent: bytes, argv: list[str] | None = None) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(argv or command(), env=self.environment, stdin=pipe, stdout=pipe, stderr=pipe)
        assert process.stdin
        process.stdin.write(sent)
        process.stdin.close()
        process.stdin = None
        return process

    def queued(self) -> list[dict[str, Any]]:
        """The messages in the inbox; a file that is none fails the test."""
        folder = str(self.inbox)
        return [event_reading.read(str(self.inbox / name)) for name in event_reading.waiting(folder, 10_000)]

    def scenes(self) -> list[int]:
        return [message["args"][0] for message in self.queued()]

    def connection(self) -> object:
        return json.loads((self.data / "stash_connection.json").read_text())


class Answer:
    """How a hook ended. Whatever it was asked, it kept to the form that Stash reads."""

    def __init__(self, ended: subprocess.CompletedProcess[bytes], seconds: float) -> None:
        self.code, self.seconds, self.raw = ended.returncode, seconds, ended.stdout or b""
        self.log = (ended.stderr or b"").decode()
        assert LOG_LINE.sub(b"", ended.stderr or b"") == b""
        assert b"SECRET" not in self.raw + (ended.stderr or b"")

    def only(self, key: str) -> str:
        assert self.raw.count(b"\n") == 1
        assert self.raw.endswith(b"\n")
        answer = json.loads(self.raw)
        assert list(answer) == [key]
        assert isinstance(answer[key], str)
        return str(answer[key])

    @property
    def output(self) -> str:
        assert self.code == 0, self.raw
        return self.only("output")

    @property
    def error(self) -> str:
        assert self.code == 1
        assert self.seconds < PROMPTLY
        return self.only("error")


def install(plugin: Path) -> Path:
    """What the hook is made of, as a fresh clone has it, with nothing compiled yet."""
    for file in HOOK_FILES:
        copy = plugin / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
    return plugin
