"""Changes that were found although the hook was not called for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from plexsync.installation import unannounced
from plexsync.installation.unannounced import Unannounced
from plexsync.ledger import Ledger

CALLED = 1_700_000_000.0


def stamp(seconds: float, hours: int = 0) -> str:
    return datetime.fromtimestamp(CALLED + seconds, timezone(timedelta(hours=hours)) if hours else UTC).isoformat()


def test_what_was_changed_after_the_last_call_counts(ledger: Ledger) -> None:
    unannounced.note(ledger.facts, [stamp(-5), stamp(0), stamp(3), stamp(9, hours=2)], CALLED)
    assert unannounced.since(ledger.facts, CALLED) == Unannounced(2, CALLED + 9)


def test_what_is_listed_once_more_counts_once(ledger: Ledger) -> None:
    for _ in range(3):
        unannounced.note(ledger.facts, [stamp(3), stamp(9)], CALLED)
    unannounced.note(ledger.facts, [stamp(12)], CALLED)
    assert unannounced.since(ledger.facts, CALLED) == Unannounced(3, CALLED + 12)


def test_a_call_begins_anew(ledger: Ledger) -> None:
    unannounced.note(ledger.facts, [stamp(3)], CALLED)
    assert unannounced.since(ledger.facts, CALLED + 60) == Unannounced()
    unannounced.note(ledger.facts, [stamp(30)], CALLED + 60)
    assert unannounced.since(ledger.facts, CALLED + 60) == Unannounced(), "the call came after it"


def test_all_count_where_the_hook_was_never_called(ledger: Ledger) -> None:
    unannounced.note(ledger.facts, [stamp(1), stamp(2)], None)
    assert unannounced.since(ledger.facts, None).count == 2


@pytest.mark.parametrize("odd", ["", "tomorrow", "9999-99-99", "0001-01-01T00:00:00+23:59"])
def test_a_stamp_that_is_none_does_not_count(ledger: Ledger, odd: str) -> None:
    unannounced.note(ledger.facts, [odd], CALLED)
    assert unannounced.since(ledger.facts, CALLED) == Unannounced()


@pytest.mark.parametrize("text", ["", "7", "[]", "{", '{"called_at": 1}'])
def test_what_cannot_be_read_counts_as_nothing(ledger: Ledger, text: str) -> None:
    ledger.facts.put(unannounced.FACT, text)
    assert unannounced.since(ledger.facts, 1) == Unannounced()
