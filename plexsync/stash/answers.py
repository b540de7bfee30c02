"""Stash's answers, checked and turned into values of ours. What does not fit is refused by the name of its field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_load

from plexsync.errors import StashUnavailable
from plexsync.model import Performer, Scene, SceneFile
from plexsync.stash import quick
from plexsync.stash.changes import Changed, PartKind
from plexsync.stash.checks import is_count, is_duration, is_flag, is_id, is_rating, is_size, is_stamp, is_text
from plexsync.stash.quick import picture_of


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """A scene's id and its files, the primary first."""

    id: int
    files: tuple[SceneFile, ...]


def _no_null(value: Any) -> Any:
    return "" if value is None else value


# Fields are raw and checked by type: marshmallow's own would read "12" and 12.7 as 12, and 1 as true.
_text = partial(fields.Raw, required=True, allow_none=True, pre_load=_no_null, validate=is_text)
_id = partial(fields.Raw, required=True, validate=is_id, post_load=int)


class _Answer(Schema):
    """What is not asked for is no fault, and no value."""

    class Meta:
        unknown = EXCLUDE


class _FileSchema(_Answer):
    path = _text()
    size = fields.Raw(required=True, allow_none=True, validate=is_size)
    duration = fields.Raw(required=True, allow_none=True, validate=is_duration)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SceneFile:
        return SceneFile(**data)


class _PerformerSchema(_Answer):
    id = _id()
    name = _text()
    image_path = _text()

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Performer:
        return Performer(data["id"], data["name"], picture_of(data["image_path"]))


class _NamedSchema(_Answer):
    id = _id()
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
    rating100 = fields.Raw(required=True, allow_none=True, validate=is_rating)
    organized = fields.Raw(required=True, validate=is_flag)
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
            studio_id=data["studio"]["id"] if data["studio"] else None,
            performers=tuple(data["performers"]),
            tags=tuple(tag["name"] for tag in data["tags"]),
            tag_ids=tuple(tag["id"] for tag in data["tags"]),
            groups=tuple(entry["group"]["name"] for entry in data["groups"]),
            group_ids=tuple(entry["group"]["id"] for entry in data["groups"]),
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
    count = fields.Raw(required=True, validate=is_count)
    scenes = fields.List(fields.Nested(_IdSchema), required=True)


class _SceneIdsSchema(_Answer):
    findScenes = fields.Nested(_IdListSchema, required=True)  # noqa: N815  # Stash's name


class _CountSchema(_Answer):
    count = fields.Raw(required=True, validate=is_count)


class _SceneCountSchema(_Answer):
    findScenes = fields.Nested(_CountSchema, required=True)  # noqa: N815  # Stash's name


class _ChangedSchema(_Answer):
    id = _id()
    updated_at = fields.Raw(required=True, validate=is_stamp)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> Changed:
        return Changed(**data)


def _changed(kind: str, required: bool) -> fields.Nested:
    listed: dict[str, fields.Field[Any]] = {f"{kind}s": fields.List(fields.Nested(_ChangedSchema), required=True)}
    return fields.Nested(_Answer.from_dict(listed), required=required)


class _ChangesSchema(_Answer):
    findScenes = _changed("scene", required=True)  # noqa: N815  # Stash's name
    findPerformers = _changed("performer", required=False)  # noqa: N815  # Stash's name
    findStudios = _changed("studio", required=False)  # noqa: N815  # Stash's name
    findTags = _changed("tag", required=False)  # noqa: N815  # Stash's name
    findGroups = _changed("group", required=False)  # noqa: N815  # Stash's name


class _SceneFilesSchema(_Answer):
    id = _id()
    files = fields.List(fields.Nested(_FileSchema), required=True)

    @post_load
    def _build(self, data: dict[str, Any], **_: Any) -> SceneFiles:
        return SceneFiles(data["id"], tuple(data["files"]))


class _SceneFilesListSchema(_Answer):
    count = fields.Raw(required=True, validate=is_count)
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
_SCENE_COUNT = _SceneCountSchema()
_CHANGES = _ChangesSchema()
_FILES = _FilesSchema()
_SETTINGS = _SettingsSchema()
_VERSION = _VersionSchema()


@dataclass(frozen=True, slots=True)
class UnreadScenes:
    """Scenes that are still to be checked and turned into values. ``last`` is the id of the last one, 0 for none."""

    _data: Mapping[str, Any]
    count: int
    last: int

    def read(self) -> tuple[Scene, ...]:
        """The scenes.

        :raises StashUnavailable: as ``read_scenes``.
        """
        return tuple(read_scenes(self._data))


def unread_scenes(data: Mapping[str, Any]) -> UnreadScenes:
    """As ``read_scenes``, for scenes in the order of their ids, but for the scenes.

    :raises StashUnavailable: as ``read_scenes``.
    """
    try:
        listed = data["findScenes"]["scenes"]
        return UnreadScenes(data, len(listed), int(listed[-1]["id"]) if listed else 0)
    except (KeyError, TypeError, ValueError):
        scenes = read_scenes(data)
        return UnreadScenes(data, len(scenes), scenes[-1].id if scenes else 0)


def read_scenes(data: Mapping[str, Any]) -> list[Scene]:
    """The scenes of an answer to ``document.SCENES``, in its order; a scene's files keep theirs, the primary first.

    :raises StashUnavailable: a field is missing or is not what it should be.
    """
    scenes: list[Scene] | None = quick.read_scenes(data)
    return _load(_SCENES, data)["findScenes"]["scenes"] if scenes is None else scenes


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


def read_scene_count(data: Mapping[str, Any]) -> int:
    """How many scenes there are, from an answer to ``document.SCENE_COUNT``.

    :raises StashUnavailable: as ``read_scenes``.
    """
    count: int = _load(_SCENE_COUNT, data)["findScenes"]["count"]
    return count


def read_changes(data: Mapping[str, Any]) -> tuple[tuple[Changed, ...], dict[PartKind, tuple[Changed, ...]]]:
    """Scenes, and the other kinds as far as they were asked for, from an answer to ``document.CHANGES``.

    :raises StashUnavailable: as ``read_scenes``; also where a time is none.
    """
    found = _load(_CHANGES, data)
    kinds: dict[PartKind, str] = {"performer": "Performers", "studio": "Studios", "tag": "Tags", "group": "Groups"}
    parts = {kind: tuple(found[f"find{name}"][f"{kind}s"]) for kind, name in kinds.items() if f"find{name}" in found}
    return tuple(found["findScenes"]["scenes"]), parts


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
