"""What ``--check`` says of addresses that lead nowhere: which setting, where it comes from, and what to write."""

from __future__ import annotations

import contextlib
import datetime
import http.server
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from plexsync.cli import show
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.status.checks import check_all
from tests.support import postgres_server
from tests.support.spaces import new_database

PAGE = b"<!DOCTYPE html><html><head><title>x</title></head><body>Welcome to nginx!</body></html>"
REFUSED_BY_GO = b"Client sent an HTTP request to an HTTPS server.\n"


class Handler(http.server.BaseHTTPRequestHandler):
    """A web server that is neither Stash nor Plex."""

    answer = (200, PAGE)

    def do_GET(self) -> None:
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if body.startswith(b"<") else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


class Server(http.server.ThreadingHTTPServer):
    """One that says nothing of clients which do not go on."""

    def handle_error(self, *_: object) -> None:
        """They are what is tested."""


@dataclass
class Place:
    """Where such servers listen."""

    authority: trustme.CA
    ca_file: str

    @contextmanager
    def server(self, name: str = "", answer: tuple[int, bytes] = (200, PAGE), *, old: bool = False) -> Iterator[int]:
        handler = type("Answering", (Handler,), {"answer": answer})
        server = Server(("127.0.0.1", 0), handler)
        if name:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            ends = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC) if old else None
            begins = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) if old else None
            self.authority.issue_cert(name, not_before=begins, not_after=ends).configure_cert(context)
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            server.server_close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    authority = trustme.CA()
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return Place(authority, str(file))


SERVICES = ("STASH", "PLEX")
Check = Callable[..., str]


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def check(tmp_path: Path, service: str) -> Check:
    """What is said of the service when its address is this one, on the line with its name."""

    def said(url: str, verify: str = "true", *, in_file: bool = False) -> str:
        address, tls = f"PLEXSYNC_{service}_URL", f"PLEXSYNC_{service}_VERIFY_TLS"
        other = "PLEX" if service == "STASH" else "STASH"
        given = {address: url, tls: verify}
        environ = {
            "PLEXSYNC_DATA_DIR": str(tmp_path),
            "PLEXSYNC_PLEX_TOKEN": "t",
            f"PLEXSYNC_{other}_URL": "http://127.0.0.1:1",
        }
        environ |= {"PLEXSYNC_CONNECT_TIMEOUT": "0.5", "PLEXSYNC_READ_TIMEOUT": "2"}
        if in_file:
            lines = [f"{name.removeprefix('PLEXSYNC_').lower()} = '{value}'\n" for name, value in given.items()]
            (tmp_path / "plexsync.toml").write_text("".join(lines), encoding="utf-8")
        else:
            environ |= given
        (finding,) = [one for one in check_all(environ) if one.name == service.capitalize()]
        assert finding.level == "fail"
        return show.as_shown(finding.text)

    return said


def test_nothing_listens(service: str, check: Check) -> None:
    text = check("http://127.0.0.1:1")
    assert "refused" in text.lower()
    assert "nothing listens there: is it up, and are host and port right" in text
    assert f"PLEXSYNC_{service}_URL (now in the environment)" in text


def test_it_is_said_in_which_file_the_address_stands(service: str, check: Check, tmp_path: Path) -> None:
    text = check("http://127.0.0.1:1", in_file=True)
    assert f"PLEXSYNC_{service}_URL (now {service.lower()}_url in {tmp_path}/plexsync.toml)" in text


def test_a_name_that_no_machine_has(service: str, check: Check) -> None:
    text = check("http://no-such-machine.invalid:32400")
    assert "no machine has that name as seen from here: write another, or an IP address" in text
    assert f"PLEXSYNC_{service}_URL (now in the environment)" in text


def test_a_machine_that_takes_no_connection(service: str, check: Check) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, contextlib.ExitStack() as waiting:
        # Nobody accepts, and there is no room for another one.
        for _ in range(3):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        text = check(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert "the machine on" in text
    assert f"PLEXSYNC_{service}_URL (now in the environment) right" in text


def test_https_where_plain_http_is_spoken(service: str, check: Check, place: Place) -> None:
    with place.server() as port:
        text = check(f"https://127.0.0.1:{port}")
    assert f"does not speak TLS: PLEXSYNC_{service}_URL (now in the environment) should begin with http://" in text


@pytest.mark.parametrize("answer", [None, (400, REFUSED_BY_GO)])
def test_plain_http_where_tls_is_spoken(
    service: str, check: Check, place: Place, answer: tuple[int, bytes] | None
) -> None:
    with place.server("127.0.0.1" if answer is None else "", answer or (200, PAGE)) as port:
        text = check(f"http://127.0.0.1:{port}")
    assert f"PLEXSYNC_{service}_URL (now in the environment) should begin with https://" in text


@pytest.mark.parametrize(
    ("name", "host", "old", "trusted", "told"),
    [
        ("other.example", "127.0.0.1", False, True, "is for another name: write in PLEXSYNC_{}_URL"),
        ("other.example", "localhost", False, True, "is for another name: write in PLEXSYNC_{}_URL"),
        ("127.0.0.1", "127.0.0.1", True, True, "has expired: renew it, or set PLEXSYNC_{}_VERIFY_TLS"),
        ("127.0.0.1", "127.0.0.1", False, False, "is not trusted: set PLEXSYNC_{}_VERIFY_TLS"),
    ],
)
def test_a_certificate_that_does_not_do(
    service: str, check: Check, place: Place, name: str, host: str, old: bool, trusted: bool, told: str
) -> None:
    with place.server(name, old=old) as port:
        text = check(f"https://{host}:{port}", place.ca_file if trusted else "true")
    assert told.format(service) in text
    assert "now in the environment" in text


def test_a_certificate_that_nobody_signed(service: str, check: Check, tmp_path: Path) -> None:
    key, cert = str(tmp_path / "key"), str(tmp_path / "cert")
    words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    words += ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
    subprocess.run(["openssl", *words], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = Server(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        text = check(f"https://localhost:{server.server_address[1]}")
        assert f"is self-signed, and not trusted: set PLEXSYNC_{service}_VERIFY_TLS (now in the environment)" in text
        assert "to that very certificate as a file" in text
        # What it says to do helps.
        text = check(f"https://localhost:{server.server_address[1]}", cert)
        assert "certificate" not in text
    finally:
        server.shutdown()
        server.server_close()


def test_another_web_server(service: str, check: Check, place: Place) -> None:
    with place.server() as port:
        text = check(f"http://127.0.0.1:{port}")
    assert f"PLEXSYNC_{service}_URL (now in the environment)" in text
    assert "HTML page" in text or "text/html" in text


def test_plex_in_the_place_of_stash(tmp_path: Path) -> None:
    with SimulatedPlex() as plex:
        environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": plex.token, "PLEXSYNC_PLEX_URL": plex.url}
        found = [one for one in check_all(environ | {"PLEXSYNC_STASH_URL": plex.url}) if one.name == "Stash"]
    assert found[-1].level == "fail"
    assert "is Plex, not Stash: correct PLEXSYNC_STASH_URL (now in the environment)" in show.as_shown(found[-1].text)


def test_stash_in_the_place_of_plex(tmp_path: Path) -> None:
    with SimulatedStash() as stash:
        environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": "t", "PLEXSYNC_STASH_URL": stash.url}
        found = [one for one in check_all(environ | {"PLEXSYNC_PLEX_URL": stash.url}) if one.name == "Plex"]
    assert found[-1].level == "fail"
    assert "PLEXSYNC_PLEX_URL (now in the environment)" in show.as_shown(found[-1].text)


def test_another_server_that_does_not_know_the_page(service: str, check: Check, place: Place) -> None:
    with place.server(answer=(404, b"nothing here")) as port:
        text = check(f"http://127.0.0.1:{port}")
    assert f"PLEXSYNC_{service}_URL (now in the environment)" in text
    assert "404" in text


def test_the_shared_database_is_told_of_before_stash_is_asked(tmp_path: Path) -> None:
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    # Without a token here the settings are whole only once Stash has answered.
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_STASH_URL": "http://127.0.0.1:1"}
    with new_database(server) as url:
        found = list(check_all({**environ, "PLEXSYNC_DATABASE_URL": url}))
        (of_it,) = [one for one in found if one.name == "database"]
        assert of_it.ok
        assert "no consumer works" in of_it.text
        assert any(one.name == "Stash" and not one.ok for one in found)
    (of_it,) = [one for one in check_all({**environ, "PLEXSYNC_DATABASE_URL": url}) if one.name == "database"]
    assert not of_it.ok
    assert "PLEXSYNC_DATABASE_URL" in of_it.text
