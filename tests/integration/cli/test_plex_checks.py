"""What ``--check`` says of Plex: whose token it is, what the libraries are, what the server does its own way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.status.findings import Finding
from plexsync.status.plex_checks import check_plex
from tests.support.places import ROOT
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def findings(bench: SyncBench) -> dict[str, Finding]:
    return {one.name: one for one in check_plex(bench.app)}


def test_the_owners_token_is_told_to_be_the_owners(bench: SyncBench) -> None:
    found = findings(bench)["rights"]
    assert found.level == "ok"
    assert "owner" in found.text


@pytest.mark.parametrize("status", [401, 403])
def test_a_shared_users_token_is_told_from_a_wrong_one(bench: SyncBench, status: int) -> None:
    bench.plex.behaviour.not_owner = status  # type: ignore[assignment]  # both are its values
    token = bench.plex.share()
    bench.restart(plex_token=token)
    found = findings(bench)
    assert found["libraries"].ok
    assert found["rights"].level == "fail"
    assert "home or shared user" in found["rights"].text
    assert "--login" in found["rights"].text
    assert all(token not in one.text for one in found.values())
    bench.restart(plex_token="wrong")
    found = findings(bench)
    assert list(found) == ["libraries"]
    assert "does not accept the token (401)" in found["libraries"].text


@pytest.mark.parametrize("status", [404, 405, 400])
def test_a_server_without_the_one_question_is_asked_the_other(bench: SyncBench, status: int) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=lambda one: one.path == "/butler"))
    assert findings(bench)["rights"].level == "ok"
    bench.restart(plex_token=bench.plex.share())
    assert findings(bench)["rights"].level == "fail"


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_answers_neither_leaves_it_open(bench: SyncBench, status: int) -> None:
    asked = ("/butler", "/accounts")
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=lambda one: one.path in asked))
    found = findings(bench)["rights"]
    assert found.level == "warn"
    assert "could not be found out" in found.text


def test_libraries_are_named_in_plexs_own_words(bench: SyncBench) -> None:
    bench.plex.add_section("Old", agent="com.plexapp.agents.stashplexagent", scanner="Plex Movie Scanner")
    bench.plex.add_section("Series", type="show", agent="tv.plex.agents.series", scanner="Plex TV Series")
    found = findings(bench)
    assert found["library 'Scenes'"] == Finding(
        "library 'Scenes'", True, "type movie, agent tv.plex.agents.none, scanner Plex Video Files"
    )
    old = found["library 'Old'"]
    assert old.level == "warn"
    assert old.text.startswith("type movie, agent com.plexapp.agents.stashplexagent, scanner Plex Movie Scanner; ")
    assert "legacy" in old.text
    assert "docs/guide/plex-libraries.md" in old.text
    assert "'Series' (type show, agent tv.plex.agents.series)" in found["other libraries"].text
    assert found["other libraries"].ok


def test_how_items_are_read_is_said(bench: SyncBench) -> None:
    for number in range(2):
        _, key = bench.add(f"{number}.mp4")
        bench.plex.edit_as_person(key, genre=["A", "B", "C", "D"])
    found = findings(bench)["Plex's ways"]
    assert (found.level, found.text) == ("ok", "items are read together")
    bench.plex.version = "2"
    bench.plex.behaviour.group_reads_whole = False
    bench.restart()
    found = findings(bench)["Plex's ways"]
    assert found.level == "warn"
    assert "one by one" in found.text


def test_what_is_not_known_yet_is_said_to_be(bench: SyncBench) -> None:
    bench.plex.remove_item(bench.key)
    assert findings(bench)["Plex's ways"].text == "whether items can be read together is not known yet"


def test_no_check_writes(bench: SyncBench) -> None:
    findings(bench)
    assert {one.method for one in bench.plex.log} == {"GET"}
    assert not [one for one in bench.plex.log if one.path.endswith("/refresh")]


def test_the_page_that_is_named_is_there() -> None:
    assert (ROOT / "docs" / "guide" / "plex-libraries.md").exists()
