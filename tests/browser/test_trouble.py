"""What the page does when something is wrong: no consumer, no answer, or an answer that is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.page_answers import (
    MARKUP,
    RIGHT_TO_LEFT,
    dead,
    event,
    furnish,
    letter,
    paged,
    review,
    scene,
    snapshot,
)
from tests.support.stash_page import GraphQLFault, HTTPFault, Raw, StashPage, refused

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

Opened = Callable[..., "Page"]
#: The tabs that list something, and the operation that each asks.
LISTS = {"Failed": "failed", "Review": "reviews", "Not found": "scenes", "Activity": "activity", "Health": "health"}


def raising(error: Exception) -> Callable[[dict[str, Any]], Any]:
    def answer(_: dict[str, Any]) -> Any:
        raise error

    return answer


# --- no consumer ------------------------------------------------------------------------------------------------------


def test_a_dead_consumer_is_started_from_the_banner(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("status", dead())
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("PlexSync does not run any more")
    expect(banner).to_contain_text("It ended with an error.")
    expect(banner).to_contain_text("Your edits in Stash are kept meanwhile")
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    banner.get_by_role("button", name="Start PlexSync").click()
    expect(page.locator(".toast-container")).to_contain_text("asked to start")
    assert stash.asked("start") == [{}]
    stash.answer("status", dead("setting_up", can_start=False))
    expect(page.get_by_role("main")).to_contain_text("PlexSync is being set up")
    stash.answer("status", snapshot())
    expect(page.get_by_text("It ended with an error.")).to_have_count(0)


def test_those_who_run_it_elsewhere_are_told_how_to_start_it(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("status", dead("stopped", can_start=False))
    page.get_by_text("It runs as a service, or in a container of its own").click()
    expect(page.get_by_text("docker compose up -d plexsync")).to_be_visible()
    expect(page.get_by_role("button", name="Start PlexSync")).to_have_count(0)


def test_missing_settings_are_named_and_lead_to_the_form(opened: Opened, stash: StashPage) -> None:
    page = opened()
    fault = {"setting": "Plex token", "problem": "is missing.", "remedy": "Sign in to Plex."}
    stash.answer("status", {"schema": 1, "life": dead("needs_settings")["life"], "settings_faults": [fault]})
    banner = page.get_by_role("alert")
    expect(banner).to_contain_text("Plex token is missing. Sign in to Plex.")
    fault = {"setting": "PLEXSYNC_PLEX_TOKEN", "problem": "is required", "remedy": "sign in to Plex"}
    stash.answer("status", {"schema": 1, "life": dead("needs_settings")["life"], "settings_faults": [fault]})
    expect(banner).to_contain_text("PLEXSYNC_PLEX_TOKEN is required: sign in to Plex")
    banner.get_by_role("link", name="Open the settings").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_stash_with_a_password_lets_the_consumer_in_by_a_button(opened: Opened, stash: StashPage) -> None:
    page = opened()
    fault = {"setting": "PLEXSYNC_STASH_API_KEY", "problem": "is missing.", "remedy": "Hand it over."}
    stash.answer("status", {"schema": 1, "life": dead("needs_settings")["life"], "settings_faults": [fault]})
    stash.answer("stash_key", {"text": "PlexSync may read Stash now."})
    button = page.get_by_role("button", name="Let PlexSync read Stash")
    button.click()
    expect(page.get_by_text("Stash has no API key yet")).to_be_visible()
    assert stash.asked("stash_key") == []

    stash.api_key = "the-key"
    button.click()
    expect(page.get_by_text("PlexSync may read Stash now.")).to_be_visible()
    assert stash.asked("stash_key") == [{"api_key": "the-key"}]
    assert "the-key" not in page.content()


def test_a_stash_that_got_a_password_lets_a_running_consumer_in_by_a_button(opened: Opened, stash: StashPage) -> None:
    page = opened()
    text = "Nothing can be synced: Stash wants a login: set PLEXSYNC_STASH_API_KEY to the API key shown in Stash."
    finding = {"level": "fail", "name": "access", "text": text, "remedy": "Put the key right."}
    stash.answer("status", snapshot(findings=[finding]))
    expect(page.get_by_role("button", name="Let PlexSync read Stash")).to_be_visible()


def test_where_it_has_never_run_there_is_a_button_and_nothing_to_show(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("status", {"schema": 1, "life": dead("never_started")["life"]})
    expect(page.get_by_text("There is nothing to show yet")).to_be_visible()
    expect(page.get_by_role("button", name="Start PlexSync")).to_be_visible()


def test_a_wrong_token_shows_as_what_it_is(opened: Opened, stash: StashPage) -> None:
    page = opened()
    plex = {"url": "http://plex:32400", "machine_identifier": None, "up": False, "since": None, "cause": "HTTP 401"}
    finding = {"level": "fail", "name": "Plex", "text": "Plex refuses the token.", "remedy": "Enter a new one."}
    stash.answer("status", snapshot(level="fail", plex=plex, findings=[finding]))
    expect(page.get_by_role("region", name="Plex and Stash")).to_contain_text("Down")
    expect(page.get_by_role("region", name="What needs you")).to_contain_text("Enter a new one.")
    expect(page.get_by_role("link", name="PlexSync has a problem").first).to_be_visible()


# --- operations that fail ---------------------------------------------------------------------------------------------


def test_a_question_that_fails_says_why_and_can_be_asked_again(opened: Opened, stash: StashPage) -> None:
    page = opened()
    unreadable = "PlexSync gave an answer that this page cannot read."
    for answer, words in [
        (refused("not_running", "The consumer does not run.", "Start it."), "The consumer does not run."),
        (refused("timeout", "It took too long."), "It took too long."),
        (raising(GraphQLFault("exit status 1")), "Stash could not ask PlexSync: exit status 1"),
        (raising(HTTPFault(502)), "Stash does not answer."),
        (raising(HTTPFault(401)), "You are logged out of Stash."),
        (Raw(None), unreadable),
        (Raw("Traceback: boom"), unreadable),
        (Raw({"ok": True, "result": [1]}), unreadable),
        (Raw({"ok": False, "error": {"text": {"a": 1}}}), "PlexSync could not do that."),
    ]:
        stash.answer("activity", answer)
        page.get_by_role("tab", name="Activity").click()
        problem = page.get_by_role("tabpanel").get_by_role("alert")
        expect(problem).to_contain_text(words)
        stash.answer("activity", paged([event(1)]))
        problem.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("link", name="Edited film 1")).to_be_visible()
        page.get_by_role("tab", name="Overview").click()


def test_an_action_that_fails_says_why_and_can_be_tried_again(opened: Opened, stash: StashPage) -> None:
    page = opened()
    stash.answer("preview", refused("busy", "A preview runs already.", "Wait for it."))
    page.get_by_role("button", name="Preview: what would change?").click()
    expect(page.locator(".toast-container")).to_contain_text("A preview runs already. Wait for it.")
    expect(page.get_by_role("button", name="Preview: what would change?")).to_be_enabled()


def test_a_stash_that_goes_away_is_said_and_what_was_known_stays(opened: Opened, stash: StashPage) -> None:
    page = opened()
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    stash.answer("status", raising(HTTPFault(502)))
    expect(page.get_by_role("alert")).to_contain_text("What stands below is what was known last.")
    expect(page.get_by_role("link", name="1,200 Synced")).to_be_visible()
    stash.answer("status", snapshot())
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize(
    "rubbish",
    [
        Raw("not json"),
        Raw({"ok": True, "result": {}}),
        {"life": 5, "scenes": [], "now": {}, "level": {"a": 1}},
        {"life": {"state": {"x": 1}, "text": ["a"]}, "scenes": {"synced": "many"}, "settings_faults": [None, 1]},
        snapshot(now=[None, 3, {}, {"text": {"a": 1}, "done": "x", "of": -1}], done=[{}], findings=[{}, "x"], chart=7)
        | {"plex": "up", "stash": None, "queue": 1, "success_rate": [], "reconcile": "x", "preview": {"examples": {}}}
        | {"attention": "a", "since": "never", "version": {}, "oldest_pending_s": "old"},
        snapshot(chart={"hour": [{"synced": -5, "failed": "x"}, {}], "day": None}, success_rate={"1h": 7, "24h": "x"}),
    ],
    ids=["text", "nothing", "wrong-kinds", "odd-life", "odd-parts", "odd-figures"],
)
def test_a_status_that_is_rubbish_harms_nothing(opened: Opened, stash: StashPage, rubbish: Any) -> None:
    page = opened()
    stash.answer("status", rubbish)
    asked = len(stash.asked("status"))
    page.reload()
    expect(page.get_by_role("heading", name="PlexSync", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading...")).to_have_count(0)
    assert len(stash.asked("status")) > asked
    expect(page.get_by_text("could not show this")).to_have_count(0)
    expect(page.get_by_role("link", name="Stash")).to_be_visible()


def test_rows_that_are_rubbish_harm_nothing(opened: Opened, stash: StashPage) -> None:
    page = opened()
    odd = {name: {"deep": [1]} for name in (*letter(1), *review(), *scene(1), *event(1), "level", "name")}
    rows = [None, 5, "x", {}, odd, dict.fromkeys(odd), {"title": "Sound", "name": "Sound", "scene_id": 1}]
    for tab, mode in LISTS.items():
        stash.answer(mode, {"rows": rows, "total": "many", "next": {"a": 1}})
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel").get_by_text("Sound").first).to_be_visible()
        expect(page.get_by_text("could not show this")).to_have_count(0)


# --- texts from outside ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", [MARKUP, RIGHT_TO_LEFT], ids=["markup", "right-to-left"])
def test_titles_are_shown_as_they_are_and_do_nothing(opened: Opened, stash: StashPage, title: str) -> None:
    page = opened()
    candidate = {**review()["candidates"][0], "title": title, "path": title, "reasons": [title]}
    stash.answer("failed", paged([letter(1, title=title, message=title)]))
    stash.answer("reviews", paged([review(title=title, why=title, file=title, candidates=[candidate])]))
    stash.answer("scenes", paged([scene(1, title=title, last_error=title)]))
    stash.answer("activity", paged([event(1, title=title, text=title, fields=[title])]))
    stash.answer("health", {"rows": [{"level": "ok", "name": title, "text": title}]})
    stash.answer("status", snapshot(findings=[{"level": title, "name": title, "text": title, "remedy": title}]))
    stash.answer("retry", {"text": title})
    for tab in ("Overview", "Failed", "Review", "Not found", "Activity", "Health"):
        page.get_by_role("tab", name=tab).click()
        alone = page.get_by_role("tabpanel").locator("bdi").get_by_text(title, exact=True)
        expect(alone.first).to_be_visible()
    page.get_by_role("tab", name="Failed").click()
    page.get_by_role("button", name="Try all again").click()
    expect(page.locator(".toast-container")).to_contain_text(title)
    assert page.evaluate("window.harmed") is None
    assert page.locator(".plexsync img[src=x]").count() == 0


# --- a proxy before Stash ---------------------------------------------------------------------------------------------


def test_everything_works_below_a_path(bundle: Path, page: Page) -> None:
    with StashPage(bundle, prefix="/media/stash") as stash:
        furnish(stash)
        page.goto(stash.address("/plexsync?tab=review"))
        picture = page.get_by_role("img", name="The scene in Stash: Picnic at Midsummer")
        expect(picture).to_have_attribute("src", "/media/stash/scene/45/screenshot")
        expect(picture).to_have_js_property("naturalWidth", 16)
        page.get_by_role("button", name="Midsummer is Picnic").click()
        expect(page.locator(".toast-container")).to_contain_text("asked to accept")
        page.reload()
        page.get_by_role("link", name="Picnic at Midsummer").click()
        expect(page.get_by_role("heading", name="Scene 45")).to_be_visible()
        assert page.url == stash.address("/scenes/45")
        assert [one.path for one in stash.log if not one.path.startswith("/media/stash/")] == []


def test_a_key_that_is_missing_beside_other_settings_leaves_the_way_to_the_form(
    opened: Opened, stash: StashPage
) -> None:
    page = opened()
    key = {"setting": "PLEXSYNC_STASH_API_KEY", "problem": "is missing.", "remedy": ""}
    token = {"setting": "PLEXSYNC_PLEX_TOKEN", "problem": "is missing.", "remedy": ""}
    life = dead("needs_settings")["life"]
    stash.answer("status", {"schema": 1, "life": life, "settings_faults": [key, token]})
    banner = page.get_by_role("alert")
    expect(banner.get_by_role("button", name="Let PlexSync read Stash")).to_be_visible()
    expect(banner.get_by_role("link", name="Open the settings")).to_be_visible()
    stash.answer("status", {"schema": 1, "life": life, "settings_faults": [key]})
    expect(banner.get_by_role("link", name="Open the settings")).to_have_count(0)
    expect(banner.get_by_role("button", name="Let PlexSync read Stash")).to_be_visible()
