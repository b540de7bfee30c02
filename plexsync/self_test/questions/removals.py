"""How a name that is to go has to be encoded, and what becomes of names with signs in them.

Whether a name with a comma is taken for one is asked with two names that have none: a name that cannot be taken away
again is never made up.
"""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.marks import made_up
from plexsync.self_test.subject import Subject

NAME = "removals"
_PLAIN = made_up("plain")
_LEFT, _RIGHT = made_up("left"), made_up("right")
_COMMA = f"{_LEFT},{_RIGHT}"
#: Names with signs in them, by what is told of them.
_ODD = {
    "an ampersand": made_up("this & that"),
    "a plus sign": made_up("one + two"),
    "a percent sign": made_up("100% %41"),
    "letters that are not ASCII": made_up("Zoë Жанна"),
    "an emoji": made_up("🎬"),
}


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Find out how a plain name goes, then what becomes of others."""
    times = _encoding(subject)
    if times is None:
        text = "Plex takes no name out of a list that is named to be removed"
        return [SelfTestAnswer(NAME, text, ok=False)]
    subject.encoded = times
    word = "once" if times == 1 else "twice"
    how = SelfTestAnswer(NAME, f"a name that is to go is encoded {word}", traits={Trait.REMOVALS: word})
    whole = times > 1 and _commas_stay(subject)
    commas = SelfTestAnswer(
        "commas",
        "a name with a comma is removed as one"
        if whole
        else "a name with a comma cannot be removed by its name: Plex takes it for several, so it is not named",
        doubtful=not whole,
        traits={Trait.COMMAS: "whole" if whole else "torn"},
    )
    return [how, commas, _odd_names(subject, {**_ODD, **({"a comma": made_up(f"{_LEFT}, b")} if whole else {})})]


def _encoding(subject: Subject) -> int | None:
    """How often a name has to be encoded to go; None where it stays."""
    subject.write_names("genre", [_PLAIN])
    subject.read()
    for times in (2, 1):
        subject.remove_names("genre", [_PLAIN], times)
        if _PLAIN not in subject.read().names("genre"):
            return times
    return None


def _commas_stay(subject: Subject) -> bool:
    """Whether two names stay where one that is made of both is named to be removed."""
    subject.write_names("genre", [_LEFT, _RIGHT])
    subject.remove_names("genre", [_COMMA])
    return {_LEFT, _RIGHT}.issubset(subject.read().names("genre"))


def _odd_names(subject: Subject, names: dict[str, str]) -> SelfTestAnswer:
    subject.write_names("genre", list(names.values()))
    shown = subject.read().names("genre")
    otherwise = [what for what, name in names.items() if name not in shown]
    there = [name for name in names.values() if name in shown]
    subject.remove_names("genre", there)
    left = set(subject.read().names("genre"))
    stay = [what for what, name in names.items() if name in left]
    if not otherwise and not stay:
        return SelfTestAnswer("signs in names", f"names with {_joined(list(names))} come and go as they are")
    told = [
        *([f"Plex shows names with {_joined(otherwise)} otherwise than they were written"] if otherwise else []),
        *([f"names with {_joined(stay)} are not removed like others"] if stay else []),
    ]
    return SelfTestAnswer("signs in names", "; ".join(told), doubtful=True)


def _joined(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if len(words) > 1 else words[0]
