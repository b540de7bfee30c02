"""Where Stash is, for ``--check`` before anybody has said so: found, or named by the setting that is missing."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from plexsync.http.address import origin
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash import nearby
from plexsync.status.findings import Finding
from settings import CONFIG_FILE, SettingsError, stash_access

NAME = "Stash's address"


@dataclass(frozen=True, slots=True)
class StashCandidate:
    """What was found out: a line for the person, and the settings that the check goes on with."""

    finding: Finding | None
    environ: Mapping[str, str]


def place(environ: Mapping[str, str]) -> StashCandidate:
    """See whether Stash is where it is taken to be, where nobody has set that, and else ask the usual places.

    What is found counts for this check alone: a Stash that happens to be near need not be the right one.
    """
    try:
        access = stash_access(environ)
    except SettingsError:
        return StashCandidate(None, environ)
    taken = urlsplit(access.url)
    if access.url_given:
        return StashCandidate(None, environ)
    places = nearby.usual_places([nearby.PORT, taken.port or nearby.PORT])
    # Where it is taken to be comes first.
    found = nearby.look(list(dict.fromkeys([f"http://{taken.netloc}", *places])))
    if found is not None and urlsplit(found.url).netloc == taken.netloc:
        return StashCandidate(None, environ)
    if found is None:
        hosts = ", ".join(dict.fromkeys(str(urlsplit(one).hostname) for one in places))
        return StashCandidate(
            Finding(
                NAME,
                False,
                f"no Stash answers at {origin(access.url)}, nor at port {nearby.PORT} of {hosts}: set "
                "PLEXSYNC_STASH_URL to the address at which this machine reaches Stash, such as "
                "http://192.168.1.10:9999, or in Docker to its container, such as http://stash:9999",
            ),
            environ,
        )
    text = (
        f"no Stash answers at {origin(access.url)}, and one does at {found.url}: if it is yours, write "
        f'stash_url = "{found.url}" into {CONFIG_FILE}, or set PLEXSYNC_STASH_URL={found.url}'
    )
    if found.wants_login and access.api_key is None:
        text += (
            "; it wants a login: set PLEXSYNC_STASH_API_KEY, too, to the key that it shows under Settings > Security"
        )
    elif access.api_key is not None:
        # Not to be handed to whoever answers there.
        text += ", and check again: the API key goes nowhere before that"
    else:
        text += "; the rest of this check asks that one"
        environ = {**environ, "PLEXSYNC_STASH_URL": found.url}
    return StashCandidate(Finding(NAME, False, text), environ)
