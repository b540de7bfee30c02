"""What one question of the self-test has found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plexsync.plex.traits import Trait


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked, and the answer as a sentence. ``ok`` is False where there is none, or something is to be done.

    ``doubtful``: it works, and yet should be looked at. ``traits``: what is kept of it, and heeded by whoever writes.
    """

    name: str
    text: str
    ok: bool = True
    doubtful: bool = False
    traits: Mapping[Trait, str] = field(default_factory=dict)
