"""A connection that is kept is used in fewer steps than a new one, and whatever comes back comes out the same."""

from __future__ import annotations

import gzip
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import trustme
from urllib3.connectionpool import HTTPConnectionPool

from plexsync.http.deadline import within
from plexsync.http.failures import broke_off, timed_out
from plexsync.http.session import BoundedSession
from tests.support.misbehaving_server import (
    Behaviour,
    Server,
    answer,
    drip,
    drip_chunks,
    hang,
    hang_up,
    reset,
    truncate,
)


def raw(text: str | bytes, keep: bool = True) -> Behaviour:
    data = text.encode("iso-8859-1") if isinstance(text, str) else text

    def behave(connection: ssl.SSLSocket, _: object) -> bool:
        connection.sendall(data)
        return keep

    return behave  # type: ignore[return-value]  # any socket


@contextmanager
def a_server(*behaviours: Behaviour, **limits: float) -> Iterator[tuple[BoundedSession, Server, str, dict[str, str]]]:
    server = Server(*behaviours)
    settings = {"connect_timeout": 0.5, "read_timeout": 0.3, **limits}
    try:
        with BoundedSession(**settings, verify=True, answer_max=100_000, pool_size=2) as session:  # type: ignore[arg-type]
            url = f"http://127.0.0.1:{server.port}/x"
            yield session, server, url, session.standing_headers(url, {"X-Own": "1"})
    finally:
        server.close()


def outcome(behaviour: Behaviour, *, warm: bool, **limits: float) -> object:
    """What comes of one request, over a connection that is kept or over a new one."""
    with a_server(*([answer()] if warm else []), behaviour, answer(b"after"), **limits) as (session, server, url, sent):
        if warm:
            session.exchange("GET", url, sent)
        try:
            with within(0.6):
                response = session.exchange("GET", url, sent)
        except requests.RequestException as error:
            found: object = type(error).__name__, timed_out(error), broke_off(error)
        else:
            names = ("Content-Type", "Retry-After", "X-Twice")
            headers = [response.headers.get(name) for name in names]
            found = response.status_code, response.reason, response.content, headers, response.is_redirect
            # A connection that is closed meanwhile, the next request may still be sent over.
            server.wait_until_done()
        if warm:
            assert server.requests[1].connection == 1, "the second request went over the kept connection"
        assert session.exchange("GET", url, sent).content == b"after", "nothing is left over for the next one"
        return found


ODD = {
    "ordinary": answer(b'{"a": 1}', headers="Content-Type: application/json\r\n"),
    "error": answer(b"no", status="503 Busy", headers="Retry-After: 7\r\n"),
    "redirect": answer(b"", status="302 Found", headers="Location: /login\r\n"),
    "without a reason": raw("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
    "without a body": raw("HTTP/1.1 204 No Content\r\n\r\n"),
    "as it was": raw("HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\n\r\n"),
    "to be closed": answer(b"ok", headers="Connection: close\r\n", keep=False),
    "closed without a word": answer(b"ok", keep=False),
    "HTTP/1.0": raw("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", keep=False),
    "until it closes": raw("HTTP/1.1 200 OK\r\n\r\nall of it", keep=False),
    "in chunks": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
    "in chunks below nothing": raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n", keep=False),
    "compressed": answer(gzip.compress(b"small"), headers="Content-Encoding: gzip\r\n"),
    "not compressed as it says": answer(b"plain", headers="Content-Encoding: gzip\r\n"),
    "a header twice": answer(b"ok", headers="X-Twice: a\r\nX-Twice: b\r\n"),
    "a length twice": raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", keep=False),
    "two lengths": raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok", keep=False),
    "a folded header": answer(b"ok", headers="X-Twice: a\r\n b\r\n"),
    "lines without a return": raw("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
    "after another": raw("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    "announced": raw("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
    "announced and no more": raw("HTTP/1.1 103 Early Hints\r\n\r\n", keep=False),
    "another protocol": raw("HTTP/1.1 101 Switching Protocols\r\n\r\n", keep=False),
    "more than it says": raw("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more", keep=False),
    "not HTTP": raw("SSH-2.0-OpenSSH_9.6\r\n"),
    "too many headers": answer(b"ok", headers="".join(f"X-{n}: 1\r\n" for n in range(150)), keep=False),
    "a long body": answer(bytes(90_000)),
    "a body that is too long": answer(bytes(100_001)),
    "Latin-1": answer(b"ok", headers="Content-Type: t\xfcxt\r\n"),
    "silence": hang,
    "hung up": hang_up,
    "reset": reset,
    "half a body": truncate,
    "half a head": raw("HTTP/1.1 200 OK\r\nContent-Le", keep=False),
    "a body by drips": drip(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n"),
    "a head by drips": drip(b"HTTP/1.1 200 OK\r\nX-Slow: "),
    "chunks by drips": drip_chunks,
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_comes_is_the_same_as_over_a_new_connection(name: str) -> None:
    assert outcome(ODD[name], warm=True) == outcome(ODD[name], warm=False)


@pytest.mark.parametrize("warm", [True, False])
def test_what_only_announces_an_answer_is_not_taken_for_it(warm: bool) -> None:
    announced = "".join(f"HTTP/1.1 {status}\r\nLink: x\r\n\r\n" for status in ("103 Early", "100 On", "102 Soon"))
    answered = raw(f"{announced}HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: t\r\n\r\nok")
    assert outcome(answered, warm=warm) == (200, "OK", b"ok", ["t", None, None], False)


def test_a_hundred_requests_ask_urllib3_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    original = HTTPConnectionPool.urlopen

    def noting(pool: HTTPConnectionPool, method: str, url: str, *args: object, **kwargs: object) -> object:
        asked.append(url)
        return original(pool, method, url, *args, **kwargs)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(HTTPConnectionPool, "urlopen", noting)
    with a_server(answer()) as (session, server, url, sent):
        for number in range(100):
            body = bytes(number * 400) if number % 2 else None
            session.exchange(
                "POST" if number % 2 else "GET", f"{url}?n={number}", sent, body, {"X-Number": str(number)}
            )
        assert len(asked) == 1
        assert {request.connection for request in server.requests} == {1}
        for number, request in enumerate(server.requests):
            assert f"X-Number: {number}" in request.head.split("\r\n")
            assert len(request.body) == (number * 400 if number % 2 else 0)


@pytest.mark.parametrize("body", [None, b"", b"some"])
@pytest.mark.parametrize("method", ["GET", "PUT", "POST"])
def test_what_is_sent_is_what_a_new_connection_is_sent(method: str, body: bytes | None) -> None:
    with a_server(answer()) as (session, server, url, sent):
        for _ in range(2):
            session.exchange(method, f"{url}?a=%2C&b=c", sent, body, {"X-More": "2", "Accept": "text/plain"})
        heads = [request.head.split("\r\n") for request in server.requests]
        assert heads[0][0] == heads[1][0]
        assert sorted(heads[0]) == sorted(heads[1])
        assert server.requests[0].body == server.requests[1].body == (body or b"")


@pytest.mark.parametrize(
    "target", ["?a=b|c", "?a=%2c", "?a=ü", "?a=b c", "?a=b#c", f"?a={'b' * 5000}|", f"?{'%2C' * 99}|"]
)
def test_an_address_that_is_not_as_it_should_be_is_put_right_as_ever(target: str) -> None:
    with a_server(answer()) as (session, server, url, sent):
        for _ in range(2):
            session.exchange("GET", url + target, sent)
        assert server.requests[0].head == server.requests[1].head


def test_no_header_carries_another_one() -> None:
    with a_server(answer()) as (session, server, url, sent):
        session.exchange("GET", url, sent)
        with pytest.raises((requests.RequestException, ValueError)):
            session.exchange("GET", url, sent, None, {"If-None-Match": '"a"\r\nX-Evil: 1'})
        assert len(server.requests) == 1


def test_a_connection_that_was_closed_while_it_lay_idle_is_replaced() -> None:
    with a_server(answer(keep=False)) as (session, server, url, sent):
        for number in range(3):
            deadline = time.monotonic() + 5
            while session._adapter.kept(url, True) is not None and _is_open(session, url):
                assert time.monotonic() < deadline, "the server's end is seen"
                threading.Event().wait(0.01)
            assert session.exchange("GET", url, sent).content == b"{}"
            assert server.requests[-1].connection == number + 1


def _is_open(session: BoundedSession, url: str) -> bool:
    kept = session._adapter.kept(url, True)
    connection = kept._take() if kept else None
    if kept and connection is not None:
        kept._give_back(connection, is_kept=True)
    return connection is not None


def test_threads_use_a_connection_each() -> None:
    barrier = threading.Barrier(2)

    def both_at_once(connection: object, request: object) -> bool:
        barrier.wait(5)
        return answer()(connection, request)  # type: ignore[arg-type]  # as it came

    with a_server(both_at_once, read_timeout=5.0) as (session, server, url, sent), ThreadPoolExecutor(2) as pool:
        for _ in range(5):
            list(pool.map(lambda _: session.exchange("GET", url, sent), range(2)))
        assert {request.connection for request in server.requests} == {1, 2}


def test_an_upload_that_nobody_reads_ends_at_the_deadline() -> None:
    reading = threading.Event()

    def then_deaf(connection: ssl.SSLSocket, request: object) -> bool:
        answer()(connection, request)  # type: ignore[arg-type]  # as it came
        reading.wait(5)
        return False

    with a_server(then_deaf, read_timeout=5.0) as (session, _, url, sent):
        session.exchange("GET", url, sent)
        began = time.monotonic()
        with within(0.4), pytest.raises(requests.RequestException) as caught:
            session.exchange("POST", url, sent, bytes(50_000_000))
        reading.set()
        assert timed_out(caught.value)
        assert time.monotonic() - began < 2


def test_tls_is_kept_as_well(tmp_path: Path) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    server = Server(answer(b"first"), answer(bytes(80_000)), drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), tls=context)
    url = f"https://localhost:{server.port}/x"
    try:
        with BoundedSession(1, 1, verify=str(tmp_path / "ca.pem"), answer_max=100_000, pool_size=1) as session:
            sent = session.standing_headers(url)
            assert session.exchange("GET", url, sent).content == b"first"
            assert session.exchange("GET", url, sent).content == bytes(80_000)
            with within(0.3), pytest.raises(requests.RequestException) as caught:
                session.exchange("GET", url, sent)
            assert timed_out(caught.value)
            assert len(server.requests) == 3
    finally:
        server.close()
