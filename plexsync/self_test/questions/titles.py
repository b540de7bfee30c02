"""What a title brings along: the title to sort by, and a lock that nobody asked for."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import is_made_up, made_up
from plexsync.self_test.subject import Subject


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write a title without a lock."""
    title = made_up("title")
    subject.write_text("title", title)
    shown = subject.read()
    if shown.texts.get("title") != title:
        return [SelfTestAnswer("title", "Plex does not show a title that was written to it", ok=False)]
    sort = shown.texts.get("titleSort", "")
    if not sort or is_made_up(sort):
        sorts = SelfTestAnswer("title", "an item is filed under its new title")
    else:
        sorts = SelfTestAnswer("title", "an item stays filed under the title to sort by that it has", doubtful=True)
    if "title" in subject.before.locks:
        return [sorts]
    locks = "title" in shown.locks
    text = "a field that is written is locked by that alone" if locks else "a field is locked only where that is asked"
    return [sorts, SelfTestAnswer("locking", text)]
