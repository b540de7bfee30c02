"""Pictures from Stash, over real HTTP: fetched once, bounded, and told apart from a Stash that is away."""

from __future__ import annotations

import pytest

from plexsync.demo.http import PlannedFault, Response
from plexsync.demo.pictures import png
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import PictureFailed, StashUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.stash import NoPicture, StashClient
from plexsync.stash.connection import MAX_ANSWER
from plexsync.storage.database import Database
from tests.support.one_answer import OneAnswer


def test_a_picture_is_fetched_once_and_then_only_asked_about(stash: SimulatedStash, client: StashClient) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    first = client.picture(client.scenes([scene_id])[scene_id].screenshot_url)
    assert (first.data, first.media_type) == (png(1, 2, 3), "image/png")
    stash.edit(scene_id, title="Another title")
    url = client.scenes([scene_id])[scene_id].screenshot_url
    assert client.picture(url, first.etag) is None
    stash.set_screenshot(scene_id, png(9, 9, 9))
    assert client.picture(url, first.etag).data == png(9, 9, 9)
    assert client.calls == {"scenes": 2, "picture": 3}


def test_a_scene_without_a_cover_has_no_picture(stash: SimulatedStash, client: StashClient) -> None:
    scene_id = stash.add_scene("A title")
    assert isinstance(client.picture(f"/scene/{scene_id}/screenshot"), NoPicture)


def test_a_scene_that_is_gone_has_no_picture(client: StashClient) -> None:
    with pytest.raises(PictureFailed, match="404") as caught:
        client.picture("/scene/999/screenshot")
    assert caught.value.absent
    assert client.calls == {"picture": 1}


def test_a_picture_that_is_too_large_is_left_where_it_is() -> None:
    with OneAnswer() as page:
        page.answer = Response(200, png(1, 2, 3) + b"\0" * MAX_ANSWER, "image/png")
        with pytest.raises(PictureFailed, match="larger than") as caught:
            client_picture(page)
    assert caught.value.refused


def test_an_empty_picture_is_no_fault_of_a_stash_that_answers_all_else(
    stash: SimulatedStash, database: Database
) -> None:
    guard = Guard("Stash", StashUnavailable, 1, 60.0, BreakerStorage(database, "Stash"))
    client = StashClient(stash.url, breaker=guard)
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    stash.faults.add(PlannedFault("status", status=200, body=b"", content_type="image/jpeg"))
    with pytest.raises(PictureFailed, match="0 bytes"):
        client.picture(f"/scene/{scene_id}/screenshot")
    assert client.calls == {"picture": 1, "version": 1}
    assert (guard.state, guard.failures) == ("closed", 0)


@pytest.mark.parametrize("message", ["database is locked", "sql: Scan error on column"])
def test_an_error_that_stash_words_itself_says_that_it_is_up(stash: SimulatedStash, message: str) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    client = StashClient(stash.url)
    stash.faults.add(PlannedFault("status", match=lambda request: request.method == "GET"))
    error = b'{"errors": [{"message": "%s"}], "data": null}' % message.encode()
    stash.faults.add(PlannedFault("status", status=200, body=error, content_type="application/json"))
    with pytest.raises(PictureFailed, match="500"):
        client.picture(f"/scene/{scene_id}/screenshot")


def test_a_picture_counts_against_a_stash_that_answers_nothing_else_either(database: Database) -> None:
    guard = Guard("Stash", StashUnavailable, 1, 60.0, BreakerStorage(database, "Stash"))
    with OneAnswer() as page, pytest.raises(StashUnavailable, match="no GraphQL"):
        StashClient(page.url, breaker=guard).picture("/scene/1/screenshot")
    assert guard.state == "open"


def client_picture(page: OneAnswer) -> object:
    return StashClient(page.url).picture("/scene/1/screenshot")


def test_a_picture_comes_through_stash_itself_where_it_names_another_address() -> None:
    with SimulatedStash(external_url="https://stash.example.invalid") as stash:
        scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
        client = StashClient(stash.url)
        url = client.scenes([scene_id])[scene_id].screenshot_url
        assert url.startswith("https://stash.example.invalid/")
        assert client.picture(url).data == png(1, 2, 3)
