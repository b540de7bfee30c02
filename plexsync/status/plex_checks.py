"""The checks that concern Plex alone: the token's rights, the libraries and their agents, the server's ways."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from plexsync.app import App
from plexsync.errors import PlexSyncError
from plexsync.library import kinds
from plexsync.library.chosen import choose_sections
from plexsync.model import Section
from plexsync.plex.traits import Trait
from plexsync.redaction import redact
from plexsync.status.findings import Finding, ask, warning
from plexsync.status.plex_ways import ways
from plexsync.words import listed

#: How the names of agents begin that Plex 1.43 hides and a later one is to remove.
LEGACY_AGENTS = "com.plexapp.agents."
#: Items read together to see how the server shows them.
FEW = 3
#: The page about libraries.
PAGE = "docs/guide/plex-libraries.md"


def check_plex(app: App) -> Iterator[Finding]:
    """Check the token and the libraries; the finding named ``libraries`` says whether there are any to work on."""
    sections: list[Section] = []

    def libraries() -> str:
        sections.extend(app.plex.sections())
        chosen = choose_sections(sections, app.settings.plex_libraries)
        return listed(f"{one.title!r} ({listed(one.locations) or 'no folder'})" for one in chosen)

    found = ask("libraries", libraries)
    yield found
    if not found.ok:
        return
    chosen = choose_sections(sections, app.settings.plex_libraries)
    yield from (_library(one) for one in chosen)
    yield from _left_out(sections, chosen)
    yield _rights(app)
    yield _server(app, chosen)


def _library(section: Section) -> Finding:
    """A library in Plex's own words."""
    name = f"library {section.title!r}"
    text = f"type {section.type}, agent {section.agent or 'unknown'}, scanner {section.scanner or 'unknown'}"
    if section.agent.startswith(LEGACY_AGENTS):
        return warning(
            name,
            f"{text}; this is a legacy agent: Plex hides those since 1.43, and will remove them. Edit the library in "
            f"Plex and choose another agent; fields that PlexSync has locked stay ({PAGE})",
        )
    return Finding(name, True, text)


def _left_out(sections: Sequence[Section], chosen: Sequence[Section]) -> Iterator[Finding]:
    others = [one for one in sections if one not in chosen]
    if others:
        names = listed(f"{one.title!r} (type {one.type}, agent {one.agent or 'unknown'})" for one in others)
        text = f"not used: {names}; only libraries of type {kinds.used_names()} can be ({PAGE})"
        yield Finding("other libraries", True, text)


def _rights(app: App) -> Finding:
    name = "rights"
    try:
        may = app.plex.may_manage()
    except PlexSyncError as error:
        return warning(name, f"whether the token is the owner's could not be found out: {redact(str(error))}")
    if may is None:
        return warning(name, "whether the token is the owner's could not be found out: Plex does not say")
    if may:
        return Finding(name, True, "the token is the server owner's, who may edit")
    return Finding(
        name,
        False,
        "the token is valid and not the owner's: it is that of a home or shared user, who may not edit. Sign in as the "
        "server's owner (./huey_consumer.sh --login), or set PLEXSYNC_PLEX_TOKEN to the owner's token",
    )


def _server(app: App, chosen: Sequence[Section]) -> Finding:
    """What the server does its own way, as far as that can be seen without a write."""
    name = "Plex's ways"
    try:
        for section in chosen:
            keys = [item.rating_key for item in app.plex.listing(section.id, 0, FEW).items]
            if len(keys) > 1:
                app.plex.items(keys)
        known = app.plex.traits.known()
    except (PlexSyncError, sqlite3.Error) as error:
        return warning(name, redact(str(error)))
    cut_short = known.get(Trait.GROUP_READS) == "cut short"
    return Finding(name, True, "; ".join(ways(known)), doubtful=cut_short)
