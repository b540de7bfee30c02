"""A self-test is killed before and after each of its writes, one by one; whoever looks next puts the item back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.plex.behaviour import Behaviour
from plexsync.model import Part
from tests.support.crash_lives import worth_dying_at
from tests.support.places import ROOT
from tests.support.self_test_bench import CAST, GENRES, OTHER_POSTER, POSTER, held

#: Shares of the points, for several workers.
PARTS = 3


class Program:
    """Forks a self-test's process for each life.

    :param folder: where it writes its log.
    """

    def __init__(self, folder: Path) -> None:
        self._log_path = folder / "log"
        env = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
        self._log = self._log_path.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.self_test_lives"],
            env=env | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def live(self, **job: Any) -> Any:
        """How a life ended, and the points that it passed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def said(self) -> str:
        """The end of its log."""
        return self._log_path.read_text()[-4000:]

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)
        self._log.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One for all servers."""
    program = Program(tmp_path_factory.mktemp("program"))
    yield program
    program.close()


class Lives:
    """A server and a program that forks a self-test's process for each life; each case has an item of its own."""

    def __init__(self, root: Path, plex: SimulatedPlex, program: Program, *, uploads: bool) -> None:
        self.plex = plex
        self._root, self._program, self._uploads = root, program, uploads
        self._section = plex.add_section("Scenes", locations=["/media"])
        plex.add_item(self._section, "Another", [Part("/media/another.mp4", 1, 1)])
        self._cases = 0
        #: How many processes were killed that put an item back.
        self.killed_again = 0
        #: How many items were seen to be as they were before.
        self.put_back = 0

    def case(self, at: int | None, *, again: bool = False, then_at: int | None = None) -> list[str]:
        """A self-test dies at one point, and a second process puts the item back.

        :param again: that one makes a self-test, too.
        :param then_at: the point at which another process dies while it puts the item back, before that.
        :returns: the points that the first life passed.
        """
        self._cases += 1
        folder = self._root / str(self._cases)
        folder.mkdir(mode=0o700)
        key = self._new_item()
        before = held(self.plex, key)
        first = self._live(folder, key, at, whole=True)
        assert first["ended"] == (0 if at is None else -signal.SIGKILL), self._program.said()
        if then_at is not None:
            # Where the item was as it should be, there was nothing to be killed at.
            ended = self._live(folder, key, then_at, whole=False)["ended"]
            assert ended in (0, -signal.SIGKILL), self._program.said()
            self.killed_again += ended != 0
        second = self._live(folder, key, None, whole=again)
        assert second["ended"] == 0, self._program.said()
        after = held(self.plex, key)
        if not self._uploads:
            # A small one stays among those that the item can show.
            del before["posters"], after["posters"]
        where = first["points"][at] if at is not None else "the end"
        wrong = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
        assert wrong == {}, f"killed at {where}"
        self.put_back += 1
        points: list[str] = first["points"]
        return points

    def _new_item(self) -> int:
        name = f"item {self._cases}"
        key = self.plex.add_item(
            self._section,
            name,
            [Part(f"/media/{name}.mp4", 1_000, 60_000)],
            year=1998,
            genre=GENRES,
            actor=CAST,
            originallyAvailableAt="1998-05-05",
        )
        if not self._uploads:
            self.plex.set_agent_picture(key, "posters", POSTER)
            self.plex.refresh(key)
        self.plex.edit_as_person(key, summary="A summary", titleSort="item, the")
        self.plex.rate_as_person(key, 6.0)
        if self._uploads:
            self.plex.upload_as_person(key, "posters", OTHER_POSTER)
            self.plex.upload_as_person(key, "posters", POSTER)
        return key

    def _live(self, folder: Path, key: int, at: int | None, *, whole: bool) -> Any:
        where = {"url": self.plex.url, "token": self.plex.token, "folder": str(folder), "key": key}
        return self._program.live(**where, at=at, whole=whole)


@contextmanager
def lives(root: Path, program: Program, *, uploads: bool = True, **behaviour: Any) -> Iterator[Lives]:
    with SimulatedPlex(behaviour=Behaviour(**behaviour)) as plex:
        yield Lives(root, plex, program, uploads=uploads)
        assert plex.violations == []


@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_whenever_it_is_killed_the_item_is_put_back(tmp_path: Path, program: Program, part: int) -> None:
    with lives(tmp_path, program, uploads=False) as case:
        points = case.case(None)
        assert sum(one.startswith("before PUT") for one in points) > 40
        assert any("POST" in one for one in points)
        for at in worth_dying_at(points)[part::PARTS]:
            case.case(at)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "behaviour",
    [
        {"tag_lists": "replace", "tag_order": "arrival"},
        {"removals_decoded": "once", "folds": "none", "tag_order": "arrival", "removals_last": True},
        {"rating_step": 2.0, "year": "takes", "folds": "unicode", "uploads_by_sha1": False, "uploads": False},
    ],
    ids=["replaced", "decoded once", "rounded"],
)
def test_on_other_servers_as_well(tmp_path: Path, program: Program, behaviour: dict[str, Any]) -> None:
    with lives(tmp_path, program, **behaviour) as case:
        points = case.case(None)
        deaths = range(0, len(points), 7)
        for at in deaths:
            case.case(at)
        assert case.put_back == 1 + len(deaths) > 5


def test_who_puts_it_back_may_be_killed_as_well(tmp_path: Path, program: Program) -> None:
    with lives(tmp_path, program) as case:
        points = case.case(None)
        in_the_middle = [at for at, name in enumerate(points) if name.startswith("after PUT")]
        for at in in_the_middle[::6]:
            for then_at in (0, 1):
                case.case(at, then_at=then_at)
        assert case.killed_again >= 4


def test_the_next_self_test_puts_it_back_and_goes_on(tmp_path: Path, program: Program) -> None:
    with lives(tmp_path, program) as case:
        for at in (3, 40):
            assert len(case.case(at, again=True)) > at, "it was killed before its end"
        assert case.put_back == 2
