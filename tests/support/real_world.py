"""What is asked of a world with a real consumer in it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from plexsync.demo.world import PLUGIN, World
from tests.support import programs


def python(world: World, *words: str, cwd: Path | None = None, **environ: str) -> subprocess.CompletedProcess[str]:
    """What ``python`` with these words came to, beside the world's data folder; PlexSync can be imported there."""
    return programs.run(
        [sys.executable, *words],
        env=world.environ | {"PYTHONPATH": str(PLUGIN)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd or world.data_dir.parent,
        check=False,
    )


def run(world: World, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """``python -m plexsync`` with these words; without any, a consumer that is to end by itself."""
    module = ["plexsync", *words] if words else ["plexsync.cli.consumer"]
    return python(world, "-P", "-m", *module, **environ)


def db(world: World) -> Path:
    return world.data_dir / "plexsync.db"


def inbox_size(world: World) -> int:
    return len(list((world.data_dir / "inbox").glob("*.json")))


def edit_each(world: World, scenes: Sequence[int], **values: object) -> None:
    """Edit scenes one after the other, where it does not matter how.

    Some seconds after an edit of many at once PlexSync looks whether each of them was brought, and until then the queue
    is not idle.
    """
    for scene in scenes:
        world.edit(scene, **values)


def scenes_of(world: World, count: int) -> list[int]:
    scenes = [world.add(f"{number}.mp4") for number in range(count)]
    edit_each(world, scenes, details="Before")
    return scenes


def log_of(world: World) -> str:
    return world.log_path.read_text()
