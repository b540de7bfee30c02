"""The guide, done word by word, with an empty home folder and the files as they are now."""

from __future__ import annotations

import difflib
import os
import re
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from docs import generate, pages, walk
from tests.support.installed import installed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WRITE = "if that is as it should be: .venv/bin/python -m docs.walk --write"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each newcomer clones."""
    return walk.repository_of(walk.ROOT, tmp_path_factory.mktemp("repository") / "made")


@pytest.mark.parametrize("names", walk.JOURNEYS, ids=["without Docker", "Docker", "NAS"])
def test_a_newcomer_who_does_what_the_pages_say_sees_what_they_show(
    names: tuple[str, ...], at_hand: Mapping[str, str], repository: Path
) -> None:
    with walk.newcomer_for(walk.text_of(names[0]), machine=at_hand, address=repository) as newcomer:
        walked = [one for name in names for one in newcomer.walk(walk.text_of(name))]
        # Nothing that the simulated servers do not like.
        assert newcomer.plex.violations == newcomer.plex_tv.violations == []
    assert [one.step.command for one in walked if one.step.command]
    assert "\n".join(filter(None, map(pages.differs, walked))) == "", WRITE


def test_the_demo_ends_by_itself_with_every_scene_right_and_prints_what_the_guide_shows(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = installed(tmp_path_factory)
    command = [folder / "huey_consumer.sh", "--demo"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
    began = time.monotonic()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began < 60
    assert "13 of 13 scenes are right" in done.stdout
    assert "Setting up" not in done.stderr
    # Neither colours nor what is left of them: this is no terminal.
    assert "\x1b" not in done.stdout
    assert "\\x1b" not in done.stdout
    shown = generate.demo_text(generate.DEMO.read_text(encoding="utf-8"))
    lines = list(difflib.unified_diff(_told(shown), _told(done.stdout), "in the guide", "printed", lineterm="", n=0))
    assert lines == [], "if that is as it should be: .venv/bin/python -m docs.generate --demo"


def _told(text: str) -> list[str]:
    """The lines without what differs from one run to the next: ports, processes, times, numbers of requests."""
    lines = [pages.comparable(re.sub(r"127\.0\.0\.1:\d+", "HOST", line)) for line in text.splitlines()]
    return [re.sub(r"\d+ (writes|edits|pictures)\b", r"SOME \1", line) for line in lines]
