"""Addresses of Stash's pictures: without keys, and as the devices that fetch them can reach them."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote_plus, urljoin, urlsplit, urlunsplit

from plexsync.imports.late import late_pattern

#: Bytes an address given to Plex may take percent-encoded: it travels in one request with the performer's name, which
#: takes up to 3,600.
ENCODED_BYTES = 2000

#: An address that stays as it is, as nearly all of Stash's do: nothing in it is encoded, and none of its parameters can
#: be a key.
_PLAIN = late_pattern(
    r"https?://[a-z0-9][a-z0-9.-]*(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?/[A-Za-z0-9/_~.-]*(?:\?[A-Za-z0-9=&_.-]+)?"
)
_PORTS = {"http": 80, "https": 443}


def without_key(url: str, stash_url: str) -> str | None:
    """``url`` without an API key, a user name or a password in it; a relative one is completed from ``stash_url``.

    :returns: the address, or None where it is no address a picture can be fetched from.
    """
    if _PLAIN.fullmatch(url) and "apikey" not in url.lower():
        return url
    try:
        url.encode()  # Half a character, which JSON can hold, is refused here: it could not be sent.
        parts = urlsplit(urljoin(stash_url, url))
        if parts.scheme not in _PORTS or not parts.hostname or parts.port == 0:
            return None
        return urlunsplit((parts.scheme, _host_and_port(parts), parts.path, _without_key(parts.query), ""))
    except ValueError:
        return None


def public(url: str, stash_url: str, public_url: str | None) -> str | None:
    """``url``, an address at Stash, as the viewers' devices are to fetch it.

    Where ``public_url`` is given it takes the place of Stash's own base; a loopback address counts as Stash's own.

    :returns: the address without any key, or None where it is none, or where only Stash's own machine could reach it
        and no ``public_url`` was given.
    """
    own = without_key(url, stash_url)
    if own is None:
        return None
    parts = urlsplit(own)
    if public_url is None:
        return None if _is_local(parts) else own
    stash, shown = urlsplit(stash_url), urlsplit(public_url)
    if _origin(parts) != _origin(stash) and not _is_local(parts):
        return own
    path = shown.path.rstrip("/") + _below(parts.path, stash.path.rstrip("/"))
    return without_key(urlunsplit((shown.scheme, shown.netloc, path, parts.query, "")), stash_url)


def _without_key(query: str) -> str:
    kept = (part for part in re.split("[&;]", query) if _parameter(part) != "apikey")
    return "&".join(kept)


def _parameter(part: str) -> str:
    return unquote_plus(part.partition("=")[0]).strip().casefold()


def _host_and_port(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)


def _below(path: str, prefix: str) -> str:
    """``path`` without ``prefix``, the folder under which a reverse proxy shows Stash."""
    return path[len(prefix) :] if prefix and path.startswith(f"{prefix}/") else path


def _is_local(parts: SplitResult) -> bool:
    host = (parts.hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)
