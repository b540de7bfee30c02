"""One call for many."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from plexsync.sync.batch_loader import BatchLoader


def test_a_lone_caller_gets_its_value_in_one_call() -> None:
    calls: list[Sequence[int]] = []

    def fetch(keys: Sequence[int]) -> dict[int, str]:
        calls.append(list(keys))
        return {key: str(key) for key in keys}

    assert BatchLoader(fetch, 10).get(5) == "5"
    assert calls == [[5]]


def test_what_does_not_exist_is_none() -> None:
    assert BatchLoader(lambda keys: {}, 10).get(5) is None


def test_those_who_come_during_a_call_share_the_next_one() -> None:
    calls: list[list[int]] = []
    started, release = threading.Event(), threading.Event()

    def fetch(keys: Sequence[int]) -> dict[int, int]:
        calls.append(sorted(keys))
        started.set()
        release.wait(5)
        return {key: key * 10 for key in keys}

    loader = BatchLoader(fetch, 10)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(loader.get, 1)
        assert started.wait(5)
        rest = [pool.submit(loader.get, key) for key in (2, 3, 4, 2)]
        while loader.waiting < 3:
            time.sleep(0.001)
        release.set()
        assert [one.result(5) for one in (first, *rest)] == [10, 20, 30, 40, 20]
    assert calls == [[1], [2, 3, 4]]


def test_a_batch_never_exceeds_the_limit() -> None:
    sizes: list[int] = []

    def fetch(keys: Sequence[int]) -> dict[int, int]:
        sizes.append(len(keys))
        time.sleep(0.01)
        return {key: key for key in keys}

    loader = BatchLoader(fetch, 3)
    with ThreadPoolExecutor(20) as pool:
        assert list(pool.map(loader.get, range(20))) == list(range(20))
    assert max(sizes) <= 3
    assert sum(sizes) == 20


def test_a_key_asked_for_during_its_own_call_is_fetched_again() -> None:
    state = {"value": "old"}
    started, release = threading.Event(), threading.Event()

    def fetch(keys: Sequence[int]) -> dict[int, str]:
        value = state["value"]
        started.set()
        release.wait(5)
        return dict.fromkeys(keys, value)

    loader = BatchLoader(fetch, 10)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(loader.get, 1)
        assert started.wait(5)
        state["value"] = "new"
        second = pool.submit(loader.get, 1)
        while not loader.waiting:
            time.sleep(0.001)
        release.set()
        assert (first.result(5), second.result(5)) == ("old", "new")


def test_an_error_reaches_everyone_in_the_batch_and_nobody_after() -> None:
    fail = True

    def fetch(keys: Sequence[int]) -> dict[int, int]:
        if fail:
            raise OSError("down")
        return {key: key for key in keys}

    loader = BatchLoader(fetch, 10)
    with pytest.raises(OSError, match="down"):
        loader.get(1)
    fail = False
    assert loader.get(1) == 1


def test_what_the_result_says_of_one_key_reaches_only_whoever_wants_that_one() -> None:
    class Found(dict[int, int]):
        def get(self, key: int, default: object = None) -> object:  # type: ignore[override]  # as any mapping's
            if key == 2:
                raise OSError("this one")
            return super().get(key, default)

    started, release = threading.Event(), threading.Event()
    calls: list[list[int]] = []

    def fetch(keys: Sequence[int]) -> Found:
        calls.append(sorted(keys))
        started.set()
        release.wait(5)
        return Found({key: key * 10 for key in keys})

    loader = BatchLoader(fetch, 10)
    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(loader.get, 1)
        assert started.wait(5)
        rest = {key: pool.submit(loader.get, key) for key in (2, 3, 4)}
        while loader.waiting < 3:
            time.sleep(0.001)
        release.set()
        assert (first.result(5), rest[3].result(5), rest[4].result(5)) == (10, 30, 40)
        with pytest.raises(OSError, match="this one"):
            rest[2].result(5)
    assert calls == [[1], [2, 3, 4]]
