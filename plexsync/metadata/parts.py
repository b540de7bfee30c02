"""An edit taken apart into the least that can be written by itself, so that one bad part does not hold back the rest.

A part is a text, a name that is added to a list or removed from one, the order of a list, a field's lock, or the
rating. It is known by its field and a text (``key``) that is another one when another value is to be written.

Where lists are sent as a whole, each part of a list has all of it: what is sent are the names that stand there, and
those of the parts that are sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import field as attribute
from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.names import alike
from plexsync.metadata.readback import QUOTED_CHARACTERS
from plexsync.metadata.text import shorten, single_line
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Tag

#: The key of a field's lock.
LOCK = "lock"
#: Digits of a value's digest in a key.
_DIGITS = 16


@dataclass(frozen=True, slots=True)
class EditPart:
    """One part of an edit: ``edit`` writes it and nothing else. ``what`` names it for a person, after its field.

    ``whole`` is the list that it is a part of, as it is to be in the end; None where it belongs to none, or to one that
    is not known. ``coming`` are the names in it that do not stand there yet.
    """

    field: Field
    key: str
    edit: Edit
    what: str
    whole: tuple[Tag, ...] | None = attribute(default=None, compare=False)
    coming: frozenset[str] = attribute(default=frozenset(), compare=False)

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
    return frozenset((*edit.texts, *edit.names, *edit.lock, *rating))


def joined(parts: Iterable[EditPart]) -> Edit:
    """The edit that writes all of these parts."""
    texts: dict[Field, str] = {}
    add: dict[Field, tuple[Tag, ...]] = {}
    again: dict[Field, tuple[str, ...]] = {}
    remove: dict[Field, tuple[str, ...]] = {}
    replaced: dict[Field, tuple[str, ...]] = {}
    lists: dict[Field, EditPart] = {}
    order: frozenset[Field] = frozenset()
    lock: frozenset[Field] = frozenset()
    rate, rating = False, None
    for part in parts:
        edit = part.edit
        texts |= edit.texts
        add |= {field: (*add.get(field, ()), *tags) for field, tags in edit.add.items()}
        again |= {field: (*again.get(field, ()), *names) for field, names in edit.again.items()}
        remove |= {field: (*remove.get(field, ()), *names) for field, names in edit.remove.items()}
        replaced |= {field: (*replaced.get(field, ()), *names) for field, names in edit.replaced.items()}
        order |= edit.order
        lock |= edit.lock
        if part.whole is not None:
            lists[part.field] = part
        if edit.rate:
            rate, rating = True, edit.rating
    return Edit(
        texts=texts,
        add=add,
        again=again,
        remove=remove,
        replaced=replaced,
        order=order,
        lists={field: _list_of(part, add.get(field, ())) for field, part in lists.items()},
        rate=rate,
        rating=rating,
        lock=lock,
    )


def _list_of(part: EditPart, added: Collection[Tag]) -> tuple[Tag, ...]:
    """The list that ``part`` belongs to, with the names that stand there and those that are added."""
    thumbs = {tag.name: tag.thumb for tag in added}
    return tuple(
        replace(tag, thumb=thumbs.get(tag.name) or tag.thumb)
        for tag in part.whole or ()
        if tag.name in thumbs or tag.name not in part.coming
    )


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
            missing, again = {tag.name for tag in edit.add.get(field, ())}, edit.again.get(field, ())
            kept = tuple(
                replace(tag, thumb=None) if tag.name in missing else tag
                for tag in wanted.tags[field]
                if tag.name not in missing or tag.name in again
            )
            kept += tuple(Tag(name) for name in edit.remove.get(field, ()))
            wanted = replace(wanted, tags={**wanted.tags, field: kept})
        elif edit.rate:
            wanted = replace(wanted, rating=None, selected=wanted.selected - {Field.RATING})
    return wanted


def applied_without(applied: Applied, confirmed: Applied, left_out: Iterable[EditPart]) -> Applied:
    """What was applied to an item that does not show these parts: of them only what was confirmed before.

    Where a write is in doubt, ``applied`` may hold parts that did not arrive. Kept there, they would not be written
    again.

    :param confirmed: what of ours stands in the item, as far as is confirmed.
    """
    for part in left_out:
        field, edit = part.field, part.edit
        if edit.texts:
            texts = {one: text for one, text in applied.texts.items() if one is not field}
            if field in confirmed.texts:
                texts[field] = confirmed.texts[field]
            applied = replace(applied, texts=texts)
        elif edit.add:
            missing = {tag.name for tag in edit.add[field]} - set(confirmed.tags.get(field, ()))
            kept = tuple(name for name in applied.tags.get(field, ()) if name not in missing)
            applied = replace(applied, tags={**applied.tags, field: kept})
        elif edit.rate:
            applied = replace(applied, rating=confirmed.rating, rating_written=confirmed.rating_written)
    return applied


def _parts(edit: Edit) -> Iterator[EditPart]:
    for field in (*TEXT_FIELDS, *TAG_FIELDS, *PICTURE_FIELDS):
        if field in edit.texts:
            text = edit.texts[field]
            what = f"{_quoted(text)}" if text else "the empty text"
            yield EditPart(field, f"text {_digest(text)}", Edit(texts={field: text}), what)
        yield from _parts_of_list(field, edit)
        if field in edit.lock:
            yield EditPart(field, LOCK, Edit(lock=frozenset({field})), "the lock")
    if edit.rate:
        what = "no rating" if edit.rating is None else f"{edit.rating:g}"
        yield EditPart(Field.RATING, f"rating {what}", Edit(rate=True, rating=edit.rating), what)


def _parts_of_list(field: Field, edit: Edit) -> Iterator[EditPart]:
    again = edit.again.get(field, ())
    # A name that stands there is sent in any case; its new picture, where that is what is added, only with its part.
    known = {tag.name for tag in edit.add.get(field, ()) if tag.name in again}
    coming = frozenset(tag.name for tag in edit.add.get(field, ())) - known
    whole = None
    if field in edit.lists:
        whole = tuple(replace(tag, thumb=None) if tag.name in known else tag for tag in edit.lists[field])
    for name in edit.remove.get(field, ()):
        one = Edit(remove={field: (name,)})
        yield EditPart(field, f"remove {name}", one, f"{_quoted(name)}, to be removed,", whole, coming)
    replaced = edit.replaced.get(field, ())
    for tag in edit.add.get(field, ()):
        picture = f" {_digest(tag.thumb)}" if tag.thumb else ""
        one = Edit(add={field: (tag,)}, again={field: (tag.name,)} if tag.name in known else {})
        if gone := tuple(name for name in replaced if alike(name) == alike(tag.name)):
            one = replace(one, replaced={field: gone})
        yield EditPart(field, f"add {tag.name}{picture}", one, _quoted(tag.name), whole, coming)
    if field in edit.order:
        yield EditPart(field, "order", Edit(order=frozenset({field})), "the order", whole, coming)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def _quoted(text: str) -> str:
    return f'"{shorten(single_line(text), QUOTED_CHARACTERS)}"'
