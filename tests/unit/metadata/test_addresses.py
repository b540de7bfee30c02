"""Addresses given to Plex hold no key and can be reached by those who fetch them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata import addresses
from plexsync.metadata.addresses import public, without_key

STASH = "http://stash:9999"


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("http://stash:9999/performer/1/image?t=1", "http://stash:9999/performer/1/image?t=1"),
        ("http://stash:9999/p?apikey=SECRET", "http://stash:9999/p"),
        ("http://stash:9999/p?t=1&ApiKey=SECRET&x=2", "http://stash:9999/p?t=1&x=2"),
        ("http://stash:9999/p?APIKEY=SECRET&apikey=SECRET", "http://stash:9999/p"),
        ("http://stash:9999/p?%61piKey=SECRET&t=1", "http://stash:9999/p?t=1"),
        ("http://stash:9999/p?t=1;apikey=SECRET", "http://stash:9999/p?t=1"),
        ("http://stash:9999/p?+apikey+=SECRET", "http://stash:9999/p"),
        ("http://stash:9999/p?myapikey=1", "http://stash:9999/p?myapikey=1"),
        ("http://user:SECRET@stash:9999/p", "http://stash:9999/p"),
        ("http://stash:9999/p#apikey=SECRET", "http://stash:9999/p"),
        ("/performer/1/image?t=1", "http://stash:9999/performer/1/image?t=1"),
        ("https://[fd00::1]:9999/p?t=a%20b", "https://[fd00::1]:9999/p?t=a%20b"),
    ],
)
def test_an_address_never_holds_a_key(url: str, clean: str) -> None:
    assert without_key(url, STASH) == clean


@pytest.mark.parametrize(
    "url",
    ["ftp://stash/p", "javascript:alert(1)", "data:image/png;base64,AA", "http://[::1", "http://a:port/p"],
)
def test_what_no_picture_can_be_fetched_from_is_no_address(url: str) -> None:
    assert without_key(url, STASH) is None
    assert public(url, STASH, "https://stash.example") is None


@settings(database=None, deadline=None)
@given(st.text(max_size=30), st.sampled_from(["apikey", "ApiKey", "APIKEY", "apikEY"]), st.text(max_size=10))
def test_a_key_is_dropped_from_among_any_other_parameters(before: str, key: str, after: str) -> None:
    found = without_key(f"http://stash/p?{before}&{key}=SECRET&{after}", STASH)
    assert found is not None
    assert "SECRET" not in found


@settings(database=None, deadline=None)
@given(st.text(max_size=40))
def test_dropping_the_key_twice_is_dropping_it_once(rest: str) -> None:
    once = without_key(f"http://stash/{rest}", STASH)
    assert once is None or without_key(once, STASH) == once


@pytest.mark.parametrize(
    ("url", "stash", "shown", "expected"),
    [
        ("http://stash:9999/p/1?t=1", STASH, None, "http://stash:9999/p/1?t=1"),
        ("http://stash:9999/p/1?t=1", STASH, "https://s.example", "https://s.example/p/1?t=1"),
        ("http://stash:9999/p/1?t=1", STASH, "https://s.example/", "https://s.example/p/1?t=1"),
        ("http://STASH:9999/p/1", "http://stash:9999/", "https://s.example", "https://s.example/p/1"),
        ("http://stash/p/1", "http://stash:80", "https://s.example:8443", "https://s.example:8443/p/1"),
        ("http://nas/stash/p/1", "http://nas/stash", "https://s.example/x", "https://s.example/x/p/1"),
        ("http://nas/stashed/p/1", "http://nas/stash", "https://s.example", "https://s.example/stashed/p/1"),
        ("http://other:9999/p/1", STASH, "https://s.example", "http://other:9999/p/1"),
        ("http://127.0.0.1:9999/p/1", STASH, "https://s.example", "https://s.example/p/1"),
        ("/p/1", STASH, "https://s.example", "https://s.example/p/1"),
        ("http://stash:9999/p/1?ApiKey=K", STASH, "https://u:P@s.example/?apikey=K", "https://s.example/p/1"),
        ("http://localhost:9999/p/1", "http://localhost:9999", "http://localhost:9999", "http://localhost:9999/p/1"),
    ],
)
def test_stashs_base_is_replaced_by_the_public_one(url: str, stash: str, shown: str | None, expected: str) -> None:
    assert public(url, stash, shown) == expected


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "stash.localhost",
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
    ],
)
def test_an_address_only_stashs_own_machine_reaches_is_not_shown(host: str) -> None:
    assert public(f"http://{host}:9999/p/1", f"http://{host}:9999", None) is None


@pytest.mark.parametrize("host", ["stash", "192.168.1.5", "10.0.0.2", "[fd00::1]", "localhost.example", "128.0.0.1"])
def test_an_address_other_machines_may_reach_is_shown(host: str) -> None:
    assert public(f"http://{host}:9999/p/1", f"http://{host}:9999", None) == f"http://{host}:9999/p/1"


def test_half_a_character_makes_no_address() -> None:
    assert without_key("/performer/1/image?t=\ud800", "http://stash:9999") is None


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(["http", "https", "HTTP", "ftp", ""]),
    st.sampled_from(["stash", "10.0.0.2:9999", "a-b.example:0", "a:123456", "a:99999", "u:p@h", "Stash", "-", ""]),
    st.text(st.sampled_from("/aA1.~-_%@ :;"), max_size=6),
    st.sampled_from(
        ["", "?", "?t=1", "?t=1&apikey=x", "?APIKEY=x", "?t=1;a=2", "?a%70ikey=x", "?a+b=1", "?&", "#x", "?t#x"]
    ),
)
def test_an_address_that_is_left_as_it_stands_would_be_in_any_case(
    scheme: str, host: str, path: str, rest: str
) -> None:
    url = f"{scheme}://{host}/{path}{rest}"
    quickly = addresses.without_key(url, "http://stash:9999/below")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(addresses, "_PLAIN", re.compile("(?!)"))
        assert addresses.without_key(url, "http://stash:9999/below") == quickly
