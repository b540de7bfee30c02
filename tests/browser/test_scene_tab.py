"""The Plex tab on a scene's page: what is known, what would change, and each thing that a person can decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.page_answers import MARKUP, RIGHT_TO_LEFT, snapshot
from tests.support.stash_page import refused

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stash_page import StashPage

AT = "2026-11-27T02:00:00+00:00"


def known(**more: Any) -> dict[str, Any]:
    """What is known of a scene that is synced."""
    facts = {
        "scene_id": 7,
        "state": "synced",
        "queue": None,
        "title": "Beach Day",
        "rating_key": 812,
        "confidence": 96,
        "reasons": ["same path", "same duration"],
        "pinned": None,
        "vetoed": [],
        "candidates": [],
        "notes": [],
        "last_error": None,
        "synced_at": AT,
        "rests": None,
    }
    return facts | more


def difference(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    end = "would_change" if changes else "right"
    known = {"end": end, "rating_key": 812, "confidence": 96, "reasons": [], "text": "", "notes": []}
    return known | {"changes": list(changes)} | more


def item(key: int = 812, **more: Any) -> dict[str, Any]:
    row = {"rating_key": key, "title": f"Item {key}", "file": f"/media/{key}.mp4", "library": "Scenes"}
    return row | {"scene_id": None} | more


def show(stash: StashPage, page: Page, **facts: Any) -> Locator:
    """Open the tab of scene 7."""
    answers = {
        "status": snapshot(),
        "scene": known(**facts),
        "difference": difference(),
        "items": {"rows": [item(scene_id=7)]},
    }
    for mode, answer in answers.items():
        if mode not in stash.answers:
            stash.answer(mode, answer)
    stash.show(page, "/scenes/7")
    page.get_by_role("tab", name="Plex", exact=True).click()
    return page.get_by_role("tabpanel").filter(visible=True)


def test_it_shows_the_item_and_why_and_that_all_is_right(stash: StashPage, page: Page) -> None:
    tab = show(stash, page)
    expect(tab.get_by_text("Synced", exact=True)).to_be_visible()
    for text in ("Item 812", "/media/812.mp4", "96 % sure", "same path", "same duration"):
        expect(tab.get_by_text(text)).to_be_visible()
    expect(tab.get_by_text("syncing would change nothing")).to_be_visible()
    link = tab.get_by_role("link", name="Open in Plex")
    address = "https://app.plex.tv/desktop/#!/server/abc/details?key=%2Flibrary%2Fmetadata%2F812"
    expect(link).to_have_attribute("href", address)
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    assert stash.asked("difference") == [{"scene_id": 7}]


def test_it_asks_nothing_before_it_is_opened_and_after_it_is_left(stash: StashPage, page: Page) -> None:
    stash.answer("status", snapshot())
    stash.answer("scene", known(queue="pending"))
    stash.answer("items", {"rows": []})
    stash.show(page, "/scenes/7")
    expect(page.get_by_role("tab", name="Plex", exact=True)).to_be_visible()
    assert stash.asked("scene") == []
    page.get_by_role("tab", name="Plex", exact=True).click()
    expect(page.get_by_text("Waits in the queue")).to_be_visible()
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("Waits in the queue")).to_have_count(0)


def test_the_difference_is_shown_field_by_field(stash: StashPage, page: Page) -> None:
    stash.answer(
        "difference",
        difference(
            {"field": "title", "before": "guess", "after": MARKUP},
            {"field": "tags", "before": ["Sun", "Old"], "after": ["Sun", "New"]},
            {"field": "summary", "before": "", "after": RIGHT_TO_LEFT},
            {"field": "poster", "before": None, "after": "picture of 12 bytes"},
            notes=["the rating is left out"],
        ),
    )
    tab = show(stash, page)
    rows = tab.get_by_role("row")
    expect(rows).to_have_count(5)
    expect(rows.nth(1).get_by_role("cell").nth(2)).to_have_text(MARKUP)
    expect(rows.nth(2).locator("del")).to_have_text("Old")
    expect(rows.nth(2).locator("ins")).to_have_text("New")
    expect(rows.nth(3)).to_contain_text("Description")
    expect(rows.nth(4)).to_contain_text("picture of 12 bytes")
    expect(tab.get_by_text("the rating is left out")).to_be_visible()
    assert page.evaluate("window.harmed") is None


def test_sync_now_is_watched_until_it_is_done(stash: StashPage, page: Page) -> None:
    states = iter(
        [known(state="failed", last_error="Plex was away"), known(queue="pending"), known(queue="in progress"), known()]
    )
    latest: list[dict[str, Any]] = []
    stash.answer("sync", lambda args: {"text": "1 scene queued.", "count": len(args["scene_ids"])})
    stash.answer("scene", lambda _args: latest.append(next(states, known())) or latest[-1])
    stash.answer("difference", lambda _args: difference({"field": "title", "before": "a", "after": "b"}))
    tab = show(stash, page)
    expect(tab.get_by_text("Plex was away")).to_be_visible()
    stash.answer("difference", difference())
    tab.get_by_role("button", name="Sync now").click()
    expect(tab.get_by_role("button", name="Syncing...")).to_be_disabled()
    expect(tab.get_by_role("button", name="Sync now")).to_be_enabled()
    expect(tab.get_by_text("syncing would change nothing")).to_be_visible()
    expect(tab.get_by_text("Plex was away")).to_have_count(0)
    assert stash.asked("sync") == [{"scene_ids": [7]}]


def test_another_item_is_searched_for_and_chosen(stash: StashPage, page: Page) -> None:
    def items(args: dict[str, Any]) -> dict[str, Any]:
        if args.get("rating_key"):
            return {"rows": [item(scene_id=7)]}
        if args["search"] != "beach night":
            return {"rows": []}
        return {"rows": [item(scene_id=7), item(900, title="Beach Night"), item(901, title="Mine", scene_id=12)]}

    stash.answer("items", items)
    stash.answer("accept", {"text": "Scene 7 belongs to item 901."})
    tab = show(stash, page)
    choose = tab.get_by_role("button", name="Choose another item")
    expect(choose).to_have_attribute("aria-expanded", "false")
    choose.click()
    search = tab.get_by_label("Search Plex's titles and files")
    expect(search).to_have_value("Scene 7")
    expect(tab.get_by_text("Nothing in the libraries in use is called so.")).to_be_visible()
    search.fill("beach night")
    # The item that it has is shown, and is none to choose.
    expect(tab.get_by_role("group")).to_have_count(3)
    expect(tab.get_by_role("group").first).to_contain_text("Its item now")
    expect(tab.get_by_role("group").first.get_by_role("button")).to_have_count(0)
    expect(tab.get_by_role("link", name="Scene 12")).to_have_attribute("href", "/scenes/12")
    tab.get_by_role("button", name="Choose Mine").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Scene 12 has “Mine” now. It loses the item")
    dialog.get_by_role("button", name="Cancel").click()
    assert stash.asked("accept") == []
    tab.get_by_role("button", name="Choose Mine").click()
    dialog.get_by_role("button", name="This one").click()
    expect(page.get_by_text("Scene 7 belongs to item 901.")).to_be_visible()
    assert stash.asked("accept") == [{"scene_id": 7, "rating_key": 901}]
    expect(search).to_have_count(0)
    expect(choose).to_be_focused()


def test_a_scene_without_a_title_is_searched_for_by_its_files_name(stash: StashPage, page: Page) -> None:
    stash.rig = {"scenes": {"7": {"title": "", "files": [{"id": 7, "path": "C:\\v\\Scene 0012.part.mp4"}]}}}
    tab = show(stash, page)
    tab.get_by_role("button", name="Choose another item").click()
    expect(tab.get_by_label("Search Plex's titles and files")).to_have_value("Scene 0012.part")


def test_an_item_can_be_ruled_out_and_a_decision_taken_back(stash: StashPage, page: Page) -> None:
    stash.answer("reject", {"text": "1 item ruled out."})
    stash.answer("forget", {"text": "1 decision forgotten."})
    tab = show(stash, page)
    expect(tab.get_by_role("button", name="Forget decisions")).to_have_count(0)
    tab.get_by_role("button", name="Not this item").click()
    stash.answer("scene", known(state="not_found", rating_key=None, confidence=None, reasons=[], vetoed=[812]))
    stash.answer("difference", difference(end="not_in_plex", rating_key=None, text="no file fits"))
    page.get_by_role("dialog").get_by_role("button", name="Not this item").click()
    expect(tab.get_by_text("You ruled out item 812.")).to_be_visible()
    expect(tab.get_by_text("This scene has no item in Plex yet.")).to_be_visible()
    expect(tab.get_by_text("no file fits")).to_be_visible()
    tab.get_by_role("button", name="Forget decisions").click()
    expect(page.get_by_text("1 decision forgotten.")).to_be_visible()
    assert stash.asked("reject") == stash.asked("forget") == [{"scene_id": 7}]


def test_candidates_of_a_scene_for_review_can_be_chosen_at_once(stash: StashPage, page: Page) -> None:
    stash.answer("accept", {"text": "Chosen."})
    stash.answer("difference", difference(end="review", rating_key=None, text="two are as likely"))
    candidates = [
        {"rating_key": 5, "confidence": 80, "reasons": ["same size"], "title": "One", "path": "/m/one.mp4"},
        {"rating_key": 6, "confidence": 79, "reasons": [], "title": "Two", "path": "/m/two.mp4"},
    ]
    tab = show(stash, page, state="review", rating_key=None, confidence=None, reasons=[], candidates=candidates)
    expect(tab.get_by_text("two are as likely")).to_be_visible()
    expect(tab.get_by_text("/m/two.mp4")).to_be_visible()
    expect(tab.get_by_role("button", name="None of these")).to_be_visible()
    tab.get_by_role("button", name="Choose One").click()
    expect(page.get_by_text("Chosen.")).to_be_visible()
    assert stash.asked("accept") == [{"scene_id": 7, "rating_key": 5}]


def test_a_scene_that_was_never_synced_is_no_fault(stash: StashPage, page: Page) -> None:
    tab = show(stash, page, state="unknown", rating_key=None, confidence=None, reasons=[], synced_at=None)
    expect(tab.get_by_text("Not synced yet")).to_be_visible()
    expect(tab.get_by_role("button", name="Sync now")).to_be_enabled()
    expect(tab.get_by_role("button", name="Not this item")).to_have_count(0)
    expect(tab.get_by_role("button", name="Choose an item")).to_have_count(0)
    expect(tab.get_by_role("link", name="Open in Plex")).to_have_count(0)


def test_without_a_consumer_it_says_so_and_leads_to_the_page(stash: StashPage, page: Page) -> None:
    stash.answer("scene", refused("not_running", "The consumer is not running.", "Start it on this page."))
    tab = show(stash, page)
    expect(tab.get_by_role("alert")).to_contain_text("The consumer is not running.")
    expect(tab.get_by_role("link", name="Open PlexSync's page")).to_have_attribute("href", "/plexsync")
    stash.answer("scene", known())
    # It is asked again by itself.
    expect(tab.get_by_text("96 % sure")).to_be_visible()


def test_a_comparison_that_fails_leaves_the_rest(stash: StashPage, page: Page) -> None:
    stash.answer("difference", refused("failed", "Plex does not answer", "Is it running?"))
    tab = show(stash, page)
    expect(tab.get_by_text("Plex does not answer")).to_be_visible()
    expect(tab.get_by_text("96 % sure")).to_be_visible()
    stash.answer("difference", difference())
    tab.get_by_role("button", name="Try again").click()
    expect(tab.get_by_text("syncing would change nothing")).to_be_visible()


def test_an_edit_in_stash_is_looked_at_again(stash: StashPage, page: Page) -> None:
    tab = show(stash, page)
    expect(tab.get_by_text("syncing would change nothing")).to_be_visible()
    asked = len(stash.asked("scene"))
    # The edit is queued a moment later: for a while it is looked for.
    stash.until(lambda: len(stash.asked("scene")) > asked)


def test_a_stash_that_has_no_place_for_its_content_gets_no_tab(stash: StashPage, page: Page) -> None:
    stash.answer("status", snapshot())
    stash.after = ["delete PluginApi.components['ScenePage.TabContent'];"]
    stash.show(page, "/scenes/7")
    expect(page.get_by_role("tab", name="Details")).to_be_visible()
    expect(page.get_by_role("tab", name="Plex", exact=True)).to_have_count(0)


def test_a_fault_of_ours_leaves_the_scenes_page(stash: StashPage, page: Page) -> None:
    stash.after = ["PlexSync.useAnswer = () => { throw new Error('harm'); };"]
    tab = show(stash, page)
    expect(tab.get_by_text("PlexSync could not show this. Stash itself is not affected.")).to_be_visible()
    page.get_by_role("tab", name="File Info").click()
    expect(page.get_by_text("/data/scene-7.mp4")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_fits_a_narrow_screen_and_works_with_keys(stash: StashPage, page: Page, theme: str) -> None:
    stash.rig = {"theme": theme}
    long = "a-very-long-name-" * 12
    stash.answer("items", {"rows": [item(900, title=long, file=f"/media/{long}.mp4")]})
    stash.answer("difference", difference({"field": "title", "before": long, "after": f"{long}!"}))
    stash.answer("accept", {"text": "Chosen."})
    page.set_viewport_size({"width": 390, "height": 800})
    tab = show(stash, page, reasons=[long])
    tab.get_by_role("button", name="Choose another item").focus()
    page.keyboard.press("Enter")
    expect(tab.get_by_role("button", name=f"Choose {long}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    tab.get_by_role("button", name=f"Choose {long}").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Chosen.")).to_be_visible()
