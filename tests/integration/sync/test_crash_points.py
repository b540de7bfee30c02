"""The process dies right before or right after each step of a synchronisation, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo import pictures
from plexsync.demo.compare import differences
from tests.support.crash_lives import worth_dying_at
from tests.support.sync_bench import SyncBench, sync_bench


class Died(BaseException):
    """The process is gone: nothing of ours may catch this and go on."""


class Reaper:
    """Lets the process die at the chosen one of the steps it watches; ``steps`` holds those it has seen."""

    def __init__(self, at: int | None = None) -> None:
        self.at = at
        self.steps: list[str] = []

    def watch(self, owner: Any, *names: str) -> None:
        """Watch some methods of an object: right before and right after each call is a point to die at."""
        for name in names:
            setattr(owner, name, self._watched(getattr(owner, name), name))

    def _watched(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._pass(f"before {name}")
            result = method(*args, **kwargs)
            self._pass(f"after {name}")
            return result

        return call

    def _pass(self, step: str) -> None:
        self.steps.append(step)
        if self.at == len(self.steps) - 1:
            raise Died(step)


def watch_all(reaper: Reaper, bench: SyncBench) -> None:
    reaper.watch(bench.app.ledger.scenes, "matched", "note_intent", "confirm_write", "set_state")
    reaper.watch(bench.app.ledger.sent_pictures, "begin_uploads", "finish_upload")
    reaper.watch(bench.app.plex, "edit", "rate", "upload")
    reaper.watch(bench.app.ledger.index, "put", "end_pass", "drop")


def first_edit(bench: SyncBench) -> None:
    stash = bench.stash
    stash.edit(
        bench.scene,
        title="First",
        details="First details",
        rating100=40,
        tags=[stash.add_tag("Stays"), stash.add_tag("Leaves")],
        performers=[stash.add_performer("Ann")],
    )


def second_edit(bench: SyncBench) -> None:
    stash = bench.stash
    stays = stash.scene(bench.scene).tags[0]
    stash.edit(bench.scene, title="Second", details="", rating100=90, tags=[stays, stash.add_tag("Comes")])
    stash.set_screenshot(bench.scene, pictures.png(200, 100, 50))


def third_edit(bench: SyncBench) -> None:
    """What may have been written just before the crash is no longer wanted."""
    stash = bench.stash
    stash.edit(bench.scene, title="Third", details="", rating100=None, tags=stash.scene(bench.scene).tags[:1])


def run_until_death(folder: Path, at: int | None, *, then: Callable[[SyncBench], None]) -> tuple[list[str], list[str]]:
    """Sync twice, dying at step ``at``; restart, let ``then`` happen in Stash, sync again.

    :returns: the steps that were passed, and what is wrong in Plex at the end.
    """
    with sync_bench(folder) as bench:
        reaper = Reaper(at)
        watch_all(reaper, bench)
        try:
            first_edit(bench)
            bench.sync()
            second_edit(bench)
            bench.sync()
        except Died:
            bench.restart()
            if bench.stash.scene(bench.scene).title == "First":
                second_edit(bench)
        steps, reaper.at = list(reaper.steps), None
        then(bench)
        bench.sync()
        faults = differences(bench.stash, bench.scene, bench.plex, bench.key)
        for kind in ("posters", "arts"):
            sent = bench.plex.pictures(bench.key, kind)
            if len(sent) != len(set(sent)):
                faults.append(f"{kind}: the same picture twice")
        return steps, faults


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    passed, faults = run_until_death(tmp_path_factory.mktemp("whole"), None, then=lambda bench: None)
    assert faults == []
    return passed


def test_the_whole_way_is_watched(steps: list[str]) -> None:
    assert {step.split()[1] for step in steps} >= {
        "put",
        "end_pass",
        "matched",
        "note_intent",
        "edit",
        "rate",
        "begin_uploads",
        "upload",
        "finish_upload",
        "confirm_write",
    }


def _runs(steps: list[str], folder: Path, then: Callable[[SyncBench], None]) -> Iterator[tuple[str, list[str]]]:
    for at in worth_dying_at(steps):
        run_folder = folder / str(at)
        run_folder.mkdir()
        yield f"{at}: {steps[at]}", run_until_death(run_folder, at, then=then)[1]


def test_wherever_it_dies_the_next_attempt_ends_right(steps: list[str], tmp_path: Path) -> None:
    wrong = {step: faults for step, faults in _runs(steps, tmp_path, lambda bench: None) if faults}
    assert wrong == {}


def test_wherever_it_dies_what_is_no_longer_wanted_goes_again(steps: list[str], tmp_path: Path) -> None:
    wrong = {step: faults for step, faults in _runs(steps, tmp_path, third_edit) if faults}
    assert wrong == {}
