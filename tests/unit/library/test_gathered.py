"""Pages that come quickly are written together, and none waits long or is lost for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from plexsync.library.gathered import TOGETHER, WAITS, gathered


def test_pages_come_in_their_order_some_at_a_time() -> None:
    found = list(gathered(iter(range(TOGETHER + 1)), lambda: 0.0))
    assert found == [list(range(TOGETHER)), [TOGETHER]]


def test_where_they_come_slowly_none_waits_for_others() -> None:
    clock = iter(range(100))
    assert list(gathered(iter("abc"), lambda: next(clock) * WAITS)) == [["a"], ["b"], ["c"]]


def test_what_goes_wrong_comes_out_behind_the_pages_before() -> None:
    def pages() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("no third")

    came: list[list[int]] = []
    with pytest.raises(ValueError, match="no third"):
        came.extend(gathered(pages(), lambda: 0.0))
    assert came == [[1, 2]]


def test_whoever_leaves_off_gets_nothing_more() -> None:
    coming = gathered(iter(range(100)), lambda: 0.0)
    assert next(coming) == list(range(TOGETHER))
    coming.close()  # type: ignore[attr-defined]
    assert list(coming) == []
