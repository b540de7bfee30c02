"""The simulated Stash's mutations: what they change, which hooks they fire, and with what."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from plexsync.demo.stash.inputs import bulk_parts, named_parts, scene_parts, whole
from plexsync.demo.stash.library import SimulatedEntity, StashLibrary, number
from plexsync.demo.stash.views import named_view, scene_view

#: ``fire(trigger, id, input, input_fields)``: run the hooks of a trigger and come back when they have ended.
Fire = Callable[[str, int, Any, list[str] | None], None]

#: The library's name of each kind, and Stash's own.
TITLES = {"performers": "Performer", "studios": "Studio", "tags": "Tag", "groups": "Group"}


class Mutations:
    """Resolvers by the names of the mutations, in ``roots``.

    A merge of scenes, a merge of performers and the moving of a file fire no hook, as in Stash.

    :param library: what there is.
    :param lock: held around each use of the library, and never while hooks run.
    :param fire: runs hooks.
    """

    def __init__(self, library: StashLibrary, lock: threading.RLock, fire: Fire) -> None:
        self._library = library
        self._lock = lock
        self._fire = fire
        self.roots: dict[str, Callable[..., Any]] = {
            "sceneCreate": _taking_input(self._scene_create),
            "sceneUpdate": _taking_input(self._scene_update),
            "bulkSceneUpdate": _taking_input(self._bulk_scene_update),
            "scenesUpdate": _taking_input(self._scenes_update),
            "sceneDestroy": _taking_input(self._scene_destroy),
            "scenesDestroy": _taking_input(self._scenes_destroy),
            "sceneMerge": _taking_input(self._scene_merge),
            "sceneAssignFile": _taking_input(self._scene_assign_file),
            "performerMerge": _taking_input(self._performer_merge),
            "tagsMerge": _taking_input(self._tags_merge),
        }
        for kind, title in TITLES.items():
            one = title.lower()
            self.roots[f"{one}Create"] = self._creator(kind, title)
            self.roots[f"{one}Update"] = self._updater(kind, title)
            self.roots[f"{one}Destroy"] = self._destroyer(kind, title)
            self.roots[f"{kind}Destroy"] = self._destroyer_of_several(kind, title)

    def _scene_create(self, base: str, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            scene = self._library.add_scene([], **scene_parts(given))
        self._fire("Scene.Create.Post", scene.id, None, None)
        return self._again(scene.id, base)

    def _scene_update(self, base: str, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            scene = self._library.edit(number(given["id"], "id"), **scene_parts(given))
        self._fire("Scene.Update.Post", scene.id, whole("SceneUpdateInput", given), list(given))
        return self._again(scene.id, base)

    def _scenes_update(self, base: str, given: list[dict[str, Any]]) -> list[Any]:
        with self._lock:
            self._all_there([number(one["id"], "id") for one in given])
            scenes = [self._library.edit(number(one["id"], "id"), **scene_parts(one)) for one in given]
        sent = [whole("SceneUpdateInput", one) for one in given]
        answers = []
        for scene, one in zip(scenes, given, strict=True):
            self._fire("Scene.Update.Post", scene.id, sent, list(one))
            answers.append(self._again(scene.id, base))
        return answers

    def _bulk_scene_update(self, base: str, given: dict[str, Any]) -> list[Any]:
        with self._lock:
            ids = [number(text, "ids") for text in given.get("ids") or ()]
            self._all_there(ids)
            for scene_id in ids:
                self._library.edit(scene_id, **bulk_parts(self._library.existing(scene_id), given))
        sent = whole("BulkSceneUpdateInput", given)
        answers = []
        for scene_id in ids:
            self._fire("Scene.Update.Post", scene_id, sent, list(given))
            answers.append(self._again(scene_id, base))
        return answers

    def _scene_destroy(self, _base: str, given: dict[str, Any]) -> bool:
        self._destroy([given["id"]], whole("SceneDestroyInput", given))
        return True

    def _scenes_destroy(self, _base: str, given: dict[str, Any]) -> bool:
        self._destroy(given["ids"], whole("ScenesDestroyInput", given))
        return True

    def _destroy(self, ids: list[str], given: dict[str, Any]) -> None:
        with self._lock:
            gone = self._library.destroy_scenes([number(text, "ids") for text in ids])
        for scene in gone:
            file = {"checksum": "", "oshash": f"{scene.id:016x}", "path": scene.files[0].path if scene.files else ""}
            self._fire("Scene.Destroy.Post", scene.id, given | file, None)

    def _scene_merge(self, base: str, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            sources = [number(text, "source ids") for text in given["source"]]
            values = {"cover": None, **scene_parts(given.get("values") or {})}
            scene = self._library.merge_scenes(sources, number(given["destination"], "destination id"), **values)
            return self._again(scene.id, base)

    def _scene_assign_file(self, _base: str, given: dict[str, Any]) -> bool:
        with self._lock:
            self._library.assign_file(number(given["scene_id"], "scene id"), number(given["file_id"], "file id"))
        return True

    def _performer_merge(self, base: str, given: dict[str, Any]) -> dict[str, Any]:
        with self._lock:
            into = number(given["destination"], "destination id")
            sources = [number(text, "source ids") for text in given["source"]]
            row = self._library.existing_row("performers", into)
            # Stash answers with what the performer was before.
            before = named_view(self._library, "performers", row, base)
            self._library.merge_rows("performers", sources, into)
            self._library.change("performers", into, **named_parts(given.get("values") or {}))
            return before

    def _tags_merge(self, base: str, given: dict[str, Any]) -> dict[str, Any] | None:
        if not given["source"]:
            return None
        with self._lock:
            into = number(given["destination"], "destination id")
            row = self._library.existing_row("tags", into)
            self._library.merge_rows("tags", [number(text, "source ids") for text in given["source"]], into)
        self._fire("Tag.Merge.Post", into, whole("TagsMergeInput", given), None)
        with self._lock:
            return named_view(self._library, "tags", row, base)

    def _creator(self, kind: str, title: str) -> Callable[..., dict[str, Any]]:
        def create(base: str, given: dict[str, Any]) -> dict[str, Any]:
            with self._lock:
                row = self._library.add(kind, **named_parts(given))
            return self._changed(base, kind, title, "Create", row, given)

        return _taking_input(create)

    def _updater(self, kind: str, title: str) -> Callable[..., dict[str, Any]]:
        def update(base: str, given: dict[str, Any]) -> dict[str, Any]:
            with self._lock:
                row = self._library.change(kind, number(given["id"], "id"), **named_parts(given))
            return self._changed(base, kind, title, "Update", row, given)

        return _taking_input(update)

    def _destroyer(self, kind: str, title: str) -> Callable[..., bool]:
        def destroy(_base: str, given: dict[str, Any]) -> bool:
            self._destroy_rows(kind, title, [given["id"]], given)
            return True

        return _taking_input(destroy)

    def _destroyer_of_several(self, kind: str, title: str) -> Callable[..., bool]:
        def destroy(_base: str, ids: list[str]) -> bool:
            self._destroy_rows(kind, title, ids, ids)
            return True

        return destroy

    def _destroy_rows(self, kind: str, title: str, ids: list[str], given: Any) -> None:
        with self._lock:
            rows = [number(text, "ids") for text in ids]
            self._library.destroy_rows(kind, rows)
        for row_id in rows:
            for name in _names(title):
                self._fire(f"{name}.Destroy.Post", row_id, given, None)

    def _changed(
        self, base: str, kind: str, title: str, what: str, row: SimulatedEntity, given: dict[str, Any]
    ) -> dict[str, Any]:
        sent = whole(f"{title}{what}Input", given)
        for name in _names(title):
            self._fire(f"{name}.{what}.Post", row.id, sent, list(given) if what == "Update" else None)
        with self._lock:
            return named_view(self._library, kind, row, base)

    def _all_there(self, ids: list[int]) -> None:
        for scene_id in ids:
            self._library.existing(scene_id)

    def _again(self, scene_id: int, base: str) -> dict[str, Any]:
        """The scene as it is after the hooks."""
        with self._lock:
            return scene_view(self._library, self._library.existing(scene_id), base)


def _names(title: str) -> tuple[str, ...]:
    """The names that triggers go by: groups were called movies once, and both names fire."""
    return (title, "Movie") if title == "Group" else (title,)


def _taking_input(resolve: Callable[[str, Any], Any]) -> Callable[..., Any]:
    return lambda base, **arguments: resolve(base, arguments["input"])
