"""How long texts and lists may be, up to what PlexSync writes at most."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plexsync.errors import AccessDenied, ConnectionDropped, ItemGone, PermanentError
from plexsync.fields import LINE_CHARACTERS
from plexsync.metadata.text import NAME_CHARACTERS
from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.budget import BudgetSpent
from plexsync.self_test.marks import MARK, is_made_up, made_up
from plexsync.self_test.subject import EditedMeanwhile, Subject

#: Characters of a summary that takes a request line beyond 8 KiB, and of one that does not.
_LONG, _SHORT = 20_000, 4_000
#: What is kept of it.
_TRAITS = {"title": Trait.TITLE_MAX, "summary": Trait.SUMMARY_MAX}
#: Names in a list.
_MANY = 60


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write what is long, and see what is left of it."""
    return [
        _text(subject, "title", LINE_CHARACTERS),
        _summary(subject),
        _name(subject),
        _many_names(subject),
    ]


def _summary(subject: Subject) -> SelfTestAnswer:
    long = _text(subject, "summary", _LONG)
    if long.traits or not long.doubtful:
        return long
    short = _text(subject, "summary", _SHORT)
    return SelfTestAnswer(long.name, f"{long.text}; {short.text}", ok=short.ok, doubtful=True, traits=short.traits)


def _text(subject: Subject, field: str, length: int) -> SelfTestAnswer:
    name, what = f"length of a {field}", f"a {field} of {length:,} characters"
    text = _filled(length)
    if refused := _refused(lambda: subject.write_text(field, text)):
        return SelfTestAnswer(name, f"{what} is refused: {refused}", doubtful=True)
    shown = subject.read().texts.get(field, "")
    if shown == text:
        return SelfTestAnswer(name, f"{what} is kept whole")
    if is_made_up(shown) and text.startswith(shown):
        traits = {_TRAITS[field]: str(len(shown))}
        return SelfTestAnswer(name, f"{what} is cut to {len(shown):,}", doubtful=True, traits=traits)
    return SelfTestAnswer(name, f"{what} is not shown as it was written", doubtful=True)


def _name(subject: Subject) -> SelfTestAnswer:
    name, what = "length of a name", f"a name of {NAME_CHARACTERS} characters"
    text = _filled(NAME_CHARACTERS)
    if refused := _refused(lambda: subject.write_names("genre", [text])):
        return SelfTestAnswer(name, f"{what} is refused: {refused}", doubtful=True)
    ours = [one for one in subject.read().names("genre") if is_made_up(one)]
    if text in ours:
        return SelfTestAnswer(name, f"{what} is kept whole")
    cut = next((one for one in ours if text.startswith(one)), None)
    return SelfTestAnswer(name, f"{what} is cut to {len(cut)}" if cut else f"{what} is not shown", doubtful=True)


def _many_names(subject: Subject) -> SelfTestAnswer:
    names = [made_up(f"{number}") for number in range(_MANY)]
    if refused := _refused(lambda: subject.write_names("genre", names)):
        return SelfTestAnswer("number of names", f"{_MANY} names in a list are refused: {refused}", doubtful=True)
    shown = len(set(names).intersection(subject.read().names("genre")))
    if shown == _MANY:
        return SelfTestAnswer("number of names", f"{_MANY} names in a list are kept")
    return SelfTestAnswer("number of names", f"of {_MANY} names in a list Plex keeps {shown}", doubtful=True)


def _filled(length: int) -> str:
    """A text of ours that long, of which every part is another one."""
    text = f"{MARK} " + " ".join(str(number) for number in range(length))
    return text[: length - 1] + "."


def _refused(write: Callable[[], object]) -> str:
    """Write; why that was refused, "" where it was not."""
    try:
        write()
    except (AccessDenied, ItemGone, EditedMeanwhile, BudgetSpent):
        raise
    except (PermanentError, ConnectionDropped) as error:
        return str(error)
    return ""
