"""Where Stash is, and that neither its texts nor its errors give a secret away."""

from __future__ import annotations

import pytest

from plexsync.errors import AccessDenied, PermanentError
from plexsync.stash.refusals import StashServer


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("http://stash:9999", "http://stash:9999"),
        (" http://stash:9999/ ", "http://stash:9999"),
        ("https://nas/stash/", "https://nas/stash"),
        ("http://stash:9999/graphql", "http://stash:9999"),
        ("http://[::1]:9999", "http://[::1]:9999"),
    ],
)
def test_an_address_is_taken_as_people_write_it(given: str, base: str) -> None:
    assert StashServer(given).base == base


@pytest.mark.parametrize(
    "given", ["", "stash:9999", "ftp://stash", "http://", "http://stash:port", "http://stash:99999", "http://[::1"]
)
def test_what_is_no_address_is_refused_with_the_settings_name(given: str) -> None:
    with pytest.raises(PermanentError, match="PLEXSYNC_STASH_URL"):
        StashServer(given)


def test_as_a_text_the_address_shows_no_password_and_no_key() -> None:
    stash = StashServer("https://me:hunter2@nas:443/stash", "sEcReT")
    assert str(stash) == "Stash at https://nas:443/stash"
    assert repr(stash) == "<Stash at https://nas:443/stash>"


def test_an_ipv6_address_is_shown_as_it_is_written() -> None:
    assert str(StashServer("http://[::1]:9999")) == "Stash at http://[::1]:9999"


def test_spaces_around_a_key_are_taken_off_and_an_empty_key_is_none() -> None:
    assert StashServer("http://stash", " key\n").api_key == "key"
    assert StashServer("http://stash", "  ").api_key is None


@pytest.mark.parametrize("key", ["sEcReT\r\nX-More: 1", "sEcReT key", "sEcRëT"])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(AccessDenied) as caught:
        StashServer("http://stash", key)
    assert caught.value.service == "Stash"
    assert "PLEXSYNC_STASH_API_KEY" in str(caught.value)
    assert "sEc" not in str(caught.value)
