"""The manifest is one that Stash reads, and says the same as the package."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

import plexsync
from plexsync.inbox.calls import TASK
from plexsync.inbox.hook_input import NUDGES
from plexsync.inbox.stash_tasks import TASKS
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
    assert types == {
        **dict.fromkeys(("plexToken", "plexUrl", "plexLibraries", "pathMap", "tagline", "sortTitle"), "STRING"),
        **dict.fromkeys(("skipUnorganized", "cleanTitles"), "BOOLEAN"),
    }


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
