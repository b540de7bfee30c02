"""One HTTP request to Plex, against servers that misbehave on real sockets."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import tenacity
import trustme

from plexsync.errors import AccessDenied, ItemGone, PermanentError, PlexUnavailable
from plexsync.plex.transport import ANSWER_MAX, TOTAL_TIMEOUT, PlexEndpoint, Transport
from tests.support.misbehaving_server import (
    Behaviour,
    Received,
    Server,
    answer,
    drip,
    drip_chunks,
    hang,
    hang_up,
    reset,
    truncate,
)

TOKEN = "s3cr3t-t0ken"


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*behaviours: Behaviour, tls: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(*behaviours, tls=tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Transport]]:
    transports: list[Transport] = []

    def start(
        server: Server | int,
        scheme: str = "http",
        *,
        total_timeout: float = TOTAL_TIMEOUT,
        answer_max: int = ANSWER_MAX,
        **how: Any,
    ) -> Transport:
        port = server if isinstance(server, int) else server.port
        url = f"{scheme}://localhost:{port}" if scheme == "https" else f"http://127.0.0.1:{port}"
        endpoint = PlexEndpoint(url, TOKEN, "plexsync-test", **{"connect_timeout": 1.0, "read_timeout": 1.0, **how})
        transports.append(Transport(endpoint, pool_size=4, total_timeout=total_timeout, answer_max=answer_max))
        return transports[-1]

    yield start
    for transport in transports:
        transport.close()


Serve = Callable[..., Server]
Connect = Callable[..., Transport]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


# --- What is sent ----------------------------------------------------------------------------------------------------


def test_the_token_travels_in_a_header_and_nowhere_else(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    connect(server).send("GET", "/library/sections", "a=b")
    line, *headers = server.requests[0].head.split("\r\n")
    assert line == "GET /library/sections?a=b HTTP/1.1"
    assert f"X-Plex-Token: {TOKEN}" in headers
    assert server.requests[0].head.count(TOKEN) == 1


def test_each_request_says_who_asks_and_wants_json(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    connect(server).send("GET", "/")
    headers = server.requests[0].head.split("\r\n")
    assert {
        "Accept: application/json",
        "X-Plex-Client-Identifier: plexsync-test",
        "X-Plex-Product: PlexSync",
        "X-Plex-Pms-Api-Version: 1.0",
    } <= set(headers)


def test_no_token_goes_where_none_is_needed(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    connect(server).send("GET", "/identity", with_token=False)
    assert TOKEN not in server.requests[0].head


def test_a_request_line_is_as_long_as_it_was_said_to_be(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    transport = connect(server)
    query = "genre%5B0%5D.tag.tag=%E2%82%AC%2C&id=1,2&x=a%252Cb:~c%20"
    transport.send("PUT", "/library/sections/1/all", query)
    line = server.requests[0].head.split("\r\n")[0]
    assert query in line
    assert transport.line_length("PUT", "/library/sections/1/all", query) == len(line) + len("\r\n")


def test_proxies_and_netrc_of_the_environment_are_ignored(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("NETRC", str(netrc))
    server = serve(answer())
    connect(server).send("GET", "/")
    assert "Authorization" not in server.requests[0].head


def test_cookies_are_not_sent_back(serve: Serve, connect: Connect) -> None:
    server = serve(answer(headers="Set-Cookie: session=1; Path=/\r\n"))
    transport = connect(server)
    transport.send("GET", "/")
    transport.send("GET", "/")
    assert "Cookie" not in server.requests[1].head


def test_a_connection_is_used_again(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    transport = connect(server)
    for _ in range(3):
        transport.send("GET", "/")
    assert [request.connection for request in server.requests] == [1, 1, 1]


def test_threads_do_not_wait_for_each_other(serve: Serve, connect: Connect) -> None:
    def slow(connection: socket.socket, request: Received) -> bool:
        time.sleep(0.2)
        return answer()(connection, request)

    server = serve(slow)
    transport = connect(server)
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: transport.send("GET", "/"), range(4)))
    assert time.monotonic() - begun < 0.6
    assert len({request.connection for request in server.requests}) == 4


# --- Time ------------------------------------------------------------------------------------------------------------


def test_a_server_that_says_nothing_is_given_up_after_the_read_time_out(serve: Serve, connect: Connect) -> None:
    server = serve(hang)
    begun = time.monotonic()
    with pytest.raises(PlexUnavailable, match=r"said nothing for 0\.2 s at GET /library/sections"):
        connect(server, read_timeout=0.2).send("GET", "/library/sections", "title=x")
    assert time.monotonic() - begun < 0.5
    assert len(server.requests) == 1, "a time-out is not repeated inside the call"


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX-Slow: "), id="in a header"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n"), id="in a body of known length"),
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"), id="in a body without a length"),
        pytest.param(drip_chunks, id="in chunks"),
    ],
)
def test_a_server_that_drips_is_cut_off(serve: Serve, connect: Connect, behaviour: Behaviour) -> None:
    server = serve(behaviour)
    begun = time.monotonic()
    with pytest.raises(PlexUnavailable, match=r"not complete after 0\.4 s"):
        connect(server, total_timeout=0.4).send("GET", "/")
    assert 0.35 < time.monotonic() - begun < 1.0
    assert len(server.requests) == 1


def test_a_dripping_tls_server_is_cut_off_too(serve: Serve, connect: Connect, tls: Tls) -> None:
    server = serve(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n"), tls=tls.server)
    with pytest.raises(PlexUnavailable, match="not complete"):
        connect(server, scheme="https", verify=tls.ca_file, total_timeout=0.4).send("GET", "/")


def test_a_large_body_may_take_longer_to_send_than_a_connection_to_make(serve: Serve, connect: Connect) -> None:
    server = serve(answer())
    picture = bytes(14_000_000)
    transport = connect(server, connect_timeout=0.6, read_timeout=20.0)
    transport.send("POST", "/slow-reader", body=picture, repeatable=False)
    assert server.requests[0].body == picture


def test_an_upload_nobody_reads_is_cut_off(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = connect(listener.getsockname()[1], connect_timeout=0.3, total_timeout=1.0)
        begun = time.monotonic()
        with pytest.raises(PlexUnavailable):
            transport.send("POST", "/", body=bytes(20_000_000), repeatable=False)
        assert time.monotonic() - begun < 2.0


# --- Blips -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("blip", [reset, hang_up, truncate, answer(status="502 Bad Gateway")])
def test_a_blip_is_repeated_within_the_call(serve: Serve, connect: Connect, blip: Behaviour) -> None:
    server = serve(blip, blip, answer(b'{"a": 1}'))
    assert connect(server).send("PUT", "/").body == b'{"a": 1}'
    assert len(server.requests) == 3


@pytest.mark.usefixtures("real_repeats")
def test_repeats_end_after_three_and_the_caller_is_told_why(serve: Serve, connect: Connect) -> None:
    server = serve(truncate)
    begun = time.monotonic()
    with pytest.raises(PlexUnavailable, match="answer to GET /library/metadata/1 broke off"):
        connect(server).send("GET", "/library/metadata/1")
    assert len(server.requests) == 4
    assert 0.69 < time.monotonic() - begun < 1.5


def test_a_busy_database_is_asked_again_quickly(serve: Serve, connect: Connect) -> None:
    server = serve(answer(b"<h1>database is busy</h1>", "500 Internal Server Error"), answer())
    assert connect(server).send("PUT", "/").body == b"{}"


def test_another_500_is_left_to_the_caller(serve: Serve, connect: Connect) -> None:
    server = serve(answer(b"<h1>out of cheese</h1>", "500 Internal Server Error"))
    with pytest.raises(PlexUnavailable, match='500 to PUT /: "out of cheese"'):
        connect(server).send("PUT", "/")
    assert len(server.requests) == 1


def test_a_server_that_names_its_pause_is_not_asked_before(serve: Serve, connect: Connect) -> None:
    server = serve(answer(status="503 Service Unavailable", headers="Retry-After: 7\r\n"))
    with pytest.raises(PlexUnavailable) as caught:
        connect(server).send("GET", "/")
    assert caught.value.retry_after == 7
    assert len(server.requests) == 1


def test_nobody_listening_is_told_with_the_address(connect: Connect) -> None:
    port = free_port()
    with pytest.raises(PlexUnavailable, match=rf"http://127\.0\.0\.1:{port} to GET /x: connection refused"):
        connect(port).send("GET", "/x")


def test_a_kept_connection_that_the_server_closed_in_between_does_no_harm(serve: Serve, connect: Connect) -> None:
    server = serve(answer(keep=False))
    transport = connect(server)
    for _ in range(3):
        transport.send("POST", "/", body=b"picture", repeatable=False)
        time.sleep(0.05)
    assert [request.connection for request in server.requests] == [1, 2, 3]


def test_a_kept_connection_that_closes_at_the_very_moment_is_recovered(serve: Serve, connect: Connect) -> None:
    server = serve(answer(), hang_up, answer(b"again"))
    transport = connect(server)
    transport.send("GET", "/")
    assert transport.send("GET", "/").body == b"again"
    assert [request.connection for request in server.requests] == [1, 1, 2]


def test_an_upload_is_not_repeated_once_it_may_have_arrived(serve: Serve, connect: Connect) -> None:
    for misfortune in (reset, hang_up, answer(status="504 Gateway Timeout")):
        server = serve(misfortune)
        with pytest.raises(PlexUnavailable):
            connect(server).send("POST", "/", body=b"picture", repeatable=False)
        assert len(server.requests) == 1


@pytest.mark.usefixtures("real_repeats")
def test_an_upload_is_repeated_where_there_was_no_connection(connect: Connect) -> None:
    port = free_port()
    started: list[Server] = []
    timer = threading.Timer(0.15, lambda: started.append(Server(answer(b"taken"), port=port)))
    timer.start()
    try:
        assert connect(port).send("POST", "/", body=b"picture", repeatable=False).body == b"taken"
    finally:
        timer.join()
        started[0].close()
    assert started[0].requests[0].body == b"picture"


# --- Odd answers -----------------------------------------------------------------------------------------------------


def test_a_redirect_is_not_followed_and_no_token_arrives_elsewhere(serve: Serve, connect: Connect) -> None:
    elsewhere = serve(answer())
    target = f"http://127.0.0.1:{elsewhere.port}/login?token=abc"
    server = serve(answer(status="302 Found", headers=f"Location: {target}\r\n"))
    with pytest.raises(PlexUnavailable, match=rf"redirects to http://127\.0\.0\.1:{elsewhere.port}\.") as caught:
        connect(server).send("GET", "/")
    assert "PLEXSYNC_PLEX_URL" in str(caught.value)
    assert "abc" not in str(caught.value)
    assert elsewhere.requests == []
    assert len(server.requests) == 1


def test_an_answer_without_end_is_not_read_to_its_end(serve: Serve, connect: Connect) -> None:
    server = serve(answer(bytes(300_000)))
    with pytest.raises(PlexUnavailable, match="longer than 100000 bytes"):
        connect(server, answer_max=100_000).send("GET", "/")


def test_a_small_compressed_answer_that_unpacks_to_a_huge_one_is_not_unpacked(serve: Serve, connect: Connect) -> None:
    server = serve(answer(gzip.compress(bytes(5_000_000)), headers="Content-Encoding: gzip\r\n"))
    with pytest.raises(PlexUnavailable, match="longer than"):
        connect(server, answer_max=100_000).send("GET", "/")


def test_a_compressed_answer_is_unpacked(serve: Serve, connect: Connect) -> None:
    server = serve(answer(gzip.compress(b'{"a": 1}'), headers="Content-Encoding: gzip\r\n"))
    assert connect(server).send("GET", "/").body == b'{"a": 1}'


def test_an_answer_that_is_not_compressed_as_it_says_is_an_error(serve: Serve, connect: Connect) -> None:
    server = serve(answer(b"plain", headers="Content-Encoding: gzip\r\n"))
    with pytest.raises(PlexUnavailable, match="not compressed in the way it says"):
        connect(server).send("GET", "/")


def test_what_does_not_speak_http_is_an_error(serve: Serve, connect: Connect) -> None:
    def greet(connection: socket.socket, _: Received) -> bool:
        connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")
        return False

    with pytest.raises(PlexUnavailable, match="No answer from Plex at http://127"):
        connect(serve(greet)).send("GET", "/")


@pytest.mark.parametrize(
    ("status", "kind", "text"),
    [
        ("401 Unauthorized", AccessDenied, "PLEXSYNC_PLEX_TOKEN"),
        ("403 Forbidden", AccessDenied, "PLEXSYNC_PLEX_TOKEN"),
        ("404 Not Found", ItemGone, "/x"),
        ("400 Bad Request", PermanentError, "echoes"),
        ("414 URI Too Long", PermanentError, "too long"),
        ("500 Internal Server Error", PlexUnavailable, "echoes"),
    ],
)
def test_no_error_repeats_the_token(
    serve: Serve, connect: Connect, status: str, kind: type[Exception], text: str
) -> None:
    server = serve(answer(f"<p>echoes {TOKEN}</p>".encode(), status))
    with pytest.raises(kind, match=text) as caught:
        connect(server).send("GET", "/x", "secret=query")
    assert TOKEN not in str(caught.value)
    assert "query" not in str(caught.value)
    assert caught.value.__cause__ is None


# --- TLS -------------------------------------------------------------------------------------------------------------


@dataclass
class Tls:
    server: ssl.SSLContext
    ca_file: str


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ca_file = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    return Tls(context, str(ca_file))


def test_a_certificate_of_the_named_ca_is_trusted(serve: Serve, connect: Connect, tls: Tls) -> None:
    server = serve(answer(), tls=tls.server)
    assert connect(server, scheme="https", verify=tls.ca_file).send("GET", "/").body == b"{}"


def test_an_unknown_certificate_is_refused_and_the_setting_named(serve: Serve, connect: Connect, tls: Tls) -> None:
    server = serve(answer(), tls=tls.server)
    begun = time.monotonic()
    with pytest.raises(PlexUnavailable, match="PLEXSYNC_PLEX_VERIFY_TLS"):
        connect(server, scheme="https").send("GET", "/")
    assert server.requests == []
    assert time.monotonic() - begun < 0.6, "not worth a repeat"


def test_certificates_are_not_looked_at_when_the_settings_say_so(serve: Serve, connect: Connect, tls: Tls) -> None:
    server = serve(answer(), tls=tls.server)
    filters = list(warnings.filters)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert connect(server, scheme="https", verify=False).send("GET", "/").body == b"{}"
    assert warnings.filters == filters


def test_https_to_a_server_that_speaks_http_is_an_error(connect: Connect) -> None:
    def refuse(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        server = threading.Thread(target=refuse, args=(listener,))
        server.start()
        with pytest.raises(PlexUnavailable, match="does not speak TLS: PLEXSYNC_PLEX_URL"):
            connect(listener.getsockname()[1], scheme="https").send("GET", "/")
        server.join()


def test_repeats_are_made_ready_only_where_something_failed(
    serve: Serve, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []

    class Noted(tenacity.Retrying):
        def __init__(self, **how: Any) -> None:
            made.append(self)
            super().__init__(**how)

    monkeypatch.setattr("plexsync.plex.transport.tenacity.Retrying", Noted)
    transport = connect(serve(answer(), answer(), answer(status="502 Bad Gateway"), answer()))
    transport.send("GET", "/")
    transport.send("GET", "/")
    assert made == []
    transport.send("GET", "/")
    assert len(made) == 1
