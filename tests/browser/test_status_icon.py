"""The icon in Stash's navigation bar, and that nothing of ours harms the rest of Stash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stash_page import StashPage


def running(**more: Any) -> dict[str, Any]:
    return {"schema": 1, "level": "ok", "attention": 0, "life": {"state": "running"}, "now": [], **more}


@pytest.mark.parametrize(
    ("snapshot", "words"),
    [
        (running(), "PlexSync is fine"),
        (running(level="warn", attention=1), "PlexSync works, with warnings, 1 scene needs you"),
        (running(level="fail", attention=7), "PlexSync has a problem, 7 scenes need you"),
        ({"schema": 1, "life": {"state": "dead"}}, "PlexSync does not run"),
        ({"schema": 1, "life": {"state": "setting_up"}}, "PlexSync is being set up"),
    ],
)
def test_the_icon_says_how_it_is_going(stash: StashPage, page: Page, snapshot: dict[str, Any], words: str) -> None:
    stash.answer("status", snapshot)
    stash.show(page)
    expect(page.get_by_role("link", name=words).first).to_be_visible()


def test_the_icon_opens_the_page_and_a_reload_stays_there(stash: StashPage, page: Page) -> None:
    stash.answer("status", running())
    page.goto(stash.address())
    page.get_by_role("link", name="PlexSync is fine").first.click()
    expect(page.get_by_role("heading", name="PlexSync", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="PlexSync", exact=True)).to_be_visible()


def test_a_script_that_is_loaded_twice_registers_once(stash: StashPage, page: Page) -> None:
    stash.answer("status", running())
    stash.after = [stash.script("javascript").decode()]
    page.goto(stash.address())
    expect(page.locator(".navbar-buttons .plexsync-icon")).to_have_count(1)
