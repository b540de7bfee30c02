"""The simulated Stash's GraphQL: documents are parsed, validated and executed, as Stash does it."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo, execute_sync, parse, validate

from plexsync.demo.http.exchange import Response
from plexsync.demo.stash.library import Named, Refused, StashLibrary, StashScene, number
from plexsync.demo.stash.schema import SCHEMA
from plexsync.demo.stash.search import search
from plexsync.demo.stash.views import named_view, scene_view

#: ``fire(trigger, id, input, input_fields)``: run the hooks of a trigger and come back when they have ended.
Fire = Callable[[str, int, Any, list[str] | None], None]

#: What a resolver is told of its query; its context is the address that pictures are given with.
Info = GraphQLResolveInfo[Any]

_DATA_URL = re.compile(r"data:.+/.+;base64,(?P<data>.*)", re.DOTALL)
#: The texts of a scene that are kept without blanks around them.
_TEXTS = ("title", "code", "details", "director")
#: The mutations' names of what belongs to a scene, and the library's.
_RELATIONS = {"performer_ids": "performers", "tag_ids": "tags", "group_ids": "groups"}


class StashGraphQL:
    """Answers documents out of a library.

    :param library: what there is.
    :param lock: held around each use of the library, and never while hooks run.
    :param fire: runs hooks.
    :param plugin_settings: by plugin id.
    :param api_key: the key shown in the configuration.
    """

    def __init__(
        self,
        library: StashLibrary,
        lock: threading.RLock,
        fire: Fire,
        plugin_settings: Mapping[str, Mapping[str, Any]],
        api_key: Callable[[], str | None],
    ) -> None:
        self._library = library
        self._lock = lock
        self._fire = fire
        self._plugin_settings = plugin_settings
        self._api_key = api_key
        self._root: dict[str, Any] = {
            "findScene": self._find_scene,
            "findScenes": self._find_scenes,
            "configuration": self._configuration,
            "version": {"version": "v0.30.1", "hash": "simulated", "build_time": "2026-01-11 07:07:53"},
            "sceneCreate": _taking_input(self._scene_create),
            "sceneUpdate": _taking_input(self._scene_update),
            "bulkSceneUpdate": _taking_input(self._bulk_scene_update),
            "scenesUpdate": _taking_input(self._scenes_update),
            "sceneDestroy": _taking_input(self._scene_destroy),
        }
        for kind, title in (("performers", "Performer"), ("studios", "Studio"), ("tags", "Tag"), ("groups", "Group")):
            one = title.lower()
            self._root[f"find{title}s"] = self._finder(kind)
            self._root[f"{one}Create"] = self._creator(kind, title)
            self._root[f"{one}Update"] = self._updater(kind, title)

    def answer(self, body: Any, base: str) -> Response:
        """The answer to a request: 422 where the document or its variables are wrong, else 200.

        :param body: ``{"query": ..., "variables": ..., "operationName": ...}``.
        :param base: the address that pictures are given with.
        """
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return _errors(["no operation provided"])
        try:
            document = parse(body["query"])
        except GraphQLError as error:
            return _errors([error.message])
        if faults := validate(SCHEMA, document):
            return _errors([fault.message for fault in faults])
        result = execute_sync(
            SCHEMA,
            document,
            root_value=self._root,
            context_value=base,
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        for fault in result.errors or ():
            if fault.path is None:
                return _errors([fault.message])
            if not isinstance(fault.original_error, Refused):
                raise fault
        return Response.json(result.formatted)

    def _view(self, scene: StashScene, info: Info) -> dict[str, Any]:
        return scene_view(self._library, scene, info.context)

    def _find_scene(self, info: Info, **arguments: Any) -> dict[str, Any] | None:
        with self._lock:
            wanted = arguments.get("id")
            scene = self._library.scenes.get(number(wanted, "id")) if wanted else None
            return self._view(scene, info) if scene else None

    def _find_scenes(self, info: Info, **arguments: Any) -> dict[str, Any]:
        with self._lock:
            # An empty list is as good as none: Stash then answers the first page of everything.
            if wanted := arguments.get("ids") or [str(scene_id) for scene_id in arguments.get("scene_ids") or ()]:
                scenes = self._library.by_ids(wanted)
                count = len(scenes)
            else:
                scenes, count = search(
                    self._library.scenes.values(), arguments.get("scene_filter") or {}, arguments.get("filter") or {}
                )
            files = [scene.files[0] for scene in scenes if scene.files]
            return {
                "count": count,
                "duration": sum(file.duration for file in files),
                "filesize": float(sum(file.size for file in files)),
                "scenes": [self._view(scene, info) for scene in scenes],
            }

    def _configuration(self, _info: Info) -> dict[str, Any]:
        def plugins(_info: Info, include: Collection[str] | None = None) -> dict[str, Any]:
            wanted = include or self._plugin_settings.keys()
            return {name: dict(self._plugin_settings[name]) for name in wanted if self._plugin_settings.get(name)}

        return {"general": {"apiKey": self._api_key() or ""}, "plugins": plugins}

    def _scene_create(self, info: Info, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            scene = self._library.add_scene([], **_parts(given))
        self._fire("Scene.Create.Post", scene.id, None, None)
        return self._again(scene.id, info)

    def _scene_update(self, info: Info, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            scene = self._library.edit(number(given["id"], "id"), **_parts(given))
        self._fire("Scene.Update.Post", scene.id, _whole("SceneUpdateInput", given), list(given))
        return self._again(scene.id, info)

    def _scenes_update(self, info: Info, given: list[dict[str, Any]]) -> list[Any]:
        with self._lock:
            self._all_there([number(one["id"], "id") for one in given])
            scenes = [self._library.edit(number(one["id"], "id"), **_parts(one)) for one in given]
        whole = [_whole("SceneUpdateInput", one) for one in given]
        answers = []
        for scene, one in zip(scenes, given, strict=True):
            self._fire("Scene.Update.Post", scene.id, whole, list(one))
            answers.append(self._again(scene.id, info))
        return answers

    def _bulk_scene_update(self, info: Info, given: dict[str, Any]) -> list[Any]:
        with self._lock:
            ids = [number(text, "ids") for text in given.get("ids") or ()]
            self._all_there(ids)
            for scene_id in ids:
                self._library.edit(scene_id, **_bulk_parts(self._library.existing(scene_id), given))
        whole = _whole("BulkSceneUpdateInput", given)
        answers = []
        for scene_id in ids:
            self._fire("Scene.Update.Post", scene_id, whole, list(given))
            answers.append(self._again(scene_id, info))
        return answers

    def _scene_destroy(self, _info: Info, given: dict[str, Any]) -> bool:
        with self._lock:
            scene = self._library.existing(number(given["id"], "id"))
            del self._library.scenes[scene.id]
        gone = {"checksum": "", "oshash": "", "path": scene.files[0].path if scene.files else ""}
        self._fire("Scene.Destroy.Post", scene.id, _whole("SceneDestroyInput", given) | gone, None)
        return True

    def _finder(self, kind: str) -> Callable[..., dict[str, Any]]:
        def find(info: Info, **arguments: Any) -> dict[str, Any]:
            ids, paging = arguments.get("ids"), arguments.get("filter") or {}
            with self._lock:
                rows = [
                    row
                    for row in self._library.rows(kind).values()
                    if (not ids or str(row.id) in ids) and (paging.get("q") or "").lower() in row.name.lower()
                ]
                views = [named_view(self._library, kind, row, info.context) for row in rows]
            per_page = 25 if paging.get("per_page") is None else paging["per_page"]
            start = (max(paging.get("page") or 1, 1) - 1) * per_page
            return {"count": len(views), kind: views if ids or per_page < 0 else views[start : start + per_page]}

        return find

    def _creator(self, kind: str, title: str) -> Callable[..., dict[str, Any]]:
        def create(info: Info, given: dict[str, Any]) -> dict[str, Any]:
            with self._lock:
                row = self._library.add(kind, **_named_parts(given))
            return self._changed(info, kind, title, "Create", row, given)

        return _taking_input(create)

    def _updater(self, kind: str, title: str) -> Callable[..., dict[str, Any]]:
        def update(info: Info, given: dict[str, Any]) -> dict[str, Any]:
            with self._lock:
                row = self._library.change(kind, number(given["id"], "id"), **_named_parts(given))
            return self._changed(info, kind, title, "Update", row, given)

        return _taking_input(update)

    def _changed(
        self, info: Info, kind: str, title: str, what: str, row: Named, given: dict[str, Any]
    ) -> dict[str, Any]:
        whole = _whole(f"{title}{what}Input", given)
        # Groups were called movies once, and both names fire.
        for name in (title, "Movie") if title == "Group" else (title,):
            self._fire(f"{name}.{what}.Post", row.id, whole, list(given) if what == "Update" else None)
        with self._lock:
            return named_view(self._library, kind, row, info.context)

    def _all_there(self, ids: list[int]) -> None:
        for scene_id in ids:
            self._library.existing(scene_id)

    def _again(self, scene_id: int, info: Info) -> dict[str, Any]:
        """The scene as it is after the hooks."""
        with self._lock:
            return self._view(self._library.existing(scene_id), info)


def _taking_input(resolve: Callable[[Info, Any], Any]) -> Callable[..., Any]:
    return lambda info, **arguments: resolve(info, arguments["input"])


def _errors(messages: list[str]) -> Response:
    return Response.json({"errors": [{"message": message} for message in messages], "data": None}, 422)


def _whole(type_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """An input as a hook sees it: what was not given is null."""
    return {name: given.get(name) for name in SCHEMA.type_map[type_name].fields}  # type: ignore[attr-defined]  # an input


def _parts(given: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for name, value in given.items():
        if name in _RELATIONS:
            parts[_RELATIONS[name]] = [number(text, name) for text in value or ()]
        elif name == "groups":
            parts["groups"] = [number(group["group_id"], "groups") for group in value or ()]
        elif name == "studio_id":
            parts["studio"] = number(value, name) if value else None
        elif name == "cover_image":
            parts["cover"] = _image(value)
        elif name == "urls":
            parts["urls"] = [text.strip() for text in value or ()]
        elif name in _TEXTS:
            parts[name] = value and value.strip()
        elif name not in ("id", "clientMutationId"):
            parts[name] = value
    return parts


def _bulk_parts(scene: StashScene, given: Mapping[str, Any]) -> dict[str, Any]:
    """As ``_parts``, with lists set, added to or taken from what the scene has."""
    plain = {name: value for name, value in given.items() if name not in (*_RELATIONS, "ids", "urls")}
    parts = _parts(plain)
    for name, attribute, key in (
        *((key, value, "ids") for key, value in _RELATIONS.items()),
        ("urls", "urls", "values"),
    ):
        if change := given.get(name):
            values = [text.strip() for text in change.get(key) or ()]
            parts[attribute] = _merge(
                getattr(scene, attribute),
                values if key == "values" else [number(v, name) for v in values],
                change["mode"],
            )
    return parts


def _merge(have: list[Any], change: list[Any], mode: str) -> list[Any]:
    if mode == "SET":
        return change
    if mode == "ADD":
        return have + [value for value in change if value not in have]
    return [value for value in have if value not in change]


def _named_parts(given: Mapping[str, Any]) -> dict[str, Any]:
    parts: dict[str, Any] = {
        name: value and value.strip() for name, value in given.items() if name in ("name", "disambiguation")
    }
    if "parent_id" in given:
        parts["parent"] = number(given["parent_id"], "parent id") if given["parent_id"] else None
    if "image" in given:
        parts["picture"] = _image(given["image"])
    return parts


def _image(text: str | None) -> bytes | None:
    if not text:
        return None
    match = _DATA_URL.fullmatch(text)
    if match is None:
        raise Refused("processing cover image: only data URLs are read by this simulation")
    return base64.b64decode(match["data"])
