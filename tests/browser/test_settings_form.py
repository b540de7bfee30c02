"""PlexSync's settings in Stash: a form that loses nothing, shows no secret, and gives way where it cannot be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("playwright", reason="no playwright")

from playwright.sync_api import expect

from tests.support.stash_page import refused

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.support.stash_page import StashPage

TOKEN = "s3cr3t-Plex_Token"
OTHER = {
    "id": "other",
    "name": "Other",
    "enabled": True,
    "settings": [{"name": "colour", "display_name": "Colour", "description": "", "type": "STRING"}],
}


def examined(**more: Any) -> dict[str, Any]:
    """What the consumer says of the settings."""
    values = {
        "plex_url": "http://localhost:32400",
        "plex_libraries": [],
        "plex_verify_tls": True,
        "path_map": [],
        "fields": ["title", "summary"],
        "lock_fields": True,
        "autostart": True,
        "match_auto": 90,
        "reconcile": "04:00",
    }
    known = {
        "values": values | more.pop("values", {}),
        "secrets_set": ["plex_token"],
        "origins": {},
        "written_as": {},
        "faults": [],
        "warnings": [],
        "page_unread": None,
    }
    return known | more


LIBRARIES = {
    "rows": [
        {"id": 1, "title": "Scenes", "type": "movie", "folders": ["/media/a"], "usable": True, "chosen": True},
        {"id": 2, "title": "Clips, short", "type": "movie", "folders": ["/media/b"], "usable": True, "chosen": True},
        {"id": 3, "title": "Series", "type": "show", "folders": ["/tv"], "usable": False, "chosen": False},
    ],
    "unknown": [],
}


def show(stash: StashPage, page: Page, **examined_as: Any) -> Locator:
    """Open the form."""
    stash.answer("status", {"schema": 1, "level": "ok", "attention": 0, "life": {"state": "running"}, "now": []})
    if "settings" not in stash.answers:
        stash.answer("settings", examined(**examined_as))
    if "libraries" not in stash.answers:
        stash.answer("libraries", LIBRARIES)
    stash.show(page, "/settings")
    form = page.get_by_role("form", name="Settings of PlexSync")
    expect(form).to_be_visible()
    return form


def save(form: Locator) -> None:
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("Saved.", exact=True)).to_be_visible()


def test_saving_changes_what_was_changed_and_nothing_else(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"plexToken": TOKEN, "plexHost": "nas", "own": [1, 2]}, "other": {"colour": "red"}}
    form = show(stash, page)
    expect(form.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    form.get_by_label("Content rating", exact=True).fill("XXX")
    # Meanwhile somebody else saves something.
    stash.settings["PlexSync"]["tagline"] = "code"
    save(form)
    assert stash.settings == {
        "PlexSync": {"plexToken": TOKEN, "plexHost": "nas", "own": [1, 2], "tagline": "code", "contentRating": "XXX"},
        "other": {"colour": "red"},
    }
    # It is asked again what the consumer makes of it.
    stash.until(lambda: len(stash.asked("settings")) > 1)
    assert len(stash.asked("settings")) == 2
    form.get_by_label("Content rating", exact=True).fill("")
    expect(form.get_by_text("Back to the default, not saved yet.")).to_be_visible()
    save(form)
    assert "contentRating" not in stash.settings["PlexSync"]


def test_what_stash_keeps_of_all_plugins_does_not_take_back_what_was_saved(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"tagline": "code"}, "other": {"colour": "red"}}
    stash.more_plugins = [OTHER]
    form = show(stash, page)
    form.get_by_label("Tagline").fill("{studio}")
    save(form)
    form.get_by_label("Content rating", exact=True).fill("XXX")
    save(form)
    page.get_by_label("Colour").fill("blue")
    page.get_by_role("button", name="Save Colour").click()
    stash.until(lambda: stash.settings["other"] == {"colour": "blue"})
    assert stash.settings["PlexSync"] == {"tagline": "{studio}", "contentRating": "XXX"}


def test_what_others_saved_elsewhere_meanwhile_is_not_taken_back_either(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"tagline": "code"}, "other": {"colour": "red"}}
    form = show(stash, page)
    stash.settings["other"] = {"colour": "green"}
    form.get_by_label("Tagline").fill("{studio}")
    form.get_by_role("button", name="Save", exact=True).click()
    expect(form.get_by_text("Reload this page before you change")).to_be_visible()
    assert stash.settings == {"PlexSync": {"tagline": "{studio}"}, "other": {"colour": "green"}}


def test_the_token_is_never_shown_and_can_be_set_replaced_and_cleared(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"plexToken": TOKEN}}
    form = show(stash, page)
    field = form.get_by_label("Plex token", exact=True)
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_attribute("placeholder", "Set; type here to replace it")
    expect(field).to_have_value("")
    assert TOKEN not in page.content()
    field.fill("another")
    # An emptied field is no wish to take the token away.
    field.fill("")
    expect(form.get_by_role("button", name="Save", exact=True)).to_be_disabled()
    field.fill("another")
    save(form)
    assert stash.settings["PlexSync"] == {"plexToken": "another"}
    expect(field).to_have_value("")
    assert "another" not in page.content()
    form.get_by_role("button", name="Clear Plex token").click()
    save(form)
    assert stash.settings["PlexSync"] == {}


def test_switches_and_numbers_are_saved_as_stash_keeps_them(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"onlyOrganized": "yes", "matchAuto": 85}}
    form = show(stash, page)
    expect(form.get_by_label("Sync from confidence")).to_have_value("85")
    form.get_by_label("Sync from confidence").fill("80")
    organized = form.locator("#plexsync-setting-only_organized")
    expect(organized).to_be_checked()
    organized.locator("xpath=following-sibling::label").click()
    locked = form.locator("#plexsync-setting-lock_fields")
    expect(locked).to_be_checked()
    locked.focus()
    page.keyboard.press("Space")
    expect(locked).not_to_be_checked()
    # There and back is no change.
    plain = form.locator("#plexsync-setting-ascii_titles")
    plain.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    save(form)
    # The older key is the one that Stash's own list shows; the newer one would count before it.
    assert stash.settings["PlexSync"] == {"skipUnorganized": False, "matchAuto": "80", "lockFields": False}


def test_libraries_are_ticked(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"plexLibraries": "scenes, Gone"}}
    form = show(stash, page)
    group = form.get_by_role("group", name="Plex libraries")
    expect(group.get_by_label("Scenes")).to_be_checked()
    expect(group.get_by_label("Clips, short")).not_to_be_checked()
    expect(group.get_by_label("Series")).to_have_count(0)
    group.get_by_label("Clips, short").check()
    group.get_by_label("Gone").click()
    save(form)
    # All of them: nothing is said, so that others count that are added later.
    assert stash.settings["PlexSync"] == {}
    group.get_by_label("Scenes").uncheck()
    save(form)
    # A name with a comma in it would be two.
    assert stash.settings["PlexSync"] == {"plexLibraries": "2"}


def test_without_plex_libraries_are_typed(stash: StashPage, page: Page) -> None:
    stash.answer("libraries", refused("failed", "Plex does not answer"))
    form = show(stash, page)
    expect(form.get_by_text("Plex does not answer")).to_be_visible()
    form.locator("#plexsync-setting-plex_libraries").fill("Scenes")
    save(form)
    assert stash.settings["PlexSync"] == {"plexLibraries": "Scenes"}


def test_before_there_is_a_token_it_is_said_what_comes_first(stash: StashPage, page: Page) -> None:
    stash.answer("libraries", refused("failed", "PLEXSYNC_PLEX_TOKEN is required"))
    form = show(stash, page, secrets_set=[])
    expect(form.get_by_text("Once the token is saved, Plex's libraries can be ticked here.")).to_be_visible()
    expect(form.get_by_label("Plex token", exact=True)).to_have_attribute("placeholder", "Not set")


def test_fields_and_folders_are_put_together(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"pathMap": "/data=>/media; D:\\v=>/v"}}
    form = show(stash, page)
    expect(form.get_by_label("Folder 2 in Stash")).to_have_value("D:\\v")
    form.get_by_role("button", name="Remove folder 2").click()
    form.get_by_role("button", name="Add a folder").click()
    form.get_by_label("Folder 2 in Stash").fill("/more")
    form.get_by_label("Folder 2 in Plex").fill("/media/more")
    fields = form.get_by_role("group", name="Fields")
    fields.get_by_label("rating", exact=True).uncheck()
    save(form)
    kept = stash.settings["PlexSync"]
    assert kept["pathMap"] == "/data=>/media; /more=>/media/more"
    assert "rating" not in kept["fields"].split(", ")
    assert "title" in kept["fields"].split(", ")
    fields.get_by_label("rating", exact=True).check()
    form.get_by_role("button", name="Remove folder 1").click()
    form.get_by_role("button", name="Remove folder 1").click()
    save(form)
    assert stash.settings["PlexSync"] == {}


def test_changes_can_be_undone(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"pathMap": "/data=>/media"}}
    form = show(stash, page)
    form.get_by_label("Folder 1 in Plex").fill("/elsewhere")
    form.get_by_label("Plex token", exact=True).fill("x")
    form.get_by_role("button", name="Undo changes").click()
    expect(form.get_by_label("Folder 1 in Plex")).to_have_value("/media")
    expect(form.get_by_label("Plex token", exact=True)).to_have_value("")
    expect(form.get_by_role("button", name="Save", exact=True)).to_be_disabled()


def test_what_is_set_elsewhere_is_shown_and_cannot_be_changed_here(stash: StashPage, page: Page) -> None:
    form = show(
        stash,
        page,
        values={"plex_url": "http://env:32400", "match_auto": 70, "plex_verify_tls": False},
        origins={
            "plex_verify_tls": "file",
            "plex_url": "environment",
            "match_auto": "file",
            "plex_token": "environment",
        },
        written_as={"plex_url": "PLEXSYNC_PLEX_URL", "match_auto": "match_auto", "plex_token": "PLEXSYNC_PLEX_TOKEN"},
    )
    shown = (
        ("Plex address", "http://env:32400"),
        ("Sync from confidence", "70"),
        ("Check Plex's certificate", "false"),
    )
    for label, value in shown:
        expect(form.get_by_label(label)).to_be_disabled()
        expect(form.get_by_label(label)).to_have_value(value)
    expect(form.get_by_label("Plex token", exact=True)).to_be_disabled()
    expect(form.get_by_text("Set as PLEXSYNC_PLEX_URL in the consumer's environment")).to_be_visible()
    expect(form.get_by_text("Set as match_auto in plexsync.toml")).to_be_visible()


def test_an_older_name_is_told_and_its_value_shown(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"plexHost": "nas"}}
    form = show(
        stash,
        page,
        values={"plex_url": "http://nas:32400"},
        origins={"plex_url": "page"},
        written_as={"plex_url": "plexHost"},
    )
    expect(form.get_by_label("Plex address")).to_have_attribute("placeholder", "http://nas:32400")
    expect(form.get_by_text("Set as plexHost on this page")).to_be_visible()


def test_what_is_wrong_stands_beside_its_field(stash: StashPage, page: Page) -> None:
    fault = {"name": "reconcile", "setting": "reconcile", "source": "Stash's page", "problem": "'never' is no time"}
    strange = {"name": None, "setting": "PLEXSYNC_CONFIG", "source": "environment", "problem": "cannot be read"}
    stash.settings = {"PlexSync": {"reconcile": "never"}}
    form = show(
        stash,
        page,
        faults=[fault | {"remedy": "write 04:00"}, strange | {"remedy": "name a file"}],
        warnings=["<b>x</b> is no setting"],
    )
    field = form.get_by_label("Daily comparison")
    expect(field).to_have_class("form-control is-invalid")
    expect(form.get_by_text("'never' is no time: write 04:00")).to_be_visible()
    described = field.get_attribute("aria-describedby") or ""
    assert "plexsync-setting-reconcile-wrong" in described.split()
    expect(form.get_by_text("PLEXSYNC_CONFIG (environment) cannot be read: name a file")).to_be_visible()
    expect(form.get_by_text("<b>x</b> is no setting")).to_be_visible()
    stash.answer("settings", examined())
    field.fill("05:00")
    expect(form.get_by_text("'never' is no time")).to_have_count(0)
    save(form)
    expect(form.get_by_text("cannot be read")).to_have_count(0)


def test_where_stash_asks_for_a_password_the_consumer_can_be_let_in(stash: StashPage, page: Page) -> None:
    form = show(stash, page, page_unread="Stash refuses", needs_key=True)
    expect(form.get_by_text("The consumer cannot read what is set here: Stash refuses")).to_be_visible()
    expect(form.get_by_role("button", name="Let PlexSync read Stash")).to_be_visible()
    stash.answer("settings", examined())
    form.get_by_role("button", name="Check again").click()
    expect(form.get_by_text("Stash refuses")).to_have_count(0)


def test_the_connection_is_tested_with_what_was_saved_first(stash: StashPage, page: Page) -> None:
    seen: list[dict[str, Any]] = []

    def test(_args: dict[str, Any]) -> dict[str, Any]:
        seen.append(dict(stash.settings["PlexSync"]))
        rows = [{"level": "ok", "name": "Plex", "text": "answers"}, {"level": "fail", "name": "rights", "text": "none"}]
        return {"rows": rows}

    stash.answer("test_connection", test)
    form = show(stash, page)
    form.get_by_label("Plex token", exact=True).fill(TOKEN)
    form.get_by_role("button", name="Save and test connection").click()
    expect(form.get_by_text("Something is wrong.")).to_be_visible()
    # It stands below a long form, and is what is read next.
    expect(form.get_by_label("What the test found")).to_be_focused()
    expect(form.get_by_text("Plex: answers")).to_be_visible()
    assert seen == [{"plexToken": TOKEN}]
    stash.answer("test_connection", {"rows": [{"level": "ok", "name": "Plex", "text": "answers"}]})
    form.get_by_role("button", name="Test connection").click()
    expect(form.get_by_text("All is well.")).to_be_visible()


def test_without_a_consumer_it_saves_all_the_same(stash: StashPage, page: Page) -> None:
    stash.answer("settings", refused("not_running", "The consumer is not running.", "Start it."))
    stash.answer("libraries", refused("not_running", "The consumer is not running.", "Start it."))
    form = show(stash, page)
    expect(form.get_by_text("What is set here cannot be checked now")).to_be_visible()
    form.get_by_label("Plex token", exact=True).fill(TOKEN)
    save(form)
    assert stash.settings["PlexSync"] == {"plexToken": TOKEN}


def test_when_the_consumer_has_come_all_is_asked_without_a_click(stash: StashPage, page: Page) -> None:
    setting_up = refused("not_running", "PlexSync is setting up.", "Look again in a moment.")
    stash.answer("settings", setting_up)
    stash.answer("libraries", setting_up)
    form = show(stash, page)
    expect(form.get_by_text("What is set here cannot be checked now")).to_be_visible()
    form.get_by_label("Plex token", exact=True).fill(TOKEN)
    stash.answer("settings", examined())
    stash.answer("libraries", LIBRARIES)
    expect(form.get_by_text("What is set here cannot be checked now")).to_have_count(0)
    expect(form.get_by_role("group", name="Plex libraries").get_by_label("Scenes")).to_be_checked()
    # What was typed meanwhile is still there.
    expect(form.get_by_label("Plex token", exact=True)).to_have_value(TOKEN)


@pytest.mark.parametrize(
    "harm",
    [
        "delete PlexSync.SETTINGS;",
        "delete PlexSync.OwnSettings;",
        "PluginApi.GQL = {};",
        "PlexSync.useAnswer = () => { throw new Error('harm'); };",
    ],
)
def test_whatever_fails_stashs_own_list_is_shown(stash: StashPage, page: Page, harm: str) -> None:
    stash.settings = {"PlexSync": {"tagline": "code"}}
    stash.more_plugins = [OTHER]
    stash.answer("status", {"schema": 1, "level": "ok", "attention": 0, "life": {"state": "running"}, "now": []})
    stash.answer("settings", examined())
    stash.answer("libraries", LIBRARIES)
    stash.after = [harm]
    stash.show(page, "/settings")
    expect(page.get_by_label("Tagline")).to_have_value("code")
    expect(page.get_by_role("button", name="Save Tagline")).to_be_visible()
    expect(page.get_by_label("Colour")).to_be_visible()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_fits_a_narrow_screen(stash: StashPage, page: Page, theme: str) -> None:
    stash.rig = {"theme": theme}
    stash.settings = {"PlexSync": {"pathMap": f"/{'long' * 30}=>/{'path' * 30}"}}
    page.set_viewport_size({"width": 390, "height": 800})
    show(stash, page)
    expect(page.get_by_label("Clips, short")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_control_has_a_name(stash: StashPage, page: Page) -> None:
    stash.settings = {"PlexSync": {"pathMap": "/a=>/b", "plexToken": TOKEN}}
    form = show(stash, page)
    expect(form.get_by_label("Clips, short")).to_be_visible()
    nameless = form.evaluate(
        """(form) => [...form.querySelectorAll("input, select, button")]
             .filter((one) => !one.labels?.length && !one.getAttribute("aria-label") && !one.textContent.trim())
             .map((one) => one.outerHTML)"""
    )
    assert nameless == []
