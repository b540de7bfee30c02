"""An answer's headers come out as http.client itself would have them."""

from __future__ import annotations

import http.client
import io
from email.parser import Parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.http.heads import MAX_LINE, MAX_LINES, parse_headers
from tests.integration.http.test_session import session_and_server
from tests.support.misbehaving_server import answer

ORDINARY = (
    b"Content-Type: application/json\r\nX-Empty:\r\nx-twice: a\r\nX-Twice:  b \r\nX-Latin: caf\xe9\r\n"
    b"Date: Wed, 17 May 2023 10:00:00 GMT\nX-Colon: a:b\r\n"
)
ODD = (
    b"X-Folded: a\r\n b\r\nX-After: 1\r\n",
    b"no header\r\nX-After: 1\r\n",
    b"X Y: 1\r\nX-After: 1\r\n",
    b"X-Return: a\rb: c\r\nX-After: 1\r\n",
    b": nameless\r\nX-After: 1\r\n",
    b"From somebody\r\nX-After: 1\r\n",
    b"X-Cut: 1",
)


def both(raw: bytes) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The headers as they are read here, and as http.client reads them."""
    return parse_headers(io.BytesIO(raw)).items(), http.client.parse_headers(io.BytesIO(raw)).items()


@pytest.mark.parametrize("raw", [ORDINARY, *ODD, b""])
@pytest.mark.parametrize("end", [b"\r\n", b"\n", b""])
def test_headers_are_what_http_client_makes_of_them(raw: bytes, end: bytes) -> None:
    ours, theirs = both(raw + end + (b"a body: 1\r\n" if end else b""))
    assert ours == theirs


@given(st.lists(st.binary(max_size=20).map(lambda one: b"X-" + one), max_size=5))
def test_whatever_comes_is_read_as_http_client_reads_it(lines: list[bytes]) -> None:
    ours, theirs = both(b"".join(line + b"\r\n" for line in lines) + b"\r\n")
    assert ours == theirs


def test_nothing_is_read_beyond_the_headers() -> None:
    stream = io.BytesIO(ORDINARY + b"\r\nbody")
    parse_headers(stream)
    assert stream.read() == b"body"


def test_what_is_longer_or_more_than_anybody_sends_is_refused() -> None:
    assert len(parse_headers(io.BytesIO(b"X-A: 1\r\n" * MAX_LINES + b"\r\n")).items()) == MAX_LINES
    with pytest.raises(http.client.HTTPException):
        parse_headers(io.BytesIO(b"X-A: 1\r\n" * (MAX_LINES + 1)))
    with pytest.raises(http.client.LineTooLong):
        parse_headers(io.BytesIO(b"X-A: " + b"a" * MAX_LINE))


def test_an_ordinary_answer_takes_no_parser_for_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(*_: object, **__: object) -> None:
        raise AssertionError("the parser for mail was asked")

    monkeypatch.setattr(Parser, "parsestr", parse)
    with session_and_server(answer(b"body", headers="X-Own: 1\r\n")) as (session, _, url):
        response = session.exchange("GET", url, session.standing_headers(url))
    assert (response.content, response.headers["x-own"]) == (b"body", "1")
