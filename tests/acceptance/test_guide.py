"""The guide, done word by word, with an empty home folder and the files as they are now."""

from __future__ import annotations

import difflib
import os
import re
import subprocess

import pytest

from docs import generate, walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

WRITE = "if that is as it should be: .venv/bin/python -m docs.walk --write"


@pytest.mark.parametrize("name", walk.PAGES)
def test_a_newcomer_who_does_what_the_page_says_sees_what_it_shows(name: str) -> None:
    page = (walk.GUIDE / name).read_text(encoding="utf-8")
    with walk.newcomer_for(name) as newcomer:
        walked = list(newcomer.walk(page))
        # Nothing was done in vain, and nothing that the simulated servers do not like.
        assert newcomer.plex.violations == newcomer.plex_tv.violations == []
    assert [one.step.command for one in walked if one.step.command]
    assert "\n".join(filter(None, map(walk.differs, walked))) == "", WRITE


def test_the_demo_prints_what_the_guide_shows() -> None:
    command = [walk.ROOT / "huey_consumer.sh", "--demo"]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PLEXSYNC_")}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300, cwd=walk.ROOT, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = generate.demo_text(generate.DEMO.read_text(encoding="utf-8"))
    lines = list(difflib.unified_diff(_told(shown), _told(done.stdout), "in the guide", "printed", lineterm="", n=0))
    assert lines == [], "if that is as it should be: .venv/bin/python -m docs.generate --demo"


def _told(text: str) -> list[str]:
    """The lines without what differs from one run to the next: ports, processes, times, numbers of requests."""
    lines = [walk.comparable(re.sub(r"127\.0\.0\.1:\d+", "HOST", line)) for line in text.splitlines()]
    return [re.sub(r"\d+ (writes|edits|pictures)\b", r"SOME \1", line) for line in lines]
