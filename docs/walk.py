"""Does what a page of the guide says, command by command: ``.venv/bin/python -m docs.walk [--write]``.

A page shows what a person types and sees in blocks like this one::

    ```console
    $ ./huey_consumer.sh --check
    ok    settings: valid
    ```

The walker types it, in a home folder that is as empty as a newcomer's, beside a simulated Stash, Plex and plex.tv. What
a person does elsewhere stands in comments: ``<!-- walk: reload plugins -->``, ``<!-- walk: edit a scene -->``. Without
options it compares what is printed; ``--write`` puts it into the page.

There is no Docker here: ``docker compose`` is understood well enough to run what a service would run, with its folders,
its environment and nothing else.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import secrets
import shutil
import signal
import string
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click
import yaml

from docs.pages import Walked, differs, steps, with_printed
from plexsync.demo.compare import differences
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.plex_tv import SimulatedPlexTv
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.stash.hooks import HookRunner
from plexsync.model import Part

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "guide"
#: Of the Plex that the pages have.
IDENTIFIER = "9c4d1e07b2f84a6d93c5e8f01a7d6b42"
#: The pages that are walked; those of one line one after the other, on one machine.
JOURNEYS = (("install.md", "first-run.md"), ("install-docker.md",), ("install-nas.md",))
#: What stands in the pages in place of what is different on each machine.
HOME, STASH, PLEX = "/home/you", "http://localhost:9999", "http://localhost:32400"
#: Folders of Stash that are there before anybody installs PlexSync.
_STASH_FOLDERS = ("~/stash", "/volume1/docker/stash")
#: As wide as a terminal is, as a rule.
COLUMNS = 80
#: Seconds a command may take: the first one installs packages.
PATIENCE = 300.0
#: The consumer has told where it is when this is in its log.
RUNS = "Stash at"


@dataclass
class Newcomer:
    """A machine with Stash, Plex and nothing of PlexSync; a ``with`` block starts and ends it.

    :param tree: the project's files, as ``git ls-files`` names them, to be cloned.
    :param compose: the page's compose text, where it has one.
    :param machine: variables that are set on the machine, and in a container on it, over those that are there anyway.
    :param address: the repository to clone, where it is made already; see ``repository_of``.
    """

    tree: Path = ROOT
    compose: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, str] = field(default_factory=dict)
    address: Path | None = None

    def __post_init__(self) -> None:
        self.home = _home()
        self.cwd = self.home
        self.plex = SimulatedPlex()
        self.plex.machine_identifier = IDENTIFIER
        self.plex_tv = SimulatedPlexTv(token=self.plex.token)
        self.stash = SimulatedStash()
        self.item = 0
        self._consumer: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None
        self._said: list[str] = []
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        for server in (self.plex, self.plex_tv, self.stash):
            server.start()
        section = self.plex.add_section("Scenes", locations=["/media/videos"])
        for number in range(1, 13):
            name, size = f"tape {number:02}.mp4", 700_000_000 + number
            self.stash.add_scene(None, f"/data/{name}", size=size)
            key = self.plex.add_item(section, name, [Part(f"/media/videos/{name}", size, 1_800_000)])
            self.item = self.item or key
        threading.Thread(target=self._enter_codes, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._consumer is not None:
            self._consumer.send_signal(signal.SIGTERM)
            self._consumer.wait(40)
            assert self._listener
            self._listener.join(10)
        for server in (self.stash, self.plex_tv, self.plex):
            server.stop()
        shutil.rmtree(self.home)

    def walk(self, page: str) -> Iterator[Walked]:
        """Do what a page says; yields each command when it has ended."""
        for step in steps(page):
            began = time.monotonic()
            if step.does:
                _DEEDS[step.does](self)
                yield Walked(step, "", time.monotonic() - began)
            else:
                yield Walked(step, self._in_the_pages_words(self._do(step.command)), time.monotonic() - began)

    # --- what a person does elsewhere --------------------------------------------------------------------------------

    @property
    def plugin(self) -> Path:
        """Where the plugin was cloned to."""
        found = [*self.home.rglob("PlexSync.yml")]
        if len(found) != 1:
            raise RuntimeError(f"there are {len(found)} plugins below {self.home}")
        return found[0].parent

    def reload_plugins(self) -> None:
        """Press the button in Stash."""
        nothing = {name: "" for name in os.environ if name.startswith("PLEXSYNC_")}
        # The pages that are walked through start the consumer themselves.
        nothing["PLEXSYNC_AUTOSTART"] = "false"
        self.stash.use_hooks(HookRunner(self.plugin / "PlexSync.yml", env=nothing, cwd=self.home))

    def edit_a_scene(self) -> None:
        """Edit the first scene, and come back when Plex shows it."""
        self.stash.mutate(
            "sceneUpdate",
            id=1,
            title="Harbour Lights",
            details="Boats coming home.",
            date="2021-06-05",
            studio_id=self.stash.add_studio("Sunrise Films"),
            tag_ids=[self.stash.add_tag("Night")],
        )
        self._wait(self.is_right, 60, "Plex shows the scene")

    def is_right(self) -> bool:
        """Whether Plex shows the first scene as Stash has it."""
        return not differences(self.stash, 1, self.plex, self.item)

    def _enter_codes(self) -> None:
        """Sign in wherever a code is shown, as somebody does at plex.tv/link."""
        entered: set[str] = set()
        while not self._ended.wait(0.1):
            for code in set(self.plex_tv.codes) - entered:
                self.plex_tv.link(code)
                entered.add(code)

    # --- what is typed -----------------------------------------------------------------------------------------------

    def _do(self, command: str) -> str:
        words = command.split()
        if words[0] == "cd":
            return self._go(words[1])
        if words[:2] == ["docker", "compose"]:
            return self._compose(words[2:])
        if words[:2] == ["docker", "run"]:
            return self._clone_in_a_container(command)
        if command == "./huey_consumer.sh":
            return self._start(["./huey_consumer.sh"], self._environ(), self.cwd)
        return self._run(["sh", "-c", command.replace("ADDRESS", self._address())], self._environ(), self.cwd)

    def _go(self, where: str) -> str:
        if where.startswith("/"):
            folder = self.home / where.lstrip("/")
        else:
            folder = self.home / where[2:] if where.startswith("~/") else self.cwd / where
        if where in _STASH_FOLDERS:
            folder.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            raise RuntimeError(f"cd: {where}: there is no such folder")
        self.cwd = folder
        return ""

    def _address(self) -> str:
        """The repository to clone, of the files as they are now."""
        if self.address is None:
            self.address = repository_of(self.tree, self.home / ".origin")
        return str(self.address)

    def _environ(self) -> dict[str, str]:
        """What a person's shell has, and where the simulated servers are."""
        # The interpreter that runs this is the machine's Python.
        return {
            **{name: value for name, value in os.environ.items() if name.startswith("PIP_") or "proxy" in name.lower()},
            "PATH": f"{Path(sys.executable).resolve().parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PLEXSYNC_STASH_URL": self.stash.url,
            "PLEXSYNC_PLEX_URL": self.plex.url,
            "PLEXSYNC_PLEX_TV_URL": self.plex_tv.url,
            **self.machine,
        }

    def _run(self, command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> str:
        """What a command prints in a terminal of ``COLUMNS`` columns."""
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        printed: list[bytes] = []
        with subprocess.Popen(command, env=environ, cwd=cwd, stdin=subprocess.DEVNULL, stdout=its, stderr=its) as runs:
            os.close(its)
            reader = threading.Thread(target=_read, args=(ours, printed), daemon=True)
            reader.start()
            code = runs.wait(PATIENCE)
        reader.join(PATIENCE)
        os.close(ours)
        text = click.unstyle(b"".join(printed).decode()).replace("\r\n", "\n")
        # How far something is, on a line that renews itself: only where it takes long.
        text = re.sub(r"[^\n]*\r[^\n]*\n?", "", text)
        if code:
            raise RuntimeError(f"{' '.join(command)} ended with {code}:\n{text}")
        return text

    def _start(self, command: Sequence[str], environ: Mapping[str, str], cwd: Path) -> str:
        """Start the consumer; returns what it has said when it runs."""
        self._said = []
        self._consumer = subprocess.Popen(
            command,
            env=environ,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._listener = threading.Thread(target=self._listen, args=(self._consumer,), daemon=True)
        self._listener.start()
        self._wait(lambda: any(RUNS in line for line in self._said), PATIENCE, "the consumer runs")
        return "".join(self._said[: next(at for at, line in enumerate(self._said) if RUNS in line) + 1])

    def _listen(self, consumer: subprocess.Popen[str]) -> None:
        assert consumer.stdout
        with consumer.stdout as said:
            self._said.extend(said)

    # --- containers --------------------------------------------------------------------------------------------------

    def _compose(self, words: Sequence[str]) -> str:
        """``docker compose`` with one of the commands that the guide has."""
        verb, *rest = [word for word in words if word not in ("-d", "--rm")]
        if verb == "up":
            if rest != ["stash"]:
                service = self._service()
                self._start(*self._in_container(service, service["command"]))
            return ""
        if verb == "logs":
            return "".join(f"plexsync-1  | {line}" for line in self._said[:1])
        if verb in ("run", "exec") and rest[0] == "plexsync":
            return self._run(*self._in_container(self._service(), rest[1:]))
        raise RuntimeError(f"docker compose {' '.join(words)}: not known here")

    def _service(self) -> Mapping[str, Any]:
        service: Mapping[str, Any] = self.compose["services"]["plexsync"]
        return service

    def _in_container(
        self, service: Mapping[str, Any], command: Sequence[str]
    ) -> tuple[Sequence[str], Mapping[str, str], Path]:
        """Command, environment and folder, as the service's container has them."""
        given = {name: str(value) for name, value in service["environment"].items()}
        where = {"PLEXSYNC_STASH_URL": self.stash.url, "PLEXSYNC_PLEX_URL": self.plex.url}
        if missing := set(where) - set(given):
            raise RuntimeError(f"the container would not find {missing}")
        ((here, there),) = (one.split(":")[:2] for one in service["volumes"])
        cwd = self.cwd / here / Path(service["working_dir"]).relative_to(there)
        environ = {
            "PATH": self._environ()["PATH"],
            "HOME": "/root",
            **given,
            **where,
            "PLEXSYNC_PLEX_TV_URL": self.plex_tv.url,
            **self.machine,
        }
        # The shell of Alpine.
        shell = ["busybox", "sh"] if shutil.which("busybox") else []
        return [*shell, *command], environ, cwd

    def _clone_in_a_container(self, command: str) -> str:
        """``docker run`` of git's own image, whose folder is ``/git``."""
        found = re.fullmatch(r'docker run --rm -v "\$PWD/(\S+):/git" alpine/git (clone .*)', command)
        if found is None:
            raise RuntimeError(f"{command}: not known here")
        words = ["git", *found[2].replace("ADDRESS", self._address()).split()]
        return self._run(words, self._environ(), self.cwd / found[1])

    # --- telling -----------------------------------------------------------------------------------------------------

    def _in_the_pages_words(self, text: str) -> str:
        service = self.compose["services"]["plexsync"] if self.compose else {}
        given = service.get("environment", {})
        words = {
            self.stash.url: given.get("PLEXSYNC_STASH_URL", STASH),
            self.plex.url: given.get("PLEXSYNC_PLEX_URL", PLEX),
        }
        if service:
            words[str(self.cwd / "config/plugins/PlexSync")] = service["working_dir"]
        words[str(self.home)] = HOME
        for mine, theirs in words.items():
            text = text.replace(mine, theirs)
        return text

    def _wait(self, condition: Callable[[], bool], timeout: float, what: str) -> None:
        until = time.monotonic() + timeout
        while not condition():
            if self._consumer is not None and self._consumer.poll() is not None:
                raise RuntimeError(f"the consumer ended with {self._consumer.returncode}:\n{''.join(self._said)}")
            if time.monotonic() > until:
                raise TimeoutError(f"{what}: not so after {timeout:.0f} s\n{''.join(self._said)}")
            time.sleep(0.05)


_DEEDS: Mapping[str, Callable[[Newcomer], None]] = {
    "reload plugins": Newcomer.reload_plugins,
    "edit a scene": Newcomer.edit_a_scene,
}


def _read(descriptor: int, printed: list[bytes]) -> None:
    # A terminal whose last process has ended reads as an error.
    with suppress(OSError):
        while part := os.read(descriptor, 65536):
            printed.append(part)


def _home() -> Path:
    """A folder whose name is as long as the one in the pages, so that lines break where they do there."""
    while True:
        name = "".join(secrets.choice(string.ascii_lowercase) for _ in range(len(HOME) - len("/tmp/")))
        try:
            (home := Path("/tmp") / name).mkdir(mode=0o700)
        except FileExistsError:
            continue
        return home


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout


def repository_of(tree: Path, place: Path) -> Path:
    """Make a repository to clone, of the project's files as they are now.

    :param tree: the project.
    :param place: a folder that does not exist yet, for the repository.
    """
    copy = place / "work"
    listed = _git(tree, "ls-files", "-co", "--exclude-standard").splitlines()
    for name in listed:
        if (tree / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(tree / name, copy / name)
    _git(copy, "init", "--quiet")
    _git(copy, "add", "--all")
    _git(copy, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "as it is now")
    _git(place, "clone", "--quiet", "--bare", str(copy), str(place / "PlexSync.git"))
    shutil.rmtree(copy)
    return place / "PlexSync.git"


def compose_of(page: str) -> dict[str, Any]:
    """The compose text of a page; empty where it has none."""
    found = re.search(r"```yaml\n(services:.*?)```", page, re.DOTALL)
    return yaml.safe_load(found[1]) if found else {}


def newcomer_for(
    page: str, tree: Path = ROOT, machine: Mapping[str, str] | None = None, address: Path | None = None
) -> Newcomer:
    """A machine for a page.

    :param page: its text.
    :param tree: where the project's files are taken from.
    :param machine: variables that are set on it.
    :param address: the repository to clone, where it is made already.
    """
    if "$ docker compose" in page and "```yaml\nservices:" not in page:
        # The NAS's page is about the compose text of the other one.
        page = text_of("install-docker.md")
    return Newcomer(tree, compose_of(page), machine or {}, address)


def text_of(name: str) -> str:
    """A page of the guide."""
    return (GUIDE / name).read_text(encoding="utf-8")


def main() -> int:
    """Walk every page; returns the exit code."""
    parser = argparse.ArgumentParser(description="Do what the guide says, and compare what is printed.")
    parser.add_argument("--write", action="store_true", help="put what is printed into the pages")
    parser.add_argument("page", nargs="?", help="only the journey that has this page, as install.md")
    options = parser.parse_args()
    wrong = 0
    for names in JOURNEYS:
        if options.page and options.page not in names:
            continue
        with newcomer_for(text_of(names[0])) as newcomer:
            for name in names:
                walked = list(newcomer.walk(text_of(name)))
                if options.write:
                    (GUIDE / name).write_text(with_printed(text_of(name), walked), encoding="utf-8")
                    continue
                for difference in filter(None, map(differs, walked)):
                    wrong += 1
                    sys.stdout.write(f"{name}:\n{difference}\n\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
