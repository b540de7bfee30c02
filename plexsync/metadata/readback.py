"""Whether what was written stands in the item as it is read back: Plex says yes to every write."""

from __future__ import annotations

from collections.abc import Iterator

from plexsync.metadata.names import fold
from plexsync.metadata.ratings import shown_alike
from plexsync.metadata.text import shorten, single_line
from plexsync.model import Edit, Field, Item

#: Characters of a value that a sentence quotes.
QUOTED_CHARACTERS = 60


def mismatches(edit: Edit, item: Item) -> tuple[str, ...]:
    """A sentence for everything ``edit`` wrote that ``item`` does not show; none when all of it stands.

    Plex may lay out a text's white space anew, spells a name as it first met it, and may show a rating of 0 as none:
    none of this counts. Pictures of performers are not compared, as Plex may show them at an address of its own.
    """
    return (
        *_texts(edit, item),
        *_added(edit, item),
        *_removed(edit, item),
        *_rating(edit, item),
        *(f"{field}: it was locked and Plex shows it unlocked." for field in Field if field in edit.lock - item.locked),
    )


def _texts(edit: Edit, item: Item) -> Iterator[str]:
    for field, text in edit.texts.items():
        shown = single_line(item.texts.get(field, ""))
        if shown != single_line(text):
            yield f"{field}: Plex shows {_quoted(shown)} where {_quoted(text)} was written."


def _added(edit: Edit, item: Item) -> Iterator[str]:
    for field, tags in edit.add.items():
        present = {fold(tag.name) for tag in item.tags.get(field, ())}
        for tag in tags:
            if fold(tag.name) not in present:
                yield f"{field}: {_quoted(tag.name)} was added and Plex does not show it."


def _removed(edit: Edit, item: Item) -> Iterator[str]:
    for field, names in edit.remove.items():
        present = {fold(tag.name) for tag in item.tags.get(field, ())}
        for name in names:
            if fold(name) in present:
                yield f"{field}: {_quoted(name)} was removed and Plex still shows it."


def _rating(edit: Edit, item: Item) -> Iterator[str]:
    if edit.rate and not shown_alike(edit.rating, item.user_rating):
        yield f"rating: Plex shows {_rated(item.user_rating)} where {_rated(edit.rating)} was written."


def _quoted(text: str) -> str:
    return f'"{shorten(single_line(text), QUOTED_CHARACTERS)}"' if text else "nothing"


def _rated(rating: float | None) -> str:
    return "none" if rating is None else f"{rating:.1f}"
