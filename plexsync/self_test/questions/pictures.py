"""What an uploaded picture is named by.

An item that has uploaded pictures shows it without a write. Else a small one is uploaded, but only where the one that
the item shows can be chosen again: Plex has no way to take a single picture out of an item's list.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Sequence

from plexsync.errors import PictureFailed
from plexsync.model import Picture
from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.subject import PICTURE_FIELDS, Subject

NAME = "pictures"
_UPLOADED = "upload://"
#: Uploaded pictures that are fetched, at most.
_FEW = 2


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Compare the names of uploaded pictures with their SHA-1."""
    if (told := _by_looking(subject)) is not None:
        return [told]
    kind = "thumb"
    if not subject.before.shown.get(kind):
        return [SelfTestAnswer(NAME, "not asked: it takes an item with a poster of its own, which can be chosen again")]
    return _by_uploading(subject, kind)


def _by_looking(subject: Subject) -> SelfTestAnswer | None:
    """What the pictures show that are there; None where none was uploaded."""
    key = subject.record.rating_key
    for kind in PICTURE_FIELDS:
        for picture in [one for one in subject.pictures(kind) if one.rating_key.startswith(_UPLOADED)][:_FEW]:
            try:
                data = subject.client.picture_bytes(key, picture)
            except PictureFailed:
                continue
            if data:
                return _answer(_sha1(data) in picture.rating_key.lower(), "those that it has show it")
    return None


def _by_uploading(subject: Subject, kind: str) -> Sequence[SelfTestAnswer]:
    data = small_png()
    name = f"upload://posters/{_sha1(data)}"
    before = {one.rating_key for one in subject.pictures(kind)}
    chosen = subject.before.shown[kind]
    if chosen not in before:
        return [SelfTestAnswer(NAME, "not asked: the poster that the item shows is not in its list", doubtful=True)]
    # Shows that the way back is open, and changes nothing.
    subject.choose(kind, chosen)
    # That may have locked it.
    subject.lock([kind], on=False)
    subject.upload(kind, Picture(data, "image/png", _sha1(data)))
    after = {one.rating_key for one in subject.pictures(kind)}
    if after == before and name not in before:
        return [SelfTestAnswer(NAME, "Plex does not list a picture that was uploaded", ok=False)]
    locks = kind in subject.read().locks
    return [
        _answer(name in after, "a small one was uploaded, and stays to choose from"),
        SelfTestAnswer(
            "uploads",
            "uploading a picture locks it" if locks else "uploading a picture does not lock it, so an edit does",
            traits={Trait.PICTURE_LOCKS: "by upload" if locks else "by edit"},
        ),
    ]


def _answer(named: bool, how: str) -> SelfTestAnswer:
    if named:
        text = f"an uploaded picture is named by the SHA-1 of its bytes ({how})"
        return SelfTestAnswer(NAME, text, traits={Trait.UPLOADS: "sha1"})
    return SelfTestAnswer(
        NAME, f"an uploaded picture is not named by its SHA-1 ({how})", traits={Trait.UPLOADS: "otherwise"}
    )


def _sha1(data: bytes) -> str:
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def small_png(side: int = 16) -> bytes:
    """A PNG of one colour, always the same.

    :param side: pixels, wide and high.
    """
    rows = (b"\0" + bytes((229, 160, 13)) * side) * side
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
