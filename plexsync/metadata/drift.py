"""What of ours no longer stands in an item: somebody, or an agent, has been at it since.

Values are compared as they are read back after a write, so that what Plex merely spells its own way is no drift: the
next synchronisation could not put it right, and it would be found again every day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum

from plexsync.fields import ALL_FIELDS
from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.difference import title_chosen_by_a_person
from plexsync.metadata.incomplete import fully_owned, with_what_stands
from plexsync.metadata.inherited import with_inherited
from plexsync.metadata.readback import mismatches
from plexsync.metadata.spelling import as_written, in_order, ours_among, standing
from plexsync.metadata.text import single_line
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Applied, Desired, Edit, Field, Item


class DriftKind(StrEnum):
    """How a field drifted."""

    CHANGED = "changed"
    UNLOCKED = "unlocked"
    PICTURE_GONE = "picture gone"


@dataclass(frozen=True, slots=True)
class Drift:
    """One field that drifted, with a sentence for a person."""

    field: Field
    kind: DriftKind
    text: str


def drift(
    wanted: Desired,
    applied: Applied,
    item: Item,
    lock: bool,
    *,
    sent: Collection[Field] = (),
    ours: Collection[Field] = (),
    owned: Collection[Field] = (),
) -> tuple[Drift, ...]:
    """What we wrote and ``item`` no longer shows, or no longer keeps; at most one per field, in the order of fields.

    A value that Stash itself no longer asks for is no drift, and neither is one that somebody set to what Stash asks
    for now. Names that others added to a list are none, and neither are performers' pictures, which Plex may show at an
    address of its own. ``difference`` with ``relock=lock`` writes to every field named here but pictures: their
    locks are for ``PictureLocks`` to find.

    :param wanted: what Plex should show; other fields are not looked at.
    :param applied: what we wrote to this very item, confirmed: not while a write is in doubt.
    :param lock: whether what we write is locked.
    :param sent: the picture fields we uploaded to this item; ``ours``: those of which it is known that it shows ours.
    :param owned: the fields in which Stash alone has the say: what others wrote there is drift, too.
    """
    wanted = with_what_stands(with_inherited(wanted, applied, item, owned), applied)
    owned = fully_owned(owned, wanted)
    found = []
    for field in ALL_FIELDS:
        if field in PICTURE_FIELDS:
            kind = DriftKind.PICTURE_GONE
            text = _gone(field, wanted, item, sent)
            if lock and not text and field in ours and field in wanted.pictures and field not in item.locked:
                kind, text = DriftKind.UNLOCKED, f"{field}: it is unlocked, so an agent's refresh may replace it."
        elif field in wanted.texts or field in wanted.tags or field is Field.RATING:
            kind = DriftKind.CHANGED
            text = " ".join(_changed(field, wanted, applied, item)) or _theirs(field, wanted, applied, item, owned)
            if lock and not text and field not in item.locked and _is_ours(field, wanted, applied):
                kind, text = DriftKind.UNLOCKED, f"{field}: it is unlocked, so an agent's refresh may overwrite it."
        else:
            continue
        if text:
            found.append(Drift(field, kind, text))
    return tuple(found)


def _changed(field: Field, wanted: Desired, applied: Applied, item: Item) -> tuple[str, ...]:
    if field in TAG_FIELDS:
        return tuple(_list_changed(field, wanted, applied, item))
    if field is Field.TITLE and wanted.title_from_file and title_chosen_by_a_person(applied, item):
        return ()
    if field in TEXT_FIELDS and applied.texts.get(field) == item.texts.get(field):
        # As a rule: then nothing needs to be cleaned.
        return ()
    written = _written(field, wanted, applied)
    # As a rule nothing was written there, or all of it stands: then it does not matter what is to stand.
    missing = mismatches(written, item) if written else ()
    return missing if missing and mismatches(_wish(field, wanted), item) else ()


def _list_changed(field: Field, wanted: Desired, applied: Applied, item: Item) -> Iterator[str]:
    """What is wrong with the names of ours that are still to stand. Only of the cast the order is looked at."""
    before = applied.tags.get(field, ())
    ours = [tag.name for tag in wanted.tags.get(field, ()) if tag.name in before]
    shown = [tag.name for tag in item.tags.get(field, ())]
    if ours == shown:
        return
    stands, any_spelling = as_written(field, ours, applied, shown), standing(ours, shown)
    for name in ours:
        if name not in any_spelling:
            yield f'{field}: "{name}" was added and Plex does not show it.'
        elif name not in stands:
            yield f'{field}: Plex shows "{any_spelling[name]}" where "{name}" was written.'
    orders = (ours, [name for name in before if name in ours])
    is_cast = field is Field.PERFORMERS and field not in applied.unordered
    if is_cast and not any(in_order(names, stands, shown) for names in orders):
        yield f"{field}: Plex shows them in another order."


_NOTHING = Edit()


def _written(field: Field, wanted: Desired, applied: Applied) -> Edit:
    """What we wrote in a field and is still to stand there, or to give way to another value."""
    if wanted.texts.get(field) and applied.texts.get(field):
        return Edit(texts={field: applied.texts[field]})
    if field is Field.RATING and _rated(wanted) and applied.rating_written:
        return Edit(rate=True, rating=applied.rating)
    return _NOTHING


def _wish(field: Field, wanted: Desired) -> Edit:
    """What is to stand in a field."""
    if field in TEXT_FIELDS:
        return Edit(texts={field: wanted.texts.get(field, "")})
    return Edit(rate=True, rating=wanted.rating)


def _is_ours(field: Field, wanted: Desired, applied: Applied) -> bool:
    """Whether the field holds a value of ours that has a lock and is to stay."""
    if field in TEXT_FIELDS:
        return bool(wanted.texts.get(field) and applied.texts.get(field))
    return bool(wanted.tags.get(field) and applied.tags.get(field))


def _theirs(field: Field, wanted: Desired, applied: Applied, item: Item, owned: Collection[Field]) -> str:
    """A sentence about what others wrote where Stash alone has the say, ``""`` where there is nothing of the kind."""
    shown = _others(field, wanted, applied, item) if field in owned else ""
    return f"{field}: Plex shows {shown} where Stash alone has the say." if shown else ""


def _others(field: Field, wanted: Desired, applied: Applied, item: Item) -> str:
    """What neither Stash holds nor we wrote."""
    if field in wanted.tags:
        shown = [tag.name for tag in item.tags.get(field, ())]
        known = {*standing((tag.name for tag in wanted.tags[field]), shown).values()}
        known |= ours_among(shown, applied.tags.get(field, ()))
        return ", ".join(f'"{name}"' for name in shown if name not in known)
    if field in wanted.texts and field.row.may_be_empty and not field.row.filled_by_plex:
        is_theirs = not wanted.texts[field] and not applied.texts.get(field)
        return "a text" if is_theirs and single_line(item.texts.get(field, "")) else ""
    if field is Field.RATING and field in wanted.selected:
        is_theirs = wanted.rating is None and not applied.rating_written
        return f"{item.user_rating:.1f}" if is_theirs and item.user_rating is not None else ""
    return ""


def _rated(wanted: Desired) -> bool:
    return Field.RATING in wanted.selected and wanted.rating is not None


def _gone(field: Field, wanted: Desired, item: Item, sent: Collection[Field]) -> str:
    is_gone = field in wanted.pictures and field in sent and not item.picture(field)
    return f"{field}: a picture was sent and Plex shows none." if is_gone else ""
