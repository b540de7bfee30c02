"""The last look at what is to be shown before any of it is sent: one bad value fails a whole edit at Plex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from plexsync.errors import PermanentError
from plexsync.fields import TextShape
from plexsync.metadata import addresses
from plexsync.metadata.dates import full_date
from plexsync.metadata.text import (
    ENCODED_BYTES,
    NAME_CHARACTERS,
    is_within,
    paragraphs,
    single_line,
)
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Desired, Field, Tag

#: Names and addresses that were looked at lately: those of tags, performers and studios come again with every scene.
NAMES_KEPT = 4096


def validate(desired: Desired) -> Desired:
    """``desired`` itself, if every value of it can be sent to Plex.

    :raises PermanentError: names each field that cannot, and what is wrong with it. It never quotes the value.
    """
    if faults := _faults(desired):
        raise PermanentError(f"This cannot be sent to Plex: {'; '.join(_sentences(faults))}")
    return desired


def sendable(desired: Desired) -> Desired:
    """``desired`` without the values that cannot be sent to Plex, and with a note for each: all else is not to wait.

    A field without its value is left as it is in Plex. Of a list only the bad names are left out, of a name only the
    bad picture.
    """
    faults = _faults(desired)
    if not faults:
        return desired
    texts, pictures, lists = (faults.get(group, {}) for group in ("texts", "pictures", "tags"))
    bad_rating = "rating" in faults
    rest = replace(
        desired,
        texts={field: text for field, text in desired.texts.items() if field not in texts},
        pictures={field: address for field, address in desired.pictures.items() if field not in pictures},
        tags={
            field: _sendable_tags(tags, lists[field]) if field in lists else tags
            for field, tags in desired.tags.items()
            if not isinstance(lists.get(field), list)
        },
        rating=None if bad_rating else desired.rating,
        selected=desired.selected - {Field.RATING} if bad_rating else desired.selected,
        notes=(*desired.notes, *(f"Left out, as it cannot be sent to Plex: {one}" for one in _sentences(faults))),
    )
    # Whatever was overlooked is refused here.
    return validate(rest)


def _sendable_tags(tags: Sequence[Tag], faults: Mapping[int, Mapping[str, Any]]) -> tuple[Tag, ...]:
    """Those without a fault; where only the picture is at fault, without it."""
    bad_names = {index for index, fault in faults.items() if not isinstance(fault, dict) or set(fault) != {"thumb"}}
    return tuple(
        replace(tag, thumb=None) if index in faults else tag for index, tag in enumerate(tags) if index not in bad_names
    )


def _is_sound(desired: Desired) -> bool:
    """Whether every value is surely one that can be sent; where not, ``_faults`` says what is wrong with it.

    The same checks as those of the schema, in a tenth of the time: marshmallow is for the words, and is imported where
    there is something to say.
    """
    try:
        return (
            all(_is_sound_text(field, text) for field, text in desired.texts.items())
            and all(
                _is_sound_name(tag.name) and (tag.thumb is None or _is_sound_address(tag.thumb))
                for field, tags in desired.tags.items()
                if field in TAG_FIELDS
                for tag in tags
            )
            and all(
                field in PICTURE_FIELDS and _is_sound_address(address) for field, address in desired.pictures.items()
            )
            and (desired.rating is None or (type(desired.rating) in (int, float) and 0 <= desired.rating <= 10))
            and all(field in TAG_FIELDS for field in desired.tags)
        )
    except (ValueError, TypeError, AttributeError):
        return False


def _is_sound_text(field: Field, text: str) -> bool:
    row = field.row
    if type(text) is not str or field not in TEXT_FIELDS:
        return False
    if row.shape is TextShape.DAY:
        return not text or full_date(text) == text
    if row.shape is TextShape.PARAGRAPHS:
        return paragraphs(text) == text and is_within(text, row.encoded or ENCODED_BYTES)
    least = 0 if row.may_be_empty and row.of_scene else 1
    return least <= len(text) <= row.characters and single_line(text) == text


@lru_cache(NAMES_KEPT)
def _is_sound_name(name: str) -> bool:
    return type(name) is str and 1 <= len(name) <= NAME_CHARACTERS and single_line(name) == name


@lru_cache(NAMES_KEPT)
def _is_sound_address(url: str) -> bool:
    return type(url) is str and addresses.without_key(url, "") == url


def _faults(desired: Desired) -> dict[str, Any]:
    """What cannot be sent, as marshmallow says it."""
    if _is_sound(desired):
        return {}
    from plexsync.metadata.desired_schema import DESIRED

    faults: dict[str, Any] = DESIRED.validate(
        {
            "texts": {str(field): text for field, text in desired.texts.items()},
            "tags": {
                str(field): [{"name": tag.name, "thumb": tag.thumb} for tag in tags]
                for field, tags in desired.tags.items()
            },
            "rating": desired.rating,
            "pictures": {str(field): address for field, address in desired.pictures.items()},
        }
    )
    return faults


def _sentences(faults: dict[str, Any]) -> list[str]:
    """Marshmallow's faults as ``field: what is wrong``, one per fault."""
    return [
        sentence for group, below in faults.items() for sentence in _below(below, group if group == "rating" else "")
    ]


def _below(faults: Any, where: str) -> list[str]:
    if isinstance(faults, dict):
        return [sentence for key, below in faults.items() for sentence in _below(below, f"{where} {key}".strip())]
    return [f"{where}: {fault}" for fault in faults]
