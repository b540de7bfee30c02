"""What a real consumer costs while it idles, thread by thread, and how soon Plex shows an edit.

    python -m tests.bench.bench_idle [--idle 60] [--edits 40]

The whole consumer, with simulated servers in this process. The wait is from the start of the hook that Stash runs to
the request that edits Plex's item: what the person's mutation takes counts too. Figures are printed; no time fails.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from plexsync.demo.world import PLUGIN, World
from tests.bench.bench_hook import FLAGS, _event

#: The bars: the share of a core that idling may take (percent), and median and p95 from hook to Plex (ms).
BAR_IDLE, BAR_MEDIAN, BAR_P95 = 0.15, 20.0, 40.0
#: That of hooks that the consumer works on beside bare interpreters at the same time.
BAR_STREAM = 1.6


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], epilog="example: python -m tests.bench.bench_idle --idle 120 --edits 0"
    )
    parser.add_argument("--idle", type=float, default=60.0, help="seconds of idling (default 60)")
    parser.add_argument("--edits", type=int, default=40, help="edits whose way is timed (default 40)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, World(Path(name)) as world:
        scenes = [world.add(f"{number}.mp4") for number in range(1, options.edits + 1)] or [world.add("1.mp4")]
        world.start_consumer()
        for number, scene in enumerate(scenes, 1):
            world.edit(scene, title=f"first {number}")
        world.wait_until_right(scenes, 120)
        world.wait_until_idle(60)
        time.sleep(6)
        _idle(world.consumer_pid, options.idle)
        if options.edits:
            _edits(world, scenes)
            _stream(world, scenes)


def _idle(pid: int, seconds: float) -> None:
    before = _threads(pid)
    time.sleep(seconds)
    after = _threads(pid)
    total_ms = wakes = 0.0
    print(f"{'idle, thread':<18}{'% of a core':>12}{'wake-ups/s':>12}")
    spent = {}
    for key, (nanoseconds, switches) in after.items():
        was = before.get(key, (0, 0))
        spent[key] = nanoseconds - was[0], switches - was[1]
    for (_, name), (nanoseconds, switches) in sorted(spent.items(), key=lambda one: -one[1][0]):
        total_ms, wakes = total_ms + nanoseconds / 1e6, wakes + switches
        print(f"  {name:<16}{nanoseconds / 1e7 / seconds:12.3f}{switches / seconds:12.2f}")
    share = total_ms / 10 / seconds
    print(f"{'all':<18}{share:12.3f}{wakes / seconds:12.2f}   ({share / BAR_IDLE:.2f} of the bar)\n", flush=True)


def _threads(pid: int) -> dict[tuple[str, str], tuple[int, int]]:
    """Nanoseconds on a core, and voluntary switches, by thread."""
    found = {}
    for place in Path(f"/proc/{pid}/task").iterdir():
        try:
            status = dict(line.split(":\t", 1) for line in (place / "status").read_text().splitlines() if ":\t" in line)
            on_core = int((place / "schedstat").read_text().split()[0])
        except OSError:
            continue
        found[place.name, status["Name"]] = on_core, int(status["voluntary_ctxt_switches"])
    return found


def _stream(world: World, scenes: list[int]) -> None:
    """Hooks in a row, as of an edit of many, and bare interpreters between them, while the consumer works on it."""
    with world.stash.without_hooks():
        for number, scene in enumerate(scenes, 1):
            world.edit(scene, title=f"third {number}")
    environment = {**os.environ, "PLEXSYNC_DATA_DIR": str(world.data_dir), "PLEXSYNC_AUTOSTART": "false"}
    bare = [sys.executable, *FLAGS, "-c", "pass"]
    times: dict[str, list[float]] = {"hook": [], "bare": []}
    for scene in scenes * 3:
        for name, command, sent in (("hook", _hook(), _sent(world, scene)), ("bare", bare, b"")):
            began = time.perf_counter()
            subprocess.run(command, input=sent, capture_output=True, env=environment, check=True)
            times[name].append((time.perf_counter() - began) * 1000)
    began = time.monotonic()
    world.wait_until_right(scenes, 60)
    hooks, others = (statistics.median(times[name]) for name in ("hook", "bare"))
    print(
        f"in a stream: hook {hooks:.1f} ms, bare interpreter {others:.1f} ms: {hooks / others:.2f} (bar {BAR_STREAM})"
    )
    print(f"all in Plex {time.monotonic() - began:.2f} s after the last of {len(scenes) * 3} hooks")


def _hook() -> list[str]:
    return [sys.executable, *FLAGS, str(PLUGIN / "plexsync" / "hook.py")]


def _sent(world: World, scene: int) -> bytes:
    """What Stash sends the hook of an edit of this scene."""
    sent = _event().replace(b'"id": 45', b'"id": %d' % scene).replace(b'"id": "45"', b'"id": "%d"' % scene)
    return sent.replace(b'"Port": 9999', b'"Port": %d' % int(world.stash.url.rpartition(":")[2]))


def _edits(world: World, scenes: list[int]) -> None:
    environment = {**os.environ, "PLEXSYNC_DATA_DIR": str(world.data_dir), "PLEXSYNC_AUTOSTART": "false"}
    waits, laid = [], []
    for number, scene in enumerate(scenes, 1):
        # In no step with whatever looks every so often.
        time.sleep(0.3 + (number * 37 % 97) / 300)
        with world.stash.without_hooks():
            world.edit(scene, title=f"second {number}")
        seen = len(world.plex.log)
        began = time.time()
        done = subprocess.run(_hook(), input=_sent(world, scene), capture_output=True, env=environment, check=True)
        ended = time.time()
        assert done.stdout.startswith(b'{"output"'), done
        deadline = began + 10
        while not (at := written_at(world, seen)):
            if time.time() > deadline:
                raise SystemExit(f"no edit of scene {scene} within 10 s")
            time.sleep(0.001)
        waits.append((at - began) * 1000)
        laid.append((at - ended) * 1000)
    for name, taken in (("hook's start to Plex", waits), ("hook's end to Plex", laid)):
        median, p95 = statistics.median(taken), statistics.quantiles(taken, n=20, method="inclusive")[18]
        print(f"{name:<22} median {median:6.1f} ms  p95 {p95:6.1f} ms   (bars {BAR_MEDIAN:.0f} / {BAR_P95:.0f})")


def written_at(world: World, seen: int) -> float:
    """When the first edit came in behind so many requests; 0 where none has."""
    written = (one.started for one in world.plex.log[seen:] if one.method == "PUT")
    return next(written, 0.0)


if __name__ == "__main__":
    main()
