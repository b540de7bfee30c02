"""The simulated Stash's GraphQL: documents are parsed, validated and carried out, as Stash does it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any, cast

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    parse,
    validate,
)

from plexsync.demo.http.exchange import Response
from plexsync.demo.stash.execution import RootResolver, WrongRequest, carry_out, operation_name
from plexsync.demo.stash.library import StashLibrary, StashRefused, StashScene, number
from plexsync.demo.stash.mutations import TITLES, Fire, Mutations
from plexsync.demo.stash.oddities import Oddities
from plexsync.demo.stash.schema import SCHEMA, schema_without
from plexsync.demo.stash.search import find_named, find_scenes
from plexsync.demo.stash.views import named_view, scene_view


class StashGraphQL:
    """Answers documents out of a library.

    :param library: what there is.
    :param lock: held around each use of the library, and never while hooks run.
    :param fire: runs hooks.
    :param plugin_settings: by plugin id.
    :param api_key: the key shown in the configuration.
    :param count: told the name of each operation that is carried out.
    :param plugins: those that were loaded, None where there are none.
    :param more: further resolvers, by the names of queries and mutations.
    """

    def __init__(
        self,
        library: StashLibrary,
        lock: threading.RLock,
        fire: Fire,
        plugin_settings: Mapping[str, Mapping[str, Any]],
        api_key: Callable[[], str | None],
        count: Callable[[str], None],
        plugins: Callable[[], list[dict[str, Any]] | None],
        more: Mapping[str, RootResolver],
    ) -> None:
        self._library = library
        self._lock = lock
        self._plugin_settings = plugin_settings
        self._api_key = api_key
        self._count = count
        self._plugins = plugins
        #: What is odd about single things.
        self.odd = Oddities()
        #: What Stash has logged as errors: each that an answer holds, but for requests that it does not understand.
        self.error_log: list[str] = []
        #: Stash's version, and what of the schema it does not have, as ``Type.field``.
        self.version = "v0.30.1"
        self.lacks: frozenset[str] = frozenset()
        #: Where Stash looks for plugins.
        self.plugins_path = "/root/.stash/plugins"
        #: What each root field shows, or does.
        self.resolvers: dict[str, RootResolver] = {
            "findScene": self._find_scene,
            "findScenes": self._find_scenes,
            "configuration": self._configuration,
            "plugins": lambda _base: self._plugins(),
            "version": self._version,
            **{f"find{title}s": self._resolver(kind, title) for kind, title in TITLES.items()},
            "findMovies": self._resolver("groups", "Movie"),
            **Mutations(library, lock, fire).roots,
            **more,
        }

    def answer(self, body: Any, base: str) -> Response:
        """The answer to a request: 422 where the document or its variables are wrong, else 200.

        :param body: ``{"query": ..., "variables": ..., "operationName": ...}``.
        :param base: the address that pictures are given with.
        """
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return _errors(["no operation provided"])
        schema = schema_without(self.lacks) if self.lacks else SCHEMA
        document = _document(body["query"], schema)
        if not isinstance(document, DocumentNode):
            return _errors(document)
        self._count(operation_name(document, body))
        try:
            answer = carry_out(schema, document, self.resolvers, self._lock, base, body)
        except WrongRequest as error:
            return _errors([str(error)])
        self.error_log += [f"{_path(fault)}: {fault['message']}" for fault in answer.get("errors", ())]
        return Response.json(answer)

    def mutate(self, name: str, given: Mapping[str, Any]) -> None:
        """Carry one mutation out.

        :param given: its input, or its ``ids``.
        :raises StashRefused: it cannot be done.
        """
        mutation = cast("GraphQLObjectType", SCHEMA.mutation_type).fields[name]
        ((argument, taken),) = mutation.args.items()
        variables = {argument: dict(given) if argument == "input" else given[argument]}
        parts = " { id }" if isinstance(get_named_type(mutation.type), GraphQLObjectType) else ""
        document = f"mutation(${argument}: {taken.type}) {{ {name}({argument}: ${argument}){parts} }}"
        answer = self.answer({"query": document, "variables": variables}, "http://localhost:9999")
        if faults := json.loads(answer.body).get("errors"):
            raise StashRefused(faults[0]["message"])

    def _find_scene(self, base: str, **arguments: Any) -> dict[str, Any] | None:
        with self._lock:
            wanted = arguments.get("id")
            scene = self._library.scenes.get(number(wanted, "id")) if wanted else None
            if scene is None:
                return None
            self.odd.check("scenes", [scene.id])
            return self._view(scene, base)

    def _find_scenes(self, base: str, **arguments: Any) -> dict[str, Any]:
        with self._lock:
            # An empty list is as good as none: Stash then answers the first page of everything.
            if wanted := arguments.get("ids") or [str(scene_id) for scene_id in arguments.get("scene_ids") or ()]:
                scenes = self._library.by_ids(wanted)
                count = len(scenes)
            else:
                scenes, count = find_scenes(
                    self._library, arguments.get("scene_filter") or {}, arguments.get("filter") or {}
                )
            self.odd.check("scenes", (scene.id for scene in scenes))
            files = [scene.files[0] for scene in scenes if scene.files]
            return {
                "count": count,
                "duration": sum(file.duration for file in files),
                "filesize": float(sum(file.size for file in files)),
                "scenes": [self._view(scene, base) for scene in scenes],
            }

    def _view(self, scene: StashScene, base: str) -> dict[str, Any]:
        return self.odd.view(scene.id, scene_view(self._library, scene, base))

    def _version(self, _base: str) -> dict[str, str]:
        return {"version": self.version, "hash": "simulated", "build_time": "2026-01-11 07:07:53"}

    def _configuration(self, _base: str) -> dict[str, Any]:
        def plugins(include: Collection[str] | None = None) -> dict[str, Any]:
            wanted = include or self._plugin_settings.keys()
            return {name: dict(self._plugin_settings[name]) for name in wanted if self._plugin_settings.get(name)}

        general = {"apiKey": self._api_key() or "", "pluginsPath": self.plugins_path}
        return {"general": general, "plugins": plugins}

    def _resolver(self, kind: str, title: str) -> RootResolver:
        def find(base: str, **arguments: Any) -> dict[str, Any]:
            with self._lock:
                table = self._library.rows(kind)
                if wanted := arguments.get("ids"):
                    found = [table[row_id] for row_id in (number(text, "ids") for text in wanted) if row_id in table]
                    count = len(found)
                else:
                    criteria, paging = arguments.get(f"{title.lower()}_filter"), arguments.get("filter")
                    found, count = find_named(table.values(), criteria or {}, paging or {})
                self.odd.check(kind, (row.id for row in found))
                return {
                    "count": count,
                    f"{title.lower()}s": [named_view(self._library, kind, row, base) for row in found],
                }

        return find


@lru_cache(maxsize=200)
def _document(text: str, schema: GraphQLSchema) -> DocumentNode | list[str]:
    """The document, or what is wrong with it. The same few are sent over and over."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return [error.message]
    return [fault.message for fault in validate(schema, document)] or document


def _path(fault: Mapping[str, Any]) -> str:
    """The path of a field as Stash's log has it: ``findScenes.scenes[2].studio``."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault["path"]]
    return "".join(steps).removeprefix(".")


def _errors(messages: list[str]) -> Response:
    return Response.json({"errors": [{"message": message} for message in messages], "data": None}, 422)
