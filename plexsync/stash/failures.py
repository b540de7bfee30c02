"""Failures of Stash's answers that something can be done about inside this room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plexsync.errors import PermanentError, StashUnavailable
from plexsync.imports.late_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class StashFault:
    """One of GraphQL's errors: Stash's words, and the path of the field that they are about (empty where none is)."""

    message: str
    path: tuple[str | int, ...] = ()


class QueryFailed(StashUnavailable):
    """Stash understood the query and could not answer it: its database is locked, or something in it is broken.

    Whoever asks for many things finds out whether it is on account of one of them. Where this comes out of the room,
    it is not: Stash is up, and fails at whatever it is asked.

    :param message: what happened, for a person.
    :param reason: Stash's own words.
    :param faults: all that Stash said.
    :param data: what came nevertheless, with null in place of what failed; None for nothing.
    """

    healthy = True

    def __init__(
        self, message: str, reason: str, faults: Sequence[StashFault] = (), data: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.faults = tuple(faults)
        self.data = data


class QueryRefused(PermanentError):
    """Stash takes the document or its variables for wrong: it does not know something in them.

    :param message: what happened, for a person.
    :param faults: all that Stash said.
    """

    def __init__(self, message: str, faults: Sequence[StashFault]) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


class AnswerTooLarge(PermanentError):
    """The answer is larger than anything that is read of Stash; the rest of it was left alone."""


class AnswerLost(StashUnavailable):
    """Stash was asked, and no whole answer came: not in time, or it broke off, or something gave up on it half-way.

    To a smaller question one might.
    """
