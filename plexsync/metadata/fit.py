"""Texts for a server, or a proxy in front of it, that takes no long request line: cut, until it does."""

from __future__ import annotations

from dataclasses import replace

from plexsync.metadata.text import shorten_between_sentences
from plexsync.model import TEXT_FIELDS, Desired, Pushed


def fitted(wanted: Desired, *, long_lines: bool) -> Desired:
    """``wanted`` with its texts as they can be sent.

    :param long_lines: request lines beyond 8 KiB are taken, as far as is known.
    """
    if long_lines:
        return wanted
    return replace(wanted, texts={field: shorten_between_sentences(text) for field, text in wanted.texts.items()})


def is_cut(wanted: str, shown: str) -> bool:
    """Whether a text stands cut, as it was sent to a server that takes no longer one."""
    return shown != wanted and shown == shorten_between_sentences(wanted)


def cut_notes(told: Pushed, wanted: Desired) -> tuple[str, ...]:
    """A sentence for a person about each text that stands cut.

    :param told: what we told the item.
    :param wanted: what it should show, whole.
    """
    return tuple(
        f"{field}: cut from {len(whole)} to {len(shown)} characters: Plex, or a proxy in front of it, takes no request "
        "as long as the whole."
        for field in TEXT_FIELDS
        if (whole := wanted.texts.get(field, "")) and is_cut(whole, shown := told.texts.get(field, ""))
    )
