"""How a message is told to ntfy, Gotify, Discord, an Apprise API or any other address, and a ping to a monitor.

An address is a secret: whoever has it can write there. It stands in no log line and no error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import requests

from plexsync.http.session import BoundedSession
from plexsync.imports.late_dataclass import dataclass

#: Seconds to connect, and between two pieces of an answer; bytes of an answer.
_CONNECT, _READ, _MOST = 5.0, 10.0, 64 * 1024
_JSON = {"Content-Type": "application/json"}


class NotSent(Exception):
    """It did not arrive. The text says why, and not where to."""


@dataclass(frozen=True, slots=True)
class TellMessage:
    """A message for a person: what it is about, in a word of ours, its title and its text."""

    kind: str
    title: str
    text: str
    #: Whether something is wrong; else it is over, or merely to be known.
    is_bad: bool = True


@dataclass(frozen=True, slots=True)
class TellRequest:
    """A request as it is sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes | None
    method: str = "POST"


def format_of(url: str, chosen: str) -> str:
    """In which format to send a message: ``ntfy``, ``gotify``, ``discord``, ``apprise`` or ``json``.

    :param chosen: the setting ``notify_format``: one of these, or ``auto`` to go by the address.
    """
    if chosen != "auto":
        return chosen
    address = urlsplit(url)
    host, path = (address.hostname or ""), address.path
    if host.endswith(("discord.com", "discordapp.com")) and "/webhooks/" in path:
        return "discord"
    if host.startswith("ntfy.") or host.endswith(".ntfy.sh"):
        return "ntfy"
    if path.endswith("/message") and "token=" in address.query:
        return "gotify"
    return "apprise" if "/notify/" in path else "json"


def message(url: str, chosen: str, notice: TellMessage) -> TellRequest:
    """The request that tells a message.

    :param url: where to.
    :param chosen: as for ``format_of``.
    """
    kind = format_of(url, chosen)
    if kind == "ntfy":
        # Headers are ASCII: the title stands in the text.
        headers = {"Priority": "high" if notice.is_bad else "default", "Tags": "warning" if notice.is_bad else "ok"}
        return TellRequest(url, headers, f"{notice.title}\n{notice.text}".encode())
    body: dict[str, object]
    if kind == "gotify":
        body = {"title": notice.title, "message": notice.text, "priority": 8 if notice.is_bad else 3}
    elif kind == "discord":
        # Nobody is called by a name that stands in a title.
        body = {"content": f"**{notice.title}**\n{notice.text}"[:2000], "allowed_mentions": {"parse": []}}
    elif kind == "apprise":
        body = {"title": notice.title, "body": notice.text, "type": "failure" if notice.is_bad else "success"}
    else:
        body = {"kind": notice.kind, "title": notice.title, "text": notice.text, "is_bad": notice.is_bad}
    return TellRequest(url, _JSON, json.dumps(body).encode("ascii"))


def ping(url: str, state: str, text: str) -> TellRequest | None:
    """The request that tells a monitor of a state; None where it has no word for it.

    :param url: as healthchecks.io or Uptime Kuma (``/api/push/``) gives it.
    :param state: ``start``, ``success`` or ``fail``.
    :param text: a sentence.
    """
    address = urlsplit(url)
    if "/api/push/" in address.path:
        if state == "start":
            return None
        known = [(name, value) for name, value in parse_qsl(address.query) if name not in ("status", "msg")]
        query = urlencode([*known, ("status", "up" if state == "success" else "down"), ("msg", text)])
        return TellRequest(urlunsplit(address._replace(query=query)), {}, None, "GET")
    path = address.path if state == "success" else f"{address.path.rstrip('/')}/{state}"
    return TellRequest(urlunsplit(address._replace(path=path)), {"Content-Type": "text/plain"}, text.encode())


class Sender:
    """Sends requests to whatever addresses, each within seconds, following no redirect."""

    def send(self, what: TellRequest) -> None:
        """Send it.

        :raises NotSent: it did not arrive.
        """
        session = BoundedSession(_CONNECT, _READ, verify=True, answer_max=_MOST, pool_size=1)
        try:
            answer = session.request(what.method, what.url, headers=dict(what.headers), data=what.body)
        except (requests.RequestException, OSError) as error:
            # What the library says holds the address.
            raise NotSent(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(error).__name__).lower()) from None
        finally:
            session.close()
        if not 200 <= answer.status_code < 300:
            raise NotSent(f"status {answer.status_code}")
