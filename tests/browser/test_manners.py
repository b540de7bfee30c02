"""How the page behaves for those who use it: keyboard, screen reader, narrow screen, and how often it asks."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.page_answers import furnish, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.stash_page import StashPage

Opened = Callable[..., "Page"]
TABS = ("Overview", "Failed", "Review", "Not found", "All scenes", "Activity", "Health")


def test_all_of_it_works_with_the_keyboard_alone(opened: Opened, stash: StashPage) -> None:
    page = opened()
    furnish(stash)
    page.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Failed")).to_be_focused()
    expect(page.get_by_role("row").filter(has_text="Failed film 1")).to_be_visible()
    page.get_by_label("Search titles and reasons").focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Discard all":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    # Where it was before the question.
    expect(page.get_by_role("button", name="Discard all")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".toast-container")).to_contain_text("asked to discard")
    assert stash.asked("discard") == [{"all": True}]


def test_a_phone_shows_all_of_it(opened: Opened, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened()
    for tab in TABS:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").locator("button, a").first).to_be_visible()
        expect(page.get_by_role("tabpanel").get_by_text("Loading...")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, tab
        beyond = """[...document.querySelectorAll('.tab-content *:not(thead *)')]
            .filter((one) => one.getBoundingClientRect().right > 391).map((one) => one.outerHTML.slice(0, 80))"""
        assert page.evaluate(beyond) == [], tab


def test_on_a_phone_the_icon_is_in_the_menu(opened: Opened, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    opened()
    page.goto(page.url.partition("/plexsync")[0] + "/")
    page.locator(".nav-menu-toggle").click()
    page.get_by_role("link", name="PlexSync works, with warnings").first.click()
    expect(page.get_by_role("heading", name="PlexSync", exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_a_screen_reader_finds_its_way_and_everything_can_be_read(
    opened: Opened, stash: StashPage, bundle: Path, theme: str
) -> None:
    """As axe finds it by the rules of WCAG 2.1 A and AA, contrast among them."""
    stash.rig = {"theme": theme}
    page = opened()
    page.add_script_tag(path=bundle / "axe.js")
    for tab in TABS if theme == "dark" else TABS[:3]:
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").locator("button, a").first).to_be_visible()
        expect(page.get_by_role("tabpanel").get_by_text("Loading...")).to_have_count(0)
        assert page.evaluate(AXE) == [], tab
    page.get_by_role("tab", name="Failed").click()
    page.get_by_role("button", name="Discard all").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert page.evaluate(AXE) == []


#: What axe objects to in what is ours.
AXE = """async () => {
  const only = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] };
  const found = await axe.run({ include: ['.plexsync'] }, { runOnly: only, resultTypes: ['violations'] });
  const told = (id, node) => `${id}: ${node.html.slice(0, 120)} ${[...node.any, ...node.all].map((x) => x.message)}`;
  // The colours of links and buttons are Stash's own, as everywhere there.
  const ours = (id, node) => id !== 'color-contrast' || !document.querySelector(node.target[0]).closest('a, .btn');
  return found.violations.flatMap((one) => one.nodes
    .filter((node) => ours(one.id, node)).map((node) => told(one.id, node)));
}"""


#: When the turned clock begins.
START = datetime(2026, 11, 27, tzinfo=UTC)


class Watch:
    """Counts how often a page asks for the status while its clock is turned."""

    def __init__(self, page: Page, stash: StashPage) -> None:
        self.page, self.stash = page, stash

    def asked(self) -> int:
        return len(self.stash.asked("status"))

    def turn(self, seconds: int) -> int:
        """Let so many seconds pass, and give how often it was asked meanwhile."""
        before = self.asked()
        for _ in range(seconds):
            self.page.clock.run_for(1000)
            # The answer comes in the time of this world.
            self._settle()
        return self.asked() - before

    def _settle(self) -> None:
        until = time.monotonic() + 10
        while self.page.evaluate("window.rigBusy > 0"):
            assert time.monotonic() < until

    def hide(self, hidden: bool) -> None:
        self.page.evaluate(
            "(hidden) => { window.rigHidden = hidden; document.dispatchEvent(new Event('visibilitychange')); }", hidden
        )


#: Lets a test hide the page, and see whether an answer is still on its way.
WATCHED = """
Object.defineProperty(document, 'hidden', { get: () => Boolean(window.rigHidden) });
window.rigBusy = 0;
const fetch_ = window.fetch;
window.fetch = (...given) => {
  window.rigBusy += 1;
  return fetch_(...given).finally(() => setTimeout_(() => (window.rigBusy -= 1), 5));
};
"""


def test_it_asks_often_while_watched_seldom_elsewhere_and_never_while_hidden(stash: StashPage, own_page: Page) -> None:
    page = own_page
    furnish(stash)
    stash.answer("status", snapshot(now=[]))
    page.add_init_script("const setTimeout_ = window.setTimeout.bind(window);" + WATCHED)
    page.clock.install(time=START)
    watch = Watch(page, stash)
    page.goto(stash.address("/plexsync"))
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    # From here on time passes only as the test turns it, however slow the machine is.
    page.clock.pause_at(START + timedelta(hours=1))
    page.mouse.move(300, 300)
    watch.turn(3)
    assert 4 <= watch.turn(10) <= 6
    # Nobody has touched it for two minutes, and nothing runs.
    page.clock.run_for(130_000)
    watch.turn(16)
    assert 1 <= watch.turn(30) <= 3
    watch.hide(True)
    assert watch.turn(20) == 0
    watch.hide(False)
    assert watch.turn(2) >= 1
    # On Stash's own pages only the icon is left, and nothing else of ours goes on.
    page.get_by_role("link", name="Stash", exact=True).click()
    watch.turn(2)
    assert 1 <= watch.turn(30) <= 3
    others = len(stash.asked("failed")) + len(stash.asked("activity"))
    assert others == 0
