"""An edit as a person reads it: field by field, before and after."""

from __future__ import annotations

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import TAG_FIELDS, TEXT_FIELDS, Applied, Edit, Field, Item


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's value before and after: a text, the names of a tag list, or a rating of 0 to 10 (None for none).

    Where the value stays and the field is locked they are the words ``unlocked`` and ``locked``.
    """

    field: Field
    before: str | tuple[str, ...] | float | None
    after: str | tuple[str, ...] | float | None


def explain(edit: Edit, standing: Item | Applied) -> list[FieldChange]:
    """What ``edit`` changes, in the order of the fields; only fields it touches.

    :param standing: how the item stands: the item itself, or what we wrote earlier. The names of others are listed only
        in the former case.
    """
    changes = [
        FieldChange(field, standing.texts.get(field, ""), edit.texts[field])
        for field in TEXT_FIELDS
        if field in edit.texts
    ]
    for field in TAG_FIELDS:
        if field in edit.add or field in edit.remove or field in edit.order:
            before = _names(field, standing)
            changes.append(FieldChange(field, before, _names_after(field, before, edit)))
    if edit.rate:
        rating = standing.user_rating if isinstance(standing, Item) else standing.rating
        changes.append(FieldChange(Field.RATING, rating, edit.rating))
    listed = {change.field for change in changes}
    changes += [FieldChange(field, "unlocked", "locked") for field in Field if field in edit.lock - listed]
    return changes


def _names(field: Field, standing: Item | Applied) -> tuple[str, ...]:
    if isinstance(standing, Item):
        return tuple(tag.name for tag in standing.tags.get(field, ()))
    return standing.tags.get(field, ())


def _names_after(field: Field, before: tuple[str, ...], edit: Edit) -> tuple[str, ...]:
    added = tuple(tag.name for tag in edit.add.get(field, ()))
    if field in edit.lists:
        after = [tag.name for tag in edit.lists[field]]
    else:
        gone = {*edit.remove.get(field, ()), *edit.replaced.get(field, ())}
        after = list(dict.fromkeys((*(name for name in before if name not in gone), *added)))
    return tuple(f"{name} (new picture)" if name in added and name in before else name for name in after)
