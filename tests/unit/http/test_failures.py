"""Why a request got no whole answer, read out of what several layers wrapped around each other."""

from __future__ import annotations

import errno
import socket
import ssl
from http.client import BadStatusLine, RemoteDisconnected

import pytest
import requests
from urllib3.exceptions import ReadTimeoutError

from plexsync.http.failures import (
    address_advice,
    broke_off,
    causes,
    connecting_timed_out,
    reason,
    timed_out,
    tls_advice,
    wants_tls,
)

OURS = "PLEXSYNC_STASH"


def wrapped(cause: BaseException) -> requests.ConnectionError:
    """As requests hands an error on: in the arguments of one that is raised while another is handled."""
    outer = requests.ConnectionError(ConnectionError("Connection aborted", cause))
    outer.__context__ = ValueError("handled meanwhile")
    return outer


def certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code = code
    return error


def test_an_error_that_wraps_itself_is_looked_at_once() -> None:
    first, second = ValueError("first"), KeyError("second")
    first.__cause__, second.__context__ = second, first
    assert list(causes(first)) == [first, second]


@pytest.mark.parametrize(
    ("error", "timed", "connecting", "broken"),
    [
        (TimeoutError(), True, False, False),
        (ReadTimeoutError(None, "", ""), True, False, False),  # type: ignore[arg-type]  # where it came from is of no interest
        (requests.ConnectTimeout(), True, True, False),
        (requests.exceptions.ChunkedEncodingError(), False, False, True),
        (ConnectionResetError(), False, False, False),
    ],
)
def test_what_kind_of_end_it_came_to(error: Exception, timed: bool, connecting: bool, broken: bool) -> None:
    outer = wrapped(error)
    assert (timed_out(outer), connecting_timed_out(outer), broke_off(outer)) == (timed, connecting, broken)


def test_the_reason_is_the_systems_words_else_the_innermost_errors_kind() -> None:
    assert reason(wrapped(ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"))) == (
        "Connection reset by peer"
    )
    inner = RemoteDisconnected("an address, and a token")
    outer = requests.ConnectionError(inner)
    assert reason(outer) == "Remote Disconnected"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (62, "is for another name"),
        (64, "is for another name"),
        (10, "has expired"),
        (9, "is not valid yet"),
        (18, "is self-signed, and not trusted: set PLEXSYNC_STASH_VERIFY_TLS to that very certificate"),
        (19, "is self-signed"),
        (20, "is not trusted: set PLEXSYNC_STASH_VERIFY_TLS to the CA file it was signed with"),
    ],
)
def test_a_certificate_that_is_not_believed_is_told_with_what_to_do(code: int, words: str) -> None:
    advice = tls_advice(wrapped(certificate(code)), "Stash at home", OURS)
    assert advice is not None
    assert advice.startswith(f"The TLS certificate of Stash at home {words}")


def test_only_of_plex_is_it_said_what_its_own_certificate_is_for() -> None:
    plex, stash = (tls_advice(certificate(62), "it", f"PLEXSYNC_{name}") or "" for name in ("PLEX", "STASH"))
    assert "plex.direct" in plex
    assert "plex.direct" not in stash


def test_what_does_not_speak_tls_is_told_from_any_other_fault() -> None:
    error = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
    error.reason = "WRONG_VERSION_NUMBER"
    assert "PLEXSYNC_STASH_URL should begin with http://" in (tls_advice(wrapped(error), "it", OURS) or "")
    error.reason = "BAD_SIGNATURE"
    assert tls_advice(wrapped(error), "it", OURS) is None
    assert tls_advice(wrapped(ConnectionResetError()), "it", OURS) is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(-2, "Name or service not known"), "no machine has that name"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nothing listens there"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), "no way leads there"),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), "no way leads there"),
        (BadStatusLine("SSH-2.0"), "it does not speak HTTP"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_with_the_setting_that_has_it(error: Exception, words: str) -> None:
    advice = address_advice(wrapped(error), "http://stash.lan:9999", OURS)
    assert advice.startswith(words)
    assert "PLEXSYNC_STASH_URL" in advice
    assert "container" not in advice


def test_of_other_faults_the_address_is_not_blamed() -> None:
    for error in (RemoteDisconnected("gone"), OSError(errno.EPIPE, "Broken pipe"), TimeoutError()):
        assert address_advice(wrapped(error), "http://stash.lan:9999", OURS) == ""


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_where_nothing_listens_here_it_may_be_for_a_container(host: str) -> None:
    advice = address_advice(wrapped(ConnectionRefusedError()), f"http://{host}:9999", OURS)
    assert "In a container that is the container itself" in advice


@pytest.mark.parametrize(
    ("status", "body", "answer"),
    [
        (400, b"Client sent an HTTP request to an HTTPS server.\n", True),
        (400, b"<h1>The plain HTTP request was sent to HTTPS port</h1>", True),
        (400, b"You're speaking plain HTTP to an SSL-enabled server port.", True),
        (400, b"Bad request", False),
        (404, b"Client sent an HTTP request to an HTTPS server.\n", False),
        (400, bytes(5000) + b"plain http request", False),
    ],
)
def test_a_server_that_wants_tls_says_so_in_its_own_way(status: int, body: bytes, answer: bool) -> None:
    assert wants_tls(status, body) is answer
