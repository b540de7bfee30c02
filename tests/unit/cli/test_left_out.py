"""How a person reads what is left out of a scene."""

from __future__ import annotations

import time

import click
import pytest

from plexsync.cli.left_out import line_of, summary
from plexsync.ledger import LeftOut
from plexsync.model import Field
from plexsync.status.scene_facts import facts_of


def told(tries: int, wait: float | None) -> str:
    now = time.time()
    next_at = None if wait is None else now + wait
    one = LeftOut(7, Field.POSTER, "picture", "missing, Stash answered 500", tries, now - 600, now, next_at)
    return click.unstyle(line_of(facts_of(one)))


@pytest.mark.parametrize(
    ("tries", "wait", "text"),
    [
        (3, 300.0, "poster: missing, Stash answered 500 (tried 3 times, next try in 5 min)"),
        (1, 86400.0, "poster: missing, Stash answered 500 (tried once, next try in 1 d)"),
        (0, 60.0, "poster: missing, Stash answered 500 (not tried yet, next try in 1 min)"),
        (2, -5.0, "poster: missing, Stash answered 500 (tried 2 times, next try with its next sync)"),
    ],
)
def test_it_is_said_how_often_it_was_tried_and_when_it_is_again(tries: int, wait: float, text: str) -> None:
    assert told(tries, wait) == text


def test_it_is_said_what_to_do_where_it_is_not_tried_again_by_itself() -> None:
    assert told(36, None).endswith(
        "(tried 36 times, and not again until the scene changes; at once: ./huey_consumer.sh sync ID)"
    )


def test_times_are_told_to_scripts() -> None:
    facts = facts_of(LeftOut(7, Field.TAGS, "add A", "refused", 1, 0.0, 60.0, None))
    assert facts == {
        "field": "tags",
        "part": "add A",
        "reason": "refused",
        "tries": 1,
        "since": "1970-01-01T00:00:00Z",
        "tried_at": "1970-01-01T00:01:00Z",
        "next_try_at": None,
        "next_try_s": None,
    }


@pytest.mark.parametrize(("count", "words"), [(1, "1 scene lacks"), (3, "3 scenes lack")])
def test_status_counts_the_scenes(count: int, words: str) -> None:
    assert summary(count).startswith(f"{words} a picture or a value")
