"""What Stash's list of plugins says of ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from plexsync import __version__
from plexsync.configuration.setting_values import PLUGIN_FOLDER
from plexsync.inbox.hook_input import NUDGES
from plexsync.installation import installed
from plexsync.installation.installed import HOOK_NAMES, PLUGIN_ID, Installed, judge
from plexsync.ledger import Ledger
from plexsync.stash import Plugin, PluginPage

OURS = Plugin("PlexSync", "PlexSync", __version__, True, HOOK_NAMES, frozenset(NUDGES))
OTHER = Plugin("Renamer", "Renamer", "2", True, frozenset({"Rename"}), frozenset({"Scene.Update.Post"}))


def seen(*plugins: Plugin, folder: str = "/plugins") -> Installed:
    found = judge(PluginPage({}, plugins, folder), 1000.0)
    assert found is not None
    return found


def test_names_and_events_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((PLUGIN_FOLDER / f"{PLUGIN_ID}.yml").read_text(encoding="utf-8"))
    assert {hook["name"] for hook in manifest["hooks"]} == HOOK_NAMES
    # Stash fires those of a group under its old name, too, for the same hooks.
    listed = {name for hook in manifest["hooks"] for name in hook["triggeredBy"]}
    assert listed == {name for name in NUDGES if not name.startswith("Movie.")}


def test_a_plugin_that_is_loaded_and_enabled_is_right() -> None:
    found = seen(OTHER, OURS)
    assert found.loaded
    assert found.enabled
    assert found.faults == []
    assert found.doubts == []


@pytest.mark.parametrize(
    ("plugins", "words"),
    [
        ((), ["does not know the plugin", "/plugins", "Reload plugins"]),
        ((OTHER,), ["does not know the plugin"]),
        ((replace(OURS, enabled=False),), ["disabled", "Settings > Plugins"]),
        ((replace(OURS, triggers=OURS.triggers - {"Tag.Merge.Post"}),), ["hooks for Tag.Merge.Post", "Reload"]),
        (
            (replace(OTHER, id="PlexSync", name="PlexSync", version="1.0.4"),),
            ["another plugin, version 1.0.4,", "take its folder out of"],
        ),
        ((replace(OTHER, id="plexSync", version=""),), ["another plugin under the name PlexSync"]),
    ],
)
def test_what_keeps_stash_from_calling_the_hook_is_named_with_what_to_do(
    plugins: tuple[Plugin, ...], words: list[str]
) -> None:
    (fault,) = seen(*plugins).faults
    for word in words:
        assert word in fault


def test_ids_are_compared_regardless_of_case() -> None:
    assert seen(replace(OURS, id="plexsync")).faults == []


@pytest.mark.parametrize(
    "copy",
    [replace(OURS, id="PlexSync-old"), replace(OURS, id="x", hooks=frozenset()), replace(OURS, id="x", name="y")],
)
def test_a_second_copy_is_named_by_its_id(copy: Plugin) -> None:
    found = seen(copy, OURS)
    assert found.faults == []
    (doubt,) = found.doubts
    assert f"loaded as {copy.id}" in doubt
    assert seen(replace(copy, enabled=False), OURS).doubts == [], "one that is disabled takes nothing"


def test_another_version_is_another_copy_or_not_loaded_anew_yet() -> None:
    found = seen(replace(OURS, version="0.9"))
    assert found.faults == []
    (doubt,) = found.doubts
    assert doubt.startswith(f"Stash has loaded version 0.9 of the plugin, and this is {__version__}: press")
    assert seen(replace(OURS, version="")).doubts == []


def test_a_stash_that_does_not_tell_says_nothing_of_it() -> None:
    assert judge(PluginPage({}, None)) is None


def test_what_was_seen_is_kept_and_told_once(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> None:
    assert installed.latest(ledger.facts) is None
    off = seen(replace(OURS, enabled=False))
    for moment in range(3):
        installed.note(ledger.facts, replace(off, at=1000.0 + moment))
    assert installed.latest(ledger.facts) == off, "and is not written every minute"
    assert caplog.text.count("is disabled in Stash") == 1
    installed.note(ledger.facts, replace(off, at=1000.0 + installed.NOTE_EVERY))
    kept = installed.latest(ledger.facts)
    assert kept is not None
    assert kept.at == 1000.0 + installed.NOTE_EVERY
    with caplog.at_level("INFO"):
        installed.note(ledger.facts, replace(seen(OURS), at=1001.0))
    assert "Stash calls the hook again" in caplog.text


@pytest.mark.parametrize("text", ["", "7", "[]", '{"loaded": true}', "{"])
def test_what_cannot_be_read_counts_as_not_known(ledger: Ledger, text: str) -> None:
    ledger.facts.put(installed.FACT, text)
    assert installed.latest(ledger.facts) is None


def test_the_folder_of_a_stash_that_does_not_tell_it_is_left_out() -> None:
    (fault,) = seen(folder="").faults
    assert "()" not in fault
    assert str(Path.cwd()) not in fault
