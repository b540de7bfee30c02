"""The manifest is one that Stash reads, and says the same as the package."""

from __future__ import annotations

import re
from dataclasses import fields as attributes
from pathlib import Path

import yaml

import plexsync
from plexsync.configuration.form import FORM_FIELDS, InputKind
from plexsync.inbox.calls import TASK
from plexsync.inbox.hook_input import NUDGES
from plexsync.inbox.stash_tasks import TASKS
from settings import Settings, examine
from tests.support.places import ROOT

MANIFEST = yaml.safe_load((Path(plexsync.__file__).parent.parent / "PlexSync.yml").read_text())


def test_the_manifest_has_the_version_of_the_package() -> None:
    assert MANIFEST["version"] == plexsync.__version__


def test_the_manifest_is_one_that_stash_accepts() -> None:
    known = {"name", "description", "version", "exec", "interface", "errLog", "hooks", "tasks", "settings", "ui"}
    assert set(MANIFEST) <= known
    assert MANIFEST["interface"] == "raw"
    assert MANIFEST["errLog"] in ("none", "trace", "debug", "info", "warning", "error")
    for setting in MANIFEST["settings"].values():
        assert set(setting) == {"displayName", "description", "type"}
        assert setting["type"] in ("STRING", "NUMBER", "BOOLEAN")


def test_the_manifest_subscribes_to_what_the_hook_queues() -> None:
    events = [event for hook in MANIFEST["hooks"] for event in hook["triggeredBy"]]
    assert sorted(events) == sorted(NUDGES)


def test_the_manifest_describes_its_hooks_by_the_keys_that_stash_knows() -> None:
    for hook in MANIFEST["hooks"]:
        assert set(hook) == {"name", "description", "triggeredBy"}


def test_the_tasks_of_the_manifest_are_those_that_there_are_and_have_texts_for_arguments() -> None:
    for task in MANIFEST["tasks"]:
        assert set(task) == {"name", "description", "defaultArgs"}
        # A list would make Stash drop the whole plugin.
        assert all(isinstance(value, str) for value in task["defaultArgs"].values())
        assert task["defaultArgs"]["mode"] == TASK
    assert [task["defaultArgs"]["task"] for task in MANIFEST["tasks"]] == list(TASKS)


def test_the_manifest_offers_the_settings_that_people_type_into_stash() -> None:
    types = {name: setting["type"] for name, setting in MANIFEST["settings"].items()}
    texts = ("plexToken", "plexUrl", "plexLibraries", "pathMap", "fields", "tagline", "sortTitle", "contentRating")
    switches = ("skipUnorganized", "cleanTitles", "preservePlexEdits", "scanMissing", "dryRun")
    assert types == {**dict.fromkeys((*texts, "reconcile"), "STRING"), **dict.fromkeys(switches, "BOOLEAN")}


def test_stashs_own_list_shows_no_switch_as_off_that_is_on() -> None:
    # It shows off, and 0, where nothing is set.
    usual = {one.name: one.default for one in attributes(Settings)}
    for one in FORM_FIELDS:
        if one.is_listed:
            assert one.kind is not InputKind.NUMBER
            assert one.kind is not InputKind.SWITCH or usual[one.name] is False


def test_each_setting_of_the_form_counts_under_its_keys_on_the_page(tmp_path: Path) -> None:
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path)}
    values = {
        InputKind.NUMBER: "7",
        InputKind.SWITCH: "true",
        InputKind.CHOICE: "debug",
        InputKind.PATHS: "/a=>/b",
        InputKind.FIELDS: "title",
    }
    for one in FORM_FIELDS:
        for key in {one.page_key, one.usual_key}:
            seen = examine(environ, {key: values.get(one.kind, "off" if one.name == "reconcile" else "x")})
            assert seen.origins[one.name] == "page"
            assert seen.written_as[one.name] == key


def test_the_manifest_lists_every_file_of_the_page_and_shares_no_folder_of_ours() -> None:
    """What is not listed is not loaded; a folder that is shared is open to everybody who reaches Stash."""
    ui, folder = MANIFEST["ui"], ROOT / "plexsync" / "ui"
    assert set(ui) <= {"javascript", "css", "assets"}
    for kind, ending in (("javascript", "js"), ("css", "css")):
        there = {str(path.relative_to(ROOT)) for path in folder.glob(f"*.{ending}")}
        assert set(ui[kind]) == there
        assert len(ui[kind]) == len(there)
    assert (ui["javascript"][0], ui["javascript"][-1]) == ("plexsync/ui/core.js", "plexsync/ui/register.js")
    for shared in ui.get("assets", {}).values():
        assert Path(shared).parts[:3] == ("plexsync", "ui", "assets")


def test_the_page_never_puts_a_text_in_as_markup() -> None:
    for path in (ROOT / "plexsync" / "ui").glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(", text
        )
