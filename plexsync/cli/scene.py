"""``scene``: all that is known of one scene."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.given import ID
from plexsync.cli.left_out import line_of
from plexsync.cli.review import candidate_lines
from plexsync.cli.tries import failed_in_a_row, history_lines
from plexsync.configuration.faults import SettingsError
from plexsync.errors import PlexSyncError
from plexsync.ledger import State
from plexsync.redaction import redact
from plexsync.script import examples
from plexsync.status.scene_facts import collect
from plexsync.words import counted, listed


@click.command(epilog=examples("scene 45", "scene 45 --json"))
@click.argument("scene_id", type=ID, metavar="ID")
@click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")
def scene(scene_id: int, json_wanted: bool) -> None:
    """Show all about one scene: its state, its item in Plex, errors. It also says why that item is the scene's, what
    was written to it, and what was left out.
    """
    with faults_shown():
        facts = collect(scene_id)
        if facts["state"] == "unknown":
            facts |= _asked_of_stash(scene_id)
    if json_wanted:
        show.as_json(facts)
    else:
        _print(facts)


def _asked_of_stash(scene_id: int) -> dict[str, Any]:
    """Whether Stash has the scene (None where it cannot be asked, and then why)."""
    from plexsync.app import open_stash
    from plexsync.installation.settings_reader import load_settings

    # That its settings page cannot be read either is no news then.
    logging.getLogger("plexsync.installation.settings_reader").setLevel(logging.ERROR)
    try:
        with closing(open_stash(load_settings(os.environ))) as stash:
            return {"in_stash": scene_id in stash.scenes([scene_id]), "stash_error": None}
    except SettingsError as error:
        return {"in_stash": None, "stash_error": f"the settings are wrong: {redact(str(error))}"}
    except PlexSyncError as error:
        return {"in_stash": None, "stash_error": redact(str(error))}


def _print(facts: dict[str, Any]) -> None:
    show.table(list(_rows(facts)))
    if facts.get("history"):
        show.say("history")
        show.table([[f"  {when}", text] for when, text in history_lines(facts["history"], facts["last_error"])])


def _rows(facts: dict[str, Any]) -> Iterator[list[str]]:
    yield ["scene", f"{facts['scene_id']}  {facts.get('title') or ''}"]
    yield ["state", _state(facts)]
    if facts["rests"]:
        rests = facts["rests"]
        soon = f"{show.soon(rests['next_try_at'])} at the latest" if rests["next_try_at"] else "every minute"
        yield ["waits for", f"{rests['service']}: {show.bad(rests['why'])}; asked again {soon}"]
    if "in_stash" in facts:
        yield ["known", _unknown(facts)]
        return
    if facts["next_try_at"]:
        yield ["next try", show.next_try(facts["next_try_at"])]
    if facts["rating_key"] is not None:
        why = "; ".join(facts["reasons"])
        yield ["item in Plex", f"{facts['rating_key']}, confidence {facts['confidence']}: {why}"]
        for one in facts["items"]:
            if not one["own"]:
                yield ["", f"and item {one['rating_key']}: {show.one_line(one['file'] or '', 150)}"]
    yield from _decisions(facts)
    yield ["synced", show.when(facts["synced_at"]) if facts["synced_at"] else "never"]
    yield ["attempts", _attempts(facts)]
    if facts["last_error"]:
        # What waits for a person, or for its file, has not failed.
        is_error = facts["state"] not in (State.REVIEW, State.NOT_FOUND)
        yield ["last error" if is_error else "why", show.bad(facts["last_error"])]
        yield ["", f"at {show.when(facts['last_error_at'])}"]
    if letter := facts.get("dead_letter"):
        yield ["given up", f"all that is known: ./huey_consumer.sh failed show {letter['id']}"]
        yield ["", f"to try again: ./huey_consumer.sh failed retry {letter['id']}"]
    left_out = {f"{one['field']}: {one['reason']}" for one in facts["left_out"]}
    yield from (["note", note] for note in facts.get("notes", []) if note not in left_out)
    yield from (["left out", line_of(one)] for one in facts["left_out"])
    for field, value in (facts.get("pushed") or {}).items():
        text = ", ".join(value) if isinstance(value, list) else str(value)
        yield [f"applied: {field}", show.one_line(text, 100)]


def _state(facts: dict[str, Any]) -> str:
    state, queue = facts["state"], facts["queue"]
    if queue == "in progress":
        return f"{state} (a worker is working on it)"
    if queue == "pending":
        return f"{state} (waits in the queue)"
    return str(state)


def _unknown(facts: dict[str, Any]) -> str:
    scene_id, in_stash = facts["scene_id"], facts["in_stash"]
    if in_stash is None:
        return f"not to PlexSync, and Stash could not be asked: {facts['stash_error']}"
    if not in_stash:
        return f"neither to PlexSync nor to Stash: there is no scene {scene_id}"
    return f"to Stash, and not to PlexSync yet: ./huey_consumer.sh sync {scene_id} queues it"


def _attempts(facts: dict[str, Any]) -> str:
    """How many have failed: those since an event asked for the scene use up its tries; there may be more before."""
    counting, in_a_row = facts["attempts"], failed_in_a_row(facts.get("history", []))
    if not counting and not in_a_row:
        return "none has failed since the last success" if facts["synced_at"] else "none has failed"
    text = f"{counted(counting, 'attempt')} failed since it was last asked for"
    if facts["state"] == State.NOT_FOUND:
        text = f"looked for {counted(counting, 'time')} since it was last asked for"
    return f"{text}, {in_a_row} in a row with those before" if in_a_row > counting else text


def _decisions(facts: dict[str, Any]) -> list[list[str]]:
    """What a person has said of the scene's item, and what there is to be said."""
    rows = []
    if facts.get("pinned") is not None:
        rows.append(["chosen by a person", f"item {facts['pinned']}"])
    if facts.get("vetoed"):
        rows.append(["ruled out by a person", f"item {listed(facts['vetoed'])}"])
    hints = facts.get("hints", {})
    candidates = [one | {"hint": hints.get(str(one["rating_key"]), "")} for one in facts.get("candidates", [])]
    rows += [[f"may be {head}" if head else "", text] for one in candidates for head, text in candidate_lines(one)]
    if candidates:
        one = facts["scene_id"]
        rows.append(["to decide", f"./huey_consumer.sh review accept {one} ITEM"])
        rows.append(["", f"./huey_consumer.sh review reject {one}   (none of them)"])
    return rows
