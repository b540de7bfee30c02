"""Header values that can be sent, and those of a server that are believed."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from plexsync.http.headers import RETRY_AFTER_MAX, can_be_sent, retry_after


@pytest.mark.parametrize(
    ("value", "carried"),
    [
        ("t0ken-!~", True),
        ("", False),
        ("two words", False),
        ("line\n", False),
        ("line\r\nX-More: 1", False),
        ("ключ", False),
        ("\x7f", False),
    ],
)
def test_only_visible_ascii_characters_can_be_sent(value: str, carried: bool) -> None:
    assert can_be_sent(value) is carried


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 30 ", 30),
        ("999999999", RETRY_AFTER_MAX),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("nan", None),
        ("1.5", None),
        ("9" * 5000, None),
        ("Mon, 99 Foo 2024 00:00:00 GMT", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ],
)
def test_retry_after_is_believed_only_where_it_makes_sense(value: str, seconds: float | None) -> None:
    assert retry_after({"Retry-After": value}) == seconds


def test_retry_after_may_be_a_date() -> None:
    seconds = retry_after({"Retry-After": formatdate(time.time() + 60, usegmt=True)})
    assert seconds == pytest.approx(60, abs=2)
