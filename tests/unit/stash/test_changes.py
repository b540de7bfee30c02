"""Since when to ask Stash for changes, and what its answers to that are."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from plexsync.errors import StashUnavailable
from plexsync.stash import Changed, Changes, Watermark
from plexsync.stash.answers import read_changed, read_scene_count, rows_of
from plexsync.stash.changes import SETTLING, moved_back

SUMMER = "2026-10-25T02:30:00+02:00"


# --- The watermark ---------------------------------------------------------------------------------------------------


def test_at_first_the_last_minutes_count_as_unsettled() -> None:
    mark = Watermark.at(SUMMER, 1000.0)
    assert (mark.since(due=False), mark.since(due=True)) == (SUMMER, "2026-10-25T02:25:00+02:00")
    assert not mark.due(1000.0 + SETTLING - 1)
    assert mark.due(1000.0 + SETTLING)


def test_an_empty_stash_is_asked_for_everything() -> None:
    mark = Watermark.at("", 0.0)
    assert (mark.since(mark.due(1e9)), mark.due(1e9)) == ("", False)


def test_what_was_listed_is_listed_once_more_when_it_has_settled_and_then_never() -> None:
    mark = Watermark("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z")
    mark = mark.after("2026-01-01T10:05:00Z", 100.0, due=False)
    assert mark.since(mark.due(160.0)) == "2026-01-01T10:05:00Z"
    mark = mark.after("", 160.0, due=False)
    assert mark.since(mark.due(100.0 + SETTLING)) == "2026-01-01T10:00:00Z"
    mark = mark.after("2026-01-01T10:05:00Z", 100.0 + SETTLING, due=True)
    assert mark == Watermark("2026-01-01T10:05:00Z", "2026-01-01T10:05:00Z", "", 100.0 + SETTLING)
    assert not mark.due(1e9)


def test_changes_that_never_cease_do_not_keep_earlier_ones_from_settling() -> None:
    start = datetime.fromisoformat("2026-01-01T10:00:00+00:00")
    mark = Watermark("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z")
    for minute in range(1, 60):
        now = minute * 60.0
        due = mark.due(now)
        newest = (start + timedelta(minutes=minute)).isoformat().replace("+00:00", "Z")
        mark = mark.after(newest, now, due)
    assert mark.settled > "2026-01-01T10:48:00Z"
    assert mark.seen == "2026-01-01T10:59:00Z"


def test_a_clock_that_is_set_back_delays_and_does_not_stop() -> None:
    mark = Watermark("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z").after("2026-01-01T10:05:00Z", 9000.0, due=False)
    mark = mark.after("", 500.0, mark.due(500.0))
    assert mark.due(500.0 + SETTLING)


@pytest.mark.parametrize(
    ("settled", "stamp", "again"),
    [
        (SUMMER, "2026-10-25T02:31:00+01:00", "2026-10-25T01:29:59+01:00"),
        (SUMMER, "2026-10-25T02:31:00Z", "2026-10-25T00:29:59Z"),
        (SUMMER, "2026-10-25T02:31:00-03:30", "2026-10-24T20:59:59-03:30"),
        (SUMMER, "2026-10-25T02:31:00+02:00", None),
        ("2026-03-29T01:59:59+01:00", "2026-03-29T03:00:00+02:00", None),
        ("2026-03-29T00:59:59Z", "2026-03-29T02:00:00+01:00", None),
        ("", SUMMER, None),
        (SUMMER, "", None),
    ],
)
def test_where_to_look_again_when_the_zone_has_moved_back(settled: str, stamp: str, again: str | None) -> None:
    assert moved_back(settled, stamp) == again


def test_a_zone_that_moved_back_starts_the_watermark_over_from_there() -> None:
    mark = Watermark(SUMMER, SUMMER).after("2026-10-25T02:31:00+01:00", 50.0, due=False)
    assert mark.since(due=False) == "2026-10-25T01:29:59+01:00"
    again = mark.after("2026-10-25T02:31:00+01:00", 110.0, due=False)
    assert again.since(due=False) == "2026-10-25T02:31:00+01:00"


# --- Answers ---------------------------------------------------------------------------------------------------------


def test_the_newest_of_all_kinds_is_told() -> None:
    scenes = (Changed(1, "2026-01-01T10:00:00Z"),)
    assert Changes(scenes, {"tag": (Changed(2, "2026-01-01T10:00:01Z"),)}).newest == "2026-01-01T10:00:01Z"
    assert Changes(()).newest == ""


@pytest.mark.parametrize("stamp", [None, 5, "", "yesterday", "2026-01-01T10:00:00", "2026-13-01T10:00:00Z"])
def test_a_time_that_is_none_is_before_all_others_and_hides_nothing(stamp: object) -> None:
    good = {"id": "2", "updated_at": "2026-01-01T10:00:00Z"}
    found = read_changed([{"id": "1", "updated_at": stamp}, good])
    assert found == (Changed(1, ""), Changed(2, "2026-01-01T10:00:00Z"))


@pytest.mark.parametrize("stamp", ["2026-01-01T10:00:00Z", "2026-01-01T10:00:00-03:30", "2026-01-01T10:00:00.5+02:00"])
def test_a_time_is_kept_as_stash_wrote_it(stamp: str) -> None:
    assert read_changed([{"id": "1", "updated_at": stamp}]) == (Changed(1, stamp),)


@pytest.mark.parametrize("row", [None, 5, {}, {"id": None}, {"id": 1}, {"id": "x"}, {"id": "0" * 30 + "1"}])
def test_what_has_no_id_is_left_out(row: object) -> None:
    good = {"id": "2", "updated_at": "2026-01-01T10:00:00Z"}
    assert read_changed([row, good]) == (Changed(2, "2026-01-01T10:00:00Z"),)


@pytest.mark.parametrize("data", [{}, {"findScenes": None}, {"findScenes": {"scenes": None}}])
def test_an_answer_without_scenes_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(StashUnavailable, match="findScenes"):
        rows_of(data)


def test_a_number_of_scenes_is_a_count() -> None:
    assert read_scene_count({"findScenes": {"count": 7}}) == 7
    with pytest.raises(StashUnavailable, match=r"findScenes\.count is not a count"):
        read_scene_count({"findScenes": {"count": "7"}})
