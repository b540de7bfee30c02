"""Plex fails at one part of one item, again and again, and answers all else: that part is left out and nothing waits.

A server that fails at everything is down, and no part is to blame.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from huey.exceptions import RetryTask

from plexsync.demo.compare import differences
from plexsync.demo.http import PlannedFault, Request
from plexsync.errors import PlexUnavailable
from plexsync.ledger import LeftOut, State
from plexsync.model import Field
from tasks.attempt import attempt
from tests.support.sync_bench import COVER, SyncBench, sync_bench

#: How Plex, or a proxy in front of it, may fail.
FAILURES: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "502": {"kind": "status", "status": 502},
    "cut off": {"kind": "reset"},
    "no answer": {"kind": "hang"},
    "a page": {"kind": "html"},
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path, read_timeout=0.4, breaker_fail_max=5) as bench:
        stash = bench.stash
        stash.edit(
            bench.scene,
            title="A title",
            details="A text",
            rating100=70,
            tags=[stash.add_tag(name) for name in ("Bad", "good", "better")],
        )
        yield bench
        bench.plex.faults.release()


def is_rating(request: Request) -> bool:
    return request.path == "/:/rate"


def is_edit(request: Request) -> bool:
    return request.method == "PUT" and not is_rating(request)


def writes(value: str) -> Callable[[Request], bool]:
    return lambda request: request.method == "PUT" and value in request.query


def left_out(bench: SyncBench) -> dict[Field, LeftOut]:
    return {one.field: one for one in bench.app.ledger.left_out.of([bench.scene]).get(bench.scene, ())}


def state(bench: SyncBench) -> State:
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    return record.state


def tries(bench: SyncBench, most: int = 3) -> int:
    """Try until the scene is done with; how often that took."""
    for tried in range(1, most + 1):
        try:
            attempt(bench.app, bench.scene, fresh=tried == 1)
        except RetryTask:
            continue
        return tried
    raise AssertionError(f"still not done after {most} attempts")


def puts(bench: SyncBench) -> int:
    return sum(one.method == "PUT" for one in bench.plex.log)


def wrong(bench: SyncBench) -> list[str]:
    return differences(bench.stash, bench.scene, bench.plex, bench.key)


# --- the rating -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", FAILURES)
def test_a_rating_that_fails_for_ever_is_left_out_and_holds_nothing_back(bench: SyncBench, failure: str) -> None:
    fault = bench.plex.faults.add(PlannedFault(times=None, match=is_rating, **FAILURES[failure]))
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=True)
    # Texts and pictures are there after the first attempt.
    assert wrong(bench) == ["rating should be 7.0 and is None"]
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    with pytest.raises(RetryTask):
        attempt(bench.app, bench.scene, fresh=False)
    text = attempt(bench.app, bench.scene, fresh=False).text
    assert "rating: 7 was refused" in text
    assert state(bench) is State.SYNCED
    assert bench.app.ledger.dead_letters.count() == 0
    assert set(left_out(bench)) == {Field.RATING}
    assert (bench.app.guard.state, bench.app.guard.failures) == ("closed", 0)
    # From then on it costs nothing, until it is time; and then one try.
    bench.stash.edit(bench.scene, title="Another title")
    bench.plex.forget()
    assert tries(bench) == 1
    assert puts(bench) == 1
    bench.app.ledger.left_out.hasten([bench.scene])
    assert tries(bench) == 1
    assert set(left_out(bench)) == {Field.RATING}
    bench.plex.faults.remove(fault)
    bench.plex.faults.release()
    bench.app.ledger.left_out.hasten([bench.scene])
    assert tries(bench) == 1
    assert wrong(bench) == []
    assert left_out(bench) == {}


def test_a_rating_that_fails_once_is_written_with_the_next_attempt(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=1, status=500, match=is_rating))
    assert tries(bench) == 2
    assert wrong(bench) == []
    assert left_out(bench) == {}
    assert bench.plex.pictures(bench.key, "posters") == [COVER]


def test_one_bad_rating_does_not_open_the_breaker(bench: SyncBench) -> None:
    bench.restart(breaker_fail_max=1)
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_rating))
    assert tries(bench) == 3
    assert bench.app.guard.state == "closed"


def test_a_rating_alone_is_left_out_too(bench: SyncBench) -> None:
    assert tries(bench) == 1
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=is_rating))
    bench.stash.edit(bench.scene, rating100=20)
    assert tries(bench) == 3
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.RATING}


# --- any other part ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize(
    ("part", "field"),
    [("Bad", Field.TAGS), ("A%20text", Field.SUMMARY), ("summary.locked", Field.SUMMARY)],
    ids=["a tag", "a text", "a lock"],
)
def test_a_part_that_fails_for_ever_is_found_whatever_the_failure(
    bench: SyncBench, part: str, field: Field, failure: str
) -> None:
    bench.plex.faults.add(PlannedFault(times=None, match=writes(part), **FAILURES[failure]))
    assert tries(bench) == 3
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {field}
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    assert (bench.item().title, bench.item().user_rating) == ("A title", 7.0)
    assert bench.app.guard.state == "closed"


@pytest.mark.parametrize("failure", ["500", "502"])
def test_a_title_that_fails_by_itself_is_left_out(bench: SyncBench, failure: str) -> None:
    """It is all that is to be written, so nothing else of the edit shows that Plex is well."""
    assert tries(bench) == 1
    bench.plex.faults.add(PlannedFault(times=None, match=writes("Worse"), **FAILURES[failure]))
    bench.stash.edit(bench.scene, title="Worse")
    assert tries(bench) == 3
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.TITLE}
    assert bench.item().title == "A title"


def test_a_part_that_failed_before_costs_no_further_attempts(bench: SyncBench) -> None:
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=writes("Bad")))
    assert tries(bench) == 3
    bench.app.ledger.left_out.hasten([bench.scene])
    bench.plex.forget()
    assert tries(bench) == 1
    assert set(left_out(bench)) == {Field.TAGS}
    assert puts(bench) <= 2


# --- a server that is down --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["500", "502", "cut off"])
def test_a_server_that_fails_at_everything_is_down(bench: SyncBench, failure: str) -> None:
    bench.restart(breaker_fail_max=1)
    bench.plex.faults.add(PlannedFault(times=None, match=lambda _request: True, **FAILURES[failure]))
    bench.app.library.expire()
    with pytest.raises(PlexUnavailable):
        bench.sync()
    assert bench.app.guard.state == "open"
    assert left_out(bench) == {}


@pytest.mark.parametrize("failure", ["500", "502", "cut off"])
def test_a_server_that_goes_down_at_the_rating_is_down(bench: SyncBench, failure: str) -> None:
    bench.restart(breaker_fail_max=1)
    down = False

    def is_down(request: Request) -> bool:
        nonlocal down
        down = down or is_rating(request)
        return down

    bench.plex.faults.add(PlannedFault(times=None, match=is_down, **FAILURES[failure]))
    with pytest.raises(PlexUnavailable):
        bench.sync()
    assert bench.app.guard.state == "open"
    assert left_out(bench) == {}


@pytest.mark.parametrize("only_rating", [True, False])
def test_a_server_that_takes_no_write_at_all_has_no_part_to_blame(bench: SyncBench, only_rating: bool) -> None:
    """Its disk is full, say: it can be read, and no part is noted as bad."""
    bench.restart(breaker_fail_max=100)
    assert tries(bench) == 1
    bench.plex.faults.add(PlannedFault("status", times=None, status=500, match=lambda request: request.method == "PUT"))
    bench.stash.edit(bench.scene, **({"rating100": 10} if only_rating else {"title": "Next", "rating100": 10}))
    for _ in range(4):
        with pytest.raises(RetryTask):
            attempt(bench.app, bench.scene, fresh=False)
    assert left_out(bench) == {}
    bench.plex.faults.clear()
    assert tries(bench) == 1
    assert wrong(bench) == []


def test_a_busy_database_is_not_searched_for_bad_parts(bench: SyncBench) -> None:
    busy = PlannedFault("status", times=None, status=500, body=b"database is busy", match=is_edit)
    bench.plex.faults.add(busy)
    bench.restart(breaker_fail_max=100)
    for tried in range(3):
        with pytest.raises(RetryTask):
            attempt(bench.app, bench.scene, fresh=tried == 0)
    # Each try and its quick repeats, and no halves.
    assert puts(bench) == 3 * 4
    assert left_out(bench) == {}


# --- what is tried after reading back ---------------------------------------------------------------------------------


def after_the_first(match: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """All such requests but the first one of each attempt: what the edit itself wrote, that is."""
    seen: list[Request] = []

    def strikes(request: Request) -> bool:
        if not match(request):
            return False
        seen.append(request)
        return len(seen) > 1

    return strikes


@pytest.mark.parametrize("status", [400, 500])
def test_a_rating_that_is_rounded_and_then_fails_is_a_note(bench: SyncBench, status: int) -> None:
    bench.plex.behaviour.rating_step = 2.0
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=after_the_first(is_rating)))
    assert tries(bench, 4) > 1
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.RATING}
    assert bench.item().title == "A title"


@pytest.mark.parametrize("status", [400, 500])
def test_a_year_that_fails_by_itself_is_no_reason_to_try_again(bench: SyncBench, status: int) -> None:
    bench.plex.behaviour.year = "stays"
    bench.stash.edit(bench.scene, date="2001-02-03")
    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=writes("year.value")))
    assert tries(bench) == 1
    assert left_out(bench) == {}
    assert bench.app.ledger.dead_letters.count() == 0


@pytest.mark.parametrize("status", [400, 500])
def test_a_name_that_stays_and_whose_removal_fails_is_a_note(bench: SyncBench, status: int) -> None:
    stash = bench.stash
    good, odd = stash.add_tag("another"), stash.add_tag("a & b")
    stash.edit(bench.scene, tags=[good, odd])
    assert tries(bench) == 1
    bench.plex.behaviour.removals_decoded = "once"
    stash.edit(bench.scene, tags=[good])

    def alone(request: Request) -> bool:
        """Beside the list the name is not taken away, as this server decodes it once; so it is named by itself."""
        return is_edit(request) and "tag-" in request.query and "genre%5B0%5D" not in request.query

    bench.plex.faults.add(PlannedFault("status", times=None, status=status, match=alone))
    tries(bench, 5)
    assert state(bench) is State.SYNCED
    assert set(left_out(bench)) == {Field.TAGS}
    assert bench.app.ledger.dead_letters.count() == 0


@pytest.mark.parametrize("failure", ["500", "502", "no answer"])
def test_a_pictures_lock_that_fails_for_ever_is_left_out(bench: SyncBench, failure: str) -> None:
    bench.plex.behaviour.uploads_lock = False
    bench.plex.faults.add(PlannedFault(times=None, match=writes("thumb.locked"), **FAILURES[failure]))
    assert tries(bench) == 3
    assert state(bench) is State.SYNCED
    assert {one.part for one in left_out(bench).values()} == {"lock"}
    assert bench.plex.pictures(bench.key, "posters") == [COVER]
    assert "art" in bench.item().locked
