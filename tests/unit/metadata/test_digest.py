"""A scene's digest differs wherever what Plex should show may differ, and stays where that stays."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from plexsync.metadata import desired, digest, fingerprint
from plexsync.model import Field, Performer, Scene, SceneFile
from tests.support import rules
from tests.support.places import ROOT

RULES = replace(rules.RULES, owned=frozenset({Field.TAGS, Field.STUDIO}), public_url="http://nas:9999")
SCENE = Scene(
    45,
    title="Title",
    details="Details",
    director="Director",
    date="2023-05-17",
    rating100=85,
    files=(SceneFile("/data/a.mp4", 5, 1.0), SceneFile("/data/b.mp4", 6, 1.0)),
    studio="Studio",
    studio_id=1,
    performers=(Performer(2, "Zoe", "http://stash:9999/performer/2/image?t=1"),),
    tags=("One", "Two"),
    tag_ids=(3, 4),
    groups=("Group",),
    group_ids=(5,),
    screenshot_url="http://stash:9999/scene/45/screenshot?t=1",
    updated_at="2026-01-01T00:00:00Z",
)


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"details": "Other"},
        {"director": ""},
        {"date": "2023-05"},
        {"rating100": None},
        {"studio": "Other"},
        {"studio_id": 2},
        {"performers": ()},
        {"performers": (Performer(2, "Zoe", "http://stash:9999/performer/2/image?t=1", "2"),)},
        {"performers": (Performer(2, "Zoë", "http://stash:9999/performer/2/image?t=1"),)},
        {"performers": (Performer(2, "Zoe", "http://stash:9999/performer/2/image?t=2"),)},
        {"performers": (Performer(3, "Zoe", "http://stash:9999/performer/2/image?t=1"),)},
        {"tags": ("One",), "tag_ids": (3,)},
        {"tags": ("One, Two",)},
        {"tag_ids": (3, 5)},
        {"groups": (), "group_ids": ()},
        {"screenshot_url": None},
        {"files": (SceneFile("/data/b.mp4", 6, 1.0),)},
        {"files": ()},
    ],
)
def test_what_may_be_shown_otherwise_has_another_digest(change: dict[str, Any]) -> None:
    assert digest(replace(SCENE, **change), RULES) != digest(SCENE, RULES)


@pytest.mark.parametrize(
    "change",
    [
        {"updated_at": "2026-02-02T00:00:00Z"},
        {"organized": True},
        {"urls": ("http://example.org",)},
        {"screenshot_url": "http://stash:9999/scene/45/screenshot?t=2"},
        {"files": SCENE.files[:1]},
    ],
)
def test_what_cannot_be_shown_leaves_it_and_the_fingerprint_as_they_are(change: dict[str, Any]) -> None:
    other = replace(SCENE, **change)
    assert digest(other, RULES) == digest(SCENE, RULES)
    assert fingerprint(desired(other, RULES)) == fingerprint(desired(SCENE, RULES))


@pytest.mark.parametrize(
    "change",
    [
        {"selected": frozenset({Field.TITLE})},
        {"owned": frozenset()},
        {"ascii_titles": True},
        {"content_rating": "R"},
        {"show_performer_pictures": False},
        {"public_url": None},
    ],
)
def test_other_settings_make_another_digest(change: dict[str, Any]) -> None:
    assert digest(SCENE, replace(RULES, **change)) != digest(SCENE, RULES)


def test_the_next_process_says_the_same() -> None:
    code = "import tests.unit.metadata.test_digest as t; print(t.digest(t.SCENE, t.RULES))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert done.stdout.strip() == digest(SCENE, RULES)
