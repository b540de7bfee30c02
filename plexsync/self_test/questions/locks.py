"""Whether fields and pictures can be locked, and their locks taken off."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.errors import PermanentError
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.state import PICTURES
from plexsync.self_test.subject import Subject

_FIELDS = ("title", "genre")


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Lock some fields, look, take the locks off, look again."""
    return [_answer(subject, "locks", "fields", _FIELDS)]


def ask_of_pictures(subject: Subject) -> Sequence[SelfTestAnswer]:
    """The same for pictures."""
    return [_answer(subject, "picture locks", "pictures", PICTURES)]


def _answer(subject: Subject, name: str, what: str, fields: Sequence[str]) -> SelfTestAnswer:
    try:
        subject.lock(fields, on=True)
        locked = subject.read().locks.issuperset(fields)
        subject.lock(fields, on=False)
        unlocked = subject.read().locks.isdisjoint(fields)
    except PermanentError as error:
        return SelfTestAnswer(name, f"Plex does not take locks of {what}: {error}", doubtful=True)
    if locked and unlocked:
        return SelfTestAnswer(name, f"{what} can be locked and unlocked")
    if locked:
        return SelfTestAnswer(name, f"{what} can be locked, and not unlocked", doubtful=True)
    return SelfTestAnswer(name, f"Plex does not show locks of {what} that were written to it", doubtful=True)
