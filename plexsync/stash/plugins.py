"""What Stash knows of its plugins, and what was typed into PlexSync's settings there: one request for both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.stash import answers, document
from plexsync.stash.asking import Asker
from plexsync.stash.failures import QueryRefused


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin that Stash has loaded.

    :param hooks: the names of its hooks.
    :param triggers: the events that they are called for.
    """

    id: str
    name: str
    version: str
    enabled: bool
    hooks: frozenset[str]
    triggers: frozenset[str]


@dataclass(frozen=True, slots=True)
class PluginPage:
    """What Stash tells of plugins.

    :param settings: what was typed into PlexSync's settings, by name; only what was ever set is there.
    :param plugins: those that it has loaded, also the disabled ones; None where it does not tell.
    :param folder: where it looks for plugins, as it sees that; ``""`` where it was not asked, or does not tell.
    """

    settings: dict[str, object] = field(repr=False)
    plugins: tuple[Plugin, ...] | None = None
    folder: str = ""


def ask(asker: Asker, *, with_folder: bool = False) -> PluginPage:
    """Ask Stash for it. One request; two where it does not tell of its plugins.

    :param with_folder: also the folder in which it looks for plugins.
    :raises PlexSyncError: as ``Asker.ask``, where not even the settings came.
    """
    try:
        answer = asker.ask("plugin_page", document.PLUGIN_PAGE_AND_FOLDER if with_folder else document.PLUGIN_PAGE)
    except QueryRefused:
        # Before v0.24 plugins could not be disabled.
        return PluginPage(ask_for_settings(asker))
    data = answer.data or {}
    if answer.error is not None and any(fault.path[:1] != ("plugins",) for fault in answer.faults):
        # What it can tell of its folders and plugins is worth less than the settings.
        return PluginPage(ask_for_settings(asker))
    settings = answers.read_plugin_settings(data)
    return PluginPage(settings, None if answer.error else _plugins(data), _folder(data))


def ask_for_settings(asker: Asker) -> dict[str, object]:
    """The settings alone.

    :raises PlexSyncError: as ``Asker.ask``.
    """
    try:
        answer = asker.ask("plugin_settings", document.PLUGIN_SETTINGS)
    except QueryRefused:
        # Before v0.24 plugins had no settings.
        return {}
    return answers.read_plugin_settings(answer.whole)


def _plugins(data: Mapping[str, Any]) -> tuple[Plugin, ...] | None:
    """The plugins of an answer. Null is what Stash says where it has loaded none."""
    rows = data.get("plugins", False)
    if rows is None:
        return ()
    if not isinstance(rows, list):
        return None
    return tuple(plugin for row in rows if (plugin := _plugin(row)) is not None)


def _plugin(row: Any) -> Plugin | None:
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        return None
    hooks = [one for one in row.get("hooks") or () if isinstance(one, dict)]
    return Plugin(
        id=row["id"],
        name=_text(row.get("name")),
        version=_text(row.get("version")),
        enabled=row.get("enabled") is not False,
        hooks=frozenset(_text(one.get("name")) for one in hooks),
        triggers=frozenset(_text(name) for one in hooks for name in one.get("hooks") or ()),
    )


def _folder(data: Mapping[str, Any]) -> str:
    general = (data.get("configuration") or {}).get("general")
    return _text(general.get("pluginsPath")) if isinstance(general, dict) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
