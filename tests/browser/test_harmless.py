"""A fault of ours stays ours: Stash and the rest of the page go on, whatever breaks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stash_page import StashPage

Opened = Callable[..., "Page"]
TABS = {
    "Overview": "Overview",
    "Failed": "Failed",
    "Review": "Review",
    "NotFound": "Not found",
    "Scenes": "All scenes",
    "Activity": "Activity",
    "Health": "Health",
}
SORRY = "PlexSync could not show this. Stash itself is not affected."


def planted(name: str) -> str:
    """A script that breaks a component: it throws whenever it is shown."""
    return f'PlexSync.{name} = () => {{ throw new Error("planted") }};'


def stash_works(page: Page) -> None:
    """Stash's own pages and its bar are there."""
    page.get_by_role("link", name="Stash", exact=True).click()
    expect(page.get_by_role("heading", name="Front page")).to_be_visible()
    expect(page.locator(".navbar-buttons").get_by_title("Settings")).to_be_visible()


@pytest.mark.parametrize("name", TABS)
def test_a_tab_that_breaks_harms_no_other(opened: Opened, stash: StashPage, name: str) -> None:
    stash.after = [planted(name)]
    page = opened()
    page.get_by_role("tab", name=TABS[name]).click()
    expect(page.get_by_role("tabpanel").get_by_role("alert")).to_contain_text(SORRY)
    page.get_by_role("tab", name="Health" if name != "Health" else "Failed").click()
    expect(page.get_by_role("table")).to_be_visible()
    stash_works(page)


def test_a_tab_that_broke_can_be_tried_again(opened: Opened, stash: StashPage) -> None:
    stash.after = [f"window.mend = ((sound) => () => (PlexSync.Health = sound))(PlexSync.Health); {planted('Health')}"]
    page = opened("health")
    expect(page.get_by_text(SORRY)).to_be_visible()
    page.evaluate("() => { window.mend(); }")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("1 line needs you.")).to_be_visible()


@pytest.mark.parametrize("name", ["Page", "Life", "Act", "Text", "Answered"])
def test_a_piece_that_breaks_leaves_stash_whole(opened: Opened, stash: StashPage, name: str) -> None:
    stash.after = [planted(name)]
    page = opened("failed")
    expect(page.get_by_text(SORRY).first).to_be_visible()
    stash_works(page)


def test_an_icon_that_breaks_is_not_there_and_the_bar_is(opened: Opened, stash: StashPage) -> None:
    stash.after = [planted("StatusIcon")]
    page = opened()
    expect(page.get_by_role("tab", name="Overview")).to_be_visible()
    expect(page.locator(".plexsync-icon")).to_have_count(0)
    stash_works(page)


@pytest.mark.parametrize(
    "lack",
    [
        "delete PluginApi.libraries.Bootstrap",
        "delete PluginApi.libraries.Apollo",
        "delete PluginApi.libraries.ReactRouterDOM",
        "delete PluginApi.libraries.FontAwesomeSolid",
        "delete PluginApi.libraries",
        "delete PluginApi.hooks",
        "delete PluginApi.components.Icon",
        "delete PluginApi.utils",
        "delete PluginApi.register",
        "delete PluginApi.patch",
        "PluginApi.useless = 1; window.PluginApi = undefined",
    ],
)
def test_a_stash_that_lacks_something_is_not_harmed(stash: StashPage, page: Page, lack: str) -> None:
    stash.answer("status", {})
    stash.before = [lack]
    page.goto(stash.address())
    stash_works(page)
    expect(page.get_by_role("button", name="Scenes").first).to_be_visible()


def test_without_stashs_toasts_an_action_still_works(opened: Opened, stash: StashPage) -> None:
    stash.before = ["delete PluginApi.hooks"]
    page = opened()
    page.get_by_role("button", name="Make a report").click()
    expect(page.get_by_role("button", name="Make a report")).to_be_enabled()
    assert stash.asked("report") == [{}]


def test_the_page_leaves_one_name_behind(opened: Opened, stash: StashPage) -> None:
    stash.before = ["window.before = Object.keys(window)"]
    page = opened()
    expect(page.get_by_role("tab", name="Overview")).to_be_visible()
    names = page.evaluate("Object.keys(window).filter((one) => !window.before.includes(one) && one !== 'before')")
    assert [name for name in names if not name.startswith("__")] == ["PlexSync"]
