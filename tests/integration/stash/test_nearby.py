"""A Stash that nobody has told the address of: found at the usual places, or named by the setting that is missing."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from plexsync.demo.stash import SimulatedStash
from plexsync.http.certificate import names
from plexsync.stash import nearby
from plexsync.stash.nearby import NearbyStash, look
from plexsync.status.checks import check_all
from plexsync.status.findings import Finding
from settings import STASH_CONNECTION_FILE
from tests.support.misbehaving_server import Server

NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash() as stash:
        yield stash


@contextmanager
def silent() -> Iterator[str]:
    """Takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_first_stash_is_found_and_told_nothing(stash: SimulatedStash) -> None:
    heads: list[str] = []
    keep = stash.respond

    def respond(request):  # type: ignore[no-untyped-def]
        heads.append(str(request.headers))
        return keep(request)

    stash.respond = respond  # type: ignore[method-assign]
    assert look([NOBODY, stash.url, f"{stash.url}/x"]) == NearbyStash(stash.url)
    assert heads
    assert not any("apikey" in head.lower() or "token" in head.lower() for head in heads)


def test_one_with_a_login_is_found_too(stash: SimulatedStash) -> None:
    stash.require_auth("a-key")
    assert look([stash.url]) == NearbyStash(stash.url, wants_login=True)


def test_one_that_speaks_tls_is_found_by_its_certificate_or_without(tmp_path: Path) -> None:
    trustme.CA().issue_cert("stash.example").private_key_and_cert_chain_pem.write_to_path(tmp_path / "cert.pem")
    with SimulatedStash(cert_file=tmp_path / "cert.pem") as stash:
        assert look([stash.url.replace("https:", "http:")]) == NearbyStash(stash.url)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n<html>hi</html>",
        b'HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/login\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
    ],
)
def test_what_is_no_stash_is_none(answer: bytes) -> None:
    def respond(connection: socket.socket, _: object) -> bool:
        connection.sendall(answer)
        return False

    server = Server(respond)
    try:
        assert look([f"http://127.0.0.1:{server.port}"], 20.0) is None
    finally:
        server.close()


def test_nobody_waits_longer_than_said_whoever_is_silent(stash: SimulatedStash) -> None:
    with silent() as one, silent() as other:
        began = time.monotonic()
        assert look([one, other], 0.5) is None
        assert time.monotonic() - began < 2
        assert look([one, stash.url, other]) == NearbyStash(stash.url)


def test_names_that_a_certificate_is_for_are_read_without_trusting_it(tmp_path: Path) -> None:
    trustme.CA().issue_cert("stash.example", "192.0.2.7").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "c.pem"
    )
    with SimulatedStash(cert_file=tmp_path / "c.pem") as stash:
        assert names("127.0.0.1", stash.port, 2.0) == ("stash.example", "192.0.2.7")
    assert names("127.0.0.1", 1, 0.5) == ()
    with silent() as url:
        assert names("127.0.0.1", int(url.rpartition(":")[2]), 0.3) == ()


# --- the check -------------------------------------------------------------------------------------------------------


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Nothing is set but a token; a hook has noted an address at which there is nobody."""
    (tmp_path / STASH_CONNECTION_FILE).write_text(json.dumps({"scheme": "http", "host": "127.0.0.1", "port": 1}))
    monkeypatch.setattr(nearby, "usual_places", lambda _ports: [NOBODY])
    return {
        "PLEXSYNC_DATA_DIR": str(tmp_path),
        "PLEXSYNC_PLEX_TOKEN": "t",
        "PLEXSYNC_PLEX_URL": NOBODY,
        "PLEXSYNC_CONNECT_TIMEOUT": "0.5",
    }


def near(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    monkeypatch.setattr(nearby, "usual_places", lambda _ports: [NOBODY, *urls])


def check(environ: dict[str, str]) -> dict[str, Finding]:
    return {one.name: one for one in check_all(environ)}


def test_what_is_found_is_said_with_the_line_to_write_and_checked(
    stash: SimulatedStash, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    near(monkeypatch, stash.url)
    found = check(environ)
    line = found["Stash's address"]
    assert not line.ok, "the consumer would not find it"
    assert f'write stash_url = "{stash.url}" into plexsync.toml, or set PLEXSYNC_STASH_URL={stash.url}' in line.text
    assert found["Stash"].ok
    assert stash.url in found["Stash"].text


def test_a_token_on_its_page_is_found_there(
    stash: SimulatedStash, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    near(monkeypatch, stash.url)
    del environ["PLEXSYNC_PLEX_TOKEN"]
    stash.plugin_settings["PlexSync"] = {"plexToken": "on-the-page"}
    assert check(environ)["settings"].ok


def test_where_none_is_found_the_one_setting_is_named_with_an_example(environ: dict[str, str]) -> None:
    began = time.monotonic()
    line = check(environ)["Stash's address"]
    assert time.monotonic() - began < 10
    assert not line.ok
    assert "set PLEXSYNC_STASH_URL to the address" in line.text
    assert "such as http://192.168.1.10:9999" in line.text


@pytest.mark.parametrize("with_login", [True, False])
def test_no_key_goes_to_a_guess(
    stash: SimulatedStash, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, with_login: bool
) -> None:
    near(monkeypatch, stash.url)
    if with_login:
        stash.require_auth("a-key")
    seen: list[str | None] = []
    keep = stash.respond

    def respond(request):  # type: ignore[no-untyped-def]
        seen.append(request.header("ApiKey"))
        return keep(request)

    stash.respond = respond  # type: ignore[method-assign]
    text = check(environ | {"PLEXSYNC_STASH_API_KEY": "a-key"})["Stash's address"].text
    assert "the API key goes nowhere before that" in text
    assert set(seen) == {None}


def test_one_that_wants_a_login_says_which_key(
    stash: SimulatedStash, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    near(monkeypatch, stash.url)
    stash.require_auth("a-key")
    assert "set PLEXSYNC_STASH_API_KEY, too" in check(environ)["Stash's address"].text


def test_whoever_has_said_where_stash_is_is_asked_nothing(
    stash: SimulatedStash, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    near(monkeypatch, stash.url)
    assert "Stash's address" not in check(environ | {"PLEXSYNC_STASH_URL": NOBODY})
    assert stash.counters["Version"] == 0


def test_a_stash_where_the_hook_saw_it_needs_no_search(stash: SimulatedStash, environ: dict[str, str]) -> None:
    seen = {"scheme": "http", "host": "127.0.0.1", "port": stash.port}
    Path(environ["PLEXSYNC_DATA_DIR"], STASH_CONNECTION_FILE).write_text(json.dumps(seen))
    found = check(environ)
    assert "Stash's address" not in found
    assert found["Stash"].ok


def test_an_address_that_a_hook_noted_does_not_fit_to_a_certificate(tmp_path: Path, environ: dict[str, str]) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("stash.home").private_key_and_cert_chain_pem.write_to_path(tmp_path / "cert.pem")
    with SimulatedStash(cert_file=tmp_path / "cert.pem") as stash:
        seen = {"scheme": "https", "host": "127.0.0.1", "port": stash.port}
        (tmp_path / STASH_CONNECTION_FILE).write_text(json.dumps(seen))
        text = check(environ | {"PLEXSYNC_STASH_VERIFY_TLS": str(tmp_path / "ca.pem")})["Stash"].text
        assert "is for another name" in text
        assert f"it is for stash.home: write PLEXSYNC_STASH_URL=https://stash.home:{stash.port}" in text
        text = check(environ)["Stash"].text
        assert "set PLEXSYNC_STASH_VERIFY_TLS to the CA file" in text
        assert "it is for stash.home" in text
        assert check(environ | {"PLEXSYNC_STASH_VERIFY_TLS": "false"})["Stash"].ok


def test_the_usual_places_are_few_and_each_once() -> None:
    places = nearby.usual_places([9999, 9999, 6969])
    assert len(places) == len(set(places))
    assert places[:2] == ["http://localhost:9999", "http://localhost:6969"]
    assert "http://stash:9999" in places
    assert "http://host.docker.internal:9999" in places
