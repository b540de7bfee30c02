"""What has to be written so that an item shows what it should, and no more than that.

Two things say how an item stands: the ledger (``Pushed``, what we wrote earlier) and the item itself as Plex holds it.
The ledger alone serves as long as it can be trusted; the item is read on first contact and after a crash. What Stash
does not hold is cleared only where it was we who wrote it, or where the settings give Stash alone the say (``owned``).
"""

from __future__ import annotations

from dataclasses import replace

from plexsync.metadata.inherited import with_inherited
from plexsync.metadata.names import fold
from plexsync.metadata.ratings import same_rating
from plexsync.metadata.rules import Rules
from plexsync.metadata.text import paragraphs
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Desired, Edit, Field, Item, Pushed, Tag


def difference(desired: Desired, pushed: Pushed, item: Item | None, rules: Rules, *, relock: bool = False) -> Edit:
    """The edit that brings the item from how it stands to ``desired``; false when there is nothing to write.

    :param desired: what Plex should show.
    :param pushed: what we wrote earlier, from the ledger.
    :param item: the whole item as Plex holds it, or None to trust ``pushed`` to be how the item stands.
    :param rules: ``owned`` says where what others wrote goes too.
    :param relock: also lock what is ours and stands as it should in ``item``, but can be overwritten by an agent.
    """
    desired = with_inherited(desired, pushed, item, rules.owned)
    add: dict[Field, tuple[Tag, ...]] = {}
    remove: dict[Field, tuple[str, ...]] = {}
    for field in TAG_FIELDS:
        if field in desired.tags:
            add[field] = _additions(field, desired.tags[field], pushed, item)
            remove[field] = _removals(field, desired.tags[field], pushed, item, owned=field in rules.owned)
    rate = Field.RATING in desired.selected and _rating_differs(
        desired.rating, pushed, item, owned=Field.RATING in rules.owned
    )
    edit = Edit(
        texts={
            field: desired.texts[field]
            for field in TEXT_FIELDS
            if field in desired.texts
            and _text_differs(field, desired.texts[field], pushed, item, rules)
            and not (field is Field.TITLE and desired.title_from_file and title_chosen_by_a_person(pushed, item))
        },
        add={field: tags for field, tags in add.items() if tags},
        remove={field: names for field, names in remove.items() if names},
        rate=rate,
        rating=desired.rating if rate else None,
    )
    return replace(edit, lock=_unlocked(desired, pushed, item, edit)) if item and relock else edit


def title_chosen_by_a_person(pushed: Pushed, item: Item | None) -> bool:
    """Whether the item's title is one that somebody else wrote and locked: better than any file's name."""
    return (
        item is not None and Field.TITLE in item.locked and item.texts.get(Field.TITLE) != pushed.texts.get(Field.TITLE)
    )


def _text_differs(field: Field, wanted: str, pushed: Pushed, item: Item | None, rules: Rules) -> bool:
    ours = paragraphs(pushed.texts.get(field, ""))
    current = ours if item is None else paragraphs(item.texts.get(field, ""))
    if wanted:
        return paragraphs(wanted) != current
    if not current or field is Field.TITLE:
        return False
    return field in rules.owned or current == ours


def _unlocked(desired: Desired, pushed: Pushed, item: Item, edit: Edit) -> frozenset[Field]:
    """The fields with a value of ours that ``edit`` leaves as it is, and without a lock."""
    ours = {field for field, text in desired.texts.items() if text and pushed.texts.get(field)}
    ours |= {field for field, tags in desired.tags.items() if tags and pushed.tags.get(field)}
    return frozenset(ours - item.locked - {*edit.texts, *edit.add, *edit.remove})


def _additions(field: Field, wanted: tuple[Tag, ...], pushed: Pushed, item: Item | None) -> tuple[Tag, ...]:
    current = _current_names(field, pushed, item)
    present = {fold(name) for name in current}
    thumbs = _standing_thumbs(pushed, item)
    return tuple(
        tag
        for tag in wanted
        if fold(tag.name) not in present or (tag.thumb and tag.thumb not in thumbs.get(fold(tag.name), ()))
    )


def _removals(
    field: Field, wanted: tuple[Tag, ...], pushed: Pushed, item: Item | None, *, owned: bool
) -> tuple[str, ...]:
    """The names to go, in every spelling the item has them in."""
    keep = {fold(tag.name) for tag in wanted}
    ours = {fold(name) for name in pushed.tags.get(field, ())}
    current = dict.fromkeys(_current_names(field, pushed, item))
    return tuple(name for name in current if fold(name) not in keep and (owned or fold(name) in ours))


def _rating_differs(wanted: float | None, pushed: Pushed, item: Item | None, *, owned: bool) -> bool:
    current = pushed.rating if item is None else item.user_rating
    if wanted is not None or current is None:
        return not same_rating(wanted, current)
    return owned or (pushed.rating_written and same_rating(current, pushed.rating))


def _current_names(field: Field, pushed: Pushed, item: Item | None) -> tuple[str, ...]:
    if item is None:
        return pushed.tags.get(field, ())
    return tuple(tag.name for tag in item.tags.get(field, ()))


def _standing_thumbs(pushed: Pushed, item: Item | None) -> dict[str, set[str]]:
    """Per performer the addresses that need not be sent again: the one we sent, and the one the item shows.

    They may differ although all is well, as Plex may show a picture at an address of its own. Where the item shows no
    picture at all, it has not got ours.
    """
    sent = {fold(name): thumb for name, thumb in pushed.thumbs.items()}
    if item is None:
        return {key: {thumb} for key, thumb in sent.items()}
    shown = {fold(tag.name): tag.thumb for tag in item.tags.get(Field.PERFORMERS, ()) if tag.thumb}
    return {key: {thumb, sent.get(key, thumb)} for key, thumb in shown.items()}
