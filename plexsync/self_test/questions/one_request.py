"""What becomes of a name that the same request writes and removes."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import made_up
from plexsync.self_test.subject import Subject

_NAME = made_up("both")


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write a name and name it to be removed, in one request."""
    subject.write_names("genre", [_NAME], remove=[_NAME])
    if _NAME in subject.read().names("genre"):
        return [SelfTestAnswer("one request", "of one request names are removed first, then written")]
    return [SelfTestAnswer("one request", "of one request names are written first, then removed")]
