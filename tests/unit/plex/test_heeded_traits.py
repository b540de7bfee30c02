"""What is known of a server is heeded where requests are made: by trait, what is sent without it and with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests_mock

from plexsync.model import Edit, Field, Tag
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.traits import Trait
from plexsync.status.plex_ways import ways

URL = "http://plex.test:32400"
SHA1 = hashlib.sha1(b"picture").hexdigest()


@pytest.fixture
def client() -> Iterator[PlexClient]:
    with PlexClient(PlexEndpoint(URL, "s3cr3t-t0ken", "test")) as client:
        yield client


@pytest.fixture
def server() -> Iterator[requests_mock.Mocker]:
    with requests_mock.Mocker(case_sensitive=True) as server:
        server.get(f"{URL}/identity", json={"MediaContainer": {"machineIdentifier": "abc", "version": "1"}})
        server.put(f"{URL}/library/sections/1/all")
        yield server


def sent(client: PlexClient, server: requests_mock.Mocker, edit: Edit) -> dict[str, list[str]]:
    client.edit(1, [7], edit, lock=True)
    assert server.last_request is not None
    return parse_qs(urlsplit(server.last_request.url).query)


@pytest.mark.parametrize(
    ("known", "removed"),
    [
        ({}, "Plain%20one,A%2C%20B"),
        ({Trait.REMOVALS: "twice", Trait.COMMAS: "whole"}, "Plain%20one,A%2C%20B"),
        # It is no name there, whatever is done, and would keep the other one from being encoded as it has to be.
        ({Trait.REMOVALS: "once"}, "Plain one"),
        ({Trait.COMMAS: "torn"}, "Plain%20one"),
    ],
)
def test_names_to_be_removed_are_named_as_this_server_takes_them(
    client: PlexClient, server: requests_mock.Mocker, known: dict[Trait, str], removed: str
) -> None:
    for trait, value in known.items():
        client.traits.put(trait, value)
    edit = Edit(remove={Field.TAGS: ("Plain one", "A, B")})
    assert sent(client, server, edit)["genre[].tag.tag-"] == [removed]


@pytest.mark.parametrize(("known", "removed"), [(None, None), ("some are one", None), ("apart", ["one"])])
def test_another_spelling_is_named_at_once_where_it_is_a_name_of_its_own(
    client: PlexClient, server: requests_mock.Mocker, known: str | None, removed: list[str] | None
) -> None:
    if known:
        client.traits.put(Trait.SPELLINGS, known)
    tags = (Tag("ONE"),)
    edit = Edit(add={Field.TAGS: tags}, lists={Field.TAGS: tags}, replaced={Field.TAGS: ("one",)})
    assert sent(client, server, edit).get("genre[].tag.tag-") == removed


@pytest.mark.parametrize(("known", "fetched"), [(None, 1), ("otherwise", 1), ("sha1", 0)])
def test_pictures_are_told_by_their_names_where_these_are_their_sha1(
    client: PlexClient, server: requests_mock.Mocker, known: str | None, fetched: int
) -> None:
    if known:
        client.traits.put(Trait.UPLOADS, known)
    name = "upload://posters/" + "0" * 40
    held = [{"ratingKey": name, "key": "/library/metadata/7/file?url=x", "selected": True}]
    server.get(f"{URL}/library/metadata/7/posters", json={"MediaContainer": {"Metadata": held}})
    file = server.get(f"{URL}/library/metadata/7/file", content=b"another")
    assert client.has_picture(7, Field.POSTER, SHA1, b"picture") is False
    assert file.call_count == fetched
    assert client.shows_picture(7, Field.POSTER, SHA1) is False
    assert file.call_count == 2 * fetched


EVERY_VALUE: dict[Trait, tuple[str, ...]] = {
    Trait.GROUP_READS: ("whole", "cut short"),
    Trait.SCAN: ("GET", "POST"),
    Trait.RATING_STEP: ("none", "0.5", "1", "2"),
    Trait.YEAR: ("follows", "is sent", "stays"),
    Trait.TAG_LISTS: ("add", "whole"),
    Trait.TAG_ORDER: ("arrival", "index"),
    Trait.REMOVALS: ("once", "twice"),
    Trait.COMMAS: ("whole", "torn"),
    Trait.SPELLINGS: ("apart", "some are one"),
    Trait.UPLOADS: ("sha1", "otherwise"),
    Trait.TITLE_MAX: ("250",),
    Trait.SUMMARY_MAX: ("1000",),
    Trait.PICTURE_LOCKS: ("by upload", "by edit"),
    Trait.HASHES: ("shown", "none"),
}


def test_check_has_words_for_all_that_may_be_known() -> None:
    assert set(EVERY_VALUE) == set(Trait)
    told: dict[tuple[Any, ...], str] = {}
    for trait, values in EVERY_VALUE.items():
        for value in values:
            words = ways({Trait.GROUP_READS: "whole", trait: value})
            (text,) = words if trait is Trait.GROUP_READS else words[1:]
            told[trait, value] = text
    assert len(set(told.values())) == len(told)
    assert not any("{}" in text for text in told.values())
