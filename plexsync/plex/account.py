"""Signing in at plex.tv: a short code that a person enters there, and the token that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import urlsplit

import requests

from plexsync import __version__
from plexsync.errors import PermanentError, TransientError
from plexsync.http.deadline import within
from plexsync.http.documents import read_json
from plexsync.http.failures import reason
from plexsync.http.headers import can_be_sent, retry_after
from plexsync.http.session import BoundedSession
from plexsync.imports.late_dataclass import dataclass

#: Where it is, and the page on which the code is entered.
PLEX_TV = "https://plex.tv"
LINK_PAGE = "https://plex.tv/link"
#: Seconds to establish a connection, between two pieces of an answer, and for one request as a whole.
CONNECT_TIMEOUT, READ_TIMEOUT, TOTAL_TIMEOUT = 10.0, 15.0, 30.0
#: Bytes of an answer: the list of an account's servers is the longest.
ANSWER_MAX = 4 * 1024 * 1024
#: Seconds for which a code is good where plex.tv does not say.
CODE_LASTS = 900


class PlexTvUnavailable(TransientError):
    """plex.tv did not answer, or answered what it would not when it is well."""


class CodeExpired(PermanentError):
    """The code was not entered in time."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A request to sign in: ``code`` is what a person enters within ``lasts`` seconds."""

    id: int
    code: str
    lasts: float


@dataclass(frozen=True, slots=True)
class AccountServer:
    """A Plex server that an account may use. ``token`` is the account's for this server; ``owned``: it is its own.

    ``addresses``: where it may be reached, those in its own network first.
    """

    name: str
    machine_identifier: str
    token: str = field(repr=False)
    owned: bool
    addresses: tuple[str, ...]


class PlexTv:
    """Asks plex.tv. Tokens come and go in headers and bodies only.

    :param client_identifier: stable name of this installation.
    :param url: its address.
    :raises ValueError: the address could give the token away: it is neither https nor this very machine.
    """

    def __init__(self, client_identifier: str, url: str = PLEX_TV) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
            raise ValueError("plex.tv is spoken to by https only")
        self._url = url.rstrip("/")
        self._session = BoundedSession(CONNECT_TIMEOUT, READ_TIMEOUT, verify=True, answer_max=ANSWER_MAX, pool_size=1)
        # Other than Plex and Stash it is out in the world, where some networks let nobody but their proxy.
        self._session.proxies.update(requests.utils.get_environ_proxies(self._url))
        self._headers = {
            "Accept": "application/json",
            "User-Agent": f"PlexSync/{__version__}",
            "X-Plex-Client-Identifier": client_identifier,
            "X-Plex-Product": "PlexSync",
            "X-Plex-Version": __version__,
            "X-Plex-Device-Name": "PlexSync",
        }

    def close(self) -> None:
        """Close the kept connections."""
        self._session.close()

    def new_pin(self) -> Pin:
        """Ask for a code.

        :raises PlexTvUnavailable: there is none to be had now.
        """
        # Without strong=true it is one of four letters, which a person can type.
        told = self._send("POST", "/api/v2/pins", "a code to sign in")
        number, code, lasts = told.get("id"), told.get("code"), told.get("expiresIn")
        if not isinstance(number, int) or not isinstance(code, str) or not code.isalnum():
            raise PlexTvUnavailable("plex.tv answered without a code to sign in")
        return Pin(number, code, float(lasts) if isinstance(lasts, int | float) and lasts > 0 else CODE_LASTS)

    def token_of(self, pin: Pin) -> str | None:
        """The token of whoever has entered the code; None while nobody has.

        :raises CodeExpired: it is too late.
        :raises PlexTvUnavailable: it does not say.
        """
        told = self._send("GET", f"/api/v2/pins/{pin.id}", "whether the code was entered")
        token = told.get("authToken")
        if not token:
            return None
        if not isinstance(token, str) or not can_be_sent(token):
            raise PlexTvUnavailable("plex.tv answered with a token that is none")
        return token

    def servers(self, token: str) -> tuple[AccountServer, ...]:
        """The servers that an account may use.

        :raises PlexTvUnavailable: it does not say.
        """
        told = self._send("GET", "/api/v2/resources?includeHttps=1", "the account's servers", token)
        resources = told.get("", [])
        found = (_server(one) for one in resources if isinstance(one, dict)) if isinstance(resources, list) else ()
        return tuple(one for one in found if one is not None)

    def _send(self, method: str, path: str, what: str, token: str | None = None) -> dict[str, Any]:
        """The answer's object; a list comes under the name ``""``."""
        headers = self._headers | ({"X-Plex-Token": token} if token else {})
        try:
            with within(TOTAL_TIMEOUT):
                response = self._session.request(method, self._url + path, headers=headers)
        except (requests.RequestException, OSError) as error:
            raise PlexTvUnavailable(f"no answer from plex.tv: {reason(error).lower()}") from None
        if response.status_code == 404:
            raise CodeExpired("the code was not entered in time")
        if not 200 <= response.status_code < 300:
            pause = retry_after(response.headers)
            raise PlexTvUnavailable(f"plex.tv answered {response.status_code}, asked for {what}", pause)
        try:
            told = read_json(response.content)
        except ValueError:
            raise PlexTvUnavailable(f"plex.tv answered with no JSON, asked for {what}") from None
        return told if isinstance(told, dict) else {"": told}


def _server(entry: Mapping[str, Any]) -> AccountServer | None:
    """A server among an account's devices; None for anything else, and for what cannot be read."""
    name, identifier, token = entry.get("name"), entry.get("clientIdentifier"), entry.get("accessToken")
    texts = isinstance(name, str) and isinstance(identifier, str) and isinstance(token, str)
    if not texts or "server" not in str(entry.get("provides", "")).split(",") or not can_be_sent(str(token)):
        return None
    connections = [one for one in entry.get("connections") or () if isinstance(one, dict) and not one.get("relay")]
    local_first = sorted(connections, key=lambda one: not one.get("local"))
    addresses = [f"http://{one['address']}:{one['port']}" for one in local_first if "address" in one and "port" in one]
    return AccountServer(str(name), str(identifier), str(token), entry.get("owned") is True, tuple(addresses))
