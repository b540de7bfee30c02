"""Which fields of an item a person has made his own in Plex, so that they are left alone.

Plex does not say who wrote a value. But a person's edit locks the field, as any client's does that edits for a person,
and an agent's refresh cannot change what is locked. So a value that is neither ours nor what Stash has, in a field that
is locked, is a person's. Without the lock it is an agent's, or its person gave it up by unlocking it: ours again.

What is left alone stays out of the record of what we wrote. So the person's value is known as such until it is
unlocked, or set back to what we wrote last, or to what Stash has then.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from plexsync.fields import ALL_FIELDS
from plexsync.metadata.ratings import shown_alike
from plexsync.metadata.spelling import standing
from plexsync.metadata.text import single_line
from plexsync.model import Applied, Desired, Field, Item


def preserve(
    wanted: Desired,
    applied: Applied,
    item: Item,
    shown: Mapping[Field, str | None] | None = None,
    *,
    owned: Collection[Field] = (),
) -> tuple[Desired, tuple[Field, ...]]:
    """``wanted`` without the fields that a person changed in Plex, and these fields in their order.

    - A text: locked, and neither what we wrote nor what is wanted; also where the person emptied it. One we never wrote
      counts only where it holds something and would be replaced.
    - A tag list: locked, and a name of ours that is still wanted was taken out. Names a person added are no reason to
      leave a list, as they stay anyhow. A list we never wrote counts where it holds something and lacks a wanted name.
    - The rating, which has no lock: neither what we wrote nor what is wanted. One we never wrote counts where there is
      one and it would be replaced.
    - A picture: locked, and at another path than ours. Where none is shown there is nothing to leave alone.

    Give the result to ``difference`` and ``after``, so that the record keeps what we wrote last, and ``wanted`` itself
    to ``fingerprint``, so that it tells whether Stash has changed.

    :param applied: what we wrote to this very item and is confirmed (see ``confirmed``): ``Applied()`` when
        the scene's item is another one than before.
    :param shown: the paths (``Item.thumb``, ``Item.art``) known to show our picture, by field; None for a field whose
        picture we sent without knowing its path. Paths may move with any edit of the item: where one has, look whether
        it shows another picture (``PlexClient.shows_picture``) first. None for the whole: pictures are not looked at.
    :param owned: the fields in which Stash alone has the say: these are never left alone.
    """
    theirs = {
        *(field for field in wanted.texts if field in item.locked and _text_is_a_persons(field, wanted, applied, item)),
        *(field for field in wanted.tags if field in item.locked and _tags_are_a_persons(field, wanted, applied, item)),
    }
    if shown is not None:
        theirs |= {field for field in wanted.pictures if field in item.locked and _is_another(field, item, shown)}
    if Field.RATING in wanted.selected and _rating_is_a_persons(wanted, applied, item):
        theirs.add(Field.RATING)
    fields = tuple(field for field in ALL_FIELDS if field in theirs and field not in owned)
    return _without(wanted, fields), fields


def preserved_text(field: Field) -> str:
    """A sentence for a person about a field that was left alone."""
    return f"{field}: changed in Plex, left alone"


def _text_is_a_persons(field: Field, wanted: Desired, applied: Applied, item: Item) -> bool:
    now = single_line(item.texts.get(field, ""))
    ours = single_line(applied.texts.get(field, ""))
    stash = single_line(wanted.texts[field])
    return now not in (ours, stash) and bool(ours or stash)


def _tags_are_a_persons(field: Field, wanted: Desired, applied: Applied, item: Item) -> bool:
    now = [tag.name for tag in item.tags.get(field, ())]
    stash = [tag.name for tag in wanted.tags[field]]
    missing = {*stash} - {*standing(stash, now)}
    if field not in applied.tags:
        return bool(now and missing)
    return bool(missing.intersection(standing(stash, applied.tags[field])))


def _rating_is_a_persons(wanted: Desired, applied: Applied, item: Item) -> bool:
    now = item.user_rating
    if shown_alike(now, wanted.rating):
        return False
    if applied.rating_written:
        return not shown_alike(now, applied.rating)
    return bool(now) and wanted.rating is not None


def _is_another(field: Field, item: Item, shown: Mapping[Field, str | None]) -> bool:
    path = item.picture(field)
    return path is not None and (field not in shown or shown[field] not in (None, path))


def _without(wanted: Desired, fields: Collection[Field]) -> Desired:
    return replace(
        wanted,
        texts={field: text for field, text in wanted.texts.items() if field not in fields},
        tags={field: tags for field, tags in wanted.tags.items() if field not in fields},
        rating=None if Field.RATING in fields else wanted.rating,
        pictures={field: address for field, address in wanted.pictures.items() if field not in fields},
        selected=wanted.selected - frozenset(fields),
    )
