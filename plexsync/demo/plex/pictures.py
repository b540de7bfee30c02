"""The pictures of an item in the simulated Plex: every upload stays, one is shown."""

from __future__ import annotations

import hashlib
import urllib.request
from http import HTTPStatus
from urllib.parse import quote

from plexsync.demo.plex.items import PICTURES, StoredItem, StoredPicture
from plexsync.demo.plex.library import PlexRefused
from plexsync.demo.plex.shown import media_type, show

#: Seconds to wait for a picture that Plex is told to fetch.
FETCH_TIMEOUT = 5.0


def fetch(url: str) -> bytes:
    """Get the picture behind an address, as Plex does for ``?url=``.

    :raises PlexRefused: 400, there is nothing to be had.
    """
    if not url.startswith(("http://", "https://")):
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    try:
        with urllib.request.urlopen(url, timeout=FETCH_TIMEOUT) as answer:
            data: bytes = answer.read()
    except (OSError, ValueError):
        raise PlexRefused(HTTPStatus.BAD_REQUEST) from None
    return data


def upload(
    item: StoredItem, kind: str, data: bytes, now: int, *, dedupe: bool, by_sha1: bool = True, lock: bool = True
) -> None:
    """Add a picture and show it.

    :param kind: ``"posters"`` or ``"arts"``.
    :param now: epoch seconds; the time in the picture's path is later than the last one in any case.
    :param dedupe: the same bytes are kept once.
    :param by_sha1: it is named by the SHA-1 of its bytes.
    :param lock: also lock it.
    :raises PlexRefused: 400, the bytes are no picture.
    """
    found = media_type(data)
    if found is None:
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    pictures = item.pictures.setdefault(kind, [])
    sha1 = hashlib.sha1(data if by_sha1 else data[::-1], usedforsecurity=False).hexdigest()
    same = [picture for picture in pictures if picture.data == data and picture.source == "upload"]
    if same and dedupe:
        picture = same[0]
    else:
        picture = StoredPicture(f"{sha1}-{len(same) + 1}" if same else sha1, data, found)
        pictures.append(picture)
    show(item, kind, picture, now, lock=lock)


def choose(item: StoredItem, kind: str, data: bytes, now: int, *, lock: bool = True) -> None:
    """Show one of the pictures that the item has.

    :param now: as for ``upload``; ``lock``, too.
    :raises ValueError: the item has no such picture.
    """
    for picture in item.pictures.get(kind, []):
        if picture.data == data:
            show(item, kind, picture, now, lock=lock)
            return
    raise ValueError(f"item {item.rating_key} has no such picture among its {kind}")


def delete_shown(item: StoredItem, kind: str) -> None:
    """Delete the picture that is shown; none is then, and the lock stays.

    :raises ValueError: none is shown.
    """
    picture, _ = item.selected.pop(PICTURES[kind], (None, 0))
    if picture is None:
        raise ValueError(f"item {item.rating_key} shows none of its {kind}")
    item.pictures[kind].remove(picture)


def listed(item: StoredItem, kind: str) -> list[dict[str, object]]:
    """The pictures of one kind as an answer lists them."""
    shown, _ = item.selected.get(PICTURES[kind], (None, 0))
    entries: list[dict[str, object]] = []
    for picture in item.pictures.get(kind, []):
        address = f"{picture.source}://{kind}/{picture.name}"
        path = f"/library/metadata/{item.rating_key}/file?url={quote(address, safe='')}"
        entries.append({"key": path, "ratingKey": address, "selected": picture is shown, "thumb": path})
    return entries


def by_address(item: StoredItem, address: str) -> StoredPicture:
    """The picture ``upload://posters/<name>``.

    :raises PlexRefused: 404, the item has no such picture.
    """
    for kind, pictures in item.pictures.items():
        for picture in pictures:
            if address == f"{picture.source}://{kind}/{picture.name}":
                return picture
    raise PlexRefused(HTTPStatus.NOT_FOUND)
