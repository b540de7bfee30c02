"""Takes the pictures of the page in Stash: ``.venv/bin/python -m docs.screenshots [NAME ...]``.

They show the real thing with the demo's data: a small Stash in a real browser (``tests/support/stash_page.py``), the
simulated Stash and Plex, the hook's process, and the real consumer. Needs what the browser tests need. With names, only
those pictures are taken anew.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.world import PLEX_ROOT, STASH_ROOT, World
from plexsync.model import Part
from tests.support import browser_bundle
from tests.support.stash_page import StashPage

PICTURES = Path(__file__).resolve().parent / "pictures"
#: The window, in pixels.
WINDOW: Any = {"width": 1200, "height": 760}
PHONE: Any = {"width": 390, "height": 760}
#: Colours of a picture that is kept; more make the file larger, and nobody sees them.
COLOURS = 128
#: What is in Stash: file, title, date.
SCENES = (
    ("Harbour Lights (2021).mp4", "Harbour Lights", "2021-06-01"),
    ("summer/beach_day.1080p.mp4", "Beach Day", "2023-07-15"),
    ("summer/night-swim.mkv", "Night Swim", "2023-07-15"),
    ("studio/MVI_0042.MP4", "Rehearsal, Part One", "2022-11-02"),
    ("studio/MVI_0043.MP4", "Rehearsal, Part Two", "2022-11-03"),
    ("archive/tape 07.avi", "Tape 7: Found Again", "1991-01-01"),
    ("archive/tape 08.avi", "Tape 8: The Garden", "1992-01-01"),
    ("archive/tape 09.avi", "Tape 9: First Snow", "1993-01-01"),
)
#: The title that the first scene has got since it was synced.
EDITED = "Harbour Lights at Night"


def furnish(world: World) -> None:
    """Give the world scenes in every state: synced, for review, failed, and not found."""
    stash = world.stash
    studio, tag = stash.add_studio("Sunset Films"), stash.add_tag("Summer")
    scenes = [world.add(name) for name, _, _ in SCENES]
    for number, scene in enumerate(scenes):
        stash.set_screenshot(scene, pictures.png(40 + 20 * number, 90, 140 - 10 * number))
    refused = world.add("archive/tape 13.avi")

    def is_refused(request: Request) -> bool:
        return request.method == "PUT" and str(world.items[refused]) in (request.param("id") or request.path).split("/")

    world.plex.faults.add(PlannedFault("status", times=None, status=400, match=is_refused))
    world.start_consumer()
    for scene, (_, title, date) in zip(scenes, SCENES, strict=True):
        world.edit(scene, title=title, date=date, studio_id=str(studio), tag_ids=[str(tag)])
    world.edit(refused, title="Tape 13")
    unsure = stash.add_scene(
        None, f"{STASH_ROOT}/archive/IMG_2041.mov", size=734_003_217, cover=pictures.png(150, 110, 60)
    )
    part = Part(f"{PLEX_ROOT}/converted/Picnic at Midsummer digitised.mp4", 218_765_433)
    candidate = world.plex.add_item(world.section, "Picnic at Midsummer digitised", [part])
    world.plex.set_agent_picture(candidate, "posters", pictures.png(140, 120, 70))
    world.edit(unsure, title="Picnic at Midsummer", date="1999-06-21", details="Found in the attic.")
    lost = stash.add_scene(None, f"{STASH_ROOT}/new/just_arrived.mp4", size=5_000_000)
    world.edit(lost, title="Just Arrived")
    world.wait_until_right(scenes)
    world.wait_for_review(unsure)
    # What the tab on the scene's page finds to tell.
    world.wait_until_idle(scheduled=False)
    with stash.without_hooks():
        stash.edit(scenes[0], title=EDITED, details="The boats come home.")


def overview(page: Page, stash: StashPage) -> None:
    """The first tab, once the figures are there."""
    page.goto(stash.address("/plexsync"))
    page.get_by_role("link", name=f"{len(SCENES)} Synced").wait_for()
    page.get_by_role("link", name="1 Failed").wait_for()


def review(page: Page, stash: StashPage) -> None:
    """Candidates with their pictures."""
    page.goto(stash.address("/plexsync?tab=review"))
    page.get_by_role("group", name="Candidate: Picnic").wait_for()
    page.wait_for_function("!document.querySelector('.plexsync-case').textContent.includes('Loading')")


def activity(page: Page, stash: StashPage) -> None:
    """The way of one event."""
    page.goto(stash.address("/plexsync?tab=activity"))
    page.get_by_role("button", name="How it went: Harbour Lights").first.click()
    page.get_by_role("dialog").get_by_role("listitem").nth(2).wait_for()


def scene_tab(page: Page, stash: StashPage) -> None:
    """The tab on a scene's page."""
    page.goto(stash.address("/scenes/1"))
    page.get_by_role("tab", name="Plex").click()
    page.get_by_role("button", name="Sync now").first.wait_for()
    page.wait_for_function("!/Loading|Comparing/.test(document.querySelector('.tab-content').textContent)")
    page.get_by_text("The boats come home.").wait_for()
    # The consumer learns Plex's name of itself a moment after its start.
    page.get_by_role("link", name="Open in Plex").wait_for()


def settings(page: Page, stash: StashPage) -> None:
    """The form in Stash's settings."""
    page.goto(stash.address("/settings?tab=plugins"))
    page.get_by_role("button", name="Test connection").first.wait_for()
    page.wait_for_function("!document.body.textContent.includes('Asking Plex')")


#: Each picture by its name: what is on it, the theme, the window.
SHOTS: dict[str, tuple[Callable[[Page, StashPage], None], str, Any]] = {
    "page-dark": (overview, "dark", WINDOW),
    "page-light": (overview, "light", WINDOW),
    "page-phone": (overview, "dark", PHONE),
    "review": (review, "dark", WINDOW),
    "activity": (activity, "dark", WINDOW),
    "scene-tab": (scene_tab, "dark", WINDOW),
    "settings": (settings, "dark", WINDOW),
}


def small(png: bytes) -> bytes:
    """The same picture in few colours, losslessly packed."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    # The way that keeps colours of which there is little: the icon's dot.
    picture = whole.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    packed = io.BytesIO()
    picture.save(packed, "PNG", optimize=True)
    return packed.getvalue()


def take(names: list[str]) -> None:
    """Take these pictures.

    :raises browser_bundle.Missing: the machine has no Chromium or node.
    """
    chromium, bundle = browser_bundle.chromium(), browser_bundle.bundle()
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        World(Path(folder)) as world,
        StashPage(bundle, stash=world.stash) as stash,
        sync_playwright() as playwright,
    ):
        furnish(world)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name in names:
            show, theme, window = SHOTS[name]
            # The page of a scene shows what Stash has by now.
            scenes = {str(n): {"title": title} for n, (_, title, _) in enumerate(SCENES, 1)} | {"1": {"title": EDITED}}
            stash.rig = {"theme": theme, "scenes": scenes}
            page = browser.new_page(viewport=window)
            show(page, stash)
            (PICTURES / f"{name}.png").write_bytes(small(page.screenshot()))
            page.close()
            sys.stdout.write(f"docs/pictures/{name}.png\n")
        browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Take the pictures of the page in Stash, with the demo's data.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of {', '.join(SHOTS)} (default: all)")
    names = parser.parse_args().names
    if unknown := [name for name in names if name not in SHOTS]:
        parser.error(f"there is no picture {unknown[0]!r}: name some of {', '.join(SHOTS)}")
    try:
        take(names or list(SHOTS))
    except browser_bundle.Missing as missing:
        sys.exit(f"No pictures: {missing}")
