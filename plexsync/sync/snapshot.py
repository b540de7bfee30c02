"""What was to be written when a synchronisation failed, as plain values for a dead letter.

An object with ``known`` and ``fields``. ``known`` says how far it got: ``edit``, the writes that were planned::

    {"known": "edit", "fields": {"title": "New", "tags": {"add": ["A"], "remove": ["B"]}, "poster": "1234 bytes"}}

or ``wanted``, what Plex should show in the end, when nothing was compared yet::

    {"known": "wanted", "fields": {"title": "New", "tags": ["A"], "rating": 8.5}}

It is empty where not even the scene could be read. No address stands in it: one may carry a key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plexsync.model import Desired, Edit, Field, Tag
from plexsync.sync.picture_look import Upload

#: Characters kept of a single text.
TEXT_LIMIT = 4000


class Snapshot:
    """What is known of one synchronisation so far: the scene's title, and what is to be written.

    Whoever wants to know it when the synchronisation fails hands one in, and finds it filled.
    """

    def __init__(self) -> None:
        self.title = ""
        self._wanted: Desired | None = None
        self._planned: tuple[Edit, tuple[Upload, ...]] | None = None

    def wants(self, title: str, wanted: Desired) -> None:
        """Plex is to show this."""
        self.title, self._wanted, self._planned = title, wanted, None

    def plans(self, edit: Edit, uploads: Iterable[Upload]) -> None:
        """This is to be written."""
        self._planned = edit, tuple(uploads)

    def copy(self) -> Snapshot:
        """The same, to go on by itself."""
        other = Snapshot()
        other.title = self.title
        other.take(self)
        return other

    def take(self, other: Snapshot) -> None:
        """What is to be written is what another one says."""
        self._wanted, self._planned = other._wanted, other._planned

    @property
    def to_write(self) -> dict[str, Any]:
        """What is to be written, as plain values; made for whoever asks, since as a rule nobody does."""
        if self._planned is not None:
            return {"known": "edit", "fields": _planned(*self._planned)}
        return {} if self._wanted is None else {"known": "wanted", "fields": _wanted(self._wanted)}


def _wanted(wanted: Desired) -> dict[str, Any]:
    fields: dict[str, Any] = {str(one): _text(text) for one, text in wanted.texts.items()}
    fields |= {str(one): _names(tags) for one, tags in wanted.tags.items()}
    if Field.RATING in wanted.selected:
        fields[str(Field.RATING)] = wanted.rating
    return fields


def _planned(edit: Edit, uploads: Iterable[Upload]) -> dict[str, Any]:
    fields: dict[str, Any] = {str(one): _text(text) for one, text in edit.texts.items()}
    for one in (*edit.add, *edit.remove, *edit.order):
        gone = (*edit.remove.get(one, ()), *edit.replaced.get(one, ()))
        fields[str(one)] = {"add": _names(edit.add.get(one, ())), "remove": list(gone)}
        if one in edit.order:
            fields[str(one)]["order"] = _names(edit.lists.get(one, ()))
    if edit.rate:
        fields[str(Field.RATING)] = edit.rating
    fields |= {str(one): "only the lock" for one in edit.lock if str(one) not in fields}
    fields |= {str(upload.field): f"{len(upload.picture.data)} bytes" for upload in uploads}
    return fields


def _text(text: str) -> str:
    return text if len(text) <= TEXT_LIMIT else text[: TEXT_LIMIT - 1] + "…"


def _names(tags: Iterable[Tag]) -> list[str]:
    return [tag.name for tag in tags]
