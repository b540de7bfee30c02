"""A simulated plex.tv: codes to sign in with, and the servers of an account.

Shapes are those of Plex's API document 1.2.2 (Authenticating with Plex, Talking to PMS).
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from plexsync.demo.http import Request, Response, SimulatedServer


@dataclass
class _Pin:
    code: str
    client_identifier: str
    token: str | None = None


class SimulatedPlexTv(SimulatedServer):
    """plex.tv with one account. ``violations`` are sentences about what a good client does not do.

    :param token: the account's token.
    :param lasts: seconds for which a code is good; what it says, that is: ``expire`` ends it.
    """

    def __init__(self, token: str = "simulated-account-token", *, lasts: float = 900.0) -> None:
        super().__init__()
        self.token = token
        self.lasts = lasts
        self.resources: list[dict[str, Any]] = []
        self.violations: list[str] = []
        self._pins: dict[int, _Pin] = {}

    def respond(self, request: Request) -> Response:
        """Carry a request out."""
        if not request.header("X-Plex-Client-Identifier") or not request.header("X-Plex-Product"):
            self.violations.append("a request does not say who asks")
            return Response.json({"errors": [{"code": 1000, "status": 400}]}, 400)
        if any(name.lower() == "x-plex-token" for name, _ in request.params):
            self.violations.append("a token stands in a query, where it ends up in logs")
        if request.method == "POST" and request.path == "/api/v2/pins":
            return self._new_pin(request)
        if request.method == "GET" and (found := re.fullmatch(r"/api/v2/pins/(\d+)", request.path)):
            return self._pin(request, int(found[1]))
        if request.method == "GET" and request.path == "/api/v2/resources":
            if request.header("X-Plex-Token") != self.token:
                return Response.json({"errors": [{"code": 1001, "status": 401}]}, 401)
            return Response.json(self.resources)
        return Response.json({"errors": [{"code": 1020, "status": 404}]}, 404)

    # --- From inside -------------------------------------------------------------------------------------------------

    @property
    def codes(self) -> list[str]:
        """The codes that were given out and are good."""
        return [pin.code for pin in self._pins.values()]

    def link(self, code: str) -> None:
        """Enter a code, as somebody does who is signed in."""
        next(pin for pin in self._pins.values() if pin.code == code).token = self.token

    def expire(self) -> None:
        """Let all codes run out."""
        self._pins.clear()

    def add_server(self, name: str, machine_identifier: str, token: str, address: str, *, owned: bool = True) -> None:
        """Give the account a server.

        :param token: the account's for this server.
        :param address: ``host:port`` in its own network.
        """
        host, _, port = address.partition(":")
        self.resources.append(
            {
                "name": name,
                "product": "Plex Media Server",
                "clientIdentifier": machine_identifier,
                "provides": "server",
                "owned": owned,
                "accessToken": token,
                "connections": [
                    {"protocol": "https", "address": "203.0.113.7", "port": 443, "local": False, "relay": True},
                    {"protocol": "http", "address": "203.0.113.8", "port": 32400, "local": False, "relay": False},
                    {"protocol": "http", "address": host, "port": int(port), "local": True, "relay": False},
                ],
            }
        )

    # -----------------------------------------------------------------------------------------------------------------

    def _new_pin(self, request: Request) -> Response:
        strong = request.param("strong") == "true"
        code = (
            secrets.token_hex(12) if strong else "".join(secrets.choice("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(4))
        )
        number = 564_964_751 + len(self._pins)
        self._pins[number] = _Pin(code, request.header("X-Plex-Client-Identifier") or "")
        return Response.json(self._shown(number), 201)

    def _pin(self, request: Request, number: int) -> Response:
        pin = self._pins.get(number)
        if pin is None or pin.client_identifier != request.header("X-Plex-Client-Identifier"):
            return Response.json({"errors": [{"code": 1020, "message": "Code not found or expired"}]}, 404)
        return Response.json(self._shown(number))

    def _shown(self, number: int) -> dict[str, Any]:
        pin = self._pins[number]
        return {
            "id": number,
            "code": pin.code,
            "clientIdentifier": pin.client_identifier,
            "expiresIn": self.lasts,
            "authToken": pin.token,
        }
