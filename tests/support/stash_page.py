"""A small Stash with its page, for the tests in a browser: it serves the plugin's script and answers its operations.

with StashPage() as stash:
    stash.answer("failed", {"rows": [], "total": 0, "next": None})
    stash.answer("retry", lambda args: {"text": f"{len(args['ids'])} tried again"})
    stash.answer("health", refused("not_running", "The consumer does not run.", "Start it."))
    page.goto(stash.address("/plexsync"))
    assert stash.asked("retry") == [{"ids": [7]}]

What no test has set is asked of the simulated Stash behind it, where there is one.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
import yaml

from plexsync.demo import pictures
from plexsync.demo.http import Request, Response, SimulatedServer
from plexsync.demo.stash import SimulatedStash
from tests.support.places import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: What an operation answers: a value, or what makes it from the arguments (without ``mode``).
Answer = Callable[[dict[str, Any]], Any]


class Raw:
    """An output that is handed on as it is, whatever its form, in place of ``{"ok": true, "result": ...}``."""

    def __init__(self, output: Any) -> None:
        self.output = output


class GraphQLFault(Exception):
    """Raised by an answer: the operation fails as Stash says it, with HTTP 200 and an error."""


class HTTPFault(Exception):
    """Raised by an answer: Stash answers with this status, and no JSON."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


def refused(kind: str, text: str, remedy: str = "") -> Raw:
    """The answer of an operation that cannot be carried out."""
    return Raw({"ok": False, "error": {"kind": kind, "text": text, "remedy": remedy}})


class StashPage(SimulatedServer):
    """The page of a Stash that has the plugin.

    :param bundle: the folder with ``host.js`` and ``host.css``.
    :param prefix: below which path a proxy shows it, as ``/stash``.
    :param stash: answers what no test has set; its pictures are shown.
    :param plugin: the plugin's folder.
    """

    def __init__(
        self, bundle: Path, *, prefix: str = "", stash: SimulatedStash | None = None, plugin: Path = ROOT
    ) -> None:
        super().__init__()
        self.prefix = prefix
        self.stash = stash
        self._bundle, self._plugin = bundle, plugin
        manifest = yaml.safe_load((plugin / "PlexSync.yml").read_text(encoding="utf-8"))
        self._ui: dict[str, Any] = manifest["ui"]
        self._lock = threading.Lock()
        self._settings_of_manifest: dict[str, dict[str, str]] = manifest["settings"]
        self.reset()

    def reset(self) -> None:
        """Forget what a test has set and asked, so that the server can be used by the next."""
        self._answers: dict[str, Any] = {}
        self._asked: list[dict[str, Any]] = []
        #: What the page is set by: ``theme`` (dark or light), ``scenes`` by id, ``locale``.
        self.rig: dict[str, Any] = {}
        #: Scripts put before and after the plugin's own, as another plugin's are.
        self.before: list[str] = []
        self.after: list[str] = []
        #: The key that Stash's settings show; empty for none.
        self.api_key = ""
        #: The plugins' settings as Stash keeps them, by plugin id.
        self.settings: dict[str, dict[str, Any]] = {} if self.stash is None else self.stash.plugin_settings
        #: Plugins beside ours, as GraphQL lists them.
        self.more_plugins: list[dict[str, Any]] = []
        #: Every task that was started, as its variables.
        self.tasks: list[dict[str, Any]] = []

    def address(self, path: str = "/") -> str:
        """Where the browser finds a page of it."""
        return f"{self.url}{self.prefix}{path}"

    def show(self, page: Page, path: str = "/") -> None:
        """Show a page of it: where it was left by ``leave``, Stash starts anew in it, which costs less than to load it.

        What is about loading itself uses ``page.goto(stash.address(path))``.
        """
        restart = "([rig, address]) => window.rigPage ? rigPage.restart(rig, address) : false"
        address = self.address(path)
        if not page.url.startswith(self.address()) or not page.evaluate(restart, [self._rig(), address]):
            page.goto(address)

    def leave(self, page: Page) -> None:
        """End what goes on in a page, so that nothing of it is in the next one, nor asked meanwhile."""
        stop = "() => window.rigPage ? rigPage.stop() : false"
        if not page.url.startswith(self.address()) or not page.evaluate(stop):
            page.goto("about:blank")

    def answer(self, mode: str, answer: Answer | Any) -> None:
        """Answer an operation so from now on: a result, a ``Raw``, or a function of the arguments that gives one."""
        with self._lock:
            self._answers[mode] = answer

    @property
    def answers(self) -> frozenset[str]:
        """The operations to which a test has set an answer."""
        with self._lock:
            return frozenset(self._answers)

    @staticmethod
    def until(condition: Callable[[], bool], seconds: float = 15) -> None:
        """Wait for something that the page does."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it did not happen"
            time.sleep(0.02)

    def asked(self, mode: str) -> list[dict[str, Any]]:
        """The arguments of each operation of this mode so far, without the mode."""
        with self._lock:
            return [
                {key: value for key, value in one.items() if key != "mode"}
                for one in self._asked
                if one["mode"] == mode
            ]

    def respond(self, request: Request) -> Response:
        """Carry a request out; outside the prefix there is nothing."""
        if not request.path.startswith(f"{self.prefix}/"):
            return Response(404, b"outside the prefix", "text/plain")
        path = request.path.removeprefix(self.prefix)
        match path.strip("/").split("/"):
            case ["graphql"]:
                return self._graphql(request)
            case ["rig", name] if (self._bundle / name).is_file():
                kind = "text/css" if name.endswith(".css") else "text/javascript"
                headers = {"Cache-Control": "max-age=3600"}
                return Response(200, (self._bundle / name).read_bytes(), f"{kind}; charset=utf-8", headers)
            case ["rig", "script", where, number]:
                scripts = self.before if where == "before" else self.after
                return Response(200, scripts[int(number)].encode(), "text/javascript; charset=utf-8")
            case ["plugin", "PlexSync", "javascript"]:
                return Response(200, self.script("javascript"), "text/javascript")
            case ["plugin", "PlexSync", "css"]:
                return Response(200, self.script("css"), "text/css")
            case ["scene", number, "screenshot"]:
                return self._screenshot(number)
            case ["plugin", *_]:
                return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")
            case [*_, last] if "." in last:
                return Response(404, b"404 page not found\n", "text/plain; charset=utf-8")
        return Response(200, self._page().encode(), "text/html; charset=utf-8")

    def _rig(self) -> dict[str, Any]:
        """What a page is made by: the addresses of the scripts, and what the test has set."""
        base = f"{self.prefix}/"
        scripts = [
            *(f"{base}rig/script/before/{n}" for n in range(len(self.before))),
            f"{base}plugin/PlexSync/javascript",
            *(f"{base}rig/script/after/{n}" for n in range(len(self.after))),
        ]
        return {"scripts": scripts, **self.rig}

    def _page(self) -> str:
        base = f"{self.prefix}/"
        rig = json.dumps(self._rig()).replace("<", "\\u003c")
        return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><base href="{base}"><title>Stash</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="rig/host.css">
<link rel="stylesheet" href="plugin/PlexSync/css"></head>
<body><div id="root"></div><script>window.rig = {rig};</script><script src="rig/host.js"></script></body></html>"""

    def script(self, kind: str) -> bytes:
        """The plugin's files of a kind (``javascript`` or ``css``) as Stash joins them: a line end after each."""
        return b"".join((self._plugin / name).read_bytes() + b"\n" for name in self._ui.get(kind) or [])

    def _screenshot(self, number: str) -> Response:
        if self.stash is None:
            return Response(200, pictures.png(30, 60, 90), "image/png")
        return self._pass_on("GET", f"/scene/{number}/screenshot", None)

    def _pass_on(self, method: str, path: str, body: bytes | None) -> Response:
        assert self.stash is not None
        headers = {"Content-Type": "application/json"}
        answer = requests.request(method, f"{self.stash.url}{path}", data=body, headers=headers, timeout=60)
        return Response(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    def _graphql(self, request: Request) -> Response:
        body = request.json()
        variables = body.get("variables") or {}
        if "runPluginOperation(" in body["query"]:
            if variables["plugin_id"] != "PlexSync":
                return _graphql_error("runtime error: invalid memory address or nil pointer dereference")
            return self._operation(request, variables.get("args") or {})
        match body.get("operationName"):
            case "Plugins":
                return Response.json({"data": {"plugins": self._plugins()}})
            case "Configuration":
                return Response.json({"data": {"configuration": {"plugins": self.settings, "__typename": "Config"}}})
            case "PlexSyncKey":
                return Response.json({"data": {"configuration": {"general": {"apiKey": self.api_key}}}})
            case "ConfigurePlugin":
                # The whole map is replaced, and nothing of it is checked.
                self.settings[variables["plugin_id"]] = variables["input"]
                return Response.json({"data": {"configurePlugin": variables["input"]}})
            case "RunPluginTask":
                self.tasks.append(variables)
                return Response.json({"data": {"runPluginTask": "1"}})
        if self.stash is None:
            return _graphql_error(f"the rig has no answer to {body.get('operationName')}")
        return self._pass_on("POST", "/graphql", request.body)

    def _operation(self, request: Request, args: dict[str, Any]) -> Response:
        mode = str(args.get("mode"))
        with self._lock:
            self._asked.append(args)
            known, answer = mode in self._answers, self._answers.get(mode)
        if not known and self.stash is not None:
            return self._pass_on("POST", "/graphql", request.body)
        if not known:
            return _graphql_error(f"the rig has no answer to the operation {mode}")
        try:
            made = answer({key: value for key, value in args.items() if key != "mode"}) if callable(answer) else answer
        except GraphQLFault as fault:
            return _graphql_error(str(fault))
        except HTTPFault as fault:
            return Response(fault.status, b"Bad Gateway", "text/plain")
        output = made.output if isinstance(made, Raw) else {"ok": True, "result": made}
        return Response.json({"data": {"runPluginOperation": output}})

    def _plugins(self) -> list[dict[str, Any]]:
        settings = [
            {
                "name": name,
                "display_name": one["displayName"],
                "description": one["description"],
                "type": one["type"],
                "__typename": "PluginSetting",
            }
            for name, one in sorted(self._settings_of_manifest.items())
        ]
        own = {"id": "PlexSync", "name": "PlexSync", "enabled": True, "settings": settings, "__typename": "Plugin"}
        return [own, *self.more_plugins]


def _graphql_error(message: str) -> Response:
    return Response.json({"errors": [{"message": message, "path": ["runPluginOperation"]}], "data": None})
