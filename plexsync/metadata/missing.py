"""What a scene does not have yet, and is likely to get without anybody's doing: from a scraper, a scan, a person."""

from __future__ import annotations

from plexsync.fields import ALL_FIELDS
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Desired, Field

#: Texts and lists that are filled in sooner or later. Many scenes never have a rating, a director or a group.
_TEXTS = tuple(field for field in TEXT_FIELDS if field.row.comes_later)
_LISTS = tuple(field for field in TAG_FIELDS if field.row.comes_later)


def missing(wanted: Desired, *, picture_may_come: bool) -> tuple[Field, ...]:
    """The selected fields for which Stash has nothing yet, in the order of the model.

    A title that was taken from the file's name counts as missing.

    :param picture_may_come: Stash has no picture of the scene, and may make one later.
    """
    empty = {field for field in _TEXTS if not wanted.texts.get(field)}
    empty |= {field for field in _LISTS if not wanted.tags.get(field)}
    if wanted.title_from_file:
        empty.add(Field.TITLE)
    if picture_may_come:
        empty.update(PICTURE_FIELDS)
    return tuple(field for field in ALL_FIELDS if field in empty and field in wanted.selected)
