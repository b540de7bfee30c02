"""Edits as Plex takes them: fields and tags of an item in the query of one PUT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from urllib.parse import unquote

from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.items import PICTURES, TAG_LISTS, TEXTS, StoredItem, Tags
from plexsync.demo.plex.library import PlexRefused

_TEXT_VALUE = re.compile(r"(\w+)\.value")
_LOCK = re.compile(r"(\w+)\.locked")
_ADDED = re.compile(r"(\w+)\[(\d+)\]\.(tag\.tag|tag\.thumb|tagging\.text)")
_REMOVED = re.compile(r"(\w+)\[\]\.tag\.tag-")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ARTICLE = re.compile(r"(?i)^(a|an|the) ")
_LOCKABLE = {*TEXTS, *TAG_LISTS, *PICTURES.values(), "year"}
#: Parameters that say which items are meant, or how clients usually ask.
_NOT_PART_OF_THE_EDIT = {"id", "type", "includeExternalMedia"}


@dataclass
class AddedTag:
    """A tag to put on an item; None leaves what the tag has."""

    name: str = ""
    thumb: str | None = None
    text: str | None = None


@dataclass
class ItemEdit:
    """What one request changes: a ``year`` of 0 clears it. ``not_understood`` names parameters unknown to Plex."""

    texts: dict[str, str] = field(default_factory=dict)
    locks: dict[str, bool] = field(default_factory=dict)
    added: dict[str, dict[int, AddedTag]] = field(default_factory=dict)
    removed: dict[str, list[str]] = field(default_factory=dict)
    year: int | None = None
    not_understood: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, params: Iterable[tuple[str, str]], behaviour: Behaviour) -> ItemEdit:
        """Read an edit out of a query.

        :param params: names and values, decoded once.
        :param behaviour: whether names to be removed are decoded again.
        :raises PlexRefused: 400, one value is impossible; the whole edit falls with it.
        """
        edit = cls()
        for name, value in params:
            if name not in _NOT_PART_OF_THE_EDIT and not name.startswith("X-Plex-"):
                edit._take(name, value, behaviour)
        return edit

    def _take(self, name: str, value: str, behaviour: Behaviour) -> None:
        if (found := _TEXT_VALUE.fullmatch(name)) and found[1] in TEXTS:
            self.texts[found[1]] = _checked_text(found[1], value)
        elif name == "year.value":
            self.year = _year(value)
        elif (found := _LOCK.fullmatch(name)) and found[1] in _LOCKABLE:
            if value not in ("0", "1"):
                raise PlexRefused(HTTPStatus.BAD_REQUEST)
            self.locks[found[1]] = value == "1"
        elif (found := _ADDED.fullmatch(name)) and found[1] in TAG_LISTS:
            tag = self.added.setdefault(found[1], {}).setdefault(int(found[2]), AddedTag())
            match found[3]:
                case "tag.tag":
                    tag.name = value
                case "tag.thumb":
                    tag.thumb = value
                case _:
                    tag.text = value
        elif (found := _REMOVED.fullmatch(name)) and found[1] in TAG_LISTS:
            self.removed.setdefault(found[1], []).extend(_removed(value, behaviour))
        else:
            self.not_understood.append(name)

    @property
    def retitles(self) -> bool:
        """Whether the item may be filed under another title afterwards."""
        return not self.texts.keys().isdisjoint(("title", "titleSort"))

    def thumbs(self) -> list[str]:
        """The picture addresses the edit hands to the viewers' devices."""
        return [tag.thumb for tags in self.added.values() for tag in tags.values() if tag.thumb]

    def apply(self, item: StoredItem, tags: Tags, behaviour: Behaviour) -> None:
        """Change the item. As a rule names to be removed go first, so that one that is also added stays."""
        item.texts |= {name: text[: behaviour.text_max.get(name)] for name, text in self.texts.items()}
        if (
            behaviour.sort_title == "follows"
            and "title" in self.texts
            and "titleSort" not in {*self.texts, *item.locked}
        ):
            item.texts["titleSort"] = _ARTICLE.sub("", self.texts["title"])
        if day := self.texts.get("originallyAvailableAt"):
            item.year = int(day[:4]) if behaviour.year == "follows" else item.year
        if self.year is not None and behaviour.year != "stays":
            item.year = self.year or None
        if not behaviour.removals_last:
            self._remove(item, tags)
        for kind, added in self.added.items():
            if behaviour.tag_lists == "replace":
                item.tags[kind] = []
            for index, new in sorted(added.items()):
                _add(item, tags, kind, index, new)
        if behaviour.removals_last:
            self._remove(item, tags)
        item.locked |= {name for name, locked in self.locks.items() if locked}
        item.locked -= {name for name, locked in self.locks.items() if not locked}

    def _remove(self, item: StoredItem, tags: Tags) -> None:
        for kind, names in self.removed.items():
            for name in names:
                tags.remove(item, kind, name)


def _removed(value: str, behaviour: Behaviour) -> list[str]:
    """The names to be removed."""
    if behaviour.removals_decoded == "once":
        return value.split(",")
    return [unquote(name) for name in value.split(",")] if behaviour.commas_kept else unquote(value).split(",")


def _add(item: StoredItem, tags: Tags, kind: str, index: int, new: AddedTag) -> None:
    if not new.name:
        return
    tagging = tags.add(item, kind, new.name, index)
    if new.thumb is not None:
        tagging.tag.thumb = new.thumb
    if new.text is not None:
        tagging.text = new.text


def _year(value: str) -> int:
    """A year; 0 for an empty text, which clears it."""
    if value and not (value.isascii() and value.isdigit()):
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    return int(value or 0)


def _checked_text(name: str, value: str) -> str:
    impossible = (name == "title" and not value.strip()) or (name == "originallyAvailableAt" and not _is_date(value))
    if impossible:
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    return value


def _is_date(value: str) -> bool:
    """Whether it is a day of the calendar as ``YYYY-MM-DD``, or empty, which clears."""
    if not value:
        return True
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
