"""The browser, and the small Stash that it opens. Without Chromium or node on the machine these tests are skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.support import browser_bundle, page_answers
from tests.support.stash_page import StashPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize

#: Milliseconds within which what a test waits for is there; a busy machine is slow.
PATIENCE = 15_000
#: The size of a window, in pixels.
DESKTOP: ViewportSize = {"width": 1280, "height": 800}


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The folder with the bundled host page."""
    try:
        browser_bundle.chromium()
        return browser_bundle.bundle()
    except browser_bundle.Missing as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def browser(bundle: Path) -> Iterator[Browser]:
    """One for all tests."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        # In a container its own sandbox cannot be set up, and nothing but our pages is opened. No script runs so long
        # that it is worth to make it faster first.
        scripts = "--js-flags=--no-opt,--no-maglev"
        browser = playwright.chromium.launch(
            executable_path=browser_bundle.chromium(), args=["--no-sandbox", "--disable-gpu", scripts]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def one_stash(bundle: Path) -> Iterator[StashPage]:
    with StashPage(bundle) as stash:
        yield stash


@pytest.fixture
def stash(one_stash: StashPage) -> StashPage:
    """The small Stash, with nothing set."""
    one_stash.reset()
    return one_stash


def _context(browser: Browser) -> BrowserContext:
    # Nothing fades: a busy machine would be waited for, and what is gone still be there.
    context = browser.new_context(viewport=DESKTOP, timezone_id="UTC", locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE)
    return context


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One for all tests: what the host page is made of is read and compiled once. Nothing of ours is stored in it."""
    context = _context(browser)
    yield context
    context.close()


@pytest.fixture(scope="session")
def kept(context: BrowserContext) -> list[Page]:
    """The page that tests use one after the other. A page of its own for each would be a process for each, which costs
    three times as much as all that the test does in it.
    """
    return [context.new_page()]


@pytest.fixture
def page(kept: list[Page], context: BrowserContext, one_stash: StashPage) -> Iterator[Page]:
    """A page with nothing in it. What is thrown in it fails the test, whatever else it shows."""
    if kept[0].is_closed():
        kept[0] = context.new_page()
    page, thrown = kept[0], []
    page.bring_to_front()
    page.set_viewport_size(DESKTOP)

    def throw(error: Error) -> None:
        thrown.append(error)

    page.on("pageerror", throw)
    yield page
    one_stash.leave(page)
    page.remove_listener("pageerror", throw)
    assert thrown == [], "the page threw"


@pytest.fixture
def own_page(browser: Browser) -> Iterator[Page]:
    """A page for what stays with it: scripts that run before the page's own, and a clock that the test turns.

    In a context of its own: a clock is all pages' of one.
    """
    context = _context(browser)
    yield context.new_page()
    context.close()


@pytest.fixture
def opened(stash: StashPage, page: Page) -> Callable[[str], Page]:
    """Opens a tab of the page, where everything that it asks has an answer unless the test has set another."""
    page_answers.furnish(stash)

    def opened(tab: str = "overview", **more: str) -> Page:
        stash.show(page, f"/plexsync?{urlencode({'tab': tab, **more})}")
        return page

    return opened
