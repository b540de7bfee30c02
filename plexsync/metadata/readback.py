"""Whether what was written stands in the item as it is read back: Plex says yes to every write."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from plexsync.fields import ALL_FIELDS
from plexsync.metadata.names import alike
from plexsync.metadata.ratings import shown_alike
from plexsync.metadata.spelling import standing
from plexsync.metadata.text import shorten, single_line
from plexsync.model import TAG_FIELDS, Edit, Field, Item

#: Characters of a value that a sentence quotes.
QUOTED_CHARACTERS = 60


def mismatches(edit: Edit, item: Item) -> tuple[str, ...]:
    """A sentence for everything ``edit`` wrote that ``item`` does not show; none when all of it stands.

    Plex may lay out a text's white space anew, spells a name as it first met it, has an order of its own for a list,
    and may show a rating of 0 as none: none of this counts. Pictures of performers are not compared, as Plex may show
    them at an address of its own. Names of others that stood in a list when it was written have to stand there still.
    """
    unlocked = edit.lock - item.locked
    return (
        *_texts(edit, item),
        *(_lists(edit, item) if edit.names or edit.lists else ()),
        *_rating(edit, item),
        *(
            f"{field}: it was locked and Plex shows it unlocked."
            for field in ALL_FIELDS
            if unlocked and field in unlocked
        ),
    )


def lost_names(edit: Edit, item: Item) -> dict[Field, tuple[str, ...]]:
    """By list the names that ``edit`` wrote, or left to stand, and the item does not show in whatever spelling."""
    found = {}
    for field in _in_their_order(edit.add, edit.lists):
        expected = [tag.name for tag in (*edit.add.get(field, ()), *edit.lists.get(field, ()))]
        stands = standing(expected, _names(field, item))
        if lost := tuple(dict.fromkeys(name for name in expected if name not in stands)):
            found[field] = lost
    return found


def lost_of_others(edit: Edit, item: Item) -> tuple[str, ...]:
    """A sentence for each name of others that stood in a list when ``edit`` was written, and does no longer."""
    return tuple(
        f"{field}: {_quoted(name)} stood there and Plex no longer shows it."
        for field, names in lost_names(edit, item).items()
        for name in names
        if all(tag.name != name for tag in edit.add.get(field, ()))
    )


def left_names(edit: Edit, item: Item) -> dict[Field, tuple[str, ...]]:
    """By list the names that ``edit`` takes away and the item still shows, as it spells them.

    A name that came in place of another spelling may be shown in that one: then it is no name that is left.
    """
    found = {}
    for field in _in_their_order(edit.remove, edit.replaced):
        gone = (*edit.remove.get(field, ()), *edit.replaced.get(field, ()))
        shown = _names(field, item)
        stay = standing((tag.name for tag in (*edit.add.get(field, ()), *edit.lists.get(field, ()))), shown).values()
        spellings = {alike(name) for name in gone}
        if left := tuple(name for name in shown if name not in stay and alike(name) in spellings):
            found[field] = left
    return found


def _texts(edit: Edit, item: Item) -> Iterator[str]:
    for field, text in edit.texts.items():
        if text == item.texts.get(field, ""):
            continue
        shown = single_line(item.texts.get(field, ""))
        if shown != single_line(text) and not _is_filled_by_plex(field, text, shown, item):
            yield f"{field}: Plex shows {_quoted(shown)} where {_quoted(text)} was written."


def _is_filled_by_plex(field: Field, text: str, shown: str, item: Item) -> bool:
    """Whether a text was cleared, and Plex shows what it makes of the title: all of it, or all but its article."""
    return (
        not text
        and field.row.filled_by_plex
        and single_line(item.texts.get(Field.TITLE, "")).lower().endswith(shown.lower())
    )


def _lists(edit: Edit, item: Item) -> Iterator[str]:
    yield from _added(edit, item)
    yield from lost_of_others(edit, item)
    yield from _removed(edit, item)


def _added(edit: Edit, item: Item) -> Iterator[str]:
    for field, names in lost_names(edit, item).items():
        new = {tag.name for tag in edit.add.get(field, ())}
        yield from (f"{field}: {_quoted(name)} was added and Plex does not show it." for name in names if name in new)


def _removed(edit: Edit, item: Item) -> Iterator[str]:
    for field, names in left_names(edit, item).items():
        for name in names:
            yield f"{field}: {_quoted(name)} was removed and Plex still shows it."


def _in_their_order(*lists: Collection[Field]) -> list[Field]:
    return [field for field in TAG_FIELDS if any(field in fields for fields in lists)] if any(lists) else []


def _names(field: Field, item: Item) -> list[str]:
    return [tag.name for tag in item.tags.get(field, ())]


def _rating(edit: Edit, item: Item) -> Iterator[str]:
    if edit.rate and not shown_alike(edit.rating, item.user_rating):
        yield f"rating: Plex shows {_rated(item.user_rating)} where {_rated(edit.rating)} was written."


def _quoted(text: str) -> str:
    return f'"{shorten(single_line(text), QUOTED_CHARACTERS)}"' if text else "nothing"


def _rated(rating: float | None) -> str:
    return "none" if rating is None else f"{rating:.1f}"
