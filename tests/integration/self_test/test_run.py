"""A self-test finds out what a server does, keeps it, and leaves the item as it was."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import AccessDenied
from plexsync.plex.traits import LOOK_AGAIN_AFTER, Trait, Traits
from plexsync.self_test import kept, leftover, put_back
from plexsync.self_test.marks import made_up
from tests.support.self_test_bench import GENRES, SelfTestBench, self_test_bench

LONG = {"max_request_line": 65536}
#: What is found out of a server that does as most.
COMMON = {
    Trait.REMOVALS: "twice",
    Trait.COMMAS: "whole",
    Trait.TAG_LISTS: "add",
    Trait.GROUP_READS: "whole",
    Trait.SPELLINGS: "some are one",
    Trait.TAG_ORDER: "index",
    Trait.RATING_STEP: "none",
    Trait.YEAR: "follows",
    Trait.UPLOADS: "sha1",
    Trait.SCAN: "GET",
}
#: What is found out where servers differ: the switches, the traits that are others, and words of an answer.
SWITCHES: dict[str, tuple[dict[str, Any], dict[Trait, str], tuple[str, str]]] = {
    "adds": ({}, {}, ("tag lists", "Plex adds")),
    "replaces": ({"tag_lists": "replace"}, {Trait.TAG_LISTS: "whole"}, ("tag lists", "Plex replaces")),
    "folds ASCII": ({}, {}, ("spellings", "differ in the case of ASCII letters are one")),
    "folds all letters": (
        {"folds": "unicode"},
        {},
        ("spellings", "differ in the case of ASCII letters or the case of other letters are one"),
    ),
    "folds nothing": ({"folds": "none"}, {Trait.SPELLINGS: "apart"}, ("spellings", "are names of their own")),
    "decodes once": (
        {"removals_decoded": "once"},
        {Trait.REMOVALS: "once", Trait.COMMAS: "torn"},
        ("commas", "cannot be removed by its name"),
    ),
    "tears at commas": ({"commas_kept": False}, {Trait.COMMAS: "torn"}, ("commas", "cannot be removed by its name")),
    "order of arrival": ({"tag_order": "arrival"}, {Trait.TAG_ORDER: "arrival"}, ("order", "an order of Plex's own")),
    "order of arrival, replaced": (
        {"tag_order": "arrival", "tag_lists": "replace"},
        {Trait.TAG_LISTS: "whole"},
        ("order", "in which it is written"),
    ),
    "removes last": ({"removals_last": True}, {}, ("one request", "written first, then removed")),
    "removes first": ({}, {}, ("one request", "removed first, then written")),
    "rounds to half stars": ({"rating_step": 1.0}, {Trait.RATING_STEP: "1"}, ("rating", "half stars")),
    "rounds to quarters": ({"rating_step": 0.5}, {Trait.RATING_STEP: "0.5"}, ("rating", "quarters of a star")),
    "rounds to stars": ({"rating_step": 2.0}, {Trait.RATING_STEP: "2"}, ("rating", "whole stars")),
    "cuts groups short": (
        {"group_reads_whole": False},
        {Trait.GROUP_READS: "cut short"},
        ("reading together", "show less"),
    ),
    "takes a year": ({"year": "takes"}, {Trait.YEAR: "is sent"}, ("year", "is sent with it")),
    "leaves the year": ({"year": "stays"}, {Trait.YEAR: "stays"}, ("year", "stays as it is")),
    "scans by POST": ({"scans_by": ("POST",)}, {Trait.SCAN: "POST"}, ("scan", "by POST")),
    "names pictures itself": (
        {"uploads_by_sha1": False},
        {Trait.UPLOADS: "otherwise"},
        ("pictures", "is not named by its SHA-1"),
    ),
    "long lines": (LONG, {}, ("length of a summary", "20,000 characters is kept whole")),
    "short lines": ({}, {}, ("length of a summary", "414")),
    "drops long lines": ({"long_requests": "drop"}, {}, ("length of a summary", "4,000 characters is kept whole")),
    "cuts texts": (
        {**LONG, "text_max": {"title": 120, "summary": 1000}},
        {Trait.TITLE_MAX: "120", Trait.SUMMARY_MAX: "1000"},
        ("length of a summary", "is cut to 1,000"),
    ),
    "the four together": (
        {"tag_order": "arrival", "folds": "none", "removals_last": True, "removals_decoded": "once"},
        {
            Trait.TAG_ORDER: "arrival",
            Trait.SPELLINGS: "apart",
            Trait.REMOVALS: "once",
            Trait.COMMAS: "torn",
        },
        ("commas", "cannot be removed by its name"),
    ),
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SelfTestBench]:
    with self_test_bench(tmp_path) as bench:
        yield bench


@pytest.mark.parametrize("switch", SWITCHES)
def test_the_report_and_what_is_kept_say_what_the_server_does(tmp_path: Path, switch: str) -> None:
    behaviour, others, (name, words) = SWITCHES[switch]
    with self_test_bench(tmp_path, **behaviour) as bench:
        before = bench.held()
        answers = bench.run()
        assert bench.held() == before
        assert {one.name: one.text for one in bench.answers if not one.ok} == {}
        assert words in answers[name].text
        assert bench.traits == {**COMMON, **others}
        assert "is as it was" in answers["item"].text
        assert bench.bench.app.ledger.held_items.get() is None
        told = kept(bench.bench.app.ledger.facts)
        assert told is not None
        assert told.answers[name] == answers[name].text


# --- What is kept is used --------------------------------------------------------------------------------------------


#: The scene's edits, one after the other; each comes to Plex by itself.
EDITS: list[dict[str, Any]] = [
    {"title": "First", "date": "2001-02-03", "rating100": 73, "tags": ["one", "two", "Zoë"], "performers": ["A", "B"]},
    {"title": "Second", "date": "1999-12-31", "rating100": 46, "tags": ["three", "ONE"], "performers": ["B", "A"]},
    {"title": "Third", "date": "2003-03-03", "rating100": 88, "tags": ["three"], "performers": ["B"]},
]


def synced(bench: SelfTestBench, scenes: list[int]) -> int:
    """Sync each of the edits to each of the scenes; how many requests Plex gets for that, who it is left aside."""
    one = bench.bench
    one.restart()
    bench.plex.forget()
    ids: dict[tuple[str, str], int] = {}

    def the(kind: str, name: str) -> int:
        add = one.stash.add_tag if kind == "tags" else one.stash.add_performer
        known = ids.get((kind, name.lower()))
        if known is None:
            known = ids[kind, name.lower()] = add(name)
        else:
            one.stash.rename(kind, known, name)
        return known

    for values in EDITS:
        lists = {kind: [the(kind, name) for name in values[kind]] for kind in ("tags", "performers")}
        for scene in scenes:
            one.stash.edit(scene, **values | lists)
            assert one.sync(scene) == "synced"
    return sum(request.path != "/identity" for request in bench.plex.log)


@pytest.mark.parametrize("switch", [name for name, (_, others, _) in SWITCHES.items() if others or name == "adds"])
def test_a_sync_with_what_is_kept_is_right_and_costs_no_more(tmp_path: Path, switch: str) -> None:
    behaviour, _, _ = SWITCHES[switch]
    costs, items = [], []
    for knows in (False, True):
        with self_test_bench(tmp_path / str(knows), **behaviour) as bench:
            scenes, keys = zip(*(bench.bench.add(f"{number}.mp4") for number in range(2)), strict=True)
            if knows:
                bench.run()
            costs.append(synced(bench, list(scenes)))
            items.append([bench.plex.item(key) for key in keys])
    without, known = costs
    assert known <= without
    for learnt, told in zip(*items, strict=True):
        assert (told.texts, told.year, told.user_rating) == (learnt.texts, learnt.year, learnt.user_rating)
        # That of a year that stays as it is was tried where that was not known.
        assert told.locked - {"year"} == learnt.locked - {"year"}
        for kind in ("genre", "actor"):
            assert told.names(kind) == learnt.names(kind)
        assert told.names("genre") == ["three"]
        assert told.names("actor") == ["B"]
    if switch in ("rounds to half stars", "takes a year", "decodes once", "folds nothing"):
        assert known < without


def test_a_running_consumer_heeds_what_another_process_has_found_out(bench: SelfTestBench) -> None:
    now = 100.0
    memory = bench.bench.app.ledger.facts
    traits = Traits(lambda: "server 1", memory, clock=lambda: now)
    other = Traits(lambda: "server 1", memory)
    assert traits.get(Trait.RATING_STEP) is None
    other.put(Trait.RATING_STEP, "1")
    other.put(Trait.REMOVALS, "once")
    assert traits.peek(Trait.RATING_STEP) is None
    now += LOOK_AGAIN_AFTER
    assert traits.peek(Trait.RATING_STEP) == "1"
    # What one finds out does not take away what the other has.
    traits.put(Trait.YEAR, "stays")
    other.put(Trait.SCAN, "POST")
    assert Traits(lambda: "server 1", memory).known() == {
        Trait.RATING_STEP: "1",
        Trait.REMOVALS: "once",
        Trait.YEAR: "stays",
        Trait.SCAN: "POST",
    }


def test_nobody_waits_for_what_is_known_while_another_reads_it_anew() -> None:
    """Whoever holds the database may ask what is known, while the one who reads it anew waits for the database."""
    now = 100.0
    reads, may_go_on = threading.Event(), threading.Event()

    class Slow:
        """A memory that keeps who asks it waiting."""

        def get(self, key: str) -> str | None:
            if now > 100:
                reads.set()
                assert may_go_on.wait(20)
            return json.dumps({"server": "server 1", "traits": {"scan": "POST"}})

        def put(self, key: str, value: str) -> None:
            raise AssertionError("nothing is noted")

    traits = Traits(lambda: "server 1", Slow(), clock=lambda: now)
    assert traits.get(Trait.SCAN) == "POST"
    now += LOOK_AGAIN_AFTER
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(traits.peek, Trait.SCAN)
        try:
            assert reads.wait(10)
            assert pool.submit(traits.peek, Trait.SCAN).result(10) == "POST"
        finally:
            may_go_on.set()
        assert first.result(10) == "POST"


def test_another_version_is_asked_anew(bench: SelfTestBench) -> None:
    bench.plex.behaviour.rating_step = 1.0
    bench.run()
    assert bench.traits[Trait.RATING_STEP] == "1"
    bench.plex.version = "2.0.0"
    assert bench.traits == {}
    bench.forget()
    bench.plex.behaviour.rating_step = None
    bench.run()
    assert bench.traits == COMMON


# --- Each question by itself, and the item whatever comes ------------------------------------------------------------


def is_write(request: Request) -> bool:
    return request.method in ("PUT", "POST")


@pytest.mark.parametrize(
    ("refused", "question"),
    [
        ("genre", "removals"),
        ("actor", "order"),
        ("/:/rate", "rating"),
        ("originallyAvailableAt", "year"),
        ("title.value", "title"),
        ("/refresh", "scan"),
        ("thumb.locked", "picture locks"),
    ],
)
@pytest.mark.parametrize("status", [400, 500])
def test_a_question_that_fails_is_named_and_the_others_are_asked(
    bench: SelfTestBench, refused: str, question: str, status: int
) -> None:
    before = bench.held()
    bench.plex.faults.add(
        PlannedFault("status", times=None, status=status, match=lambda one: refused in f"{one.path}?{one.query}")
    )
    answers = bench.run()
    assert bench.held() == before
    assert not answers[question].ok or answers[question].doubtful
    assert str(status) in answers[question].text
    assert answers["item"].ok
    asked = {"tag lists", "order", "rating", "year", "title", "scan"} - {question}
    if refused != "genre":
        assert all(answers[name].ok for name in asked)


@pytest.mark.parametrize("at", [0, 1, 5, 20, 38])
@pytest.mark.parametrize("kind", ["status", "reset", "after", "html"])
def test_one_request_that_fails_leaves_no_trace(bench: SelfTestBench, at: int, kind: Any) -> None:
    before = bench.held()
    passed = 0

    def one_of_them(request: Request) -> bool:
        nonlocal passed
        passed += is_write(request)
        return is_write(request) and passed == at + 1

    bench.plex.faults.add(PlannedFault(kind, times=1, status=503, match=one_of_them))
    answers = bench.run()
    assert passed > at
    assert answers["item"].ok
    assert bench.held() == before


def after_a_cast_was_written() -> Callable[[Request], bool]:
    """Matches every request that comes after the first write of a cast: the item is not as it was by then."""
    written = False

    def later(request: Request) -> bool:
        nonlocal written
        if written:
            return True
        written = "actor" in request.query
        return False

    return later


def test_a_plex_that_goes_away_gets_its_item_back_when_it_returns(bench: SelfTestBench) -> None:
    before = bench.held()
    later = after_a_cast_was_written()
    bench.plex.faults.add(PlannedFault("reset", times=None, match=later))
    answers = bench.run()
    assert not answers["item"].ok
    assert "could not be put back" in answers["item"].text
    assert bench.held() != before
    bench.plex.faults.clear()
    left = leftover(bench.bench.app.ledger, bench.bench.settings.data_dir)
    assert left is not None
    assert not left.running
    assert put_back(bench.client, bench.bench.app.ledger, left.record).left == ()
    assert bench.held() == before
    assert leftover(bench.bench.app.ledger, bench.bench.settings.data_dir) is None


def test_a_token_that_is_refused_ends_it(bench: SelfTestBench) -> None:
    before = bench.held()
    later = after_a_cast_was_written()
    bench.plex.faults.add(PlannedFault("status", times=None, status=401, match=later))
    with pytest.raises(AccessDenied):
        bench.run()
    bench.plex.faults.clear()
    left = leftover(bench.bench.app.ledger, bench.bench.settings.data_dir)
    assert left is not None
    put_back(bench.client, bench.bench.app.ledger, left.record)
    assert bench.held() == before


def test_its_time_and_its_requests_are_bounded(bench: SelfTestBench, monkeypatch: pytest.MonkeyPatch) -> None:
    before = bench.held()
    bench.run()
    assert len(bench.plex.log) < 150
    monkeypatch.setattr("plexsync.self_test.run.REQUESTS", 20)
    answers = bench.run()
    assert "20 requests are all" in answers["rating"].text
    assert bench.held() == before
    monkeypatch.setattr("plexsync.self_test.run.QUESTION_SECONDS", 0.0)
    answers = bench.run()
    assert all("time" in one.text for one in answers.values() if not one.ok)
    assert bench.held() == before


def test_what_a_server_shows_late_is_not_kept(tmp_path: Path) -> None:
    """A Plex that replaces lists shows a name once more that has just gone, as if it had added to the list."""
    with self_test_bench(tmp_path, tag_lists="replace") as bench:
        names = [*GENRES, made_up("one"), made_up("two")]
        shown = {"ratingKey": str(bench.key), "type": "movie", "Genre": [{"tag": name} for name in names]}
        body = json.dumps({"MediaContainer": {"Metadata": [shown]}}).encode()

        def late(request: Request) -> bool:
            writes = [one.query for one in bench.plex.log if one.method == "PUT"]
            is_gone = bool(writes) and re.search("self-test%20one(&|$)", writes[-1]) and "%20two" not in writes[-1]
            return request.method == "GET" and request.path == f"/library/metadata/{bench.key}" and bool(is_gone)

        fault = PlannedFault("status", times=1, status=200, body=body, content_type="application/json", match=late)
        bench.plex.faults.add(fault)
        before = bench.held()
        answers = bench.run()
        assert Trait.TAG_LISTS not in bench.traits
        assert "(Plex adds); and, asked again, " in answers["tag lists"].text
        assert "(Plex replaces the list)" in answers["tag lists"].text
        assert answers["tag lists"].doubtful
        assert bench.held() == before
