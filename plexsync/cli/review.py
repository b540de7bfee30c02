"""``review``: matches that are too uncertain to act on alone, and what a person says of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, faults_shown
from plexsync.cli.given import ID
from plexsync.cli.waiting import wait_for
from plexsync.ledger import Ledger, Review
from plexsync.script import command, examples
from plexsync.status.scene_facts import candidate, candidate_with_hint
from plexsync.words import counted

_EXAMPLES = examples(
    "review list",
    "review accept 45 812 --wait",
    "review reject 45",
    "review forget 45",
)
#: Longest texts of a listing, in characters.
_TITLE, _TEXT = 60, 200

_SCENE = click.argument("scene_id", type=ID, metavar="SCENE_ID")


@click.group(epilog=_EXAMPLES)
def review() -> None:
    """Decide which item is a scene's if PlexSync is not sure.

    A scene waits here if the confidence of its best match is at least PLEXSYNC_MATCH_REVIEW and below
    PLEXSYNC_MATCH_AUTO, if two items are nearly as likely, or if another scene has the item. PlexSync remembers your
    decision.
    """


@review.command("list", epilog=examples("review list", "review list --json"))
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def list_reviews(json_wanted: bool) -> None:
    """List the scenes that wait for your decision. Each has the items it may belong to, the likeliest first."""
    with faults_shown():
        pages = _ledger().reviews.pages()
        if json_wanted:
            show.as_json([_facts(one) for page in pages for one in page])
            return
        count = sum(_print(one) for page in pages for one in page)
    if not count:
        show.say("no matches to review")
        return
    show.say(
        f"{counted(count, 'scene waits', 'scenes wait')} for a person. To say which item is the scene's:\n"
        f"  {command('review accept SCENE_ID ITEM')}\n"
        f"  {command('review reject SCENE_ID')}   (none of those)\n"
        f"All that is known of one: {command('scene SCENE_ID')}"
    )


@review.command(epilog=examples("review accept 45 812", "review accept 45 812 --wait"))
@_SCENE
@click.argument("rating_key", type=ID, metavar="RATING_KEY")
@click.option("--wait", is_flag=True, help="Wait until it is synced. The consumer has to be running.")
def accept(scene_id: int, rating_key: int, wait: bool) -> None:
    """Say that a scene belongs to an item of Plex, and sync it at once.

    You can name any item of the libraries in use, not only a candidate. If another scene has the item, that scene loses
    it and waits for review. To take your decision back: review forget SCENE_ID.
    """
    from tasks.uncertain import accept as accept_and_queue

    with faults_shown():
        ledger = _ledger()
        before = ledger.reviews.get(scene_id)
        _, *losers = accept_and_queue(scene_id, rating_key)
        show.say(f"scene {scene_id} belongs to item {rating_key}{_described(ledger, rating_key)}")
        if before is None or rating_key not in {one.rating_key for one in before.candidates}:
            show.say(f"item {rating_key} was not among the candidates")
        for loser in losers:
            show.say(f"scene {loser} had that item, and waits for review now: {command('review list')}")
        show.say(f"scene {scene_id} is queued: the consumer syncs it next, or as soon as it runs")
        if wait:
            sys.exit(wait_for([scene_id]))


@review.command(epilog=examples("review reject 45", "review reject 45 977"))
@_SCENE
@click.argument("rating_key", type=ID, metavar="[RATING_KEY]", required=False)
def reject(scene_id: int, rating_key: int | None) -> None:
    """Say that a scene belongs to none of its candidates. If it has an item already: not to that item.

    With RATING_KEY it rules out this one item alone: a candidate, or one of several items that show the scene.

    PlexSync looks again when the scene changes in Stash, or when its file appears in Plex. What was written to an item
    stays there.
    """
    from tasks.uncertain import reject as reject_and_queue

    with faults_shown():
        before = _ledger().reviews.get(scene_id)
        count = reject_and_queue(scene_id, rating_key)
    then = "PlexSync looks again when the scene changes, or when its file appears in Plex"
    if before is None or rating_key is not None:
        then = "the scene is queued: the consumer looks for another item next, or as soon as it runs"
    show.say(f"{counted(count, 'item')} ruled out for scene {scene_id}: {then}")
    show.say(f"to take that back: {command(f'review forget {scene_id}')}")


@review.command(epilog=examples("review forget 45"))
@_SCENE
def forget(scene_id: int) -> None:
    """Take back what you decided about a scene, and match it again."""
    from tasks.uncertain import forget as forget_and_queue

    with faults_shown():
        count = forget_and_queue(scene_id)
    if not count:
        show.say(f"nothing was decided about scene {scene_id}", err=True)
        sys.exit(FAILED)
    show.say(
        f"{counted(count, 'decision')} about scene {scene_id} forgotten; it is queued: the consumer "
        "looks at it next, or as soon as it runs"
    )


def candidate_lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A candidate's JSON in lines for people, each a head and a text."""
    where = f"{show.one_line(facts['title'], _TITLE)}  {show.one_line(facts['path'], _TEXT)}"
    yield f"item {facts['rating_key']}", f"confidence {facts['confidence']}  {where}"
    yield "", show.one_line("; ".join(facts["reasons"]), _TEXT)
    if facts.get("hint"):
        yield "", f"to decide: {show.one_line(facts['hint'], _TEXT)}"


def _ledger() -> Ledger:
    import tasks.app as app

    return Ledger(app.database)


def _described(ledger: Ledger, rating_key: int) -> str:
    for part in ledger.index.of_item(rating_key):
        return f" ({show.one_line(part.title, _TITLE)}, {show.one_line(part.file, _TEXT)})"
    return ""


def _facts(one: Review) -> dict[str, Any]:
    return {
        "scene_id": one.scene_id,
        "title": one.title,
        "why": one.why,
        "candidates": [candidate(match) for match in one.candidates],
    }


def _print(one: Review) -> int:
    """Print one scene's candidates; returns 1, the count of it."""
    files = {match.file: None for match in one.candidates if match.file}
    names = [show.one_line(one.title, _TITLE), *(show.one_line(file, _TEXT) for file in files)]
    show.say(show.style("  ".join(filter(None, [f"scene {one.scene_id}", *names])), bold=True), indent=2)
    show.say(f"  {show.one_line(one.why, _TEXT)}", indent=2)
    rows = [
        [f"  {head}", text] for match in one.candidates for head, text in candidate_lines(candidate_with_hint(match))
    ]
    show.table(rows or [["  no candidates: to have it looked at again", command(f"sync {one.scene_id}")]])
    show.say()
    return 1
