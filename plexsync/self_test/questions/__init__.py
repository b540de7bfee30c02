"""The questions of the self-test, one a file: each writes to the item, reads back, and says what that shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from plexsync.imports.late_dataclass import dataclass
from plexsync.self_test.answer import SelfTestAnswer
from plexsync.self_test.questions import (
    cast_order,
    group_reads,
    lengths,
    locks,
    one_request,
    pictures,
    ratings,
    removals,
    scans,
    spellings,
    tag_lists,
    titles,
    years,
)
from plexsync.self_test.subject import Subject


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its name, what of the item it writes to, and how it is asked."""

    name: str
    writes: str
    ask: Callable[[Subject], Sequence[SelfTestAnswer]]


#: In this order: how names are taken away again is known before many are made up.
QUESTIONS = (
    Question("removals", "genres", removals.ask),
    Question("tag lists", "genres", tag_lists.ask),
    Question("reading together", "genres and their lock", group_reads.ask),
    Question("one request", "genres", one_request.ask),
    Question("spellings", "genres", spellings.ask),
    Question("order", "cast", cast_order.ask),
    Question("rating", "your rating", ratings.ask),
    Question("year", "date and year", years.ask),
    Question("title", "title", titles.ask),
    Question("locks", "locks of title and genres", locks.ask),
    Question("picture locks", "locks of poster and background", locks.ask_of_pictures),
    Question("lengths", "title, summary and genres", lengths.ask),
    Question("pictures", "poster", pictures.ask),
    Question("scan", "nothing: Plex looks for new files in the item's folder", scans.ask),
)

__all__ = ["QUESTIONS", "Question"]
