"""A consumer's process is killed between every two durable steps, from the inbox to the acknowledgement, one by one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.inbox import event_files
from plexsync.model import Part
from plexsync.storage.database import Database
from tests.support.crash_lives import worth_dying_at
from tests.support.places import ROOT

#: The points are tried in so many tests, side by side.
PARTS = 4
SETTINGS = {
    "PLEXSYNC_PATH_MAP": "/data=>/media",
    "PLEXSYNC_BREAKER_FAIL_MAX": "100",
}


class Lives:
    """Two servers, and a program that forks a consumer's process for each life; each case has a scene of its own."""

    def __init__(self, root: Path, plex: SimulatedPlex, stash: SimulatedStash) -> None:
        self.plex, self.stash = plex, stash
        self._root = root
        self._section = plex.add_section("Scenes", locations=["/media"])
        self._cases = 0
        env = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
        servers = {
            "PLEXSYNC_PLEX_URL": plex.url,
            "PLEXSYNC_PLEX_TOKEN": plex.token,
            "PLEXSYNC_STASH_URL": stash.url,
            "PYTHONPATH": str(ROOT),
        }
        self._log = (root / "log").open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.crash_lives"],
            env=env | SETTINGS | servers,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )

    def close(self) -> None:
        """End the program."""
        self._process.communicate(timeout=20)
        self._log.close()

    def case(self, at: int | None, *, edited: bool) -> tuple[list[str], list[str]]:
        """A scene's event is worked on, with a failed write on the way, and the process dies at one point.

        :param edited: the scene was synced once before, and is edited again while no consumer runs.
        :returns: the points that the first life passed, and what is wrong after the second.
        """
        self._cases += 1
        scene, key = self._new_scene()
        folder = self._root / str(self._cases)
        ends = []
        if edited:
            self._event(folder, scene)
            ends.append(self._live(folder, None)["ended"])
            self._edit(scene, "First")
        self._event(folder, scene)
        self._event(folder, scene)
        self.plex.faults.add(PlannedFault("status", match=_edits, status=500))
        first = self._live(folder, at)
        self.plex.faults.clear()
        if edited:
            self._edit(scene, "Second", details="")
            self._event(folder, scene)
        ends += [first["ended"], self._live(folder, None)["ended"]]
        faults = [] if set(ends) == ({0} if at is None else {0, -signal.SIGKILL}) else [f"the lives ended with {ends}"]
        faults += differences(self.stash, scene, self.plex, key)
        for kind in ("posters", "arts"):
            held = self.plex.pictures(key, kind)  # type: ignore[arg-type]  # the two kinds there are
            faults += [f"{kind}: the same picture twice"] if len(held) != len(set(held)) else []
        return first["points"], faults + _left(folder, scene)

    def _new_scene(self) -> tuple[int, int]:
        name, size = f"case {self._cases}.mp4", 1_000_000 + self._cases
        cover = pictures.png(1, 2, self._cases % 256)
        scene = self.stash.add_scene("New", f"/data/{name}", size=size, cover=cover, details="Text", rating100=70)
        key = self.plex.add_item(self._section, "guess", [Part(f"/media/{name}", size, 1_800_000)])
        return scene, key

    def _edit(self, scene: int, title: str, details: str = "Other text") -> None:
        tag = self.stash.add_tag(f"{title} of case {self._cases}")
        rating = len(title)
        self.stash.edit(scene, title=title, details=details, tags=[tag], rating100=rating)
        self.stash.set_screenshot(scene, pictures.png(rating, 3, self._cases % 256))

    def _event(self, folder: Path, scene: int) -> None:
        event_files.put(str(folder / event_files.FOLDER), event_files.message(scene, "Scene.Update.Post"))

    def _live(self, folder: Path, at: int | None) -> dict[str, Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"folder": str(folder), "at": at}).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def _edits(request: Request) -> bool:
    return request.method == "PUT"


def _left(folder: Path, scene: int) -> list[str]:
    """What is not as it should be in the data folder."""
    faults = [f"{path.name} is still in the inbox" for path in (folder / event_files.FOLDER).iterdir()]
    database = Database(folder / "plexsync.db")
    try:
        with database.read() as connection:
            for table in ("task", "schedule", "claim", "set_aside", "dead_letter"):
                count = connection.execute(f"select count(*) from {table}").fetchone()[0]
                faults += [f"{count} in {table}"] if count else []
            row = connection.execute("select state, pushing from scene where scene_id = ?", (scene,)).fetchone()
            faults += [] if row and tuple(row) == ("synced", None) else [f"the ledger says {row and tuple(row)}"]
    finally:
        database.close()
    return faults


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    with SimulatedPlex() as plex, SimulatedStash() as stash:
        lives = Lives(tmp_path_factory.mktemp("lives"), plex, stash)
        yield lives
        lives.close()
        assert plex.violations == []


@pytest.fixture(scope="module", params=[False, True], ids=["new", "edited"])
def edited(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(scope="module")
def points(lives: Lives, edited: bool) -> list[str]:
    """The points of a whole life, in their order."""
    points, faults = lives.case(None, edited=edited)
    assert faults == []
    return points


def test_the_whole_way_is_watched(points: list[str]) -> None:
    # Two events in the inbox; a refused edit, then edit and rating; poster and background.
    assert points.count("after removal") == 2
    assert points.count("after PUT") == 3
    assert points.count("after POST") == 2
    # Taken over, claimed, matched, noted, the retry noted and stored, acknowledged, moved; then all of it once more.
    assert points.count("after commit") >= 15


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("part", range(PARTS))
def test_wherever_it_is_killed_nothing_is_lost_or_sent_twice(
    lives: Lives, points: list[str], edited: bool, part: int
) -> None:
    wrong = {}
    for at in worth_dying_at(points)[part::PARTS]:
        _, faults = lives.case(at, edited=edited)
        if faults:
            wrong[f"{at}: {points[at]}"] = faults
    assert wrong == {}
