"""Each tab of the page: what it shows, and what its buttons do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.page_answers import AT, event, letter, paged, review, scene, snapshot

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stash_page import StashPage

Opened = Callable[..., "Page"]


def toast(page: Page) -> Locator:
    return page.locator(".toast-container")


def press(page: Page, name: str, *, sure: str | None = None, exact: bool = True) -> None:
    """Press a button, and say yes to the question that follows, where one is expected."""
    page.get_by_role("button", name=name, exact=exact).first.click()
    if sure:
        page.get_by_role("dialog").get_by_role("button", name=sure, exact=True).click()


# --- instances --------------------------------------------------------------------------------------------------------


def test_of_several_instances_one_is_chosen_and_asked_from_then_on(opened: Opened, stash: StashPage) -> None:
    stash.answer("status", snapshot(instances=["main", "attic"]))
    page = opened()
    try:
        page.get_by_label("Instance").select_option("attic")
        expect(page.get_by_label("Instance")).to_have_value("attic")
        expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
        page.get_by_role("tab", name="Health").click()
        expect(page.get_by_role("tabpanel")).to_be_visible()
        stash.until(lambda: stash.asked("health")[-1:] == [{"instance": "attic"}])
        page.get_by_label("Instance").select_option("main")
        stash.until(lambda: "instance" not in stash.asked("status")[-1])
        expect(page.get_by_label("Instance")).to_have_value("main")
    finally:
        page.evaluate("localStorage.clear()")


def test_where_there_is_one_nothing_is_to_be_chosen(opened: Opened) -> None:
    page = opened()
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    expect(page.get_by_label("Instance")).to_have_count(0)


# --- overview ---------------------------------------------------------------------------------------------------------


def test_the_overview_tells_how_it_is_going(opened: Opened) -> None:
    page = opened()
    for text in (
        "PlexSync works, with warnings, 3 scenes need you",
        "version 1.0.0",
        "The disk is nearly full.",
        "Make room.",
        "Syncing all scenes: 300 of 1,200, about 90 s left",
        "Compared 1,200 scenes: 5 differ.",
        "75 s",
        "over 99 %",
        "connection refused",
    ):
        expect(page.get_by_role("main")).to_contain_text(text)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(page.get_by_role("img", name="Last hour: 66 successes, 12 failures")).to_be_visible()
    press(page, "Day")
    expect(page.get_by_role("img", name="Last day: 2,760 successes, 24 failures")).to_be_visible()


def test_each_count_leads_to_its_list(opened: Opened) -> None:
    page = opened()
    for link, tab in [
        ("2 Failed", "Failed"),
        ("1 For review", "Review"),
        ("3 Not found", "Not found"),
        ("1,200 Synced", "All scenes"),
    ]:
        page.get_by_role("link", name=link, exact=True).click()
        expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel")).to_be_visible()
        page.go_back()


def test_what_is_shown_follows_the_consumer(opened: Opened, stash: StashPage) -> None:
    page = opened()
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    stash.answer("status", snapshot(scenes={"synced": 1204}, now=[]))
    expect(page.get_by_role("link", name="1,204 Synced")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_what_can_be_started_on_the_overview(opened: Opened, stash: StashPage) -> None:
    page = opened()
    for button, sure, mode, args in [
        ("Sync what changed in the last day", None, "sync_recent", {"hours": 24}),
        ("Sync all scenes", "Sync all scenes", "sync", {"all": True}),
        ("Preview: what would change?", None, "preview", {}),
        ("Compare everything", None, "reconcile", {}),
        ("Make a report", None, "report", {}),
        ("Restart PlexSync", None, "restart", {}),
        ("Stop PlexSync", "Stop PlexSync", "stop", {}),
        ("Cancel: Syncing all scenes", None, "cancel", {"id": "everything"}),
    ]:
        press(page, button, sure=sure)
        expect(toast(page)).to_contain_text(f"It was asked to {mode}.")
        assert stash.asked(mode) == [args], button


def test_a_full_comparison_is_asked_for_by_a_tick(opened: Opened, stash: StashPage) -> None:
    page = opened()
    page.get_by_label("and read every item of Plex anew").check()
    press(page, "Compare everything")
    expect(toast(page)).to_contain_text("asked to reconcile")
    assert stash.asked("reconcile") == [{"full": True}]


def test_a_preview_that_is_done_is_shown(opened: Opened, stash: StashPage) -> None:
    page = opened()
    example = {"scene_id": 9, "title": "Ninth", "text": "title, date"}
    preview = {"at": AT, "text": "40 scenes would change.", "counts": {"would change": 40}, "examples": [example]}
    stash.answer("status", snapshot(preview=preview))
    box = page.get_by_role("region", name="Preview")
    expect(box).to_contain_text("40 scenes would change.")
    expect(box.get_by_role("link", name="Ninth")).to_have_attribute("href", "/scenes/9")


# --- failed -----------------------------------------------------------------------------------------------------------


def test_failed_scenes_are_listed_with_the_reason(opened: Opened) -> None:
    page = opened("failed")
    row = page.get_by_role("row").filter(has_text="Failed film 1")
    expect(row).to_contain_text("Plex refuses the title of scene 1001")
    expect(row).to_contain_text("after 5 attempts")
    expect(row.get_by_role("link", name="Failed film 1")).to_have_attribute("href", "/scenes/1001")


def test_what_can_be_done_with_failed_scenes(opened: Opened, stash: StashPage) -> None:
    page = opened("failed")
    for button, sure, mode, args in [
        ("Try again: Failed film 2", None, "retry", {"ids": [2]}),
        ("Discard: Failed film 2", "Discard", "discard", {"ids": [2]}),
        ("Try all again", None, "retry", {"all": True}),
        ("Discard all", "Discard all", "discard", {"all": True}),
    ]:
        press(page, button, sure=sure)
        expect(toast(page)).to_contain_text(f"It was asked to {mode}.")
        assert stash.asked(mode)[-1] == args, button


def test_nothing_is_discarded_where_the_question_is_answered_with_no(opened: Opened, stash: StashPage) -> None:
    page = opened("failed")
    press(page, "Discard all", sure="Cancel")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert stash.asked("discard") == []


def test_those_that_are_chosen_are_tried_again_and_the_list_is_read_anew(opened: Opened, stash: StashPage) -> None:
    page = opened("failed")
    expect(page.get_by_role("button", name="Try selected again")).to_be_disabled()
    page.get_by_label("Select all shown").check()
    page.get_by_label("Select Failed film 1").uncheck()
    stash.answer("failed", paged([letter(1)]))
    press(page, "Try the 1 selected again")
    expect(page.get_by_text("1 failed scene", exact=True)).to_be_visible()
    assert stash.asked("retry") == [{"ids": [2]}]
    expect(page.get_by_text("Failed film 2")).to_have_count(0)


def test_all_that_is_known_of_a_failed_scene(opened: Opened, stash: StashPage) -> None:
    page = opened("failed")
    press(page, "All about: Failed film 1")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("PlexRefused: Plex refuses the title of scene 1001")
    expect(dialog).to_contain_text("HTTP 400")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    assert stash.asked("letter") == [{"id": 1}]


def test_ten_thousand_failed_scenes_come_in_pages(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("failed", paged([letter(n) for n in range(1, 10_001)]))
    page.get_by_role("tab", name="Failed").click()
    expect(page.get_by_text("10,000 failed scenes, page 1")).to_be_visible()
    expect(page.get_by_role("link", name="Failed film")).to_have_count(50)
    press(page, "Next")
    expect(page.get_by_role("link", name="Failed film 51", exact=True)).to_be_visible()
    press(page, "Previous")
    expect(page.get_by_role("link", name="Failed film 1", exact=True)).to_be_visible()
    press(page, "Next")
    expect(page.get_by_text("10,000 failed scenes, page 2")).to_be_visible()
    page.get_by_label("Search titles and reasons").fill("film 9999")
    expect(page.get_by_role("link", name="Failed film 9999", exact=True)).to_be_visible()
    expect(page.get_by_text("1 failed scene", exact=True)).to_be_visible()
    assert stash.asked("failed")[-1] == {"search": "film 9999"}


def test_the_last_row_of_the_last_page_goes_and_the_page_before_is_shown(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("failed", paged([letter(n) for n in range(1, 52)]))
    page.get_by_role("tab", name="Failed").click()
    press(page, "Next")
    expect(page.get_by_role("link", name="Failed film 51")).to_be_visible()
    stash.answer("failed", paged([letter(n) for n in range(1, 51)]))
    press(page, "Try again: Failed film 51")
    expect(page.get_by_role("link", name="Failed film 50")).to_be_visible()


# --- review -----------------------------------------------------------------------------------------------------------


def test_candidates_stand_side_by_side_with_pictures_and_reasons(opened: Opened, stash: StashPage) -> None:
    page = opened("review")
    case = page.get_by_role("region", name="Picnic at Midsummer")
    expect(case).to_contain_text("The best match is 82 % sure")
    expect(case.get_by_role("img", name="The scene in Stash: Picnic at Midsummer")).to_have_js_property(
        "naturalWidth", 16
    )
    candidate = case.get_by_role("group", name="Candidate: Picnic 1999")
    expect(candidate).to_contain_text("82 %")
    expect(candidate).to_contain_text("same date")
    expect(candidate.get_by_role("img", name="In Plex: Picnic 1999")).to_have_js_property("complete", True)
    link = candidate.get_by_role("link", name="Open in Plex")
    address = "https://app.plex.tv/desktop/#!/server/abc/details?key=%2Flibrary%2Fmetadata%2F812"
    expect(link).to_have_attribute("href", address)
    assert sorted(one["rating_key"] for one in stash.asked("picture")) == [812, 813]


@pytest.mark.parametrize(
    ("button", "mode", "args"),
    [
        ("Midsummer is Picnic at Midsummer", "accept", {"scene_id": 45, "rating_key": 813}),
        ("None of these is Picnic at Midsummer", "reject", {"scene_id": 45}),
    ],
)
def test_a_review_is_decided(opened: Opened, stash: StashPage, button: str, mode: str, args: dict[str, Any]) -> None:
    page = opened("review")
    expect(page.get_by_role("region", name="Picnic at Midsummer")).to_be_visible()
    stash.answer("reviews", paged([]))
    press(page, button)
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    assert stash.asked(mode) == [args]


def test_a_picture_that_is_none_is_not_shown(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("picture", {"data": "https://elsewhere.example/spy.png"})
    page.get_by_role("tab", name="Review").click()
    expect(page.get_by_text("No picture")).to_have_count(2)


# --- not found, and any other state ----------------------------------------------------------------------------------


def test_scenes_that_plex_has_not_are_listed_and_synced(opened: Opened, stash: StashPage) -> None:
    page = opened("not_found")
    expect(page.get_by_role("link", name="Scene number")).to_have_count(3)
    expect(page.get_by_role("row").filter(has_text="Scene number 2")).to_contain_text("No item of Plex has its file")
    press(page, "Sync now: Scene number 2")
    expect(toast(page)).to_contain_text("asked to sync")
    press(page, "Sync the 3 scenes shown")
    expect(page.get_by_role("button", name="Sync the 3 scenes shown")).to_be_enabled()
    assert stash.asked("sync") == [{"scene_ids": [2]}, {"scene_ids": [1, 2, 3]}]


def test_any_state_can_be_listed_and_linked_to(opened: Opened, stash: StashPage) -> None:
    page = opened("scenes", state="synced")
    expect(page.get_by_role("link", name="Scene number 4")).to_be_visible()
    expect(page.get_by_role("link", name="Scene number")).to_have_count(1)
    page.get_by_label("Scenes that are").select_option("in any state")
    expect(page.get_by_role("link", name="Scene number")).to_have_count(4)
    page.get_by_label("Search titles and files").fill("number 3")
    expect(page.get_by_role("link", name="Scene number")).to_have_count(1)
    page.go_back()
    expect(page.get_by_role("link", name="Scene number 4")).to_be_visible()


# --- activity ---------------------------------------------------------------------------------------------------------


def test_the_last_outcomes_and_the_way_of_one(opened: Opened, stash: StashPage) -> None:
    page = opened("activity")
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_contain_text("Edited film 1")
    expect(rows.nth(2)).to_contain_text("Plex refuses the title")
    press(page, "How it went: Edited film 1")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog).to_contain_text("Scene.Update.Post")
    expect(dialog).to_contain_text("Known in Stash's log and PlexSync's as 3f9c21ab")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    assert stash.asked("trace") == [{"id": 1}]


def test_what_happens_shows_without_a_reload(opened: Opened, stash: StashPage) -> None:
    page = opened("activity")
    expect(page.get_by_text("Edited film 1")).to_be_visible()
    stash.answer("activity", paged([event(3)]))
    stash.answer("status", snapshot(last_success_at="2026-11-27T02:00:01+00:00"))
    expect(page.get_by_text("Edited film 3")).to_be_visible()


# --- health -----------------------------------------------------------------------------------------------------------


def test_health_says_what_doctor_says(opened: Opened, stash: StashPage) -> None:
    page = opened("health")
    expect(page.get_by_text("1 line needs you.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="token?")).to_contain_text("Problem")
    stash.answer("health", {"rows": [{"level": "ok", "name": "Plex", "text": "fine"}]})
    press(page, "Check again")
    expect(page.get_by_text("Everything is right.")).to_be_visible()


def test_a_tab_without_rows_says_so(opened: Opened, stash: StashPage) -> None:
    page = opened()
    for tab, mode, words in [
        ("Failed", "failed", "Nothing has failed."),
        ("Review", "reviews", "Nothing waits for you."),
        ("Not found", "scenes", "PlexSync has found every scene in Plex."),
        ("Activity", "activity", "Nothing has happened yet."),
        ("Health", "health", "There is nothing to check."),
    ]:
        stash.answer(mode, paged([]))
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_text(words)).to_be_visible()


def test_reviews_and_scenes_are_pages_too(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("reviews", paged([review(n, title=f"Film {n}", candidates=[]) for n in range(1, 13)]))
    stash.answer("scenes", paged([scene(n) for n in range(1, 121)]))
    page.get_by_role("tab", name="Review").click()
    expect(page.get_by_text("12 scenes for review, page 1")).to_be_visible()
    press(page, "Next")
    expect(page.get_by_role("region", name="Film 11")).to_be_visible()
    page.get_by_role("tab", name="Not found").click()
    expect(page.get_by_text("120 scenes, page 1")).to_be_visible()


def test_a_scene_that_is_in_the_queue_again_shows_so(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("failed", paged([letter(1, queued="pending"), letter(2, queued="in progress")]))
    stash.answer("scenes", paged([scene(1, queued="scheduled")]))
    page.get_by_role("tab", name="Failed").click()
    expect(page.get_by_role("row").filter(has_text="Failed film 1")).to_contain_text("In the queue")
    expect(page.get_by_role("row").filter(has_text="Failed film 2")).to_contain_text("Worked on now")
    page.get_by_role("tab", name="Not found").click()
    expect(page.get_by_role("row").filter(has_text="Scene number 1")).to_contain_text("Tried again later")


def test_after_the_installation_it_says_what_becomes_of_the_scenes_that_were_there(
    opened: Opened, stash: StashPage
) -> None:
    page = opened()
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    note = page.get_by_role("status").filter(has_text="No scene is in PlexSync's care yet")
    expect(note).to_have_count(0)
    stash.answer("status", snapshot(scenes={"synced": 0, "failed": 0}, now=[]))
    note.get_by_role("button", name="Sync all scenes").click()
    page.get_by_role("dialog").get_by_role("button", name="Sync all scenes").click()
    expect(toast(page)).to_contain_text("asked to sync")
    assert stash.asked("sync") == [{"all": True}]
