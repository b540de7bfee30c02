"""Whether an item's year follows its date, or can be written by itself.

Only an item that has both is asked with: whether a date, or a year, can be taken away again is not known.
"""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.errors import PermanentError
from plexsync.plex.traits import Trait
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.state import DATE
from plexsync.self_test.subject import Subject

#: Days of which one is of another year than the item's.
_DAYS = ("1999-12-31", "2001-02-03")


def ask(subject: Subject) -> Sequence[SelfTestAnswer]:
    """Write another date; where the year does not follow, write that as well."""
    date, year = subject.before.texts.get(DATE, ""), subject.before.year
    if not date or year != int(date[:4]):
        return [
            SelfTestAnswer("year", "not asked: it takes an item with a date, and the year of that date", doubtful=True)
        ]
    day = next(one for one in _DAYS if int(one[:4]) != year)
    subject.write_text(DATE, day)
    shown = subject.read()
    if shown.texts.get(DATE) != day:
        return [SelfTestAnswer("year", "Plex does not show a date that was written to it", ok=False)]
    if shown.year == int(day[:4]):
        return [SelfTestAnswer("year", "an item's year follows its date", traits={Trait.YEAR: "follows"})]
    try:
        subject.write_year(int(day[:4]))
        taken = subject.read().year == int(day[:4])
    except PermanentError:
        taken = False
    if taken:
        text = "an item's year does not follow its date, and is sent with it"
        return [SelfTestAnswer("year", text, traits={Trait.YEAR: "is sent"})]
    text = "an item's year stays as it is, whatever is written"
    return [SelfTestAnswer("year", text, doubtful=True, traits={Trait.YEAR: "stays"})]
