"""When scenes that lacked something are looked at again."""

from __future__ import annotations

import pytest

from plexsync.model import Field
from plexsync.sync.late_checks import GRID_LIMIT, begins, planned, wait_after

TITLE, STUDIO, POSTER = Field.TITLE, Field.STUDIO, Field.POSTER


@pytest.mark.parametrize("wait", [1, 60, 300, 900, 3600, 86400])
def test_a_look_is_never_early_and_at_most_a_twentieth_late(wait: int) -> None:
    for now in (1_700_000_000.0, 1_700_000_000.7, 1_700_000_123.456):
        assert 0 <= planned(now, wait) - now - wait <= max(1.0, min(wait / 20, GRID_LIMIT))


def test_scenes_synced_one_after_the_other_share_their_looks() -> None:
    moments = {planned(1_700_000_000.0 + n / 20, 3600) for n in range(20 * 180)}
    assert len(moments) <= 2


def test_the_waits_lead_from_look_to_look_to_the_times_of_the_setting() -> None:
    waits = (60, 300, 900)
    steps = [wait_after(waits, looks) for looks in range(4)]
    assert steps == [60, 240, 600, None]
    assert wait_after((), 0) is None


def test_more_looks_than_the_setting_has_now_are_over() -> None:
    assert wait_after((60,), 4) is None


@pytest.mark.parametrize("fresh", [True, False])
def test_looks_begin_with_the_first_sync_of_a_scene_that_lacks_something(fresh: bool) -> None:
    assert begins(None, [STUDIO], going_on=False, fresh=fresh)
    assert not begins(None, [], going_on=False, fresh=fresh)


def test_an_event_begins_looks_that_go_on_anew_and_a_look_does_not() -> None:
    assert begins([TITLE, STUDIO], [STUDIO], going_on=True, fresh=True)
    assert not begins([TITLE, STUDIO], [STUDIO], going_on=True, fresh=False)


def test_after_the_last_look_a_mere_edit_begins_none() -> None:
    assert not begins([STUDIO], [STUDIO], going_on=False, fresh=True)
    assert not begins([TITLE, STUDIO], [STUDIO], going_on=False, fresh=True)


def test_what_a_scene_has_lost_is_looked_for() -> None:
    assert begins([], [POSTER], going_on=False, fresh=True)
    assert begins([STUDIO], [STUDIO, POSTER], going_on=False, fresh=False)
