"""A request and its answer, as the simulated servers see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class Request:
    """A request as it came in. ``path`` is decoded, ``query`` is not; ``line_bytes`` is the request line's length."""

    method: str
    path: str
    query: str
    headers: Message = field(repr=False)
    body: bytes = field(repr=False)
    line_bytes: int
    params: tuple[tuple[str, str], ...] = field(repr=False)

    @classmethod
    def read(cls, line: str, method: str, target: str, headers: Message, body: bytes) -> Request:
        """Take a request apart. ``line`` is the request line without its line end, ``target`` what it asks for."""
        path, _, query = target.partition("?")
        params = tuple(parse_qsl(query, keep_blank_values=True))
        return cls(method, unquote(path), query, headers, body, len(line), params)

    def param(self, name: str) -> str | None:
        """The first value of a query parameter, decoded; None where it is not there."""
        return next((value for key, value in self.params if key == name), None)

    def header(self, name: str) -> str | None:
        """A header's value whatever the case of its name; None where it is not there."""
        value: str | None = self.headers.get(name)
        return value

    def json(self) -> Any:
        """The body read as JSON.

        :raises ValueError: it is none.
        """
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """An answer. ``Content-Length``, ``Date`` and ``Connection`` are added when it is sent."""

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Response:
        """``value`` as JSON."""
        return cls(status, json.dumps(value, ensure_ascii=False).encode(), "application/json")

    @classmethod
    def html(cls, title: str, status: int = 200) -> Response:
        """A page that says ``title`` and no more."""
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
        return cls(status, page.encode(), "text/html")


class DropConnection(Exception):
    """Raised by ``respond`` to reset the connection instead of answering."""


@dataclass(eq=False)
class LoggedRequest:
    """What the log keeps of a request: no header values and no body, so no secret in a header either.

    ``started`` is ``time.time()`` in seconds; ``duration`` the seconds until the answer was ready to be sent and
    ``status`` its status. Both are None
    while the request is being served; one that was dropped without an answer keeps no status.
    ``fault`` is the kind of fault that struck it.
    """

    method: str
    path: str
    query: str
    header_names: frozenset[str]
    body_bytes: int
    started: float
    duration: float | None = None
    status: int | None = None
    fault: str | None = None
