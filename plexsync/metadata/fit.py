"""Texts for a server that keeps only so much of them, or that takes no long request line: cut, until it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plexsync.metadata.text import ELLIPSIS, encoded_length, shorten, shorten_between_sentences
from plexsync.model import TEXT_FIELDS, Applied, Desired, Field


def fitted(wanted: Desired, *, long_lines: bool, most: Mapping[Field, int] | None = None) -> Desired:
    """``wanted`` with its texts as they can be sent.

    :param long_lines: request lines beyond 8 KiB are taken, as far as is known.
    :param most: characters that are kept of a text, where that is known.
    """
    texts = wanted.texts
    if not long_lines:
        texts = {field: shorten_between_sentences(text) for field, text in texts.items()}
    if most:
        texts = {field: _short(text, most.get(field)) for field, text in texts.items()}
    return wanted if texts is wanted.texts else replace(wanted, texts=texts)


def is_cut(wanted: str, shown: str) -> bool:
    """Whether a text stands cut, as it was sent to a server that takes no longer one."""
    return shown != wanted and (shown == shorten_between_sentences(wanted) or _is_short(wanted, shown))


def _short(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else shorten(text, most, encoded_length(text))


def _is_short(wanted: str, shown: str) -> bool:
    return shown.endswith(ELLIPSIS) and wanted.startswith(shown[:-1]) and shown == _short(wanted, len(shown))


def cut_notes(applied: Applied, wanted: Desired) -> tuple[str, ...]:
    """A sentence for a person about each text that stands cut.

    :param applied: what was applied to the item.
    :param wanted: what it should show, whole.
    """
    return tuple(
        f"{field}: cut from {len(whole)} to {len(shown)} characters: {_why(whole, shown)}."
        for field in TEXT_FIELDS
        if (whole := wanted.texts.get(field, "")) and is_cut(whole, shown := applied.texts.get(field, ""))
    )


def _why(whole: str, shown: str) -> str:
    if shown == shorten_between_sentences(whole):
        return "Plex, or a proxy in front of it, takes no request as long as the whole"
    return "this Plex keeps no more of it"
