"""``failed``: scenes that were given up on, why, and what is to become of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, faults_shown
from plexsync.cli.given import ID
from plexsync.cli.tries import history_lines
from plexsync.ledger import DeadLetter, Ledger
from plexsync.script import command, examples
from plexsync.status.letters import all_of, summary
from plexsync.words import counted, listed

_EXAMPLES = examples(
    "failed list",
    "failed show 3",
    "failed retry 3 4",
    "failed retry --all",
    "failed discard 3",
)
_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
_IDS = click.argument("letter_ids", type=ID, nargs=-1, metavar="[ID]...")


@click.group(epilog=_EXAMPLES)
def failed() -> None:
    """Dead letters: scenes that PlexSync gave up.

    A dead letter goes away by itself when its scene is synced, for instance after your next edit, and after
    PLEXSYNC_DEAD_LETTER_DAYS.
    """


@failed.command("list", epilog=examples("failed list", "failed list --json"))
@_JSON
def list_letters(json_wanted: bool) -> None:
    """List all dead letters, the oldest first."""
    with faults_shown():
        letters = [one for page in _ledger().dead_letters.pages() for one in map(summary, page)]
    if json_wanted:
        show.as_json([{name: value for name, value in one.items() if name != "title"} for one in letters])
        return
    if not letters:
        show.say("no dead letters")
        return
    heads = ["id", "scene", "title", "attempts", "given up", "why"]
    show.table([_row(one) for one in letters], heads=heads)
    show.say(f"\nAll that is known of one: {command('failed show ID')}\nTo try again: {command('failed retry ID')}")


@failed.command("show", epilog=examples("failed show 3", "failed show 3 --json"))
@click.argument("letter_id", type=ID, metavar="ID")
@_JSON
def show_letter(letter_id: int, json_wanted: bool) -> None:
    """Show all about a dead letter: error, attempts, match, what was to be written."""
    with faults_shown():
        letter = _ledger().dead_letters.get(letter_id)
        if letter is None:
            _missing([letter_id])
            sys.exit(FAILED)
        facts = all_of(letter)
    if json_wanted:
        show.as_json(facts)
    else:
        _print(facts)


@failed.command(epilog=examples("failed retry 3 4", "failed retry --all"))
@_IDS
@click.option("--all", "all_letters", is_flag=True, help="Every dead letter.")
def retry(letter_ids: tuple[int, ...], all_letters: bool) -> None:
    """Try the scenes again, with all their retries.

    A dead letter goes away when its scene is synced, and is updated when the scene fails again.
    """

    def queue(letters: Sequence[DeadLetter]) -> int:
        from tasks.dead_letters import queue_again

        return queue_again(one.scene_id for one in letters)

    _act(letter_ids, queue, "Queueing", "queued again", all_letters=all_letters)


@failed.command(epilog=examples("failed discard 3 4", "failed discard --all"))
@_IDS
@click.option("--all", "all_letters", is_flag=True, help="Every dead letter.")
def discard(letter_ids: tuple[int, ...], all_letters: bool) -> None:
    """Drop dead letters, without asking. In Plex their scenes stay as they are until you edit them again."""

    def drop(letters: Sequence[DeadLetter]) -> int:
        return _ledger().dead_letters.discard([one.id for one in letters])

    _act(letter_ids, drop, "Discarding", "discarded", all_letters=all_letters)


def _act(
    letter_ids: Sequence[int],
    act: Callable[[Sequence[DeadLetter]], int],
    doing: str,
    done: str,
    *,
    all_letters: bool,
) -> None:
    """Do something with the dead letters named; what there is none of is told, and ends with ``FAILED``."""
    if bool(letter_ids) == all_letters:
        raise click.UsageError(f"name dead letters by their ids (see: {command('failed list')}), or use --all")
    with faults_shown():
        letters = _ledger().dead_letters
        if all_letters:
            progress = show.Progress(doing, letters.count())
            count = sum(progress.after(act(page)) for page in letters.pages())
            progress.end()
            show.say(f"{_counted(count)} {done}" if count else "no dead letters")
            return
        wanted = list(dict.fromkeys(letter_ids))
        found = {one: letter for one in wanted if (letter := letters.get(one))}
        if found:
            act(list(found.values()))
            show.say(f"{_counted(len(found))} {done}: {listed(map(_named, found.values()))}")
        if missing := [one for one in wanted if one not in found]:
            _missing(missing)
            sys.exit(FAILED)


def _ledger() -> Ledger:
    import tasks.app as app

    return Ledger(app.database)


def _missing(letter_ids: Sequence[int]) -> None:
    names = listed(letter_ids)
    show.say(f"no dead letter {names}: it was resolved, or never existed; see: {command('failed list')}", err=True)


def _counted(count: int) -> str:
    return counted(count, "dead letter")


def _named(letter: DeadLetter) -> str:
    return f"{letter.id} (scene {letter.scene_id})"


def _row(one: dict[str, Any]) -> list[str]:
    why = show.one_line(f"{one['error_class']}: {one['message']}", 80)
    numbers = [str(one["id"]), str(one["scene_id"])]
    return [*numbers, show.one_line(one["title"], 30), str(one["attempts"]), show.local(one["failed_at"]), why]


def _print(facts: dict[str, Any]) -> None:
    show.table([[name, show.one_line(text, 2000)] for name, text in _lines(facts)])
    if facts["tries"]:
        show.say("tries")
        show.table([[f"  {when}", text] for when, text in history_lines(facts["tries"], facts["message"])])
    show.lines(f"\n{facts['traceback'].rstrip()}")
    if facts["queue"] is None:
        show.say(f"\nTo try again: ./huey_consumer.sh failed retry {facts['id']}")


def _lines(facts: dict[str, Any]) -> Iterator[tuple[str, str]]:
    queued = f" (in the queue again: {facts['queue']})" if facts["queue"] else ""
    yield "dead letter", f"{facts['id']}{queued}"
    yield "scene", f"{facts['scene_id']}  {facts['title']}"
    yield "error", f"{facts['error_class']}: {facts['message']}"
    yield (
        "given up",
        f"{show.when(facts['failed_at'])} after {counted(facts['attempts'], 'attempt')}, the first failure "
        f"{show.local(facts['first_failed_at'])}",
    )
    if facts["rating_key"] is None:
        yield "item in Plex", "none found yet"
    else:
        why = "; ".join(facts["reasons"])
        yield "item in Plex", f"{facts['rating_key']}, confidence {facts['confidence']}: {why}"
    head = "to be written" if facts["snapshot"].get("known") == "edit" else "wanted in Plex"
    for field, value in facts["snapshot"].get("fields", {}).items():
        yield f"{head}: {field}", value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
