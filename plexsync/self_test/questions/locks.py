"""Whether fields and pictures can be locked, and their locks taken off."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.errors import PermanentError
from plexsync.self_test.answer import Answer
from plexsync.self_test.state import PICTURES
from plexsync.self_test.subject import Subject

_FIELDS = ("title", "genre")


def ask(subject: Subject) -> Sequence[Answer]:
    """Lock some fields, look, take the locks off, look again."""
    return [_answer(subject, "locks", "fields", _FIELDS)]


def ask_of_pictures(subject: Subject) -> Sequence[Answer]:
    """The same for pictures."""
    return [_answer(subject, "picture locks", "pictures", PICTURES)]


def _answer(subject: Subject, name: str, what: str, fields: Sequence[str]) -> Answer:
    try:
        subject.lock(fields, on=True)
        locked = subject.read().locks.issuperset(fields)
        subject.lock(fields, on=False)
        unlocked = subject.read().locks.isdisjoint(fields)
    except PermanentError as error:
        return Answer(name, f"Plex does not take locks of {what}: {error}", doubtful=True)
    if locked and unlocked:
        return Answer(name, f"{what} can be locked and unlocked")
    if locked:
        return Answer(name, f"{what} can be locked, and not unlocked", doubtful=True)
    return Answer(name, f"Plex does not show locks of {what} that were written to it", doubtful=True)
