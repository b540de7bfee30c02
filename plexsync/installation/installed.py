"""Whether Stash will call our hook: what it knows of the plugin, judged, and kept for whoever asks without Stash."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from plexsync import __version__
from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox.hook_input import NUDGES
from plexsync.storage.facts import Facts

if TYPE_CHECKING:
    from plexsync.stash import Plugin, PluginPage

log = logging.getLogger(__name__)

#: The plugin's id, which is its manifest's name without the ending. Stash compares ids regardless of case.
PLUGIN_ID = "PlexSync"
#: The names of the manifest's hooks, by which a copy under another id is known.
HOOK_NAMES = frozenset({"Queue the scene", "Queue the scenes that show it"})
#: Name of the fact that holds what Stash was last seen to know.
FACT = "stash_plugin"
#: Seconds after which it is noted anew although it is the same, so that its age tells something.
NOTE_EVERY = 300.0


@dataclass(frozen=True, slots=True)
class Installed:
    """What Stash knows of the plugin.

    :param loaded: whether it has loaded it; another plugin under its id does not count.
    :param enabled: whether it is switched on.
    :param missing: the events that it does not call its hooks for, of those that matter.
    :param stranger: the version of another plugin that has its id, ``""`` for none, ``"?"`` where that has no version.
    :param twins: the ids of other enabled plugins that have our hooks.
    :param version: of the plugin that is loaded, ``""`` where that is not known.
    :param folder: where Stash looks for plugins, as it sees that; ``""`` where it does not tell.
    :param at: when Stash was asked (epoch seconds).
    """

    loaded: bool
    enabled: bool
    missing: tuple[str, ...]
    stranger: str
    twins: tuple[str, ...]
    version: str
    folder: str
    at: float
    #: Whether Stash lists any plugin at all.
    listed: bool = True

    @property
    def faults(self) -> list[str]:
        """Why Stash does not call the hook for every change, and what to do."""
        where = f" ({self.folder})" if self.folder else ""
        if self.stranger:
            version = "" if self.stranger == "?" else f", version {self.stranger},"
            return [
                f"Stash has loaded another plugin{version} under the name {PLUGIN_ID}: take its folder out of Stash's "
                f"plugins folder{where}, then press Settings > Plugins > Reload plugins in Stash"
            ]
        if not self.loaded:
            return [
                f"Stash does not know the plugin: put the folder that holds {PLUGIN_ID}.yml into Stash's plugins "
                f"folder{where}, then press Settings > Plugins > Reload plugins in Stash"
            ]
        if not self.enabled:
            return [f"the plugin is disabled in Stash: enable {PLUGIN_ID} under Settings > Plugins"]
        if self.missing:
            return [
                f"Stash has not loaded its hooks for {_some(self.missing)}: press Settings > Plugins > Reload plugins "
                "in Stash"
            ]
        return []

    @property
    def doubts(self) -> list[str]:
        """What is not as it should be although Stash calls the hook."""
        told = [
            f"a second copy of the plugin is loaded as {twin} and takes the same events: remove its folder, or disable "
            "it under Settings > Plugins"
            for twin in self.twins
        ]
        if self.loaded and self.version and self.version != __version__:
            told.append(
                f"Stash has loaded version {self.version} of the plugin, and this is {__version__}: press Settings > "
                "Plugins > Reload plugins in Stash, and remove the other copy if there is one"
            )
        return told


def judge(page: PluginPage, now: float | None = None) -> Installed | None:
    """What Stash's list of plugins says of ours; None where it does not tell.

    :param now: epoch seconds; the present when None.
    """
    if page.plugins is None:
        return None
    own = next((one for one in page.plugins if one.id.lower() == PLUGIN_ID.lower()), None)
    twins = tuple(sorted(one.id for one in page.plugins if one is not own and one.enabled and _is_a_copy(one)))
    missing = tuple(name for name in NUDGES if own is not None and name not in own.triggers)
    is_ours = own is not None and not own.hooks.isdisjoint(HOOK_NAMES)
    return Installed(
        loaded=is_ours,
        enabled=own is not None and own.enabled,
        missing=missing if is_ours else (),
        stranger=(own.version or "?") if own is not None and own.hooks and not is_ours else "",
        twins=twins,
        version=own.version if own is not None and is_ours else "",
        folder=page.folder,
        at=time.time() if now is None else now,
        listed=bool(page.plugins),
    )


def note(facts: Facts, found: Installed) -> None:
    """Keep what was found, and say what has changed for the worse since the last time."""
    known = latest(facts)
    if known is not None and replace(known, at=found.at) == found and 0 <= found.at - known.at < NOTE_EVERY:
        return
    facts.put(FACT, json.dumps(asdict(found)))
    told = set() if known is None else {*known.faults, *known.doubts}
    for text in [*found.faults, *found.doubts]:
        if text not in told:
            log.warning("Stash's hooks: %s", text)
    if known is not None and known.faults and not found.faults:
        log.info("Stash calls the hook again: the plugin is loaded and enabled")


def latest(facts: Facts) -> Installed | None:
    """What was kept last; None for nothing that can be read."""
    try:
        values: dict[str, Any] = json.loads(facts.get(FACT) or "null")
        return Installed(**values | {name: tuple(values[name]) for name in ("missing", "twins")})
    except (TypeError, KeyError, ValueError):
        return None


def _is_a_copy(plugin: Plugin) -> bool:
    return plugin.name.lower() == PLUGIN_ID.lower() or not plugin.hooks.isdisjoint(HOOK_NAMES)


def _some(names: Sequence[str], most: int = 3) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} other events" if more > 0 else "")
