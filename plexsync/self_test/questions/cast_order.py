"""Whether a cast is shown in the order in which it is written, or in the order in which the names came."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import is_made_up, made_up
from plexsync.self_test.subject import Subject

_NAMES = [made_up("person A"), made_up("person B"), made_up("person C")]


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write a cast in one order, then in another."""
    first = [_NAMES[2], _NAMES[0], _NAMES[1]]
    subject.write_names("actor", first)
    came = _shown(subject)
    subject.write_names("actor", _NAMES)
    stands = _shown(subject)
    if set(came) != set(_NAMES) or set(stands) != set(_NAMES):
        return [SelfTestAnswer("order", "Plex does not show a cast that was written to it", ok=False)]
    if stands == _NAMES:
        return [
            SelfTestAnswer(
                "order", "a cast is shown in the order in which it is written", traits={Trait.TAG_ORDER: "index"}
            )
        ]
    text = "a cast is shown in an order of Plex's own, whatever order it is written in"
    return [SelfTestAnswer("order", text, doubtful=True, traits={Trait.TAG_ORDER: "arrival"})]


def _shown(subject: Subject) -> list[str]:
    return [name for name in subject.read().names("actor") if is_made_up(name)]
