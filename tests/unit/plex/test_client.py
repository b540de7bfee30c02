"""Plex as typed calls: what is asked, what comes of the answer."""

from __future__ import annotations

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests
import requests_mock

from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    ItemGone,
    PermanentError,
    PlexUnavailable,
    RequestTooLong,
    TextTooLong,
    WriteFailed,
)
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.model import Edit, Field, Picture, Tag
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.edits import edit_queries
from plexsync.plex.reads import ITEMS_PER_REQUEST
from plexsync.plex.traits import Trait
from plexsync.plex.transport import REQUEST_LINE_LONG, REQUEST_LINE_MAX
from plexsync.storage.database import Database
from tests.support.mocked_plex import TOKEN, URL, answer, last, query

SHA1 = hashlib.sha1(b"picture").hexdigest()
LISTED = {"ratingKey": "9", "Media": [{"Part": [{"file": "/media/a.mkv"}]}]}
PICTURE = Picture(b"picture", "image/jpeg", SHA1)


@pytest.fixture
def reads_together(client: PlexClient, server: requests_mock.Mocker) -> None:
    """A server of which it is known that it shows items whole that are read together."""
    answer(server, "/identity", machineIdentifier="abc", version="1")
    client.traits.put(Trait.GROUP_READS, "whole")
    server.reset_mock()


def metadata(server: requests_mock.Mocker, *present: int, strict: bool = False) -> None:
    """Items that exist; a strict server answers 404 as soon as one of those asked for is missing."""

    def respond(request: Any, context: Any) -> Any:
        asked = [int(key) for key in request.path.rsplit("/", 1)[1].split(",")]
        found = [key for key in asked if key in present]
        if not found or (strict and found != asked):
            context.status_code = 404
            return {}
        return {"MediaContainer": {"Metadata": [{"ratingKey": str(key)} for key in found]}}

    server.get(re.compile(f"{URL}/library/metadata/[0-9,]+[?]skipRefresh=1$"), json=respond)


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_identity_needs_no_token_and_sends_none(client: PlexClient, server: requests_mock.Mocker) -> None:
    answer(server, "/identity", machineIdentifier="abc")
    assert client.identity() == "abc"
    assert "X-Plex-Token" not in last(server).headers


def test_a_server_that_does_not_know_these_addresses_is_not_plex(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    server.get(requests_mock.ANY, status_code=404)
    for ask in (client.identity, client.sections):
        with pytest.raises(PlexUnavailable, match="is not Plex"):
            ask()


def test_a_listing_is_paged_by_headers_and_trimmed(client: PlexClient, server: requests_mock.Mocker) -> None:
    answer(server, "/library/sections/3/all", totalSize=500, offset=40, Metadata=[LISTED])
    page = client.listing(3, 40, 200, added_since=1700000000, updated_since=1700000001, sort="addedAt:desc")
    asked = query(last(server))
    assert asked[:4] == [
        ("type", "1"),
        ("addedAt>>", "1700000000"),
        ("updatedAt>>", "1700000001"),
        ("sort", "addedAt:desc"),
    ]
    assert dict(asked)["excludeFields"] == "summary,tagline"
    assert "Media" not in dict(asked)["excludeElements"]
    assert last(server).headers["X-Plex-Container-Start"] == "40"
    assert last(server).headers["X-Plex-Container-Size"] == "200"
    assert (page.start, page.total, len(page.items)) == (40, 500, 1)


def test_a_listing_without_filters_asks_for_movies_only(client: PlexClient, server: requests_mock.Mocker) -> None:
    answer(server, "/library/sections/3/all")
    assert client.listing(3, 0, 10).items == ()
    assert [name for name, _ in query(last(server))] == ["type", "excludeElements", "excludeFields"]


def test_a_section_that_is_gone_is_said_to_be(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.register_uri(requests_mock.ANY, requests_mock.ANY, status_code=404)
    with pytest.raises(PermanentError, match="no library section 3") as caught:
        client.listing(3, 0, 10)
    assert not isinstance(caught.value, ItemGone)
    with pytest.raises(PermanentError, match="no library section 3"):
        client.scan(3, "/media")


@pytest.mark.usefixtures("reads_together")
def test_items_are_read_several_at_a_time(client: PlexClient, server: requests_mock.Mocker) -> None:
    metadata(server, *range(1, 500))
    wanted = list(range(1, 121))
    assert list(client.items(wanted)) == wanted
    assert server.call_count == -(-len(wanted) // ITEMS_PER_REQUEST)


@pytest.mark.usefixtures("reads_together")
def test_the_longest_request_for_items_fits_into_a_request_line(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    keys = [2**63 - 1 - n for n in range(ITEMS_PER_REQUEST)]
    metadata(server, *keys)
    assert set(client.items(keys)) == set(keys)
    assert len(last(server).url) < REQUEST_LINE_MAX / 4


@pytest.mark.usefixtures("reads_together")
def test_an_item_asked_for_twice_is_read_once(client: PlexClient, server: requests_mock.Mocker) -> None:
    metadata(server, 5)
    assert list(client.items([5, 5])) == [5]
    assert last(server).path == "/library/metadata/5"


@pytest.mark.usefixtures("reads_together")
@pytest.mark.parametrize("strict", [False, True])
def test_items_that_are_gone_are_missing_and_the_others_come(
    client: PlexClient, server: requests_mock.Mocker, strict: bool
) -> None:
    metadata(server, *(key for key in range(1, 41) if key % 13), strict=strict)
    assert set(client.items(range(1, 41))) == {key for key in range(1, 41) if key % 13}
    assert client.items([13]) == {}


def test_an_item_is_read_without_starting_an_analysis_and_as_a_page(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    metadata(server, 5)
    assert list(client.items([5])) == [5]
    assert query(last(server)) == [("skipRefresh", "1")]
    assert (last(server).headers["X-Plex-Container-Start"], last(server).headers["X-Plex-Container-Size"]) == ("0", "1")


@pytest.mark.usefixtures("reads_together")
def test_items_that_a_server_keeps_back_are_asked_for_again(client: PlexClient, server: requests_mock.Mocker) -> None:
    def respond(request: Any, context: Any) -> Any:
        asked = request.path.rsplit("/", 1)[1].split(",")
        return {"MediaContainer": {"totalSize": len(asked), "Metadata": [{"ratingKey": key} for key in asked[:3]]}}

    server.get(re.compile(f"{URL}/library/metadata/"), json=respond)
    assert list(client.items(range(1, 11))) == list(range(1, 11))


def test_a_long_list_of_libraries_or_pictures_is_read_page_by_page(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    def page(element: str, **entry: str) -> Any:
        def respond(request: Any, context: Any) -> Any:
            start = int(request.headers["X-Plex-Container-Start"])
            assert int(request.headers["X-Plex-Container-Size"]) > 2
            entries = [{**entry, "key": str(number), "ratingKey": f"upload://{number}"} for number in range(1, 6)]
            return {"MediaContainer": {"totalSize": 5, "offset": start, element: entries[start : start + 2]}}

        return respond

    server.get(f"{URL}/library/sections", json=page("Directory", type="movie"))
    server.get(f"{URL}/library/metadata/7/posters", json=page("Metadata"))
    assert [section.id for section in client.sections()] == [1, 2, 3, 4, 5]
    assert client.uploaded(7, Field.POSTER) == tuple(f"upload://{number}" for number in range(1, 6))
    assert server.call_count == 6


def test_no_items_are_no_request(client: PlexClient, server: requests_mock.Mocker) -> None:
    assert client.items([]) == {}
    assert server.call_count == 0


def test_what_was_not_asked_for_is_not_taken(client: PlexClient, server: requests_mock.Mocker) -> None:
    answer(server, "/library/metadata/1", Metadata=[{"ratingKey": "1"}, {"ratingKey": "2"}])
    assert list(client.items([1])) == [1]


# --- Writing ---------------------------------------------------------------------------------------------------------


def test_an_edit_is_one_request_for_all_its_fields(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.put(f"{URL}/library/sections/2/all")
    edit = Edit(texts={Field.TITLE: "A, b"}, add={Field.TAGS: (Tag("x"),)}, remove={Field.TAGS: ("y",)})
    assert client.edit(2, [7], edit, lock=True) == 1
    assert query(last(server)) == [
        ("type", "1"),
        ("id", "7"),
        ("title.value", "A, b"),
        ("title.locked", "1"),
        ("genre[0].tag.tag", "x"),
        ("genre[].tag.tag-", "y"),
        ("genre.locked", "1"),
    ]
    assert last(server).body is None


def test_several_items_take_the_same_values_in_one_request(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.put(f"{URL}/library/sections/2/all")
    assert client.edit(2, [7, 8, 9], Edit(texts={Field.STUDIO: "S"}), lock=False) == 1
    assert ("id", "7,8,9") in query(last(server))


LONG = Edit(
    texts={Field.TITLE: "T", Field.SUMMARY: "é" * 3000},
    add={Field.PERFORMERS: tuple(Tag(f"Performer {n}", f"http://stash/p/{n}") for n in range(400))},
    remove={Field.TAGS: tuple(f"Tag, {n}" for n in range(1000))},
)


def lines(server: requests_mock.Mocker) -> list[int]:
    """Bytes of the request lines so far."""
    return [len(f"PUT {request.url.removeprefix(URL)} HTTP/1.1\r\n") for request in server.request_history]


@pytest.mark.parametrize("base", ["", "/" + "p" * 500])
def test_a_field_of_its_own_is_one_request_and_fields_together_are_none_over_8_kib(
    server: requests_mock.Mocker, base: str
) -> None:
    server.put(f"{URL}{base}/library/sections/2/all")
    with PlexClient(PlexEndpoint(URL + base, TOKEN, "test")) as client:
        assert client.edit(2, [7], LONG, lock=True) == server.call_count == 4
    assert [length > REQUEST_LINE_MAX for length in lines(server)] == [False, True, True, True]
    assert max(lines(server)) <= REQUEST_LINE_LONG


def test_lists_are_split_where_long_lines_are_refused_and_from_then_on_at_once(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    server.put(f"{URL}/library/sections/2/all", status_code=414)
    edit = replace(LONG, texts={Field.TITLE: "T"})
    with pytest.raises(RequestTooLong):
        client.edit(2, [7], edit, lock=True)
    assert client.takes_long_lines, "even short lines were refused"
    server.reset_mock()
    server.put(
        f"{URL}/library/sections/2/all",
        status_code=200,
        additional_matcher=lambda request: len(request.url) < REQUEST_LINE_MAX,
    )
    server.put(
        f"{URL}/library/sections/2/all",
        status_code=431,
        additional_matcher=lambda request: len(request.url) >= REQUEST_LINE_MAX,
    )
    client.edit(2, [7], edit, lock=True)
    assert [length for length in lines(server) if length > REQUEST_LINE_MAX] == [max(lines(server))]
    performers = [
        value
        for request in server.request_history
        for name, value in query(request)
        if name.endswith("].tag.tag") and len(request.url) < REQUEST_LINE_MAX
    ]
    assert performers == [f"Performer {n}" for n in range(400)]
    server.reset_mock()
    client.edit(2, [7], edit, lock=True)
    assert max(lines(server)) <= REQUEST_LINE_MAX
    assert sum(lines(server)) > (len(lines(server)) - 1) * REQUEST_LINE_MAX * 0.8, "no more requests than it takes"
    client.ramp_up()
    assert client.takes_long_lines, "after an outage it is tried again"


def test_a_text_that_is_too_long_is_told_of_so_that_it_is_cut(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.put(f"{URL}/library/sections/2/all", status_code=414)
    with pytest.raises(TextTooLong, match="what is too long is cut"):
        client.edit(2, [7], Edit(texts={Field.SUMMARY: "é" * 3000}), lock=True)
    assert not client.takes_long_lines


def test_a_refusal_that_says_nothing_of_length_is_no_reason_to_cut(
    client: PlexClient, server: requests_mock.Mocker
) -> None:
    server.put(f"{URL}/library/sections/2/all", status_code=400)
    with pytest.raises(PermanentError, match="400"):
        client.edit(2, [7], Edit(texts={Field.SUMMARY: "é" * 3000}), lock=True)
    assert client.takes_long_lines


def test_an_empty_edit_is_no_request(client: PlexClient, server: requests_mock.Mocker) -> None:
    assert client.edit(2, [7], Edit(rate=True, rating=5), lock=True) == 0
    assert client.edit(2, [], Edit(texts={Field.TITLE: "x"}), lock=True) == 0
    assert server.call_count == 0


@pytest.mark.parametrize(("rating", "sent"), [(8.0, "8"), (7.5, "7.5"), (0.0, "0"), (None, "-1")])
def test_a_rating_is_set_or_taken_away(
    client: PlexClient, server: requests_mock.Mocker, rating: float | None, sent: str
) -> None:
    server.put(f"{URL}/:/rate")
    client.rate(7, rating)
    assert query(last(server)) == [
        ("key", "7"),
        ("identifier", "com.plexapp.plugins.library"),
        ("rating", sent),
    ]


def test_a_folder_is_scanned(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.get(f"{URL}/library/sections/2/refresh")
    client.scan(2, "/media/ä b&c")
    assert query(last(server)) == [("path", "/media/ä b&c")]
    assert server.call_count == 1


@pytest.mark.parametrize("refusal", [400, 404, 405])
def test_a_scan_goes_by_the_other_method_where_one_is_refused_and_stays_with_it(
    client: PlexClient, server: requests_mock.Mocker, refusal: int
) -> None:
    path = f"{URL}/library/sections/2/refresh"
    answer(server, "/identity", machineIdentifier="abc", version="1")
    server.get(path, status_code=refusal)
    server.post(path)
    for _ in range(2):
        client.scan(2, "/media")
    asked = [request.method for request in server.request_history if request.path.endswith("/refresh")]
    assert asked == ["GET", "POST", "POST"]
    # And back, should the server change its mind.
    server.get(path)
    server.post(path, status_code=refusal)
    client.scan(2, "/media")
    assert client.traits.get(Trait.SCAN) == "GET"


@pytest.mark.parametrize(
    ("status", "error", "requests"), [(404, PermanentError, 2), (403, AccessDenied, 1), (500, PlexUnavailable, 1)]
)
def test_a_scan_that_is_refused_for_another_reason_says_which(
    client: PlexClient, server: requests_mock.Mocker, status: int, error: type[Exception], requests: int
) -> None:
    server.register_uri(requests_mock.ANY, requests_mock.ANY, status_code=status)
    with pytest.raises(error):
        client.scan(2, "/media")
    assert server.call_count == requests
    assert client.traits.peek(Trait.SCAN) is None


def test_a_login_page_is_no_successful_write(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.register_uri(requests_mock.ANY, requests_mock.ANY, text="<html><body>Sign in</body></html>")
    with pytest.raises(PlexUnavailable, match="HTML page") as caught:
        client.rate(7, 5)
    assert not isinstance(caught.value, WriteFailed)


@pytest.mark.parametrize(
    ("how", "is_its_own"),
    [
        ({"status_code": 500}, True),
        ({"status_code": 502}, True),
        ({"exc": requests.exceptions.ReadTimeout}, True),
        ({"status_code": 500, "text": "database is busy"}, False),
        ({"status_code": 503, "headers": {"Retry-After": "7"}}, False),
        ({"status_code": 429, "headers": {"Retry-After": "7"}}, False),
        ({"status_code": 503, "text": "Plex is still starting up"}, False),
    ],
)
def test_a_rating_that_fails_by_itself_is_no_failure_of_plexs(
    client: PlexClient, server: requests_mock.Mocker, how: dict[str, Any], is_its_own: bool
) -> None:
    server.put(f"{URL}/:/rate", **how)
    server.get(f"{URL}/library/metadata/7", json={"MediaContainer": {"Metadata": [{"ratingKey": "7", "title": "a"}]}})
    with pytest.raises(PlexUnavailable) as caught:
        client.rate(7, 5)
    assert isinstance(caught.value, WriteFailed) is is_its_own
    # A server that asks for a pause is well, too.
    assert (client.failures == 0) is (
        is_its_own or ("Retry-After" in how.get("headers", {}) and how["status_code"] == 429)
    )


def test_an_item_that_is_gone_is_said_to_be(client: PlexClient, server: requests_mock.Mocker) -> None:
    server.register_uri(requests_mock.ANY, requests_mock.ANY, status_code=404)
    for write in (
        lambda: client.edit(1, [7], Edit(texts={Field.TITLE: "x"}), lock=True),
        lambda: client.rate(7, 1),
        lambda: client.upload(7, Field.POSTER, PICTURE),
        lambda: client.uploaded(7, Field.POSTER),
    ):
        with pytest.raises(ItemGone):
            write()


# --- The breaker, counts, secrets ------------------------------------------------------------------------------------


def guard(database: Database, fail_max: int) -> Guard:
    return Guard("Plex", PlexUnavailable, fail_max, 60, BreakerStorage(database, "Plex"))


def test_a_foreign_page_counts_as_a_failure_of_plex(server: requests_mock.Mocker, database: Database) -> None:
    server.get(f"{URL}/library/sections", text="<html>bad gateway</html>")
    with PlexClient(PlexEndpoint(URL, TOKEN, "test"), breaker=guard(database, 2)) as client:
        for _ in range(2):
            with pytest.raises(PlexUnavailable):
                client.sections()
        with pytest.raises(CircuitOpen):
            client.sections()
    assert server.call_count == 2


def test_a_missing_item_or_a_wrong_token_is_no_failure_of_plex(
    server: requests_mock.Mocker, database: Database
) -> None:
    breaker = guard(database, 1)
    with PlexClient(PlexEndpoint(URL, TOKEN, "test"), breaker=breaker) as client:
        server.put(f"{URL}/:/rate", [{"status_code": 404}, {"status_code": 401}])
        for kind in (ItemGone, AccessDenied):
            with pytest.raises(kind):
                client.rate(7, 1)
    assert breaker.state == "closed"


def test_requests_are_counted_by_kind(client: PlexClient, server: requests_mock.Mocker) -> None:
    answer(server, "/identity", machineIdentifier="abc")
    server.put(f"{URL}/:/rate")
    server.post(f"{URL}/library/metadata/7/posters")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.identity(), range(20)))
    client.rate(7, 1)
    client.upload(7, Field.POSTER, PICTURE)
    assert client.calls == {"read": 20, "write": 1, "upload": 1}
    client.calls["read"] = 0
    assert client.calls["read"] == 20, "what is handed out is a copy"


def test_no_secret_is_shown() -> None:
    with PlexClient(PlexEndpoint("http://me:password@plex.test:32400/base", TOKEN, "test")) as client:
        assert repr(client) == "<PlexClient of http://plex.test:32400>"
        assert TOKEN not in repr(vars(client))
        assert "password" not in repr(vars(client))


@pytest.mark.parametrize("token", ["", "two words", "line\n", "ключ"])
def test_a_token_that_can_be_none_is_refused_without_repeating_it(token: str) -> None:
    with pytest.raises(ValueError, match="PLEXSYNC_PLEX_TOKEN") as caught:
        PlexClient(PlexEndpoint(URL, token, "test"))
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["", "plex.test:32400", "ftp://plex.test", "http://", "http://x:port", f"http://x?X-Plex-Token={TOKEN}"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="PLEXSYNC_PLEX_URL") as caught:
        PlexClient(PlexEndpoint(url, TOKEN, "test"))
    assert TOKEN not in str(caught.value)


def test_a_ca_file_that_is_none_is_refused(tmp_path: Any) -> None:
    (tmp_path / "empty.pem").write_text("")
    for path in (tmp_path / "missing.pem", tmp_path / "empty.pem"):
        with pytest.raises(ValueError, match="PLEXSYNC_PLEX_VERIFY_TLS"):
            PlexClient(PlexEndpoint(URL, TOKEN, "test", verify=str(path)))


def test_an_edit_that_fits_is_encoded_once(
    client: PlexClient, server: requests_mock.Mocker, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[list[str]] = []

    def noting(*args: Any, **kwargs: Any) -> list[str]:
        encoded.append(edit_queries(*args, **kwargs))
        return encoded[-1]

    monkeypatch.setattr("plexsync.plex.client.edit_queries", noting)
    server.put(f"{URL}/library/sections/1/all")
    assert client.edit(1, [7], Edit(texts={Field.TITLE: "A title", Field.SUMMARY: "a" * 1000}), lock=True) == 1
    assert len(encoded) == 1
    assert client.edit(1, [7], Edit(texts={Field.SUMMARY: "a" * 9000}), lock=True) == 1
    assert len(encoded) == 3, "in short lines, and in long ones"
