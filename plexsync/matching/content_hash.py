"""The OpenSubtitles hash, by which the content of a file is known: ``oshash`` in Stash, ``openSubtitleHash`` in Plex.

It is the size in bytes plus the sum of the first and of the last 64 KiB, taken as little-endian numbers of 64 bits,
modulo 2^64, in 16 hexadecimal digits. ``docs/development/decisions.md`` says how far the two were found to be the same.
"""

from __future__ import annotations

from plexsync.imports.late import late_pattern

#: Bytes from each end of a file that are added up. Programs disagree about shorter files.
CHUNK = 64 * 1024
_DIGITS = late_pattern("[0-9a-f]{1,16}")


def read_hash(value: object) -> str:
    """A hash in one form: 16 small hexadecimal digits; ``""`` for what is none, and for zero, which stands for none.

    :param value: as a server tells it, maybe in capitals, or without its leading zeros.
    """
    if not isinstance(value, str):
        return ""
    text = value.strip().lower().removeprefix("0x")
    if not _DIGITS.fullmatch(text) or not text.strip("0"):
        return ""
    return text.zfill(16)


def is_telling(size: int | None) -> bool:
    """Whether the hash of a file of this size in bytes means the same to all programs; an unknown size may do."""
    return size is None or size >= CHUNK
