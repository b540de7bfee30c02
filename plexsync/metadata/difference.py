"""What has to be written so that an item shows what it should, and no more than that.

Two things say how an item stands: the ledger (``Applied``, what we wrote earlier) and the item itself as Plex holds it.
The ledger alone serves as long as it can be trusted; the item is read on first contact and after a crash. What Stash
does not hold is cleared only where it was we who wrote it, or where the settings give Stash alone the say (``owned``).
"""

from __future__ import annotations

from collections.abc import Collection

from plexsync.metadata.fit import is_cut
from plexsync.metadata.incomplete import fully_owned, with_what_stands
from plexsync.metadata.inherited import with_inherited
from plexsync.metadata.lists import list_change
from plexsync.metadata.ratings import same_rating
from plexsync.metadata.rules import Rules
from plexsync.metadata.text import paragraphs
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item


def difference(desired: Desired, applied: Applied, item: Item | None, rules: Rules, *, relock: bool = False) -> Edit:
    """The edit that brings the item from how it stands to ``desired``; false when there is nothing to write.

    :param desired: what Plex should show.
    :param applied: what we wrote earlier, from the ledger.
    :param item: the whole item as Plex holds it, or None to trust ``applied`` to be how the item stands. Lists of names
        can only be sent with it: see ``revise``.
    :param rules: ``owned`` says where what others wrote goes too.
    :param relock: also lock what stands as it should in ``item``, but can be overwritten by an agent.
    """
    desired = with_what_stands(with_inherited(desired, applied, item, rules.owned), applied)
    owned = fully_owned(rules.owned, desired)
    changes = {
        field: change
        for field in TAG_FIELDS
        if field in desired.tags
        and (change := list_change(field, desired.tags[field], applied, item, owned=field in owned))
    }
    rate = Field.RATING in desired.selected and _rating_differs(
        desired.rating, applied, item, owned=Field.RATING in rules.owned
    )
    texts = _with_sort_title(
        {
            field: desired.texts[field]
            for field in TEXT_FIELDS
            if field in desired.texts
            and _text_differs(field, desired.texts[field], applied, item, rules)
            and not (field is Field.TITLE and desired.title_from_file and title_chosen_by_a_person(applied, item))
        },
        desired,
    )
    lists = {field: change.whole for field, change in changes.items()} if item is not None else {}
    return Edit(
        texts=texts,
        add={field: change.add for field, change in changes.items() if change.add},
        remove={field: change.remove for field, change in changes.items() if change.remove},
        rate=rate,
        rating=desired.rating if rate else None,
        lock=_unlocked(desired, item, texts, lists) if item and relock else frozenset(),
        order=frozenset(field for field, change in changes.items() if change.reorder),
        lists=lists,
        again={field: change.again for field, change in changes.items() if change.again},
        replaced={field: change.replaced for field, change in changes.items() if change.replaced},
    )


def _with_sort_title(texts: dict[Field, str], desired: Desired) -> dict[Field, str]:
    """The texts to write with the sort title where the title is among them.

    Plex makes a new one of a new title unless it is locked, so ours would be gone with our own write.
    """
    sort_title = desired.texts.get(Field.SORT_TITLE, "")
    return {**texts, Field.SORT_TITLE: sort_title} if Field.TITLE in texts and sort_title else texts


def title_chosen_by_a_person(applied: Applied, item: Item | None) -> bool:
    """Whether the item's title is one that somebody else wrote and locked: better than any file's name."""
    return (
        item is not None
        and Field.TITLE in item.locked
        and item.texts.get(Field.TITLE) != applied.texts.get(Field.TITLE)
    )


def _text_differs(field: Field, wanted: str, applied: Applied, item: Item | None, rules: Rules) -> bool:
    if wanted and wanted == (applied if item is None else item).texts.get(field):
        # As a rule: then nothing needs to be cleaned.
        return False
    ours = paragraphs(applied.texts.get(field, ""))
    current = ours if item is None else paragraphs(item.texts.get(field, ""))
    if wanted:
        # Cut, as this server takes no longer one, it is not sent again with each change of something else.
        return paragraphs(wanted) != current and not (item is None and is_cut(wanted, current))
    if not (current and field.row.may_be_empty):
        return False
    return (field in rules.owned and not field.row.filled_by_plex) or current == ours


def _unlocked(desired: Desired, item: Item, texts: Collection[Field], lists: Collection[Field]) -> frozenset[Field]:
    """The fields with a value that Stash asks for, but for these, and without a lock."""
    ours = {field for field, text in desired.texts.items() if text}
    ours |= {field for field, tags in desired.tags.items() if tags}
    return frozenset(ours - item.locked - {*texts, *lists})


def _rating_differs(wanted: float | None, applied: Applied, item: Item | None, *, owned: bool) -> bool:
    current = applied.rating if item is None else item.user_rating
    if wanted is not None or current is None:
        return not same_rating(wanted, current)
    return owned or (applied.rating_written and same_rating(current, applied.rating))
