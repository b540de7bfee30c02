"""A scene's history for people: the same outcome over and over is told once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from plexsync.cli import show
from plexsync.ledger.records import Result

#: Ends of attempts that did not bring a scene to Plex.
_FAILED = (Result.RETRY, Result.FAILED, Result.NOT_FOUND)


def failed_in_a_row(history: Sequence[dict[str, Any]]) -> int:
    """How many of the latest attempts failed, back to one that did not.

    :param history: as the JSON of ``scene`` has it, newest first.
    """
    count = 0
    for one in history:
        if one["outcome"] not in _FAILED:
            break
        count += 1
    return count


def history_lines(history: Sequence[dict[str, Any]], last_error: str | None) -> Iterator[tuple[str, str]]:
    """When attempts ended, and how: neighbours that ended alike in one line.

    :param last_error: is told above these lines, so that it need not be told again.
    """
    for (outcome, error), some in groupby(history, key=lambda one: (one["outcome"], one["error"])):
        run = sorted(one["at"] for one in some)
        text = str(outcome).replace("_", " ")
        if len(run) > 1:
            text += f", {len(run)} times since {show.local(run[0])}"
        if error:
            text += " (as above)" if error == last_error else f": {error}"
        yield show.local(run[-1]), text
