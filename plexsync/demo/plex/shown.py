"""Which of an item's pictures the simulated Plex shows."""

from __future__ import annotations

import hashlib

from plexsync.demo.plex.items import PICTURES, StoredItem, StoredPicture


def media_type(data: bytes) -> str | None:
    """What the first bytes say: ``image/jpeg`` and so on; None for what is no picture."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def show(item: StoredItem, kind: str, picture: StoredPicture, now: int, *, lock: bool) -> None:
    """Show a picture that the item has.

    :param now: epoch seconds; the time in the picture's path is later than the last one in any case.
    :param lock: also lock it.
    """
    shown_as = PICTURES[kind]
    _, before = item.selected.get(shown_as, (None, 0))
    item.selected[shown_as] = (picture, max(now, before + 1))
    if lock:
        item.locked.add(shown_as)


def show_agents(item: StoredItem, now: int) -> None:
    """Show the agent's pictures, but where another one is locked."""
    for kind, data in item.agent_pictures.items():
        if PICTURES[kind] in item.locked:
            continue
        pictures = item.pictures.setdefault(kind, [])
        known = [one for one in pictures if one.source == "metadata" and one.data == data]
        if not known:
            sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
            known = [StoredPicture(sha1, data, media_type(data) or "image/jpeg", "metadata")]
            pictures += known
        show(item, kind, known[0], now, lock=False)
