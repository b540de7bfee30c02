"""Two failures of Stash's answers that something can be done about inside this room."""

from __future__ import annotations

from plexsync.errors import PermanentError, StashUnavailable


class QueryFailed(StashUnavailable):
    """Stash understood the query and could not answer it: its database is locked, or something in it is broken.

    :param message: what happened, for a person.
    :param reason: Stash's own words.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class AnswerTooLarge(PermanentError):
    """The answer is larger than anything that is read of Stash; the rest of it was left alone."""
