"""A Plex that answers what a test says, for a client of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests_mock

URL = "http://plex.test:32400"
TOKEN = "s3cr3t-t0ken"


def answer(server: requests_mock.Mocker, path: str, method: str = "GET", **content: Any) -> None:
    server.register_uri(method, f"{URL}{path}", json={"MediaContainer": content})


def query(request: Any) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(request.url).query, keep_blank_values=True, strict_parsing=True)


def last(server: requests_mock.Mocker) -> Any:
    assert server.last_request is not None, "nothing was sent"
    return server.last_request
