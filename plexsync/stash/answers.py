"""Stash's answers, checked and turned into values of ours. What does not fit is refused by the name of its field."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from plexsync.errors import StashUnavailable
from plexsync.fields import SCENE_TEXTS
from plexsync.model import Performer, Scene, SceneFile
from plexsync.stash.changes import Changed, Total
from plexsync.stash.checks import (
    is_count,
    is_duration,
    is_flag,
    is_id,
    is_path,
    is_rating,
    is_size,
    is_stamp,
    is_text,
    stamp_of,
)
from plexsync.stash.dialect import Dialect
from plexsync.stash.quick import picture_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """A scene's id and its files, the primary first."""

    id: int
    files: tuple[SceneFile, ...]


def _no_null(value: Any) -> Any:
    return "" if value is None else value


# Fields are raw and checked by type: marshmallow's own would read "12" and 12.7 as 12, and 1 as true.
_text = partial(fields.Raw, required=True, allow_none=True, pre_load=_no_null, validate=is_text)
_name = partial(fields.Raw, required=True, validate=is_text)
_id = partial(fields.Raw, required=True, validate=is_id, post_load=int)


class _Answer(Schema):
    """What is not asked for is no fault, and no value."""

    class Meta:
        unknown = EXCLUDE


class _FileSchema(_Answer):
    path = fields.Raw(required=True, validate=is_path)
    size = fields.Raw(required=True, allow_none=True, validate=is_size)
    duration = fields.Raw(required=True, allow_none=True, validate=is_duration)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SceneFile:
        return SceneFile(**data)


class _PerformerSchema(_Answer):
    id = _id()
    name = _name()
    disambiguation = _text(required=False, load_default="")
    image_path = _text()

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Performer:
        return Performer(data["id"], data["name"], picture_of(data["image_path"]), data["disambiguation"])


class _NamedSchema(_Answer):
    id = _id()
    name = _name()


class _GroupSchema(_Answer):
    group = fields.Nested(_NamedSchema, required=True)


class _PathsSchema(_Answer):
    screenshot = _text()


class _SceneSchema(_Answer):
    """All of a scene but its texts: see ``SCENE``."""

    id = _id()
    rating100 = fields.Raw(required=True, allow_none=True, validate=is_rating)
    organized = fields.Raw(required=True, validate=is_flag)
    urls = fields.List(_text(), required=True)
    created_at = fields.Raw(load_default="")
    updated_at = _text()
    files = fields.List(fields.Nested(_FileSchema), required=True)
    paths = fields.Nested(_PathsSchema, required=True)
    studio = fields.Nested(_NamedSchema, required=True, allow_none=True)
    performers = fields.List(fields.Nested(_PerformerSchema), required=True)
    tags = fields.List(fields.Nested(_NamedSchema), required=True)
    groups = fields.List(fields.Nested(_GroupSchema), required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Scene:
        return Scene(
            id=data["id"],
            **{name: data[name] for name in SCENE_TEXTS},
            rating100=data["rating100"],
            organized=data["organized"],
            urls=tuple(data["urls"]),
            files=tuple(data["files"]),
            studio=data["studio"]["name"] if data["studio"] else "",
            studio_id=data["studio"]["id"] if data["studio"] else None,
            performers=tuple(data["performers"]),
            tags=tuple(tag["name"] for tag in data["tags"]),
            tag_ids=tuple(tag["id"] for tag in data["tags"]),
            groups=tuple(entry["group"]["name"] for entry in data["groups"]),
            group_ids=tuple(entry["group"]["id"] for entry in data["groups"]),
            screenshot_url=data["paths"]["screenshot"] or None,
            created_at=stamp_of(data["created_at"]),
            updated_at=data["updated_at"],
        )


class _RowListSchema(_Answer):
    scenes = fields.List(fields.Raw(allow_none=True), required=True)


class _RowsSchema(_Answer):
    findScenes = fields.Nested(_RowListSchema, required=True)  # noqa: N815  # Stash's name


class _CountSchema(_Answer):
    count = fields.Raw(required=True, validate=is_count)


class _SceneCountSchema(_Answer):
    findScenes = fields.Nested(_CountSchema, required=True)  # noqa: N815  # Stash's name


class _ConfigurationSchema(_Answer):
    plugins = fields.Dict(
        keys=fields.String(), values=fields.Dict(keys=fields.String(), allow_none=True), required=True
    )


class _SettingsSchema(_Answer):
    configuration = fields.Nested(_ConfigurationSchema, required=True)


class _VersionPartsSchema(_Answer):
    version = _text()


class _VersionSchema(_Answer):
    version = fields.Nested(_VersionPartsSchema, required=True)


#: What a scene and its parts have to be.
SCENE = _SceneSchema.from_dict({name: _text() for name in SCENE_TEXTS}, name="SceneSchema")()
FILE, NAMED, PERFORMER, GROUP, PATHS = _FileSchema(), _NamedSchema(), _PerformerSchema(), _GroupSchema(), _PathsSchema()
_ROWS = _RowsSchema()
_SCENE_COUNT = _SceneCountSchema()
_SETTINGS = _SettingsSchema()
_VERSION = _VersionSchema()


def rows_of(data: Mapping[str, Any]) -> list[Any]:
    """The rows of an answer to a query of scenes, as they came.

    :raises StashUnavailable: it holds none.
    """
    try:
        rows = data["findScenes"]["scenes"]
    except (KeyError, TypeError):
        rows = None
    if type(rows) is not list:
        rows = _load(_ROWS, data)["findScenes"]["scenes"]
    found: list[Any] = rows
    return found


def read_scene_count(data: Mapping[str, Any]) -> int:
    """How many scenes there are, from an answer with their ``count``.

    :raises StashUnavailable: a field is missing or is not what it should be.
    """
    count: int = _load(_SCENE_COUNT, data)["findScenes"]["count"]
    return count


def id_of(row: Any) -> int | None:
    """The id that a row tells, or None."""
    try:
        value = row["id"]
        is_id(value)
        return int(value)
    except (TypeError, KeyError, ValidationError):
        return None


def read_changed(rows: Iterable[Any]) -> tuple[Changed, ...]:
    """What was changed. What has no id is left out; a time that is none is ``""``, which is before all others."""
    found = []
    for row in rows:
        row_id = id_of(row)
        if row_id is None:
            log.debug("of something that was changed Stash tells no id")
            continue
        stamp = row.get("updated_at")
        try:
            is_stamp(stamp)
        except ValidationError:
            stamp = ""
        found.append(Changed(row_id, stamp))
    return tuple(found)


def read_total(found: Any, listed: str) -> Total | None:
    """What there is of something; None where that is not told.

    :param found: a query's part of an answer, with the newest one listed.
    :param listed: the name of the list, ``tags``.
    """
    if (
        not isinstance(found, dict)
        or type(count := found.get("count")) is not int
        or type(found.get(listed)) is not list
    ):
        return None
    newest = [id_of(row) for row in found[listed]]
    return None if None in newest else Total(count, max((one for one in newest if one), default=0))


def read_listed(data: Mapping[str, Any], query: str, listed: str) -> list[Any]:
    """The rows of another query of an answer.

    :param query: its name, ``findTags``.
    :param listed: the name of its list, ``tags``.
    :raises StashUnavailable: there are none.
    """
    found = data.get(query)
    rows = found.get(listed) if isinstance(found, dict) else None
    if type(rows) is not list:
        raise StashUnavailable(f"Stash's answer is not what it should be: {query}.{listed} is no list")
    return rows


def read_files(row: Any, dialect: Dialect) -> SceneFiles | None:
    """A scene's id and its files; None where the id is none. What is no file is left out."""
    row_id = id_of(row)
    if row_id is None:
        return None
    files = []
    rows = dialect.complete(row).get("files")
    for one in rows if isinstance(rows, list) else ():
        with suppress(ValidationError):
            files.append(FILE.load(one))
    return SceneFiles(row_id, tuple(files))


def read_plugin_settings(data: Mapping[str, Any]) -> dict[str, object]:
    """PlexSync's settings from an answer to ``document.PLUGIN_SETTINGS``; none where nobody ever set one.

    :raises StashUnavailable: as ``read_scene_count``.
    """
    return _load(_SETTINGS, data)["configuration"]["plugins"].get("PlexSync") or {}


def read_version(data: Mapping[str, Any]) -> str:
    """The version from an answer to ``document.VERSION``; ``""`` for a build without one.

    :raises StashUnavailable: as ``read_scene_count``.
    """
    version: str = _load(_VERSION, data)["version"]["version"]
    return version


def _load(schema: Schema, value: Any) -> Any:
    try:
        return schema.load(value)
    except ValidationError as error:
        raise StashUnavailable(f"Stash's answer is not what it should be: {first_fault(error.messages)}") from error


def first_fault(messages: Any) -> str:
    """The first message with the path of its field: ``files[1].size is no number of bytes``."""
    path = ""
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if isinstance(key, int):
            path += f"[{key}]"
        elif key != "_schema":
            path += f".{key}" if path else key
    message = messages[0] if isinstance(messages, list) and messages else messages
    return f"{path} {message}".strip()
