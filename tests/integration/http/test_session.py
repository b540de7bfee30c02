"""A session that takes no more time, bytes or ways than it is given, whatever the caller asks for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from requests.adapters import HTTPAdapter

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


def test_a_hundred_requests_take_one_connection_and_nothing_is_worked_out_again_for_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[str] = []
    for kind, name in (
        (requests.PreparedRequest, "prepare"),
        (HTTPAdapter, "build_connection_pool_key_attributes"),
        (HTTPAdapter, "cert_verify"),
        (requests.Session, "merge_environment_settings"),
    ):
        _note_calls(monkeypatch, kind, name, made)
    with session_and_server(answer()) as (session, server, url):
        headers = session.standing_headers(url, {"X-Own": "1"})
        for number in range(100):
            assert session.exchange("GET", f"{url}{number}", headers).content == b"{}"
        assert [request.connection for request in server.requests] == [1] * 100
        assert server.requests[-1].head.startswith("GET /99 HTTP/1.1\r\n")
        assert "X-Own: 1" in server.requests[-1].head.split("\r\n")
    assert made == ["prepare", "prepare", "build_connection_pool_key_attributes", "cert_verify"]


def _note_calls(monkeypatch: pytest.MonkeyPatch, kind: type, name: str, made: list[str]) -> None:
    original = getattr(kind, name)

    def noting(*args: object, **kwargs: object) -> object:
        made.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(kind, name, noting)


def test_a_closed_session_opens_a_new_connection_for_a_later_request() -> None:
    with session_and_server(answer()) as (session, server, url):
        headers = session.standing_headers(url)
        for _ in range(2):
            session.exchange("GET", url, headers)
            session.close()
        assert [request.connection for request in server.requests] == [1, 2]


def test_a_user_in_the_address_is_told_in_a_header_and_nowhere_else() -> None:
    with session_and_server(answer()) as (session, server, url):
        named = url.replace("://", "://someone:secret@")
        session.exchange("GET", named, session.standing_headers(named))
        assert "Authorization: Basic c29tZW9uZTpzZWNyZXQ=" in server.requests[0].head.split("\r\n")
        assert "secret" not in server.requests[0].head


def test_a_body_says_its_length_and_arrives_whole_whether_it_goes_in_pieces_or_not() -> None:
    with session_and_server(answer()) as (session, server, url):
        for size in (0, 1, 16 * 1024, 16 * 1024 + 1, 1_000_000):
            session.exchange("POST", url, session.standing_headers(url), b"a" * size)
            assert server.requests[-1].body == b"a" * size
            assert f"Content-Length: {size}\r\n" in f"{server.requests[-1].head}\r\n"
