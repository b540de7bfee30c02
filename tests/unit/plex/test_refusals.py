"""What an HTTP status means as one of our errors."""

from __future__ import annotations

import pytest

from plexsync.errors import AccessDenied, ItemGone, PermanentError, PlexUnavailable, RequestTooLong
from plexsync.plex.refusals import (
    EXCERPT_LENGTH,
    PictureRefused,
    PlexStarting,
    RateLimited,
    excerpt,
    passes_quickly,
    refusal,
    upload_refusal,
)


def refused(status: int, body: bytes = b"", **headers: str) -> Exception:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refusal(status, named, body, "PUT /library/sections/1/all", "t0ken")


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_names_the_service_and_the_setting(status: int) -> None:
    error = refused(status)
    assert isinstance(error, AccessDenied)
    assert error.service == "Plex"
    assert "PLEXSYNC_PLEX_TOKEN" in str(error)


def test_a_token_that_has_run_out_says_how_to_get_a_lasting_one() -> None:
    error = refused(498)
    assert isinstance(error, AccessDenied)
    assert error.service == "Plex"
    assert "expired" in str(error)
    assert "./huey_consumer.sh --login" in str(error)


@pytest.mark.parametrize("status", [400, 503])
@pytest.mark.parametrize(
    "said", [b"Plex Media Server is still starting up", b"<html><body>still starting up, please wait</body></html>"]
)
def test_a_server_that_starts_is_not_there_yet(status: int, said: bytes) -> None:
    error = refused(status, said)
    assert isinstance(error, PlexStarting)
    assert not error.healthy
    assert "starting" in str(error)


@pytest.mark.parametrize(
    ("status", "body"), [(500, b""), (500, b"a bug"), (413, b""), (415, b""), (400, b"not an image"), (422, b"")]
)
def test_a_picture_that_plex_does_not_take_is_the_pictures_own_fault(status: int, body: bytes) -> None:
    error = upload_refusal(status, {}, body, "POST /library/metadata/7/posters", "t0ken")
    assert isinstance(error, PictureRefused)
    assert isinstance(error, PermanentError)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (500, {}, b"database is busy", PlexUnavailable),
        (500, {"Retry-After": "5"}, b"", PlexUnavailable),
        (502, {}, b"", PlexUnavailable),
        (503, {}, b"", PlexUnavailable),
        (400, {}, b"still starting up", PlexStarting),
        (401, {}, b"", AccessDenied),
        (404, {}, b"", ItemGone),
        (429, {"Retry-After": "5"}, b"", RateLimited),
    ],
)
def test_other_failures_of_an_upload_are_no_fault_of_the_picture(
    status: int, headers: dict[str, str], body: bytes, kind: type[Exception]
) -> None:
    assert type(upload_refusal(status, headers, body, "POST /library/metadata/7/posters", "t0ken")) is kind


@pytest.mark.parametrize("status", [414, 431])
def test_a_request_that_is_too_long_is_told_from_others(status: int) -> None:
    assert type(refused(status)) is RequestTooLong


@pytest.mark.parametrize("status", [400, 405, 409, 413, 415, 422])
def test_what_no_repeat_will_mend_is_permanent(status: int) -> None:
    assert type(refused(status)) is PermanentError


def test_a_missing_item_is_gone() -> None:
    assert isinstance(refused(404), ItemGone)


@pytest.mark.parametrize("status", [300, 302, 308, 408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_pass_is_transient(status: int) -> None:
    assert type(refused(status)) is PlexUnavailable


def test_a_bad_request_says_what_plex_said_of_it() -> None:
    body = b"<html><head><title>no</title></head><body><h1>400 Bad\nRequest</h1></body></html>"
    assert str(refused(400, body)) == 'Plex refused PUT /library/sections/1/all (400): "400 Bad Request"'


def test_too_many_requests_with_a_pause_is_a_healthy_server() -> None:
    error = refused(429, Retry_After="12")
    assert isinstance(error, RateLimited)
    assert error.retry_after == 12


def test_a_pause_of_an_overloaded_server_goes_along() -> None:
    error = refused(503, Retry_After="12")
    assert type(error) is PlexUnavailable
    assert error.retry_after == 12


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://login.example:8443/?token=abc", "https://login.example:8443"),
        ("https://user:pass@other.example/x", "https://other.example"),
        ("/web/index.html", "another address"),
        ("http://[bad", "an address that is none"),
    ],
)
def test_a_redirect_names_the_host_it_leads_to_and_nothing_more(location: str, shown: str) -> None:
    text = str(refused(302, Location=location))
    assert f"redirects to {shown}." in text
    assert "abc" not in text
    assert "pass@" not in text


def test_an_excerpt_is_one_short_line_without_markup_or_secret() -> None:
    body = b"<style>p {}</style><p>Hello\x00\r\n  t0ken</p>" + b"x" * 500
    shown = excerpt(body, "t0ken")
    assert shown.startswith("Hello *** xxx")
    assert len(shown) == EXCERPT_LENGTH


def test_an_excerpt_of_bytes_that_are_no_text_does_no_harm() -> None:
    assert len(excerpt(bytes(range(256)) * 10, "t0ken")) <= EXCERPT_LENGTH


@pytest.mark.parametrize(
    ("status", "body", "quickly"),
    [
        (502, b"", True),
        (503, b"", True),
        (504, b"", True),
        (500, b"SQLite: Database is busy", True),
        (500, b"database locked", True),
        (500, b"a bug", False),
        (429, b"", False),
        (501, b"", False),
    ],
)
def test_only_failures_known_to_be_short_pass_quickly(status: int, body: bytes, quickly: bool) -> None:
    assert passes_quickly(status, {}, body) is quickly
    assert not passes_quickly(status, {"Retry-After": "5"}, body)
