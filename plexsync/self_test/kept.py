"""What the latest self-test has found out, kept in words for whoever wants to read it again."""

from __future__ import annotations

import json
from collections.abc import Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.plex.traits import Memory
from plexsync.self_test.answer import SelfTestAnswer

#: The fact under which it is kept.
FACT = "self_test_answers"


@dataclass(frozen=True, slots=True)
class Kept:
    """The answers by name, of which server and version, and when (epoch seconds)."""

    server: str
    at: float
    answers: dict[str, str]


def keep(memory: Memory, server: str, at: float, answers: Sequence[SelfTestAnswer]) -> None:
    """Keep what was found out."""
    texts = {one.name: one.text for one in answers}
    memory.put(FACT, json.dumps({"server": server, "at": at, "answers": texts}))


def kept(memory: Memory) -> Kept | None:
    """What was found out last, None for nothing."""
    try:
        facts = json.loads(memory.get(FACT) or "")
        return Kept(str(facts["server"]), float(facts["at"]), dict(facts["answers"]))
    except (ValueError, KeyError, TypeError):
        return None
