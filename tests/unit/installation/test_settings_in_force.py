"""Since when the present settings are in force, and what a change leaves to be done."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from plexsync.fields import TEMPLATED_FIELDS
from plexsync.installation import settings_in_force
from plexsync.installation.settings_in_force import ALL_QUEUED, FACT, SHOWN, InForce, advice, note, read
from plexsync.ledger import Ledger
from plexsync.reconcile.run import Phase, ReconcileRun, Runs
from settings import Settings

FIRST = Settings(plex_token="a-token", stash_api_key="a-key")


@pytest.fixture
def facts(ledger: Ledger) -> Any:
    note(ledger.facts, FIRST, starting=True, now=1000.0)
    return ledger.facts


def test_before_the_first_start_nothing_is_known(ledger: Ledger) -> None:
    assert read(ledger.facts) is None


def test_the_first_start_is_since_when(facts: Any) -> None:
    assert read(facts) == InForce(1000.0)


def test_a_start_with_the_same_settings_changes_nothing(facts: Any) -> None:
    same = replace(FIRST, fields=frozenset(sorted(FIRST.fields, reverse=True)), warnings=("a word",))
    note(facts, same, starting=True, now=2000.0)
    assert read(facts) == InForce(1000.0)


@pytest.mark.parametrize("starting", [True, False])
def test_what_has_changed_is_known_by_name(facts: Any, starting: bool) -> None:
    note(facts, replace(FIRST, plex_token="another", poll_interval=5.0), starting=starting, now=2000.0)
    assert read(facts) == InForce(2000.0, ("plex_token", "poll_interval"))


def test_that_another_consumer_of_the_same_database_leads_is_no_change(ledger: Ledger) -> None:
    shared = replace(FIRST, database_url="postgresql://one@db/plexsync", data_dir=Path("/one"))
    note(ledger.facts, shared, starting=True, now=1000.0)
    other = replace(shared, database_url="postgresql://two@db/plexsync", data_dir=Path("/two"))
    note(ledger.facts, other, starting=True, now=2000.0)
    assert read(ledger.facts) == InForce(1000.0)
    note(ledger.facts, replace(other, poll_interval=5.0), starting=True, now=3000.0)
    assert read(ledger.facts) == InForce(3000.0, ("poll_interval",))


def test_no_value_is_kept(facts: Any) -> None:
    held = facts.get(FACT)
    assert "a-token" not in held
    assert "a-key" not in held
    assert all(len(mark) == 8 for mark in json.loads(held)["marks"].values())


def test_what_a_start_alone_takes_over_is_named_until_there_is_one(facts: Any) -> None:
    new = replace(FIRST, workers=9)
    note(facts, new, now=2000.0)
    note(facts, replace(new, poll_interval=7.0), now=2001.0)
    known = read(facts)
    assert known is not None
    assert known.at_start == ("workers",)
    note(facts, replace(FIRST, poll_interval=7.0), now=2002.0)
    known = read(facts)
    assert known is not None
    assert known.at_start == (), "it is as it was at the start"
    note(facts, new, starting=True, now=3000.0)
    known = read(facts)
    assert known is not None
    assert known.at_start == ()


def test_what_changes_how_scenes_are_shown_is_named_until_all_were_looked_at(facts: Any) -> None:
    note(facts, replace(FIRST, ascii_titles=True), now=2000.0)
    note(facts, replace(FIRST, ascii_titles=True, content_rating="X"), now=2500.0)

    def shown() -> tuple[str, ...]:
        known = read(facts)
        assert known is not None
        return known.shown

    assert shown() == ("ascii_titles", "content_rating")
    facts.put(ALL_QUEUED, repr(1999.0))
    assert shown() == ("ascii_titles", "content_rating"), "it began before"
    facts.put(ALL_QUEUED, repr(2100.0))
    assert shown() == ("content_rating",)
    Runs(facts).note(ReconcileRun(1, False, 2600.0, phase=Phase.SCENES))
    assert shown() == ("content_rating",), "it is not over yet"
    Runs(facts).note(ReconcileRun(1, False, 2600.0, phase=Phase.DONE, finished_at=2700.0))
    assert shown() == ()


def test_a_setting_that_an_older_version_did_not_have_is_no_change(facts: Any) -> None:
    held = json.loads(facts.get(FACT))
    del held["marks"]["scan_missing"]
    facts.put(FACT, json.dumps(held))
    note(facts, FIRST, starting=True, now=2000.0)
    assert read(facts) == InForce(1000.0)


@pytest.mark.parametrize("text", ["", "7", "[]", "{", '{"since": 5}', '{"since": "x", "marks": {}}'])
def test_what_cannot_be_read_counts_as_not_known(ledger: Ledger, text: str) -> None:
    ledger.facts.put(FACT, text)
    assert read(ledger.facts) is None
    note(ledger.facts, FIRST, now=5.0)
    assert read(ledger.facts) == InForce(5.0)


def test_advice_says_what_is_left_to_be_done() -> None:
    assert advice(["poll_interval", "plex_url"], "04:00") == ""
    assert advice(["workers"], "04:00") == "workers: once the consumer is restarted"
    text = advice(["fields", "ascii_titles"], "04:00")
    assert text.startswith("ascii_titles, fields: ")
    assert "by themselves at 04:00" in text
    assert "./huey_consumer.sh sync --all" in text
    assert "by themselves" not in advice(["fields"], "off")


def test_the_names_are_those_of_settings() -> None:
    names = {one.name for one in fields(FIRST)}
    assert names >= SHOWN | settings_in_force.AT_START
    assert set(TEMPLATED_FIELDS) <= SHOWN
