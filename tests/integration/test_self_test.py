"""A self-test finds out what a server does, keeps it, and leaves the item as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.plex.traits import Trait
from plexsync.self_test import kept

sys.path.insert(0, str(Path(__file__).parent))
from self_test_bench import SelfTestBench, self_test_bench

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
