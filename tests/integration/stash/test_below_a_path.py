"""Stash behind a proxy that shows it below a path: ``https://nas/stash/``."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import pytest

from plexsync.demo.http import Request, Response
from plexsync.demo.pictures import png
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import StashUnavailable
from plexsync.model import Picture
from plexsync.stash import StashClient
from plexsync.stash.nearby import NearbyStash, look


class BelowAPath(SimulatedStash):
    """A Stash that is to be had below ``/stash`` alone; everything else is the proxy's own page.

    :param tells: whether the proxy tells Stash of it.
    """

    def __init__(self, *, tells: bool) -> None:
        super().__init__()
        self._tells = tells

    def respond(self, request: Request) -> Response:
        if not request.path.startswith("/stash/"):
            return Response.html("Welcome")
        headers = copy.deepcopy(request.headers)
        if self._tells:
            headers["X-Forwarded-Prefix"] = "/stash"
        return super().respond(replace(request, path=request.path.removeprefix("/stash"), headers=headers))


@pytest.fixture(params=[True, False], ids=["the proxy tells Stash", "it does not"])
def stash(request: pytest.FixtureRequest) -> Iterator[BelowAPath]:
    with BelowAPath(tells=request.param) as stash:
        yield stash


@pytest.mark.parametrize("end", ["/stash", "/stash/", "/stash/graphql"])
def test_scenes_pictures_and_settings_come_from_below_the_path(stash: BelowAPath, end: str) -> None:
    stash.plugin_settings["PlexSync"] = {"cleanTitles": True}
    scene = stash.add_scene("A title", "/data/a.mp4", cover=png(1, 2, 3))
    client = StashClient(f"{stash.url}{end}")
    assert client.check()
    found = client.scenes([scene])[scene]
    assert found.screenshot_url
    assert isinstance(client.picture(found.screenshot_url), Picture)
    assert client.plugin_page().settings == {"cleanTitles": True}
    client.close()


def test_the_address_without_the_path_says_which_setting(stash: BelowAPath) -> None:
    with pytest.raises(StashUnavailable, match="PLEXSYNC_STASH_URL"):
        StashClient(stash.url).check()


def test_it_is_looked_for_below_the_path_that_is_set(stash: BelowAPath) -> None:
    assert look([stash.url]) is None
    assert look([f"{stash.url}/stash"]) == NearbyStash(f"{stash.url}/stash")
