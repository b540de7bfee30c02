"""Which names Plex takes for one: those that differ in case, in white space, or in how their letters are composed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import made_up
from plexsync.self_test.subject import Subject

#: Two spellings each, by what they differ in.
_PAIRS = {
    "the case of ASCII letters": (made_up("fold abc"), made_up("fold ABC")),
    "the case of other letters": (made_up("fold жé"), made_up("fold ЖÉ")),
    "white space": (made_up("fold a b"), made_up("fold a  b")),
    "how letters are composed": (
        made_up(unicodedata.normalize("NFC", "fold zoë")),
        made_up(unicodedata.normalize("NFD", "fold zoë")),
    ),
}


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write one spelling of each name, then the other one beside it."""
    first = [one for one, _ in _PAIRS.values()]
    subject.write_names("genre", first)
    stood = subject.read().names("genre")
    subject.write_names("genre", [*first, *(other for _, other in _PAIRS.values())])
    shown = subject.read().names("genre")
    same, apart, unknown = [], [], []
    for what, (one, other) in _PAIRS.items():
        if one not in stood:
            unknown.append(what)
        elif other in shown:
            apart.append(what)
        else:
            same.append(what)
    told = [
        *([f"names that differ in {' or '.join(same)} are one to Plex, spelled as it met it first"] if same else []),
        *([f"those that differ in {' or '.join(apart)} are names of their own"] if apart else []),
        *([f"of {' and '.join(unknown)} it could not be found out: Plex shows another spelling"] if unknown else []),
    ]
    traits = {Trait.SPELLINGS: "apart" if len(apart) == len(_PAIRS) else "some are one"}
    return [SelfTestAnswer("spellings", "; ".join(told), traits={} if unknown else traits)]
