"""Many scenes are edited, with odd characters in each; real hooks, a real consumer, real servers."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from plexsync.demo.world import World
from tests.support.odd_scenes import edits
from tests.support.real_world import edit_each

#: Each oddity meets each of the three kinds of dates and, in other fields, its neighbours.
COUNT = 80
#: How often the consumer is killed, and how many scenes are edited during each of its lives.
KILLS, EDITED = 9, 7
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def edit_writes(world: World) -> Counter[str]:
    """How many edits each item was sent: ``PUT``s to its section, by rating key."""
    return Counter(
        dict(parse_qsl(request.query))["id"]
        for request in world.plex.log
        if request.method == "PUT" and request.path.startswith("/library/sections/")
    )


def test_all_are_right_with_one_write_each_and_none_when_nothing_changed(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        scenes = []
        world.start_consumer()
        for scene, values in edits(world, COUNT):
            world.edit(scene, **values)
            scenes.append(scene)
        world.wait_until_right(scenes, 120)
        world.wait_until_idle()

        writes = edit_writes(world)
        assert len(writes) == COUNT
        # A hook may be taken up while the same scene is still being edited by nobody else: one write, never more.
        assert set(writes.values()) == {1}
        assert world.plex.counters["uploads"] == 2 * COUNT
        assert world.plex.violations == []

        before = world.plex.counters["writes"]
        # One of each oddity, and a few more.
        edit_each(world, scenes[:40], organized=True)
        world.wait_until_idle(60)
        assert world.plex.counters["writes"] == before
        assert not any(world.wrong(scene) for scene in scenes)
        assert all(run.error is None for run in world.stash.hook_runs)
        assert world.stop_consumer() == 0


def test_a_consumer_killed_at_random_moments_loses_nothing_and_repeats_no_picture(tmp_path: Path) -> None:
    seed = random.randrange(1_000_000)
    moments = random.Random(seed)
    with World(tmp_path) as world:
        pairs = list(edits(world, KILLS * EDITED))
        world.plex.behaviour.write_delay = 0.01
        world.start_consumer()

        def edit(some: list[tuple[int, dict[str, object]]]) -> None:
            for scene, values in some:
                world.edit(scene, **values)

        for life in range(KILLS):
            editing = threading.Thread(target=edit, args=[pairs[life::KILLS]])
            editing.start()
            time.sleep(moments.uniform(0.4, 1.6))
            world.kill_consumer()
            world.start_consumer()
            editing.join()
        scenes = [scene for scene, _ in pairs]
        try:
            world.wait_until_right(scenes, 120)
            world.wait_until_idle(60)
        except TimeoutError as error:
            pytest.fail(f"seed {seed}: {error}")
        faults = [fault for scene in scenes for fault in world.wrong(scene)]
        assert faults == [], f"seed {seed}"
        assert world.plex.counters["uploads"] == 2 * len(scenes), f"seed {seed}"
        assert world.plex.violations == []
