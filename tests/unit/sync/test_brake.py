"""Pictures that take all their time, one after another, are left alone for a while."""

from __future__ import annotations

import pytest

from plexsync.errors import PictureFailed
from plexsync.sync.brake import SLOW_IN_A_ROW, WAIT, Brake, PutOff


class Pictures:
    def __init__(self) -> None:
        self.now = 1000.0
        self.tried = 0
        self.brake = Brake("slow", lambda: self.now)

    def one(self, *, slow: bool | None) -> bool:
        """Try a picture, which comes (None), fails at once, or fails after all its time; whether it was tried."""
        try:
            with self.brake.one():
                self.tried += 1
                if slow is not None:
                    raise PictureFailed("failed", slow=slow)
        except PutOff:
            return False
        except PictureFailed:
            return True
        return True


def test_pictures_that_fail_at_once_are_tried_for_ever() -> None:
    pictures = Pictures()
    assert all(pictures.one(slow=False) for _ in range(50))


def test_slow_ones_in_a_row_are_enough() -> None:
    pictures = Pictures()
    for _ in range(SLOW_IN_A_ROW - 1):
        assert pictures.one(slow=True)
    assert pictures.one(slow=None)
    for _ in range(SLOW_IN_A_ROW):
        assert pictures.one(slow=True)
    assert not any(pictures.one(slow=None) for _ in range(50))


def test_after_a_while_one_is_tried_and_decides_for_the_others() -> None:
    pictures = Pictures()
    for _ in range(SLOW_IN_A_ROW):
        pictures.one(slow=True)
    pictures.now += WAIT
    with pictures.brake.one():
        # While it is on its way nobody else asks.
        assert not pictures.one(slow=None)
    assert all(pictures.one(slow=None) for _ in range(5))


def test_one_that_is_slow_again_makes_the_others_wait_again() -> None:
    pictures = Pictures()
    for _ in range(SLOW_IN_A_ROW):
        pictures.one(slow=True)
    pictures.now += WAIT
    assert pictures.one(slow=True)
    assert not pictures.one(slow=None)
    with pytest.raises(PutOff) as put_off, pictures.brake.one():
        pass
    assert put_off.value.seconds == pytest.approx(WAIT)
