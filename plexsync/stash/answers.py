"""Stash's answers, checked and turned into values of ours. What does not fit is refused by the name of its field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from plexsync.errors import StashUnavailable
from plexsync.model import Performer, Scene, SceneFile

#: The largest Int64, which is what Stash's sizes are and what SQLite can hold.
_INT64_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """A scene's id and its files, the primary first."""

    id: int
    files: tuple[SceneFile, ...]


def _no_null(value: Any) -> Any:
    return "" if value is None else value


def _is_text(value: Any) -> None:
    if type(value) is not str:
        raise ValidationError("is no text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        # Half a surrogate pair: neither SQLite nor HTTP could carry it on.
        raise ValidationError("holds characters that are none") from error


def _is_id(value: Any) -> None:
    if type(value) is not str or not (value.isascii() and value.isdigit()) or int(value[:20]) > _INT64_MAX:
        raise ValidationError("is no id")


def _is_size(value: Any) -> None:
    if type(value) is not int or not 0 <= value <= _INT64_MAX:
        raise ValidationError("is no number of bytes")


def _is_duration(value: Any) -> None:
    if type(value) not in (int, float) or not 0 <= value < math.inf:
        raise ValidationError("is no number of seconds")


def _is_rating(value: Any) -> None:
    if type(value) is not int or not 0 <= value <= 100:
        raise ValidationError("is no number from 0 to 100")


def _is_count(value: Any) -> None:
    if type(value) is not int or value < 0:
        raise ValidationError("is no count")


def _is_flag(value: Any) -> None:
    if type(value) is not bool:
        raise ValidationError("is neither true nor false")


# Fields are raw and checked by type: marshmallow's own would read "12" and 12.7 as 12, and 1 as true.
_text = partial(fields.Raw, required=True, allow_none=True, pre_load=_no_null, validate=_is_text)
_id = partial(fields.Raw, required=True, validate=_is_id, post_load=int)


class _Answer(Schema):
    """What is not asked for is no fault, and no value."""

    class Meta:
        unknown = EXCLUDE


class _FileSchema(_Answer):
    path = _text()
    size = fields.Raw(required=True, allow_none=True, validate=_is_size)
    duration = fields.Raw(required=True, allow_none=True, validate=_is_duration)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SceneFile:
        return SceneFile(**data)


class _PerformerSchema(_Answer):
    id = _id()
    name = _text()
    image_path = _text()

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Performer:
        image = data["image_path"]
        # Stash gives every performer an address, and marks those behind which there is only its own placeholder.
        return Performer(data["id"], data["name"], None if not image or "default=true" in image else image)


class _NamedSchema(_Answer):
    name = _text()


class _GroupSchema(_Answer):
    group = fields.Nested(_NamedSchema, required=True)


class _PathsSchema(_Answer):
    screenshot = _text()


class _SceneSchema(_Answer):
    id = _id()
    title = _text()
    details = _text()
    director = _text()
    date = _text()
    rating100 = fields.Raw(required=True, allow_none=True, validate=_is_rating)
    organized = fields.Raw(required=True, validate=_is_flag)
    urls = fields.List(_text(), required=True)
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
            title=data["title"],
            details=data["details"],
            director=data["director"],
            date=data["date"],
            rating100=data["rating100"],
            organized=data["organized"],
            urls=tuple(data["urls"]),
            files=tuple(data["files"]),
            studio=data["studio"]["name"] if data["studio"] else "",
            performers=tuple(data["performers"]),
            tags=tuple(tag["name"] for tag in data["tags"]),
            groups=tuple(entry["group"]["name"] for entry in data["groups"]),
            screenshot_url=data["paths"]["screenshot"] or None,
            updated_at=data["updated_at"],
        )


class _SceneListSchema(_Answer):
    scenes = fields.List(fields.Nested(_SceneSchema), required=True)


class _ScenesSchema(_Answer):
    findScenes = fields.Nested(_SceneListSchema, required=True)  # noqa: N815  # Stash's name


class _IdSchema(_Answer):
    id = _id()


class _IdListSchema(_Answer):
    count = fields.Raw(required=True, validate=_is_count)
    scenes = fields.List(fields.Nested(_IdSchema), required=True)


class _SceneIdsSchema(_Answer):
    findScenes = fields.Nested(_IdListSchema, required=True)  # noqa: N815  # Stash's name


class _SceneFilesSchema(_Answer):
    id = _id()
    files = fields.List(fields.Nested(_FileSchema), required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SceneFiles:
        return SceneFiles(data["id"], tuple(data["files"]))


class _SceneFilesListSchema(_Answer):
    count = fields.Raw(required=True, validate=_is_count)
    scenes = fields.List(fields.Nested(_SceneFilesSchema), required=True)


class _FilesSchema(_Answer):
    findScenes = fields.Nested(_SceneFilesListSchema, required=True)  # noqa: N815  # Stash's name


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


_SCENE = _SceneSchema()
_SCENES = _ScenesSchema()
_SCENE_IDS = _SceneIdsSchema()
_FILES = _FilesSchema()
_SETTINGS = _SettingsSchema()
_VERSION = _VersionSchema()


def read_scenes(data: Mapping[str, Any]) -> list[Scene]:
    """The scenes of an answer to ``document.SCENES``, in its order; a scene's files keep theirs, the primary first.

    :raises StashUnavailable: a field is missing or is not what it should be.
    """
    scenes: list[Scene] = _load(_SCENES, data)["findScenes"]["scenes"]
    return scenes


def read_scenes_one_by_one(data: Mapping[str, Any]) -> list[Scene]:
    """The scenes of an answer to ``document.scenes_one_by_one`` that are there.

    :raises StashUnavailable: as ``read_scenes``.
    """
    return [_load(_SCENE, scene, key) for key, scene in data.items() if scene is not None]


def read_scene_ids(data: Mapping[str, Any]) -> tuple[tuple[int, ...], int]:
    """The ids of a page, and how many scenes there are in all, from an answer to ``document.SCENE_IDS``.

    :raises StashUnavailable: as ``read_scenes``.
    """
    found = _load(_SCENE_IDS, data)["findScenes"]
    return tuple(scene["id"] for scene in found["scenes"]), found["count"]


def read_scene_files(data: Mapping[str, Any]) -> tuple[tuple[SceneFiles, ...], int]:
    """Scenes with their files, the primary first, and how many scenes the count is of, from ``document.SCENE_FILES``.

    :raises StashUnavailable: as ``read_scenes``.
    """
    found = _load(_FILES, data)["findScenes"]
    return tuple(found["scenes"]), found["count"]


def read_plugin_settings(data: Mapping[str, Any]) -> dict[str, object]:
    """PlexSync's settings from an answer to ``document.PLUGIN_SETTINGS``; none where nobody ever set one.

    :raises StashUnavailable: as ``read_scenes``.
    """
    return _load(_SETTINGS, data)["configuration"]["plugins"].get("PlexSync") or {}


def read_version(data: Mapping[str, Any]) -> str:
    """The version from an answer to ``document.VERSION``; ``""`` for a build without one.

    :raises StashUnavailable: as ``read_scenes``.
    """
    version: str = _load(_VERSION, data)["version"]["version"]
    return version


def _load(schema: Schema, value: Any, start: str = "") -> Any:
    try:
        return schema.load(value)
    except ValidationError as error:
        raise StashUnavailable(
            f"Stash's answer is not what it should be: {_first_fault(error.messages, start)}"
        ) from error


def _first_fault(messages: Any, path: str) -> str:
    """The first message with the path of its field: ``findScenes.scenes[0].files[1].size is no whole number``."""
    while isinstance(messages, dict):
        key, messages = next(iter(messages.items()))
        if isinstance(key, int):
            path += f"[{key}]"
        elif key != "_schema":
            path += f".{key}" if path else key
    message = messages[0] if isinstance(messages, list) and messages else messages
    return f"{path} {message}"
