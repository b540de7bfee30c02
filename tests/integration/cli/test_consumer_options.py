"""Options of Huey's consumer that do not work here are named at the start, with what may stand there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plexsync.demo.world import PLUGIN, World
from tests.support import programs


def start(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return programs.run(
        [sys.executable, "-P", "-m", "plexsync.cli.consumer", *options],
        env=os.environ
        | {
            "PLEXSYNC_DATA_DIR": str(folder / "data"),
            "PLEXSYNC_PLEX_TOKEN": "a-token-of-plex",
            "PYTHONPATH": str(PLUGIN),
        },
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ("-k", "greenlet"),
            "-k greenlet does not work here: workers are threads (-k thread, the default) or processes",
        ),
        (("--worker-type=greenlet",), "-k greenlet does not work here"),
        (("-w", "0"), "-w 0 does not work here: it may be 1 to 64"),
        (("-w", "-3"), "-w -3 does not work here"),
        (("-w", "10000"), "-w 10000 does not work here: it may be 1 to 64"),
        (("-t", "nan"), "-t nan does not work here: it may be 0 to 86400"),
        (("-t", "-1"), "-t -1.0 does not work here"),
        (("-c", "0"), "-c 0.0 does not work here"),
        (("-M", "0"), "-M 0 does not work here"),
        (("-d", "-1"), "-d -1.0 does not work here"),
        (("-m", "inf"), "-m inf does not work here"),
        (("-b", "0"), "-b 0.0 does not work here"),
        (("-s", "0"), "-s 0 does not work here: it may be 1 to 60"),
    ],
)
def test_an_option_that_does_not_work_is_named_with_what_does(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    done = start(tmp_path, *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    # Nothing was begun.
    assert not (tmp_path / "data").exists()


def test_a_scheduler_that_does_not_come_round_each_minute_is_named(tmp_path: Path) -> None:
    done = start(tmp_path, "-s", "7")
    assert done.returncode != 0
    assert "factor of 60" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "options", [("-k", "process", "-w", "2"), ("-w", "64"), ("-k", "thread", "-w", "1", "-t", "5")]
)
def test_options_that_work_work(tmp_path: Path, options: tuple[str, ...]) -> None:
    with World(tmp_path) as world:
        scene = world.add("one.mp4")
        world.start_consumer(*options)
        world.edit(scene, title="Edited")
        world.wait_until_right([scene])
        assert world.stop_consumer() == 0
