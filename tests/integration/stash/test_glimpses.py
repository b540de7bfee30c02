"""A look at a picture that is not fetched."""

from __future__ import annotations

import time

import pytest

from plexsync.demo.http import Request, Response, SimulatedServer
from plexsync.errors import PictureFailed
from plexsync.stash import StashClient


def test_a_glimpse_of_a_picture_fetches_its_first_byte_and_tells_its_etag() -> None:
    class Partly(SimulatedServer):
        """Answers with a part of a picture, as Stash does."""

        def respond(self, request: Request) -> Response:
            asked.append({name: request.header(name) or "" for name in ("Range", "If-None-Match")})
            if request.header("If-None-Match") == '"known"':
                return Response(304, headers={"ETag": '"known"'})
            return Response(206, b"\x89", "image/png", {"ETag": '"new"', "Content-Range": "bytes 0-0/900"})

    asked: list[dict[str, str]] = []
    with Partly() as page:
        client = StashClient(page.url)
        url = "/performer/1/image?t=1"
        before = time.time()
        first, second = client.glimpse(url), client.glimpse(url, '"known"')
    assert (first.etag, second.etag) == ('"new"', '"known"')
    assert before - 2 <= first.at <= time.time() + 1
    assert asked == [
        {"Range": "bytes=0-0", "If-None-Match": ""},
        {"Range": "bytes=0-0", "If-None-Match": '"known"'},
    ]


@pytest.mark.parametrize(
    "answer",
    [
        Response.html("Stash: log in"),
        Response(200, b"<svg/>", "image/svg+xml"),
        Response(302, headers={"Location": "/login"}),
        Response(404),
        Response(500),
    ],
)
def test_a_glimpse_of_what_is_no_picture_is_none(answer: Response) -> None:
    class Wrong(SimulatedServer):
        """Answers everything with the same."""

        def respond(self, request: Request) -> Response:
            return answer

    with Wrong() as page, pytest.raises(PictureFailed):
        StashClient(page.url).glimpse("/performer/1/image?t=1")
