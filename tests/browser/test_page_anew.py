"""Most tests go on in the page of the one before, where Stash is started again: nothing of that one is left in it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.page_answers import furnish, snapshot

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stash_page import StashPage

#: All that a script can come upon: names, what plugins are given, marks on the document, what is stored.
INVENTORY = """() => {
  const names = (one) => Object.getOwnPropertyNames(one).filter((name) => !/^__|^_react/.test(name)).sort();
  const within = (one) => (one && typeof one === 'object' ? names(one) : typeof one);
  const marks = (one) => [...one.attributes].map(({ name, value }) => `${name}=${value}`);
  return {
    window: names(window),
    document: names(document),
    plexsync: names(PlexSync),
    api: Object.fromEntries(names(PluginApi).map((name) => [name, within(PluginApi[name])])),
    head: [...document.head.children].map((one) => one.outerHTML),
    marks: [...marks(document.documentElement), ...marks(document.body)],
    title: document.title,
    stored: [...Object.entries(localStorage), ...Object.entries(sessionStorage)],
    state: window.history.state,
    answers: window.fetch.toString(),
    client: names(PluginApi.utils.StashService.getClient().cache.extract()),
  };
}"""
#: What no plugin should do, and a fault of ours might.
MESS = """
window.left = 1;
PlexSync.Page = () => null;
PluginApi.patch.before("MainNavBar.UtilityItems", () => { throw new Error("left"); });
PluginApi.register.component("Left", () => null);
delete PluginApi.components["ScenePage.Tabs"];
delete PluginApi.libraries.Bootstrap;
delete PluginApi.hooks;
PluginApi.utils.StashService.getClient = () => null;
localStorage.setItem("left", "1");
sessionStorage.setItem("left", "1");
document.left = 1;
document.title = "Left";
document.body.classList.add("left");
document.body.style.display = "none";
document.documentElement.style.display = "none";
document.head.append(document.createElement("style"));
document.body.append(document.createElement("p"));
history.replaceState({ left: 1 }, "");
for (const target of [window, document, document.body]) {
  target.addEventListener("click", () => { throw new Error("left"); });
}
const ask = window.fetch;
setInterval(() => ask("graphql", { method: "POST", body: JSON.stringify({
  query: "mutation { runPluginOperation(plugin_id: $plugin_id, args: $args) }",
  variables: { plugin_id: "PlexSync", args: { mode: "left" } },
}) }), 20);
window.fetch = () => new Promise(() => {});
"""


def inventory(page: Page) -> dict[str, Any]:
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    found: dict[str, Any] = page.evaluate(INVENTORY)
    return found


def test_a_page_that_goes_on_is_as_one_that_is_loaded(stash: StashPage, page: Page) -> None:
    furnish(stash)
    page.goto(stash.address("/plexsync"))
    loaded = inventory(page)
    # A dialog lies beside the page, where React listens, too; and settings are loaded late.
    page.get_by_role("tab", name="Failed").click()
    page.get_by_role("button", name="Discard all").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    page.get_by_role("link", name="Settings", exact=True).first.click()
    expect(page.get_by_label("Tagline")).to_be_visible()
    assert "PluginSettings" in page.evaluate("Object.keys(PluginApi.components)")
    stash.leave(page)
    # In a block: a constant beside it is a name that nothing takes back.
    stash.after = [f"{{ {MESS} }}"]
    stash.show(page, "/plexsync?tab=failed")
    stash.until(lambda: len(stash.asked("left")) > 1)
    stash.leave(page)

    stash.after = []
    asked = len(stash.asked("left"))
    page.evaluate("window.isTheSame = 1")
    stash.show(page, "/plexsync")
    assert page.evaluate("window.isTheSame") == 1, "it was loaded"
    page.evaluate("delete window.isTheSame")
    assert inventory(page) == loaded
    # What listens to clicks is not in the list.
    page.get_by_role("tab", name="Failed").click()
    page.get_by_role("button", name="Discard all").click()
    page.get_by_role("dialog").get_by_role("button", name="Discard all").click()
    expect(page.locator(".toast-container")).to_contain_text("asked to discard")
    assert len(stash.asked("left")) == asked


def test_what_is_asked_at_the_end_is_answered_before_the_next_begins(stash: StashPage, page: Page) -> None:
    answered = []

    def slowly(_: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.3)
        answered.append(len(stash.asked("status")))
        return snapshot()

    stash.answer("status", slowly)
    stash.show(page, "/plexsync")
    stash.until(lambda: bool(stash.asked("status")))
    stash.leave(page)
    assert answered
    assert len(answered) == len(stash.asked("status"))


def test_a_page_that_cannot_be_as_before_is_loaded(stash: StashPage, page: Page) -> None:
    furnish(stash)
    stash.after = ["Object.defineProperty(window, 'stuck', { value: 1 });"]
    stash.show(page, "/plexsync")
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    stash.leave(page)
    assert page.url == "about:blank"


def test_a_page_that_still_runs_is_loaded(stash: StashPage, page: Page) -> None:
    furnish(stash)
    stash.show(page, "/plexsync")
    page.evaluate("window.left = 1")
    stash.show(page, "/plexsync")
    assert page.evaluate("window.left") is None
