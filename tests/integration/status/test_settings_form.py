"""What the settings form in Stash asks: also while nothing is right yet, and never with a secret in the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import AccessDenied, PermanentError
from plexsync.status.desk import ConsumerState, Desk
from plexsync.status.tables import QUESTIONS


class Form:
    """A consumer that waits for right settings, beside a Stash and a Plex that run."""

    def __init__(self, folder: Path, plex: SimulatedPlex, stash: SimulatedStash) -> None:
        self.plex, self.stash = plex, stash
        self.environ = {"PLEXSYNC_DATA_DIR": str(folder), "PLEXSYNC_STASH_URL": stash.url}
        self.desk = Desk(folder, self.environ)
        self.desk.waits(ConsumerState.NEEDS_SETTINGS)
        plex.add_section("Scenes", locations=["/media"])
        plex.add_section("Clips", locations=["/clips"])
        plex.add_section("Series", locations=["/tv"], type="show")

    def save(self, **settings: Any) -> None:
        """Save Stash's page."""
        self.stash.plugin_settings["PlexSync"] = settings

    def ask(self, mode: str) -> dict[str, Any]:
        question = QUESTIONS[mode]
        assert not question.needs_app
        text = json.dumps(question.answer(self.desk, {}))
        assert self.plex.token not in text
        return json.loads(text)  # type: ignore[no-any-return]


@pytest.fixture
def form(tmp_path: Path) -> Iterator[Form]:
    with SimulatedPlex() as plex, SimulatedStash() as stash:
        yield Form(tmp_path, plex, stash)


def test_settings_are_told_as_saved_with_a_fault_beside_each_that_is_wrong(form: Form) -> None:
    form.environ["PLEXSYNC_MATCH_REVIEW"] = "50"
    form.save(plexHost="nas:x", skipUnorganized=True, reconcile="never", unheardOf="1")
    seen = form.ask("settings")
    assert {one["name"]: one["setting"] for one in seen["faults"]} == {
        "plex_token": "PLEXSYNC_PLEX_TOKEN",
        "plex_url": "plexHost",
        "reconcile": "reconcile",
    }
    assert all(one["problem"] and one["remedy"] for one in seen["faults"])
    assert seen["values"]["only_organized"] is True
    assert seen["origins"]["match_review"] == "environment"
    assert seen["origins"]["only_organized"] == "page"
    assert seen["secrets_set"] == []
    assert seen["page_unread"] is None
    assert any("unheardOf" in one for one in seen["warnings"])
    form.save(plexToken=form.plex.token)
    seen = form.ask("settings")
    assert (seen["faults"], seen["secrets_set"]) == ([], ["plex_token"])


def test_a_page_that_cannot_be_read_is_said_and_nothing_is_called_missing(form: Form) -> None:
    form.stash.stop()
    seen = form.ask("settings")
    assert seen["page_unread"]
    assert not seen["needs_key"]
    assert seen["faults"] == []


def test_a_stash_that_asks_for_a_password_is_told_apart(form: Form) -> None:
    form.stash.require_auth("a-key")
    seen = form.ask("settings")
    assert seen["needs_key"]
    assert seen["page_unread"]


def test_libraries_can_be_chosen_before_all_else_is_right(form: Form) -> None:
    form.save(plexToken=form.plex.token, plexUrl=form.plex.url, reconcile="never")
    rows = form.ask("libraries")["rows"]
    assert [(one["title"], one["usable"], one["chosen"]) for one in rows] == [
        ("Scenes", True, True),
        ("Clips", True, True),
        ("Series", False, False),
    ]
    assert rows[0]["folders"] == ["/media"]
    form.save(plexToken=form.plex.token, plexUrl=form.plex.url, plexLibraries="clips, Gone")
    answer = form.ask("libraries")
    assert [one["title"] for one in answer["rows"] if one["chosen"]] == ["Clips"]
    assert answer["unknown"] == ["Gone"]


def test_libraries_cannot_be_had_without_a_token_or_with_a_wrong_one(form: Form) -> None:
    form.save(plexUrl=form.plex.url)
    with pytest.raises(PermanentError, match="is required"):
        form.ask("libraries")
    form.save(plexUrl=form.plex.url, plexToken="wrong")
    with pytest.raises(AccessDenied):
        form.ask("libraries")


def test_the_connection_is_tested_as_check_does_it(form: Form) -> None:
    form.save(plexToken=form.plex.token, plexUrl=form.plex.url)
    levels = {one["name"]: one["level"] for one in form.ask("test_connection")["rows"]}
    assert levels["settings"] == levels["Stash"] == levels["Plex"] == levels["libraries"] == "ok"
    form.save(plexToken="wrong", plexUrl=form.plex.url)
    rows = form.ask("test_connection")["rows"]
    assert any(one["level"] == "fail" and "token" in one["text"] for one in rows)
    form.save(plexUrl="nas")
    failed = [one["text"] for one in form.ask("test_connection")["rows"] if one["level"] == "fail"]
    assert any("plexUrl" in one for one in failed)


def test_whoever_asks_has_the_consumer_read_its_settings(form: Form) -> None:
    looked: list[str] = []
    form.save(plexToken=form.plex.token, plexUrl=form.plex.url)
    form.desk.runs(lambda: pytest.fail("nobody needs the app"), lambda: looked.append("settings"))
    form.ask("settings")
    form.ask("test_connection")
    assert looked == ["settings", "settings"]
