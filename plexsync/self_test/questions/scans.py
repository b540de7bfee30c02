"""How a scan of a folder is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.subject import Subject


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Let Plex look for new files in the folder that the item's file is in."""
    folder = _folder(subject.record.file)
    if not folder:
        return [SelfTestAnswer("scan", "not asked: Plex does not show the item's folder", doubtful=True)]
    method = subject.scan(folder)
    return [SelfTestAnswer("scan", f"a scan of a folder starts by {method}", traits={Trait.SCAN: method})]


def _folder(path: str) -> str:
    """The folder of a file, as Plex spells it; Windows' paths have backslashes."""
    slash = max(path.rfind("/"), path.rfind("\\"))
    return path[:slash] if slash > 0 else ""
