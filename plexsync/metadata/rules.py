"""What a person set about metadata, as this room needs it."""

from __future__ import annotations

from collections.abc import Callable

from plexsync.configuration.template import Template
from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Field


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that decide what is carried to Plex and how.

    :param selected: the fields to carry.
    :param owned: fields in which Stash alone has the say: what it does not hold goes from Plex, whoever wrote it.
    :param ascii_titles: spell titles in ASCII letters.
    :param content_rating: the content rating every item gets, or ``""`` to leave content ratings alone.
    :param show_performer_pictures: name the performers' pictures to Plex, which its viewers' devices then fetch.
    :param stash_url: where PlexSync reaches Stash.
    :param public_url: where the viewers' devices reach Stash, or None where that is the same.
    :param templates: what the fields are made by that are made by a template; those that have none are left alone.
    :param rating_step: the step (0 to 10) in which Plex keeps ratings, as far as is known by then; None for no steps.
    """

    selected: frozenset[Field]
    owned: frozenset[Field]
    ascii_titles: bool
    content_rating: str
    show_performer_pictures: bool
    stash_url: str
    public_url: str | None
    templates: tuple[tuple[Field, Template], ...] = ()
    rating_step: Callable[[], float | None] = lambda: None
