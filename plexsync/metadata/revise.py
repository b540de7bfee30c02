"""An edit that was worked out from the ledger alone, once the item was looked at after all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from plexsync.metadata.difference import difference
from plexsync.metadata.drift import drift
from plexsync.metadata.rules import Rules
from plexsync.model import Applied, Desired, Edit, Field, Item


def revise(edit: Edit, wanted: Desired, applied: Applied, item: Item, rules: Rules, *, lock: bool) -> Edit:
    """The edit as it has to be for an item that stands like this.

    What stands there already is left out. What somebody has overwritten since we wrote it is put in: Stash's value goes
    back. A value that Plex merely spells its own way stays as it is, or each edit would write it once more.

    :param edit: what ``difference`` says where the ledger is trusted.
    :param applied: what we wrote to this item, confirmed.
    :param lock: also lock what is ours and stands as it should, but can be overwritten by an agent.
    """
    live = difference(wanted, applied, item, rules, relock=lock)
    drifted = {one.field for one in drift(wanted, applied, item, lock, owned=rules.owned)}
    fields = drifted | _fields(edit)
    # As a rule all of what differs is what is to be written.
    return live if _fields(live) <= fields else _only(live, fields)


def _fields(edit: Edit) -> set[Field]:
    return {*edit.texts, *edit.names, *edit.lock, *([Field.RATING] if edit.rate else [])}


def _only(edit: Edit, fields: Collection[Field]) -> Edit:
    rate = edit.rate and Field.RATING in fields
    return replace(
        edit,
        texts={field: text for field, text in edit.texts.items() if field in fields},
        add={field: tags for field, tags in edit.add.items() if field in fields},
        remove={field: names for field, names in edit.remove.items() if field in fields},
        again={field: names for field, names in edit.again.items() if field in fields},
        replaced={field: names for field, names in edit.replaced.items() if field in fields},
        order=edit.order & frozenset(fields),
        lists={field: tags for field, tags in edit.lists.items() if field in fields},
        rate=rate,
        rating=edit.rating if rate else None,
        lock=edit.lock & frozenset(fields),
    )
