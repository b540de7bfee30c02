"""What an item shows of a scene that Stash has no longer, and that stays until its successor has something of its own.

A scene that is destroyed or cleaned away, and whose file is scanned anew, is a new scene without any metadata. Were its
emptiness carried to Plex, a click in Stash would wipe the item. So what was applied for the old scene is wanted still,
field by field, where the new one says nothing; ``Applied.inherited`` says which fields these are.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from plexsync.fields import ALL_FIELDS
from plexsync.metadata.names import fold
from plexsync.metadata.ratings import same_rating, shown_alike
from plexsync.metadata.text import single_line
from plexsync.model import Applied, Desired, Edit, Field, Item, Tag

#: The content rating is a setting's, no scene's.
_NOT_OF_A_SCENE = frozenset(field for field in Field if not field.row.of_scene)


def all_inherited(applied: Applied) -> Applied:
    """``applied`` as that of a scene that Stash no longer has. A title that was made of its file's name is no title."""
    fields = {field for field in ALL_FIELDS if _holds(applied, field)} - _NOT_OF_A_SCENE
    if applied.title_from_file:
        fields.discard(Field.TITLE)
    return replace(applied, inherited=frozenset(fields))


def kept(desired: Desired, applied: Applied, owned: Collection[Field] = ()) -> tuple[Field, ...]:
    """The fields in which an earlier scene's values stay, in their order: Stash has nothing, and not the say alone."""
    if not applied.inherited:
        return ()
    return tuple(
        field
        for field in ALL_FIELDS
        if field in applied.inherited and field not in owned and _empty(desired, field) and _holds(applied, field)
    )


def with_inherited(desired: Desired, applied: Applied, item: Item | None, owned: Collection[Field] = ()) -> Desired:
    """``desired`` with an earlier scene's values where they stay.

    In ``item`` a person may have made something else of them since: that is left alone, whatever the settings say of
    what people change, as Stash is no place where he could have done so.

    :param applied: what was written to the item.
    :param item: the item as Plex holds it, or None to trust ``applied`` to be how it stands.
    """
    fields = kept(desired, applied, owned)
    if not fields:
        return desired
    texts, tags, rating, selected = dict(desired.texts), dict(desired.tags), desired.rating, desired.selected
    for field in fields:
        is_theirs = item is not None and _is_a_persons(field, applied, item)
        if field is Field.RATING:
            rating, selected = (rating, selected - {field}) if is_theirs else (applied.rating, selected)
        elif field in texts:
            texts[field] = applied.texts[field]
        else:
            tags[field] = tuple(Tag(name, applied.thumbs.get(name)) for name in applied.tags[field])
        if is_theirs:
            texts.pop(field, None)
            tags.pop(field, None)
    is_titled = Field.TITLE in fields
    return replace(
        desired,
        texts=texts,
        tags=tags,
        rating=rating,
        selected=selected,
        title_from_file=desired.title_from_file and not is_titled,
    )


def inherited_after(applied: Applied, edit: Edit, desired: Desired) -> frozenset[Field]:
    """Which fields still hold an earlier scene's values once ``edit`` is confirmed."""
    return frozenset(
        field for field in inherited_while(applied, edit) if not _speaks_of(desired, field) or _empty(desired, field)
    )


def inherited_while(applied: Applied, edit: Edit) -> frozenset[Field]:
    """Which fields hold an earlier scene's values, whether or not ``edit`` arrives: those that it does not replace."""
    return frozenset(
        field for field in applied.inherited if not _clears(edit, field) and not _replaces(edit, field, applied)
    )


def noting_inherited(desired: Desired, applied: Applied, owned: Collection[Field] = ()) -> Desired:
    """``desired`` with a sentence for a person about each field in which an earlier scene's value stays."""
    texts = [
        f"{field}: kept as an earlier scene of this file had it, until Stash has something for it"
        for field in kept(desired, applied, owned)
    ]
    return replace(desired, notes=(*desired.notes, *texts)) if texts else desired


def _holds(applied: Applied, field: Field) -> bool:
    if field is Field.RATING:
        return applied.rating_written and applied.rating is not None
    return bool(applied.texts.get(field) or applied.tags.get(field))


def _speaks_of(desired: Desired, field: Field) -> bool:
    return field in desired.texts or field in desired.tags or (field is Field.RATING and field in desired.selected)


def _empty(desired: Desired, field: Field) -> bool:
    """Whether Stash has nothing for a field. A title that is made of a file's name is none."""
    if field is Field.TITLE:
        return field in desired.texts and desired.title_from_file
    if field is Field.RATING:
        return field in desired.selected and desired.rating is None
    return not desired.texts.get(field, "-") or not desired.tags.get(field, "-")


def _clears(edit: Edit, field: Field) -> bool:
    if field is Field.RATING:
        return edit.rate and edit.rating is None
    return edit.texts.get(field) == "" or (field in edit.remove and field not in edit.add)


def _replaces(edit: Edit, field: Field, applied: Applied) -> bool:
    if field is Field.RATING:
        return edit.rate and not same_rating(edit.rating, applied.rating)
    if field in edit.texts:
        return edit.texts[field] != applied.texts.get(field)
    ours = {fold(name) for name in applied.tags.get(field, ())}
    return any(fold(tag.name) not in ours for tag in edit.add.get(field, ()))


def _is_a_persons(field: Field, applied: Applied, item: Item) -> bool:
    """Whether a person has changed what we wrote: people lock what they edit. Ratings have no lock."""
    if field is Field.RATING:
        return bool(item.user_rating) and not shown_alike(item.user_rating, applied.rating)
    if field not in item.locked:
        return False
    if field in applied.texts:
        return single_line(item.texts.get(field, "")) != single_line(applied.texts[field])
    shown = {fold(tag.name) for tag in item.tags.get(field, ())}
    return any(fold(name) not in shown for name in applied.tags[field])
