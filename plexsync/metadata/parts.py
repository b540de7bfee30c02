"""An edit taken apart into the least that can be written by itself, so that one bad part does not hold back the rest.

A part is a text, a name that is added to a list or removed from one, a field's lock, or the rating. It is known by its
field and a text (``key``) that is another one when another value is to be written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from plexsync.metadata.readback import QUOTED_CHARACTERS
from plexsync.metadata.text import shorten, single_line
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Desired, Edit, Field, Pushed, Tag

#: Digits of a value's digest in a key.
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class EditPart:
    """One part of an edit: ``edit`` writes it and nothing else. ``what`` names it for a person, after its field."""

    field: Field
    key: str
    edit: Edit
    what: str

    @property
    def name(self) -> tuple[Field, str]:
        """Field and key: the same for the same part of another scene's edit."""
        return self.field, self.key


def parts_of_edit(edit: Edit) -> tuple[EditPart, ...]:
    """The parts of an edit, those of one field next to each other; removals come before additions."""
    return tuple(_parts(edit))


def fields_of(edit: Edit) -> frozenset[Field]:
    """The fields that an edit writes."""
    rating = (Field.RATING,) if edit.rate else ()
    return frozenset((*edit.texts, *edit.add, *edit.remove, *edit.lock, *rating))


def joined(parts: Iterable[EditPart]) -> Edit:
    """The edit that writes all of these parts."""
    texts: dict[Field, str] = {}
    add: dict[Field, tuple[Tag, ...]] = {}
    remove: dict[Field, tuple[str, ...]] = {}
    lock: frozenset[Field] = frozenset()
    rate, rating = False, None
    for part in parts:
        edit = part.edit
        texts |= edit.texts
        add |= {field: (*add.get(field, ()), *tags) for field, tags in edit.add.items()}
        remove |= {field: (*remove.get(field, ()), *names) for field, names in edit.remove.items()}
        lock |= edit.lock
        if edit.rate:
            rate, rating = True, edit.rating
    return Edit(texts=texts, add=add, remove=remove, rate=rate, rating=rating, lock=lock)


def without_parts(edit: Edit, names: Collection[tuple[Field, str]]) -> Edit:
    """An edit without the parts of these names; the edit itself where it has none of them."""
    if not names:
        return edit
    parts = parts_of_edit(edit)
    kept = [part for part in parts if part.name not in names]
    return edit if len(kept) == len(parts) else joined(kept)


def as_written(wanted: Desired, left_out: Iterable[EditPart]) -> Desired:
    """What of ``wanted`` stands in the item where these parts could not be written: what ``after`` is to be given.

    A text or rating that was not written leaves the field as it was; a name that was not added is not there, one that
    was not removed is.
    """
    for part in left_out:
        field, edit = part.field, part.edit
        if field in edit.texts:
            wanted = replace(wanted, texts={one: text for one, text in wanted.texts.items() if one is not field})
        elif field in wanted.tags:
            missing = {tag.name for tag in edit.add.get(field, ())}
            kept = tuple(tag for tag in wanted.tags[field] if tag.name not in missing)
            kept += tuple(Tag(name) for name in edit.remove.get(field, ()))
            wanted = replace(wanted, tags={**wanted.tags, field: kept})
        elif edit.rate:
            wanted = replace(wanted, rating=None, selected=wanted.selected - {Field.RATING})
    return wanted


def surely_told(told: Pushed, sure: Pushed, left_out: Iterable[EditPart]) -> Pushed:
    """What an item was told, where these parts are known not to stand there: of them only what stands for certain.

    Where a write was in doubt, ``told`` says what it may have been told. Taken for told, it would not be written again.

    :param sure: what of ours stands in the item for certain.
    """
    for part in left_out:
        field, edit = part.field, part.edit
        if edit.texts:
            texts = {one: text for one, text in told.texts.items() if one is not field}
            if field in sure.texts:
                texts[field] = sure.texts[field]
            told = replace(told, texts=texts)
        elif edit.add:
            missing = {tag.name for tag in edit.add[field]} - set(sure.tags.get(field, ()))
            kept = tuple(name for name in told.tags.get(field, ()) if name not in missing)
            told = replace(told, tags={**told.tags, field: kept})
        elif edit.rate:
            told = replace(told, rating=sure.rating, rating_written=sure.rating_written)
    return told


def _parts(edit: Edit) -> Iterator[EditPart]:
    for field in (*TEXT_FIELDS, *TAG_FIELDS):
        if field in edit.texts:
            text = edit.texts[field]
            what = f"{_quoted(text)}" if text else "the empty text"
            yield EditPart(field, f"text {_digest(text)}", Edit(texts={field: text}), what)
        for name in edit.remove.get(field, ()):
            yield EditPart(field, f"remove {name}", Edit(remove={field: (name,)}), f"{_quoted(name)}, to be removed,")
        for tag in edit.add.get(field, ()):
            picture = f" {_digest(tag.thumb)}" if tag.thumb else ""
            yield EditPart(field, f"add {tag.name}{picture}", Edit(add={field: (tag,)}), _quoted(tag.name))
        if field in edit.lock:
            yield EditPart(field, "lock", Edit(lock=frozenset({field})), "the lock")
    if edit.rate:
        what = "no rating" if edit.rating is None else f"{edit.rating:g}"
        yield EditPart(Field.RATING, f"rating {what}", Edit(rate=True, rating=edit.rating), what)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _quoted(text: str) -> str:
    return f'"{shorten(single_line(text), QUOTED_CHARACTERS)}"'
