"""Questions of the settings form in Stash: the settings as they stand, Plex's libraries, whether all can be reached.

All are answered while the settings are wrong, too: that is when somebody needs the form. They read the settings as they
are saved now, which may be in force a moment later only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plexsync.app import plex_endpoint
from plexsync.configuration.origins import origins
from plexsync.errors import AccessDenied, PermanentError
from plexsync.installation.settings_reader import SettingsReader
from plexsync.library import kinds
from plexsync.model import Section
from plexsync.plex import PlexClient
from plexsync.redaction import redact
from plexsync.status.checks import check_all
from plexsync.status.desk import Desk
from plexsync.status.registry import StatusQuestion
from settings import NOWHERE, PREFIX, Examined, SettingFault, Settings, SettingsError

#: What it takes to ask Plex for its libraries, and which of them are chosen.
_OF_PLEX = ("plex_url", "plex_token", "plex_verify_tls", "plex_libraries", "connect_timeout", "read_timeout")


def _settings(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    reader = SettingsReader(desk.environ)
    seen = reader.examine()
    # Of what is set nowhere else nobody knows whether the page has it, where that cannot be read.
    faults = [one for one in seen.faults if reader.page_error is None or one.source != NOWHERE]
    desk.look_at_settings()
    return {
        "values": seen.values,
        "secrets_set": list(seen.secrets_set),
        "origins": seen.origins,
        "written_as": seen.written_as,
        "faults": [_fault(one, seen) for one in faults],
        "warnings": list(seen.warnings),
        "page_unread": None if reader.page_error is None else redact(str(reader.page_error)),
        "needs_key": isinstance(reader.page_error, AccessDenied),
    }


def _fault(fault: SettingFault, seen: Examined) -> dict[str, str | None]:
    """A fault with the ``name`` of the setting that it is of; None where it is of none in particular."""
    names = {written: name for name, written in seen.written_as.items()}
    plain = fault.setting.removeprefix(PREFIX).lower()
    name = names.get(fault.setting) or (plain if plain in seen.origins else None)
    if fault.setting == "plexPort":
        name = "plex_url"
    return {
        "name": name,
        "setting": fault.setting,
        "source": fault.source,
        "problem": fault.problem,
        "remedy": fault.remedy,
    }


def _libraries(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    try:
        settings = SettingsReader(desk.environ).read(only=_OF_PLEX)
    except SettingsError as error:
        raise PermanentError("; ".join(f"{one.setting} {one.problem}" for one in error.faults)) from None
    with PlexClient(plex_endpoint(settings, "PlexSync")) as plex:
        sections = plex.sections()
    usable = {one.id for one in kinds.used(sections)}
    return {
        "rows": [
            {
                "id": one.id,
                "title": one.title,
                "type": one.type,
                "folders": list(one.locations),
                "usable": one.id in usable,
                "chosen": one.id in usable and _is_chosen(one, settings),
            }
            for one in sections
        ],
        "unknown": [name for name in settings.plex_libraries if not any(_is_called(one, name) for one in sections)],
    }


def _is_chosen(section: Section, settings: Settings) -> bool:
    wanted = settings.plex_libraries
    return not wanted or any(_is_called(section, name) for name in wanted)


def _is_called(section: Section, name: str) -> bool:
    return name == str(section.id) or name.casefold() == section.title.casefold()


def _test_connection(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {"level": one.level, "name": one.name, "text": origins.with_origins(one.text)}
        for one in check_all(desk.environ)
    ]
    desk.look_at_settings()
    return {"rows": rows}


QUESTIONS = (
    StatusQuestion("settings", _settings, takes_long=True, needs_app=False),
    StatusQuestion("libraries", _libraries, takes_long=True, needs_app=False),
    StatusQuestion("test_connection", _test_connection, takes_long=True, needs_app=False),
)
