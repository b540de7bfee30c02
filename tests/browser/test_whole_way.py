"""The whole way: the page, Stash, the hook's process, the real consumer, Plex, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from plexsync.demo.world import World
from plexsync.model import Part
from tests.support.stash_page import StashPage

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path) as world:
        yield world


def test_a_scene_is_edited_and_the_page_shows_its_way_to_plex(world: World, bundle: Path, page: Page) -> None:
    with StashPage(bundle, stash=world.stash) as stash:
        scene = world.add("harbour.mp4")
        lost = world.stash.add_scene(None, "/data/nowhere.mp4", size=77)
        page.goto(stash.address("/plexsync"))
        expect(page.get_by_role("alert")).to_contain_text("PlexSync")
        world.start_consumer()
        expect(page.get_by_text("Running since")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)

        world.edit(scene, title="Harbour <b>Lights</b>", details="At night.")
        world.edit(lost, title="Nowhere to be found")
        expect(page.get_by_role("link", name="1 Synced")).to_be_visible()
        world.wait_until_right([scene])
        page.get_by_role("tab", name="Activity").click()
        page.get_by_role("button", name="How it went: Harbour <b>Lights</b>").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("listitem").nth(1)).to_be_visible()
        page.keyboard.press("Escape")

        page.get_by_role("tab", name="Not found").click()
        row = page.get_by_role("row").filter(has_text="Nowhere to be found")
        expect(row).to_contain_text("/data/nowhere.mp4")
        page.get_by_role("tab", name="Health").click()
        expect(page.get_by_role("row").filter(has_text="Plex").first).to_be_visible()

        page.get_by_role("tab", name="Not found").click()
        before = len(world.stash.hook_runs)
        page.get_by_role("button", name="Sync now: Nowhere to be found").click()
        expect(page.locator(".toast-container")).to_contain_text("1 scene")
        # The operation is no hook: nothing was edited.
        assert len(world.stash.hook_runs) == before

        unsure = world.stash.add_scene(None, "/data/archive/IMG_2041.mov", size=734_003_217)
        # Two that are as much like it as each other.
        names = ("Picnic at Midsummer 1999-06-21", "Midsummer Picnic 1999-06-21")
        parts = [Part(f"/media/scenes/converted/{name}.mp4", 218_765_433 + at) for at, name in enumerate(names)]
        keys = [world.plex.add_item(world.section, name, [part]) for name, part in zip(names, parts, strict=True)]
        world.items[unsure] = keys[0]
        world.edit(unsure, title="Picnic at Midsummer", date="1999-06-21")
        page.get_by_role("tab", name="Review").click()
        page.get_by_role("button", name="Picnic at Midsummer 1999-06-21 is Picnic at Midsummer").click()
        expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
        world.wait_until_right([unsure])

        page.get_by_role("tab", name="Overview").click()
        page.get_by_role("button", name="Preview: what would change?").click()
        expect(page.get_by_role("region", name="Preview")).to_be_visible()
        page.get_by_role("button", name="Stop PlexSync").click()
        page.get_by_role("dialog").get_by_role("button", name="Stop PlexSync").click()
        expect(page.get_by_text("PlexSync is stopped")).to_be_visible()
        stash.until(lambda: world.consumer_ended() is not None, 40)
        assert world.consumer_ended() == 0


def test_from_no_settings_at_all_to_the_first_scene_in_plex(tmp_path: Path, bundle: Path, page: Page) -> None:
    nothing = dict.fromkeys(("PLEXSYNC_PLEX_URL", "PLEXSYNC_PLEX_TOKEN", "PLEXSYNC_PATH_MAP"), "")
    with (
        World(tmp_path, {**nothing, "PLEXSYNC_STARTED_BY": "stash"}) as world,
        StashPage(bundle, stash=world.stash) as stash,
    ):
        scene, other = world.add("harbour.mp4"), world.add("pier.mp4")
        world.start_consumer()
        page.goto(stash.address("/settings"))
        form = page.get_by_role("form", name="Settings of PlexSync")
        expect(form.get_by_text("Once the token is saved, Plex's libraries can be ticked here.")).to_be_visible()
        expect(form.get_by_text("is required")).to_be_visible()
        form.get_by_label("Plex address").fill("nas")
        form.get_by_role("button", name="Save", exact=True).click()
        expect(form.get_by_text("does not start with http:// or https://")).to_be_visible()
        form.get_by_label("Plex address").fill(world.plex.url)
        form.get_by_label("Plex token", exact=True).fill(world.plex.token)
        form.get_by_role("button", name="Save and test connection").click()
        found = form.get_by_label("What the test found")
        expect(found).to_contain_text(f"answers at {world.plex.url}")
        expect(form.get_by_role("group", name="Plex libraries").get_by_label("Scenes")).to_be_checked()
        assert world.plex.token not in page.content()

        world.edit(scene, title="Harbour Lights")
        page.goto(stash.address(f"/scenes/{scene}"))
        page.get_by_role("tab", name="Plex", exact=True).click()
        tab = page.get_by_role("tabpanel").filter(visible=True)
        expect(tab.get_by_text("Synced", exact=True)).to_be_visible()
        expect(tab.get_by_text("syncing would change nothing")).to_be_visible()
        world.wait_until_right([scene])

        # What is set in the form is in force at once.
        page.goto(stash.address("/settings"))
        form.get_by_label("Content rating", exact=True).fill("XXX")
        form.get_by_role("button", name="Save", exact=True).click()
        expect(form.get_by_text("Saved.", exact=True)).to_be_visible()
        told = "the new ones are in force: content_rating"
        world.wait(lambda: told in world.log_path.read_text(encoding="utf-8"), 30, told)
        page.goto(stash.address(f"/scenes/{scene}"))
        page.get_by_role("tab", name="Plex", exact=True).click()
        expect(tab.get_by_role("row", name="Content rating")).to_contain_text("XXX")
        tab.get_by_role("button", name="Sync now").click()
        expect(tab.get_by_text("syncing would change nothing")).to_be_visible()
        assert world.plex.item(world.items[scene]).texts["contentRating"] == "XXX"

        # Another item, and what the scene's own was told goes with it.
        tab.get_by_role("button", name="Choose another item").click()
        tab.get_by_label("Search Plex's titles and files").fill("pier")
        tab.get_by_role("button", name="Choose pier.mp4").click()
        expect(tab.get_by_text(f"You chose item {world.items[other]}.")).to_be_visible()
        world.wait(lambda: world.plex.item(world.items[other]).title == "Harbour Lights", 30, "it is the other item's")
