"""What an item's guid says of the scene: its id in Stash, or what the film is known by elsewhere.

An agent or metadata provider that reads Stash names the scene:

========================================================  ===============================================
``com.plexapp.agents.stashplexagent://45?lang=en``        StashPlexAgent, a legacy agent
``plex://movie/stash-video-45``                           metadata providers of Plex 1.43 that play Plex's own
``tv.plex.agents.custom.stash://movie/45``                stash-plex-provider, and metadata providers under a name
                                                          of their own: also ``://scene-45``, ``://scene/45``
========================================================  ===============================================

The identifiers of StashDB and its like are no ids of scenes: they are UUIDs, and none is taken for one.

Other agents name what they found, and a scene's own addresses and the ids of its stash-boxes may name the same:

========================================================  ===============================================
``com.plexapp.agents.imdb://tt0133093?lang=en``           IMDb; also ``imdb://tt0133093``
``com.plexapp.agents.themoviedb://603?lang=en``           The Movie Database; also ``tmdb://603`` and providers
``tv.plex.agents.custom.tpdb://movie/<UUID>``             StashDB, ThePornDB and others that give out UUIDs
``com.plexapp.agents.phoenixadult://<base 58>|12``        PhoenixAdult: the address of the page, in base 58
========================================================  ===============================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from plexsync.imports.late import late_pattern
from plexsync.model import Scene

#: Digits of the largest id that Stash's GraphQL takes (2,147,483,647).
_ID = r"([1-9][0-9]{0,9})"
_END = r"(?:[/?#].*)?"
#: Words between the agent's name and the id: ``scene/``, ``movie/stash-video-``.
_WORDS = r"(?:[a-z]+[-/])*"
_AGENT = late_pattern(
    rf"(?:com\.plexapp\.agents|tv\.plex\.agents(?:\.custom)?)\.[\w.-]*stash[\w.-]*://{_WORDS}{_ID}{_END}", re.IGNORECASE
)
_PLEX = late_pattern(rf"plex://(?:movie|video|clip)/stash-(?:[a-z]+-)?{_ID}{_END}", re.IGNORECASE)
_LARGEST_ID = 2**31 - 1

_NUMBER = r"([1-9][0-9]{0,11})"
_IMDB = late_pattern(r"(?:[\w.-]+\.)?(?:imdb|xbmcnfo)://(?:movie/)?(tt[0-9]{5,12})(?![0-9])", re.IGNORECASE)
_TMDB = late_pattern(rf"(?:[\w.-]+\.)?(?:themoviedb|tmdb)://(?:movie[/-])?{_NUMBER}{_END}", re.IGNORECASE)
_UUID = late_pattern(r"(?<![0-9a-f])([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9a-f-])", re.IGNORECASE)
_PHOENIX = late_pattern(r"[\w.-]*phoenixadult[\w.-]*://([1-9A-HJ-NP-Za-km-z]{16,2000})(?:[|?#].*)?", re.IGNORECASE)
_ADDRESS = late_pattern(r"[\w.-]+://(https?://.+)", re.IGNORECASE)
_IMDB_PAGE = late_pattern(r"(?:^|\.)imdb\.com/(?:[a-z]{2}(?:-[a-z]{2})?/)?title/(tt[0-9]{5,12})(?![0-9])")
_TMDB_PAGE = late_pattern(rf"(?:^|\.)themoviedb\.org/movie/{_NUMBER}(?![0-9])")

_BASE_58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS_58 = {letter: value for value, letter in enumerate(_BASE_58)}
#: Characters of a guid or an address that are looked at, and letters that a page's path must have to tell it from the
#: site's first page, or from the list of its films.
_LONGEST, _TELLING_PATH = 2000, 8


def stash_scene(guid: str) -> int | None:
    """The id of the scene that a guid names, or None.

    :param guid: of an item of Plex, whatever agent made it.
    """
    if len(guid) > _LONGEST or (guid.isascii() and "stash" not in guid.lower()):
        # As most are. Of other letters some are the same as these where case does not count.
        return None
    found = _AGENT.fullmatch(guid) or _PLEX.fullmatch(guid)
    if found is None:
        return None
    scene_id = int(found[1])
    return scene_id if scene_id <= _LARGEST_ID else None


def external_id(guid: str) -> str:
    """What a guid says that the film is known by elsewhere; ``""`` where it says nothing of that.

    :returns: as ``imdb:tt0133093``, ``tmdb:603``, ``uuid:...`` or ``url:...``.
    """
    # Plex's own ids say nothing without asking Plex's servers, and an item without an agent has but its key.
    if not guid or len(guid) > _LONGEST or guid.startswith(("plex://", "local://", "tv.plex.agents.none://")):
        return ""
    guid = unquote(guid)
    if found := _IMDB.match(guid):
        return f"imdb:{found[1].lower()}"
    if found := _TMDB.fullmatch(guid):
        return f"tmdb:{found[1]}"
    if found := _ADDRESS.fullmatch(guid):
        return _page(found[1])
    if found := _PHOENIX.fullmatch(guid):
        return _page(_from_base_58(found[1]))
    if found := _UUID.search(guid):
        return f"uuid:{found[1].lower()}"
    return ""


def scene_ids(scene: Scene) -> frozenset[str]:
    """What a scene is known by elsewhere, of its addresses and of stash-boxes; each in the form of ``external_id``."""
    uuids = (f"uuid:{one.lower()}" for one in scene.stash_ids if _UUID.fullmatch(one))
    return frozenset({*uuids, *_of_addresses(scene.urls)})


def _of_addresses(urls: Iterable[str]) -> Iterable[str]:
    for url in urls:
        page = _page(url) if len(url) <= _LONGEST else ""
        if not page:
            continue
        yield page
        place = page.removeprefix("url:")
        if found := _IMDB_PAGE.search(place):
            yield f"imdb:{found[1]}"
        if found := _TMDB_PAGE.search(place):
            yield f"tmdb:{found[1]}"
        # StashDB's and ThePornDB's pages have the id in their address.
        yield from (f"uuid:{one}" for one in _UUID.findall(place))


@lru_cache(maxsize=256)
def _page(url: str) -> str:
    """A page's address in one form, however it is written; ``""`` for what is no page of a film."""
    if not url.lower().startswith(("http://", "https://")):
        return ""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return ""
    path = unquote(parts.path).rstrip("/").lower()
    if not host or len(path) + len(parts.query) < _TELLING_PATH:
        return ""
    return f"url:{host}{path}" + (f"?{parts.query}" if parts.query else "")


def _from_base_58(text: str) -> str:
    """What was put into base 58, as far as it is text; ``""`` where it is none."""
    number = 0
    for letter in text:
        number = number * 58 + _DIGITS_58[letter]
    try:
        return number.to_bytes((number.bit_length() + 7) // 8, "big").decode()
    except UnicodeDecodeError:
        return ""
