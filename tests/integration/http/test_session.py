"""A session that takes no more time, bytes or ways than it is given, whatever the caller asks for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from plexsync.http.deadline import within
from plexsync.http.failures import timed_out
from plexsync.http.session import BodyTooLarge, BoundedSession
from tests.support.misbehaving_server import Behaviour, Server, answer, drip, hang


@contextmanager
def session_and_server(*behaviours: Behaviour) -> Iterator[tuple[BoundedSession, Server, str]]:
    server = Server(*behaviours)
    try:
        with BoundedSession(0.5, 0.2, verify=True, answer_max=1000, pool_size=1) as session:
            yield session, server, f"http://127.0.0.1:{server.port}/"
    finally:
        server.close()


def test_no_caller_waits_longer_than_the_session_does() -> None:
    with session_and_server(hang) as (session, _, url):
        begun = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            session.get(url, timeout=30)
        assert time.monotonic() - begun < 0.5


def test_no_redirect_is_followed_even_where_the_caller_asks_for_it() -> None:
    with session_and_server(answer(status="302 Found", headers="Location: /login\r\n")) as (session, server, url):
        assert session.get(url, allow_redirects=True).status_code == 302
        assert len(server.requests) == 1


def test_an_answer_is_taken_up_to_its_last_byte_and_not_beyond() -> None:
    with session_and_server(answer(bytes(1000)), answer(bytes(1001)), answer(b"next")) as (session, _, url):
        assert session.get(url).content == bytes(1000)
        with pytest.raises(BodyTooLarge):
            session.get(url, stream=True)
        assert session.get(url).content == b"next", "what was not read is not taken for another answer"


def test_a_deadline_holds_for_its_block_only() -> None:
    dripping = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
    with session_and_server(dripping, answer(b"next")) as (session, _, url):
        begun = time.monotonic()
        with within(0.3), pytest.raises(requests.RequestException) as caught:
            session.get(url)
        assert timed_out(caught.value)
        assert 0.25 < time.monotonic() - begun < 0.8
        assert session.get(url).content == b"next"
