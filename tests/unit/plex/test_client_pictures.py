"""Pictures of items: which there are, which of them are ours, and sending one."""

from __future__ import annotations

import hashlib

import pytest
import requests_mock

from plexsync.errors import (
    PictureFailed,
)
from plexsync.model import Field, Picture
from plexsync.plex import PlexClient
from plexsync.plex.client import PICTURE_MAX, PICTURES_COMPARED
from tests.support.mocked_plex import URL, answer, last

SHA1 = hashlib.sha1(b"picture").hexdigest()
PICTURE = Picture(b"picture", "image/jpeg", SHA1)


@pytest.mark.parametrize(("field", "folder"), [(Field.POSTER, "posters"), (Field.BACKGROUND, "arts")])
def test_a_picture_is_uploaded_as_it_is(
    client: PlexClient, server: requests_mock.Mocker, field: Field, folder: str
) -> None:
    server.post(f"{URL}/library/metadata/7/{folder}")
    client.upload(7, field, PICTURE)
    assert last(server).body == b"picture"
    assert last(server).headers["Content-Type"] == "image/jpeg"
    assert last(server).headers["Content-Length"] == "7"


@pytest.mark.parametrize("size", [0, PICTURE_MAX + 1])
def test_a_picture_of_no_or_too_many_bytes_is_not_sent(
    client: PlexClient, server: requests_mock.Mocker, size: int
) -> None:
    with pytest.raises(PictureFailed, match=f"{size:,} bytes"):
        client.upload(7, Field.POSTER, Picture(bytes(size), "image/jpeg", SHA1))
    assert server.call_count == 0


def test_only_pictures_can_be_uploaded(client: PlexClient) -> None:
    with pytest.raises(ValueError, match="title is no picture"):
        client.upload(7, Field.TITLE, PICTURE)


def pictures(server: requests_mock.Mocker, *held: tuple[str, str]) -> None:
    entries = [{"ratingKey": name, "key": path} for name, path in held]
    answer(server, "/library/metadata/7/posters", Metadata=entries)


def test_only_uploaded_pictures_are_listed(client: PlexClient, server: requests_mock.Mocker) -> None:
    pictures(server, ("metadata://posters/x", "/f"), ("upload://posters/y", "/g"))
    assert client.uploaded(7, Field.POSTER) == ("upload://posters/y",)


def test_a_picture_named_by_its_sha1_is_recognised_without_fetching_it(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    pictures(server, (f"upload://posters/{SHA1.upper()}", "/library/metadata/7/file?url=x"))
    assert client.has_picture(7, Field.POSTER, SHA1, b"picture")
    assert server.call_count == 1


def test_a_picture_of_another_name_is_recognised_by_its_bytes(client: PlexClient, server: requests_mock.Mocker) -> None:
    pictures(
        server,
        ("upload://posters/1", "/library/metadata/7/file?url=upload%3A%2F%2F1"),
        ("upload://posters/2", "/library/metadata/7/file?url=upload%3A%2F%2F2"),
    )
    server.get(f"{URL}/library/metadata/7/file?url=upload://1", status_code=404)
    server.get(f"{URL}/library/metadata/7/file?url=upload://2", content=b"picture")
    assert client.has_picture(7, Field.POSTER, SHA1, b"picture")
    assert not client.has_picture(7, Field.POSTER, "0" * 40, b"another")


def test_a_shown_picture_elsewhere_is_not_fetched_and_not_ours(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    entries = [{"ratingKey": "x", "key": "http://evil.test/x", "selected": True}]
    answer(server, "/library/metadata/7/posters", Metadata=entries)
    assert client.shows_picture(7, Field.POSTER, SHA1) is False
    assert {request.hostname for request in server.request_history} == {"plex.test"}


def test_no_picture_elsewhere_is_fetched_and_not_too_many(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.get(f"{URL}/same", content=b"x")
    pictures(
        server,
        ("upload://posters/0", "http://evil.test/x"),
        *[(f"upload://posters/{n}", "/same") for n in "abcdefghijklmn"],
    )
    assert not client.has_picture(7, Field.POSTER, SHA1, b"picture")
    assert {request.hostname for request in server.request_history} == {"plex.test"}
    assert server.call_count == 1 + PICTURES_COMPARED - 1
