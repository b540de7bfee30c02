"""One exchange with the plugin in Stash: what is sent, and what comes back, checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from plexsync.errors import PlexSyncError, StashUnavailable
from plexsync.stash.failures import QueryFailed

#: The version of what is exchanged that is understood here (``plexsync.inbox.drain``).
SCHEMA = 1

#: Sends the arguments of an operation, and returns what came back.
Ask = Callable[[Mapping[str, Any]], object]


class Laid(msgspec.Struct, frozen=True):
    """A file that lies on Stash's machine.

    :param file: its name.
    :param text: what it holds, one character per byte.
    :param fault: why it is no message; empty where it may be one.
    """

    file: str
    text: str
    fault: str = ""

    @property
    def content(self) -> bytes:
        """The bytes of the file.

        :raises UnicodeEncodeError: what came holds characters that are no bytes.
        """
        return self.text.encode("latin-1")


class Delivery(msgspec.Struct, frozen=True):
    """What came back.

    :param now: the time by the clock of Stash's machine (epoch seconds).
    :param more: whether there are more events than came.
    :param watched: whether somebody looks at PlexSync's page.
    """

    schema: int
    version: str
    now: float
    events: list[Laid]
    requests: list[Laid]
    more: bool
    watched: bool


class DeliveryRefused(PlexSyncError):
    """The plugin in Stash hands nothing out, and says why."""


def exchange(ask: Ask, given: Mapping[str, Any]) -> Delivery:
    """Send what is to lie on Stash's machine, and receive what lies there.

    :param given: the arguments of ``drain``.
    :raises DeliveryRefused: the plugin says no; or it is not there, or of another version.
    :raises PlexSyncError: Stash cannot be asked.
    """
    try:
        answer = ask({"mode": "drain", **given})
    except QueryFailed as error:
        text = f"Stash cannot run its plugin PlexSync ({error.reason}): is it installed and enabled there?"
        raise DeliveryRefused(text) from error
    if not isinstance(answer, dict):
        raise StashUnavailable("the plugin PlexSync in Stash gave no answer; Stash's log may say why")
    if answer.get("ok") is not True:
        raise DeliveryRefused(_said(answer.get("error")))
    try:
        delivery = msgspec.convert(answer.get("result"), Delivery)
    except msgspec.ValidationError as error:
        raise DeliveryRefused(f"the plugin PlexSync in Stash answers in a way not known here: {error}") from None
    if delivery.schema != SCHEMA:
        raise DeliveryRefused(
            f"PlexSync in Stash is version {delivery.version}, which hands events out in another way: update the older"
        )
    return delivery


def _said(error: object) -> str:
    """What the plugin said, for a person."""
    told = error if isinstance(error, dict) else {}
    text = " ".join(one for name in ("text", "remedy") if isinstance(one := told.get(name), str) and one)[:500]
    if "no mode 'drain'" in text:
        return "PlexSync in Stash is too old to be fetched from: update it under Settings > Plugins in Stash"
    return text or "the plugin PlexSync in Stash hands nothing out, and does not say why"
