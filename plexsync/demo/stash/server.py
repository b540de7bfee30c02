"""A simulated Stash: real GraphQL, pictures behind the same login, and hooks as real processes.

with SimulatedStash(hooks=HookRunner(Path("PlexSync.yml"))) as stash:
    scene_id = stash.add_scene("A title", "/data/a.mp4", performers=[stash.add_performer("Ann")])
    stash.scan("/data/b.mp4")  # fires Scene.Create.Post
"""

from __future__ import annotations

import copy
import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from plexsync.demo import pictures
from plexsync.demo.http import Request, Response, SimulatedServer
from plexsync.demo.stash.graphql import StashGraphQL
from plexsync.demo.stash.hooks import HookRun, HookRunner
from plexsync.demo.stash.jobs import Jobs
from plexsync.demo.stash.library import StashLibrary, StashScene, VideoFile
from plexsync.demo.stash.oddities import SCAN_ERROR
from plexsync.demo.stash.plugin_calls import PluginCalls

#: What Stash shows for a scene without a cover.
_PLACEHOLDER = b'<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720"></svg>'
#: What it shows for a performer without a picture.
_NOBODY = pictures.png(200, 200, 200)
#: What is below these is a picture or nothing.
_PICTURE_FOLDERS = ("scene", "performer")
#: The cookie that a login would give, and that hooks are given.
_SESSION = "c2ltdWxhdGVkIHNlc3Npb24"


class SimulatedStash(SimulatedServer):
    """A Stash without a login, empty, on a free port of this machine.

    :param hooks: the plugin whose hooks are run, or None.
    :param clock: seconds since the epoch.
    :param external_url: Stash's setting for the address that pictures are given with; else the one it was asked at.
    :param server: what ``SimulatedServer`` takes.
    """

    def __init__(
        self,
        *,
        hooks: HookRunner | None = None,
        clock: Callable[[], float] = time.time,
        external_url: str | None = None,
        **server: Any,
    ) -> None:
        super().__init__(**server)
        self.hooks_enabled = True
        self.hook_runs: list[HookRun] = []
        #: What was typed into the settings of plugins in Stash, by plugin id.
        self.plugin_settings: dict[str, dict[str, Any]] = {}
        #: Starts the hooks of the plugin that is loaded; None without one.
        self.hooks = hooks
        self._external_url = external_url
        self._api_key: str | None = None
        #: What it holds; whoever looks into it, or changes it behind everybody's back, holds the lock.
        self.library = StashLibrary(clock)
        self.library_lock = threading.RLock()
        #: Plugins that Stash has loaded beside ours, as its GraphQL lists them.
        self.more_plugins: list[dict[str, Any]] = []
        self._plugin_calls = PluginCalls(
            lambda: self.hooks,
            lambda: self.hooks_enabled,
            self._enable,
            self._connection,
            self.plugin_settings,
        )
        #: What answers its GraphQL.
        self.graphql = StashGraphQL(
            self.library,
            self.library_lock,
            self._fire,
            self.plugin_settings,
            lambda: self._api_key,
            self.count,
            self._plugins,
            self._plugin_calls.roots,
        )

    @property
    def jobs(self) -> Jobs:
        """The queue of jobs, of which tasks of plugins are some."""
        return self._plugin_calls.jobs

    @property
    def plugin_log(self) -> list[tuple[str, str]]:
        """What operations and tasks have logged, as (level, text)."""
        return list(self._plugin_calls.log)

    @property
    def hook_log(self) -> list[tuple[str, str]]:
        """What all hooks have logged, as (level, text)."""
        return [line for run in list(self.hook_runs) for line in run.log]

    @property
    def error_log(self) -> list[str]:
        """What Stash has logged as errors: each error of an answer of GraphQL's, with the path of its field."""
        return self.graphql.error_log

    @property
    def plugins_path(self) -> str:
        """Where Stash looks for plugins."""
        return self.graphql.plugins_path

    @plugins_path.setter
    def plugins_path(self, path: str) -> None:
        self.graphql.plugins_path = path

    def use_hooks(self, hooks: HookRunner | None) -> None:
        """Load another manifest of the plugin, or none, as "Reload plugins" does after its folder has changed."""
        self.hooks = hooks

    def require_auth(self, key: str) -> None:
        """Set a user and a password, and ``key`` as the API key."""
        self._api_key = key

    def no_auth(self) -> None:
        """Take the login away: from here on a request with any key is refused."""
        self._api_key = None

    def add_performer(self, name: str, *, disambiguation: str = "", picture: bytes | None = None) -> int:
        """A new performer's id. No hook."""
        with self.library_lock:
            return self.library.add("performers", name, disambiguation=disambiguation, picture=picture).id

    def add_studio(self, name: str, *, parent: int | None = None) -> int:
        """A new studio's id. No hook."""
        with self.library_lock:
            return self.library.add("studios", name, parent=parent).id

    def add_tag(self, name: str) -> int:
        """A new tag's id. No hook."""
        with self.library_lock:
            return self.library.add("tags", name).id

    def add_group(self, name: str) -> int:
        """A new group's id. No hook."""
        with self.library_lock:
            return self.library.add("groups", name).id

    def add_scene(
        self,
        title: str | None = None,
        *paths: str,
        size: int = 1_000_000_000,
        duration: float = 1800.0,
        oshash: str = "",
        cover: bytes | None = None,
        **parts: Any,
    ) -> int:
        """A new scene's id. No hook.

        :param paths: of its files, the primary first; all of the same ``size`` in bytes and ``duration`` in seconds.
        :param oshash: of all of them; ``""`` where the scan did not work it out.
        :param cover: a picture, or None for Stash's placeholder.
        :param parts: as ``edit``.
        """
        with self.library_lock:
            files = [VideoFile(self.library.next_id("files"), path, size, duration, oshash=oshash) for path in paths]
            return self.library.add_scene(files, cover, title=title, **parts).id

    def add_scenes(
        self,
        count: int,
        *,
        folder: str = "/data",
        studios: Sequence[int] = (),
        performers: Sequence[int] = (),
        tags: Sequence[int] = (),
    ) -> list[int]:
        """The ids of many new scenes, 100,000 in about two seconds. No hook.

        They are called *Scene 1* and so on, each with a file ``/data/scene-1.mp4`` of a size of its own, and have one
        studio, performer and tag each, in turn, of those given.
        """
        with self.library_lock:
            ids = []
            for n in range(1, count + 1):
                path = f"{folder}/scene-{n}.mp4"
                file = VideoFile(self.library.next_id("files"), path, 1_000_000_000 + n, 1800.0)
                scene = self.library.add_scene(
                    [file],
                    title=f"Scene {n}",
                    studio=studios[n % len(studios)] if studios else None,
                    performers=[performers[n % len(performers)]] if performers else [],
                    tags=[tags[n % len(tags)]] if tags else [],
                )
                ids.append(scene.id)
            return ids

    def scan(self, path: str, *, size: int = 1_000_000_000, duration: float = 1800.0) -> int:
        """A scan sees a file for the first time: a scene without a title, Scene.Create.Post, and only then a cover.

        The cover moves ``updated_at`` and fires no hook, as in Stash, where making it is a task of its own.

        :returns: the scene's id, when the hook has ended and the cover is there.
        """
        scene_id = self.add_scene(None, path, size=size, duration=duration)
        self._fire("Scene.Create.Post", scene_id, None, None)
        self.set_screenshot(scene_id, pictures.png(30, 60, 90))
        return scene_id

    def move_file(self, file_id: int, path: str, *, size: int | None = None) -> None:
        """A scan finds a file under another name, or encoded anew; no hook tells of it."""
        with self.library_lock:
            self.library.move_file(file_id, path, size)

    def edit(self, scene_id: int, **parts: Any) -> None:
        """Change a scene while the plugin is off: ``updated_at`` moves, and no hook is fired.

        :param parts: ``title``, ``details``, ``date``, ``rating100``, ``organized``, ``urls``, ...; ``studio`` is an
            id, ``performers``, ``tags`` and ``groups`` are lists of ids.
        """
        with self.library_lock:
            self.library.edit(scene_id, **parts)

    def auto_tag(
        self,
        scene_id: int,
        *,
        studio: int | None = None,
        performers: Collection[int] = (),
        tags: Collection[int] = (),
    ) -> None:
        """Add what a scene does not have yet, and a studio where it has none, as Stash's auto-tag does it.

        ``updated_at`` moves where something was added; no hook is fired.
        """
        with self.library_lock:
            scene = self.library.existing(scene_id)
            added: dict[str, Any] = {}
            if studio is not None and scene.studio is None:
                added["studio"] = studio
            for kind, have, more in (("performers", scene.performers, performers), ("tags", scene.tags, tags)):
                if new := [one for one in more if one not in have]:
                    added[kind] = have + new
            if added:
                self.library.edit(scene_id, **added)

    @contextmanager
    def without_hooks(self) -> Iterator[None]:
        """The plugin is off meanwhile: whatever is done fires no hook."""
        before, self.hooks_enabled = self.hooks_enabled, False
        try:
            yield
        finally:
            self.hooks_enabled = before

    def mutate(self, mutation: str, /, **given: Any) -> None:
        """Carry a mutation out as somebody in Stash's pages does, and come back when its hooks have ended.

        :param mutation: ``tagsMerge``, ``sceneDestroy``, ``performersDestroy``, ...
        :param given: its input, ids as numbers or texts.
        :raises StashRefused: Stash says no.
        """
        self.graphql.mutate(mutation, given)

    def spoil(self, row_id: int, message: str = SCAN_ERROR, *, kind: str = "scenes", field: str | None = None) -> None:
        """Make a scene, or another thing, unreadable: every answer that it is in becomes an error of GraphQL's.

        :param kind: ``scenes``, ``performers``, ``studios``, ``tags`` or ``groups``.
        :param message: what Stash says.
        :param field: only this field of a scene (``studio``, ``performers``, ...) cannot be read.
        """
        with self.library_lock:
            self.graphql.odd.spoil(kind, row_id, message, field=field)

    def malform(self, scene_id: int, **values: Any) -> None:
        """Answer these fields of a scene with these values, whatever they should be."""
        with self.library_lock:
            self.graphql.odd.malform(scene_id, **values)

    def mend(self, row_id: int) -> None:
        """Make what ``spoil`` or ``malform`` did to this id right again."""
        with self.library_lock:
            self.graphql.odd.mend(row_id)

    def pretend(self, version: str, *lacks: str) -> None:
        """Be another version of Stash.

        :param lacks: what its GraphQL does not know, as ``Scene.groups`` or ``Query.findScenes(ids)``.
        """
        self.graphql.version, self.graphql.lacks = version, frozenset(lacks)

    @property
    def zone(self) -> tzinfo:
        """The zone in which times are written from now on."""
        return self.library.zone

    @zone.setter
    def zone(self, zone: tzinfo) -> None:
        with self.library_lock:
            self.library.zone = zone

    def rename(self, kind: str, row_id: int, name: str) -> None:
        """Rename one of the ``performers``, ``studios``, ``tags`` or ``groups``. No hook, and no scene is touched.

        Its own ``updated_at`` moves.
        """
        with self.library_lock:
            self.library.change(kind, row_id, name=name)

    def set_screenshot(self, scene_id: int, picture: bytes) -> None:
        """Generate another cover: ``updated_at`` moves, and no hook is fired."""
        with self.library_lock:
            self.library.edit(scene_id, cover=picture)

    def scene(self, scene_id: int) -> StashScene:
        """A copy of a scene.

        :raises StashRefused: there is none.
        """
        with self.library_lock:
            return copy.deepcopy(self.library.existing(scene_id))

    def names_of(self, scene_id: int) -> dict[str, list[str]]:
        """The names of a scene's ``performers``, ``tags``, ``groups`` and ``studio`` (at most one).

        :raises StashRefused: there is no such scene.
        """
        with self.library_lock:
            scene = self.library.existing(scene_id)
            ids = {"performers": scene.performers, "tags": scene.tags, "groups": scene.groups}
            names = {kind: [self.library.rows(kind)[one].name for one in chosen] for kind, chosen in ids.items()}
            return names | {"studio": [self.library.studios[scene.studio].name] if scene.studio else []}

    def stop(self) -> None:
        """As ``SimulatedServer.stop``; hooks that run are killed, as with Stash's container."""
        self.jobs.stop_all()
        if self.hooks:
            self.hooks.kill()
        super().stop()

    def respond(self, request: Request) -> Response:
        """Carry a request out."""
        if refusal := self._refusal(request):
            return refusal
        parts = request.path.strip("/").split("/")
        match parts:
            case ["login"]:
                return Response.html("Stash: log in")
            case ["graphql"] if request.method == "POST":
                try:
                    body = request.json()
                except ValueError:
                    return Response.json({"errors": [{"message": "json request body could not be decoded"}]}, 400)
                return self.graphql.answer(body, self._base(request))
            case ["scene", number, "screenshot"] if request.method == "GET":
                if not number.isdigit():
                    return Response(400, b"Bad Request\n", "text/plain; charset=utf-8")
                return self._picture(request, self._cover(number))
            case ["performer", number, "image"] if request.method == "GET":
                return self._picture(request, self._portrait(number, request.param("default") == "true"))
            case [folder, *_] if folder not in _PICTURE_FOLDERS and "." not in parts[-1]:
                # Whatever the method: an address that is none opens the web app, which says so itself.
                return Response.html("Stash")
        return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")

    def _refusal(self, request: Request) -> Response | None:
        """Stash's ``authenticateHandler``: a key is compared whether or not there is a login."""
        key = request.header("ApiKey") or request.param("apikey")
        if key and key != self._api_key:
            return Response(401, headers={"WWW-Authenticate": "FormBased"})
        logged_in = key or f"session={_SESSION}" in (request.header("Cookie") or "")
        if self._api_key is None or logged_in or request.path == "/login":
            return None
        if request.path == "/graphql":
            return Response(401, headers={"WWW-Authenticate": "FormBased"})
        back = request.path + (f"?{request.query}" if request.query else "")
        return Response(302, headers={"Location": f"/login?{urlencode({'returnURL': back})}"})

    def _base(self, request: Request) -> str:
        prefix = (request.header("X-Forwarded-Prefix") or "").rstrip("/")
        scheme = self.url.partition(":")[0]
        return (self._external_url or f"{scheme}://{request.header('Host')}") + prefix

    def _cover(self, number: str) -> bytes | None:
        with self.library_lock:
            scene = self.library.scenes.get(int(number))
            return (scene.cover or _PLACEHOLDER) if scene else None

    def _portrait(self, number: str, default: bool) -> bytes | None:
        with self.library_lock:
            row = self.library.performers.get(int(number)) if number.isdigit() else None
            return ((None if default else row.picture) or _NOBODY) if row else None

    def _picture(self, request: Request, picture: bytes | None) -> Response:
        if picture is None:
            return Response(404, b"Not Found\n", "text/plain; charset=utf-8")
        etag = f'"{hashlib.md5(picture, usedforsecurity=False).hexdigest()}"'
        caching = "private, max-age=31536000, immutable" if request.param("t") else "no-cache"
        headers = {"ETag": etag, "Cache-Control": caching}
        if etag in (request.header("If-None-Match") or ""):
            return Response(304, headers=headers)
        return Response(200, picture, _content_type(picture), headers)

    def _enable(self, enabled: bool) -> None:
        self.hooks_enabled = enabled

    def _plugins(self) -> list[dict[str, Any]] | None:
        own = [self.hooks.plugin | {"enabled": self.hooks_enabled}] if self.hooks else []
        return [*own, *self.more_plugins] or None

    def _fire(self, trigger: str, row_id: int, given: Any, input_fields: list[str] | None) -> None:
        if self.hooks is None or not self.hooks_enabled:
            return
        context: dict[str, Any] = {"id": row_id, "type": trigger, "input": given}
        if input_fields:
            context["inputFields"] = input_fields
        self.hook_runs.extend(self.hooks.run(self._connection(), context))

    def _connection(self) -> dict[str, Any]:
        cookie = {
            "Name": "session",
            "Value": _SESSION,
            "Path": "",
            "Domain": "",
            "Expires": "0001-01-01T00:00:00Z",
            "RawExpires": "",
            "MaxAge": 0,
            "Secure": False,
            "HttpOnly": False,
            "SameSite": 0,
            "Raw": "",
            "Unparsed": None,
        }
        return {
            "Scheme": self.url.partition(":")[0],
            "Host": "0.0.0.0",
            "Port": self.port,
            "SessionCookie": cookie,
            "Dir": str(Path(tempfile.gettempdir())),
        }


def _content_type(picture: bytes) -> str:
    """As Go's DetectContentType, for the pictures that are put in here; what looks like a text is served as SVG."""
    for start, media_type in ((b"\x89PNG", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF8", "image/gif")):
        if picture.startswith(start):
            return media_type
    if picture[8:12] == b"WEBP":
        return "image/webp"
    return "image/svg+xml" if picture.lstrip().startswith(b"<") else "application/octet-stream"
