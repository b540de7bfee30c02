"""What is found out by reading back: ratings that a server rounds, years that it does not take from dates."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import ReadBackMismatch
from plexsync.plex.traits import Trait
from tests.support.reconcile_bench import reconcile_bench
from tests.support.sync_bench import SyncBench, sync_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


def writes(bench: SyncBench) -> list[str]:
    return [f"{one.path}?{one.query}" for one in bench.plex.log if one.method == "PUT"]


# --- Ratings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("rating100", [3, 51, 68, 75, 85, 99])
def test_a_rating_that_the_server_rounds_is_no_mismatch_and_does_not_loop(
    bench: SyncBench, step: float, rating100: int
) -> None:
    bench.plex.behaviour.rating_step = step
    bench.stash.edit(bench.scene, rating100=rating100)
    assert bench.sync() == "synced"
    shown = bench.item().user_rating
    assert shown is not None
    assert abs(shown - rating100 / 10) <= step / 2 + 0.01
    for _ in range(3):
        bench.sync()
    bench.plex.forget()
    bench.restart()
    assert bench.sync() == "unchanged"
    assert writes(bench) == []
    # A fresh ledger finds it right, too, when it has read the item.
    assert bench.item().user_rating == shown


def test_a_server_that_rounds_is_known_after_the_first_rating(bench: SyncBench) -> None:
    bench.plex.behaviour.rating_step = 1.0
    others = [bench.add(f"{number}.mp4") for number in range(3)]
    bench.stash.edit(bench.scene, rating100=85)
    bench.sync()
    assert sum("/:/rate" in one for one in writes(bench)) == 2
    bench.restart()
    bench.plex.forget()
    for (scene, key), rating100 in zip(others, (12, 34, 56), strict=True):
        bench.stash.edit(scene, rating100=rating100)
        assert bench.sync(scene) == "synced"
        assert bench.plex.item(key).user_rating == round(rating100 / 10)
    rates = [one for one in writes(bench) if "/:/rate" in one]
    assert [one.rpartition("rating=")[2] for one in rates] == ["1", "3", "6"]


def test_a_person_who_rates_in_between_does_not_make_a_server_one_that_rounds(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, rating100=85)
    rated = False

    def reads_back(request: Request) -> bool:
        nonlocal rated
        was_rated = any(one.path == "/:/rate" for one in bench.plex.log)
        if was_rated and not rated and request.path == f"/library/metadata/{bench.key}":
            rated = True
            bench.plex.rate_as_person(bench.key, 9.0)
        return False

    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=reads_back))
    assert bench.sync() == "synced"
    assert rated
    assert bench.item().user_rating == 8.5
    assert bench.app.plex.traits.get(Trait.RATING_STEP) is None


def test_another_rating_than_was_written_is_still_a_mismatch(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, rating100=85)
    bench.plex.faults.add(
        PlannedFault("status", times=None, status=200, body=b"", match=lambda request: request.path == "/:/rate")
    )
    with pytest.raises(ReadBackMismatch, match="rating"):
        bench.sync()


def test_comparing_everything_finds_rounded_ratings_right(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.rating_step = 1.0
        for scene in compared.scenes:
            compared.stash.edit(scene, rating100=85)
            assert compared.bench.sync(scene) == "synced"
        assert compared.counts() == {}
        assert compared.counts(full=True) == {}
        compared.plex.rate_as_person(compared.keys[0], 7.0)
        assert compared.put_right() == {"drifted": 1}
        assert compared.plex.item(compared.keys[0]).user_rating == 9.0


# --- The year --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("year", "shown", "sent"), [("follows", 2001, 0), ("takes", 2001, 1), ("stays", None, 1)])
def test_the_year_is_that_of_the_date_where_the_server_can_do_that(
    bench: SyncBench, year: str, shown: int | None, sent: int
) -> None:
    bench.plex.behaviour.year = year  # type: ignore[assignment]  # one of its values
    bench.stash.edit(bench.scene, date="2001-02-03", title="A title")
    assert bench.sync() == "synced"
    assert (bench.item().year, bench.item().text("originallyAvailableAt")) == (shown, "2001-02-03")
    assert sum("year.value" in one for one in writes(bench)) == sent
    assert bench.sync() == "unchanged"


def test_a_server_that_takes_a_year_gets_it_with_the_date_from_then_on(bench: SyncBench) -> None:
    bench.plex.behaviour.year = "takes"
    bench.stash.edit(bench.scene, date="2001-02-03")
    bench.sync()
    bench.restart()
    bench.plex.forget()
    bench.stash.edit(bench.scene, date="1999-12-31")
    assert bench.sync() == "synced"
    assert bench.item().year == 1999
    (write,) = writes(bench)
    assert "year.value=1999&year.locked=1" in write


def test_a_server_whose_years_stay_is_asked_once(bench: SyncBench) -> None:
    bench.plex.behaviour.year = "stays"
    for scene, key in [bench.add(f"{number}.mp4") for number in range(3)]:
        bench.stash.edit(scene, date="2001-02-03")
        assert bench.sync(scene) == "synced"
        assert bench.plex.item(key).year is None
    assert sum("year.value" in one for one in writes(bench)) == 1


def test_a_server_that_refuses_a_year_still_gets_the_date(bench: SyncBench) -> None:
    bench.plex.behaviour.year = "stays"
    bench.plex.faults.add(PlannedFault("status", times=None, status=400, match=lambda one: "year.value" in one.query))
    bench.stash.edit(bench.scene, date="2001-02-03")
    assert bench.sync() == "synced"
    assert bench.item().text("originallyAvailableAt") == "2001-02-03"
    assert bench.app.plex.traits.get(Trait.YEAR) == "stays"


def test_a_common_server_gets_no_request_for_any_of_this(bench: SyncBench) -> None:
    bench.stash.edit(bench.scene, date="2001-02-03", rating100=85, title="A title")
    bench.sync()
    assert len([one for one in writes(bench) if "/all" in one]) == 1
    assert len([one for one in writes(bench) if "/:/rate" in one]) == 1
    assert bench.app.plex.traits.peek(Trait.RATING_STEP) is None


# --- How much is kept of a text --------------------------------------------------------------------------------------

LONG_TITLE = " ".join(f"word{number}" for number in range(60))
LONG_SUMMARY = " ".join(f"Sentence {number} of many." for number in range(400))


def test_a_server_that_cuts_texts_gets_them_cut_between_words_and_is_known_then(bench: SyncBench) -> None:
    bench.plex.behaviour.text_max = {"title": 120, "summary": 1000}
    bench.plex.behaviour.max_request_line = 65536
    bench.stash.edit(bench.scene, title=LONG_TITLE, details=LONG_SUMMARY)
    with pytest.raises(ReadBackMismatch):
        bench.sync()
    # That is known now.
    assert bench.sync() == "synced"
    item = bench.item()
    assert item.title.endswith("…")
    assert 60 < len(item.title) <= 120
    assert item.text("summary").endswith("…")
    assert 500 < len(item.text("summary")) <= 1000
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert any("this Plex keeps no more" in note for note in record.notes)
    for _ in range(2):
        assert bench.sync() == "unchanged"
        bench.restart()
    bench.app.ledger.scenes.doubt(bench.scene, why="drifted")
    assert bench.sync() == "unchanged"
    other, key = bench.add("other.mp4")
    bench.stash.edit(other, title=LONG_TITLE)
    assert bench.sync(other) == "synced"
    assert bench.plex.item(key).title == item.title


def test_comparing_everything_finds_cut_texts_right(tmp_path: Path) -> None:
    with reconcile_bench(tmp_path) as compared:
        compared.plex.behaviour.text_max = {"title": 120}
        for scene in compared.scenes:
            compared.stash.edit(scene, title=f"{scene} {LONG_TITLE}")
            with contextlib.suppress(ReadBackMismatch):
                compared.bench.sync(scene)
            compared.bench.sync(scene)
        assert compared.counts() == {}
        assert compared.counts(full=True) == {}
        compared.plex.edit_as_person(compared.keys[0], title="Theirs")
        assert compared.put_right() == {"drifted": 1}
