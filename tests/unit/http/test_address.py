"""What of an address may be shown."""

from __future__ import annotations

import pytest

from plexsync.http.address import origin


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://nas:32400/path?X-Plex-Token=abc#part", "http://nas:32400"),
        ("https://me:password@nas/path", "https://nas"),
        ("http://[::1]:9999", "http://[::1]:9999"),
        ("HTTP://NAS", "http://nas"),
    ],
)
def test_scheme_host_and_port_are_shown_and_nothing_more(url: str, shown: str) -> None:
    assert origin(url) == shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/path",
        "nas:9999",
        "ftp://nas",
        "http://",
        "http://nas:abc",
        "http://nas:0",
        "http://nas:99999",
        "http://[abc",
    ],
)
def test_what_is_no_http_address_is_an_error_that_does_not_repeat_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^no (HTTP )?address$") as caught:
        origin(url)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
