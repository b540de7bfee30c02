"""What Plex calls the fields PlexSync carries: as the table of fields has it (``plexsync.fields``)."""

from __future__ import annotations

from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Field

#: Texts, as an item holds them and an edit names them.
TEXT_NAMES = {field: field.row.plex for field in TEXT_FIELDS}
#: Tag lists, as an edit names them.
TAG_NAMES = {field: field.row.plex for field in TAG_FIELDS}
#: Tag lists, as an item holds them.
TAG_ELEMENTS = {field: field.row.element for field in TAG_FIELDS}
#: Pictures: the folder of an item they are read from and uploaded to.
PICTURE_FOLDERS = {field: field.row.folder for field in PICTURE_FIELDS}
#: Pictures: what one is chosen as.
PICTURE_ELEMENTS = {field: field.row.element or field.row.plex for field in PICTURE_FIELDS}
#: What locks go by. The owner's rating has none.
LOCK_NAMES = {field: field.row.plex for field in Field if field.row.is_locked_by_name}
#: Texts that a listing is asked to leave out.
UNLISTED = tuple(TEXT_NAMES[field] for field in TEXT_FIELDS if not field.row.is_listed)
