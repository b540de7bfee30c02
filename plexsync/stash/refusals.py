"""Where Stash is, and what its refusals mean: from status codes and broken connections to errors with advice."""

from __future__ import annotations

from urllib.parse import urlsplit

import requests

from plexsync.errors import AccessDenied, PermanentError, StashUnavailable
from plexsync.http.address import origin
from plexsync.http.failures import (
    address_advice,
    broke_off,
    connecting_timed_out,
    reason,
    timed_out,
    tls_advice,
    wants_tls,
)
from plexsync.http.headers import can_be_sent, retry_after
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash.failures import AnswerLost

_LOGIN_WANTED = (
    "wants a login: set PLEXSYNC_STASH_API_KEY to the API key shown in Stash under Settings > Security > "
    "Authentication (Generate API Key, if there is none); in plexsync.toml the setting is called stash_api_key"
)
_KEY_REFUSED = (
    "refuses the API key: either PLEXSYNC_STASH_API_KEY is not the one shown in Stash under Settings > Security > "
    "Authentication, or no username and password are set there, and then Stash refuses any key: remove the setting"
)
_FORBIDDEN = (
    "forbids access: it was reached from the internet without a password set, or a proxy in front of it says no; "
    "Stash's own log has the reason"
)
#: Statuses of a server, or of a proxy before it, that failed at this very answer.
_GAVE_UP = (500, 502, 504)


@dataclass(frozen=True, repr=False)
class StashServer:
    """An address and a key of Stash's. As a text it is ``StashServer at http://host:port``.

    :param base: ``http://host:port``, maybe with a path behind a proxy; ``/graphql`` at its end is taken off.
    :param api_key: None where Stash has no login.
    :raises PermanentError: the address is none.
    :raises AccessDenied: the key holds characters that no key has.
    """

    base: str
    api_key: str | None = None

    def __post_init__(self) -> None:
        base = self.base.strip().rstrip("/").removesuffix("/graphql")
        key = (self.api_key or "").strip() or None
        try:
            origin(base)
        except ValueError:
            raise PermanentError("PLEXSYNC_STASH_URL is not an address such as http://localhost:9999") from None
        if key is not None and not can_be_sent(key):
            raise AccessDenied("PLEXSYNC_STASH_API_KEY holds characters that no API key of Stash's has", "Stash")
        object.__setattr__(self, "base", base)
        object.__setattr__(self, "api_key", key)

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        return f"Stash at {origin(self.base)}{urlsplit(self.base).path}"

    def refuse_access(self, response: requests.Response) -> None:
        """Raise when the answer says that the key is wrong or missing.

        :raises AccessDenied: 401, 403, or a redirect: Stash itself redirects to nothing but its login page.
        """
        if response.status_code == 401:
            raise AccessDenied(f"{self} {_KEY_REFUSED if self.api_key else _LOGIN_WANTED}", "Stash")
        if response.status_code == 403:
            raise AccessDenied(f"{self} {_FORBIDDEN}", "Stash")
        if response.is_redirect:
            path = urlsplit(response.headers["Location"]).path
            if path.endswith("/login"):
                raise AccessDenied(f"{self} {_KEY_REFUSED if self.api_key else _LOGIN_WANTED}", "Stash")
            raise AccessDenied(
                f"{self} answers with a redirect: set PLEXSYNC_STASH_URL to Stash's own address, not to one that a "
                "proxy guards or moves",
                "Stash",
            )

    def refuse_status(self, response: requests.Response) -> None:
        """Raise when the answer has an error status.

        :raises StashUnavailable: with what the server asks us to wait, where it does.
        """
        if wants_tls(response.status_code, response.content):
            raise StashUnavailable(f"{self} speaks TLS only: PLEXSYNC_STASH_URL should begin with https://")
        if response.status_code != 200:
            kind = AnswerLost if response.status_code in _GAVE_UP else StashUnavailable
            raise kind(
                f"{self} answered {response.status_code}: is PLEXSYNC_STASH_URL right, and is Stash up?",
                retry_after(response.headers),
            )


def unreachable(stash: StashServer, error: Exception) -> StashUnavailable:
    """The error to raise where no whole answer came."""
    if advice := tls_advice(error, str(stash), "PLEXSYNC_STASH"):
        return StashUnavailable(advice)
    if timed_out(error):
        kind = StashUnavailable if connecting_timed_out(error) else AnswerLost
        return kind(f"{stash} did not answer in time: is it well, the machine on, and PLEXSYNC_STASH_URL right?")
    kind = AnswerLost if broke_off(error) else StashUnavailable
    advice = address_advice(error, stash.base, "PLEXSYNC_STASH") or "is it up, and PLEXSYNC_STASH_URL right?"
    return kind(f"{stash} cannot be reached ({reason(error)}): {advice}")
