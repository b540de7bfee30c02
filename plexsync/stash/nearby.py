"""Looks for a Stash at the places where one usually is, for a person who has not said yet where it is.

Nothing secret goes to a guess: the question is one that Stash answers anybody, or with "log in first".
"""

from __future__ import annotations

import http.client
import ipaddress
import queue
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from plexsync.imports.late_dataclass import dataclass

#: Stash's own port.
PORT = 9999
#: Seconds for all places together: a person waits.
IN_ALL = 2.0
#: Seconds for a connection, and for each wait after it.
CONNECT, READ = 0.7, 1.0
#: Bytes that are read of an answer: Stash's has about 50.
_MOST = 4096
#: What Stash is asked, and how it answers.
_QUESTION = b'{"query": "{ version { version } }"}'
_START = b'{"data":{"version":{"version":'
#: The addresses that a container's host has in a container's network.
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_IN_CONTAINER = ("/.dockerenv", "/run/.containerenv")


@dataclass(frozen=True, slots=True)
class NearbyStash:
    """A Stash: its address, and whether it wants a login."""

    url: str
    wants_login: bool = False


def usual_places(ports: Sequence[int] = (PORT,)) -> list[str]:
    """Addresses, the likeliest first: this machine, Docker's names for another container and for its host.

    :param ports: to look at.
    """
    hosts = ["localhost", "127.0.0.1", "stash", "host.docker.internal"]
    if gateway := _gateway():
        hosts.append(gateway)
    return [f"http://{host}:{port}" for host in hosts for port in dict.fromkeys(ports)]


def look(urls: Sequence[str], seconds: float = IN_ALL) -> NearbyStash | None:
    """The first of these places at which there is a Stash, ``https`` where it speaks that; None for none.

    All are asked at once.

    :param urls: beginning with ``http://``.
    :param seconds: for all of them.
    """
    asked = [one for url in urls for one in (url, url.replace("http://", "https://", 1))]
    answers: queue.SimpleQueue[tuple[int, NearbyStash | None]] = queue.SimpleQueue()

    def ask_one(place: int, url: str) -> None:
        try:
            answers.put((place, _ask(url)))
        except Exception:  # noqa: BLE001 - whatever is there instead is no Stash
            answers.put((place, None))

    # Not in a pool, whose threads a process waits for at its end: a name server can be slower than anybody's patience.
    for place, url in enumerate(asked):
        threading.Thread(target=ask_one, args=(place, url), daemon=True).start()
    found: dict[int, NearbyStash | None] = {}
    until = time.monotonic() + seconds
    while len(found) < len(asked):
        try:
            place, one = answers.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        found[place] = one
        # Nothing that is still to come could be preferred.
        if one is not None and all(earlier in found for earlier in range(place)):
            break
    return next((found[place] for place in sorted(found) if found[place] is not None), None)


def _ask(url: str) -> NearbyStash | None:
    """Whether there is a Stash at this address. It is told nothing, so its certificate does not matter."""
    parts = urlsplit(url)
    connection = _connection(parts.scheme, parts.netloc)
    try:
        connection.connect()
        if connection.sock is not None:
            connection.sock.settimeout(READ)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        connection.request("POST", f"{parts.path}/graphql", _QUESTION, headers)
        with connection.getresponse() as answer:
            # Stash's way to say that somebody has to log in first.
            if answer.status == 401 and answer.getheader("WWW-Authenticate") == "FormBased":
                return NearbyStash(url, wants_login=True)
            is_stash = answer.status == 200 and b"".join(answer.read(_MOST).split()).startswith(_START)
            return NearbyStash(url) if is_stash else None
    finally:
        connection.close()


def _connection(scheme: str, place: str) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(place, timeout=CONNECT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(place, timeout=CONNECT, context=context)


def _gateway() -> str:
    """Where a container's network leads, which is its host as a rule; ``""`` where this is no container."""
    if not any(Path(one).exists() for one in _IN_CONTAINER):
        return ""
    try:
        lines = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
        routes = [line.split() for line in lines]
        found = next(one[2] for one in routes if one[1] == "00000000")
        address = ipaddress.ip_address(socket.inet_ntoa(bytes.fromhex(found)[::-1]))
    except (OSError, ValueError, IndexError, StopIteration):
        return ""
    return str(address) if any(address in network for network in _PRIVATE) else ""
