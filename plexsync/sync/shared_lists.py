"""Lists of names in a write that several items share.

Each item has a list of its own, so the whole list of one cannot be written to another. Where Plex adds what it is sent
to a list, it is enough to send the new names, each with its place, and to name what is to go. Where Plex puts what it
is sent in the list's place, that would cost each item all its other names. Which it is, is found out with one item, and
without harm: its whole list is written but for a name that goes, or that is ours and would be written again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata import lost_of_others
from plexsync.metadata.spelling import names_in_order
from plexsync.model import Applied, Edit, Field, Item, Tag

#: What is known of a Plex (``Trait.TAG_LISTS``): names that a write does not name stay, or lists are written whole.
ADD, WHOLE = "add", "whole"
#: What is known of a Plex (``Trait.TAG_ORDER``) in which names stand in the order they came.
ARRIVAL = "arrival"


def shared(edit: Edit, *, adds: bool) -> Edit:
    """The write that does what ``edit`` does, as much of it as items have to have in common to share it.

    Names that only go need no list, whatever Plex does with those it is sent.

    :param adds: Plex adds the names that it is sent.
    """
    if not adds:
        return replace(edit, lists={field: tags for field, tags in edit.lists.items() if field in edit.add})
    places = {field: _places(edit.lists[field], tags) for field, tags in edit.add.items() if field in edit.lists}
    return replace(edit, lists={}, places=places)


def without_order(edit: Edit) -> Edit:
    """``edit`` without what is about the order of names alone: few items would need the same."""
    others = {*edit.add, *edit.remove, *edit.replaced}
    lists = {field: tags for field, tags in edit.lists.items() if field in others}
    return replace(edit, order=frozenset(), lists=lists)


@dataclass(frozen=True, slots=True)
class SharedListQuery:
    """A write that shows what Plex does: ``edit`` but for ``unnamed``, names that stand in the item's lists."""

    edit: Edit
    unnamed: Mapping[Field, Collection[str]]

    def answer(self, item: Item) -> str:
        """What Plex does.

        :param item: the item as it was read back.
        """
        shown = {field: {tag.name for tag in item.tags.get(field, ())} for field in self.unnamed}
        return ADD if all(shown[field].issuperset(names) for field, names in self.unnamed.items()) else WHOLE


def question(edit: Edit, applied: Applied, item: Item) -> SharedListQuery | None:
    """How to ask with an item that ``edit`` is for; None where it has no name to ask with.

    :param applied: what we wrote to the item: what may be written again, should it be lost.
    """
    renamed = {field: names for field, names in edit.remove.items() if field in edit.add}
    if renamed:
        rest = {field: names for field, names in edit.remove.items() if field not in renamed}
        return SharedListQuery(replace(edit, remove=rest), renamed)
    for field, tags in edit.add.items():
        stand, new = {tag.name for tag in item.tags.get(field, ())}, {tag.name for tag in tags}
        for name in applied.tags.get(field, ()):
            if name in stand - new:
                lists = {**edit.lists, field: tuple(tag for tag in edit.lists.get(field, ()) if tag.name != name)}
                return SharedListQuery(replace(edit, lists=lists), {field: (name,)})
    return None


def others_are_gone(edit: Edit, item: Item) -> bool:
    """Whether names that others put into a list are gone, as it was not written whole."""
    return bool(lost_of_others(edit, item))


def is_shuffled(edit: Edit, ours: Mapping[Field, Collection[Tag]], before: Item, after: Item) -> bool:
    """Whether the cast stood in order before ``edit`` was written, and does no longer.

    :param ours: the names that are to be shown, in their order.
    """
    names = [tag.name for tag in ours.get(Field.PERFORMERS, ())]
    return (
        Field.PERFORMERS in edit.add
        and names_in_order(Field.PERFORMERS, names, before)
        and not names_in_order(Field.PERFORMERS, names, after)
    )


def _places(whole: Collection[Tag], added: Collection[Tag]) -> tuple[int, ...]:
    places = {tag.name: place for place, tag in enumerate(whole)}
    return tuple(places[tag.name] for tag in added)
