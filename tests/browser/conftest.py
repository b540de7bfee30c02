"""The browser, and the small Stash that it opens. Without Chromium or node on the machine these tests are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import browser_bundle
from tests.support.stash_page import StashPage

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

#: Milliseconds within which what a test waits for is there; a busy machine is slow.
PATIENCE = 15_000


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
        # In a container its own sandbox cannot be set up, and nothing but our pages is opened.
        browser = playwright.chromium.launch(
            executable_path=browser_bundle.chromium(), args=["--no-sandbox", "--disable-gpu"]
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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with nothing in it. What it throws and no test caught fails the test (``page.errors``, to be emptied)."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, timezone_id="UTC", locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    thrown: list[Any] = []
    page.on("pageerror", lambda error: thrown.append(error))
    page.errors = thrown  # type: ignore[attr-defined]
    yield page
    context.close()
    assert thrown == [], "the page threw"
