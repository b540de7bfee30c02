"""Who may ask the simulated Plex for what: the owner, users it is shared with, tokens that have run out."""

from __future__ import annotations

import secrets
from enum import Enum, auto

from plexsync.demo.http.exchange import Request

#: The status for a token that has run out: no status of HTTP's own. Plex's API document has it for device tokens (JWT).
TOKEN_EXPIRED = 498


class Requester(Enum):
    """Who a request comes from, by its token."""

    OWNER = auto()
    GUEST = auto()
    EXPIRED = auto()
    NOBODY = auto()


class Tokens:
    """The tokens a server knows.

    :param owner: the owner's.
    """

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.guests: set[str] = set()
        self.expired: set[str] = set()

    def asker(self, request: Request) -> Requester:
        """Who asks."""
        sent = request.header("X-Plex-Token") or ""
        if secrets.compare_digest(sent.encode(), self.owner.encode()):
            return Requester.OWNER
        if sent in self.guests:
            return Requester.GUEST
        return Requester.EXPIRED if sent in self.expired else Requester.NOBODY


def owners_only(request: Request) -> bool:
    """Whether only the owner may do this.

    Where Plex's API document names "admin" alone for it, or is known to refuse others (``/accounts``, ``/library``).
    Everybody may rate.
    """
    if request.path in ("/butler", "/accounts", "/library"):
        return True
    return request.path.endswith("/refresh") or (request.method != "GET" and request.path != "/:/rate")
