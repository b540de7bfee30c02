"""Pages of lists: where one ends, the next begins, told by a cursor that only this module reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from plexsync.inbox.event_files import MAX_ID, SYNC_SCENE, shown
from plexsync.status.arguments import BadRequest

_Row = TypeVar("_Row")
#: Where a row stands in the order of its list: a moment (epoch seconds), and an id among those of that moment.
_Place = tuple[float, int]


def page(
    args: Mapping[str, Any], read: Callable[[_Place | None, int], Sequence[_Row]], place: Callable[[_Row], _Place]
) -> tuple[list[_Row], str | None]:
    """The rows of one page, and the cursor of the next one; None where there is none.

    :param args: with ``cursor`` and ``limit``.
    :param read: gives so many rows behind a place.
    :param place: where a row stands.
    :raises BadRequest: the cursor is none.
    """
    limit = args["limit"]
    rows = list(read(_place(args["cursor"]), limit + 1))
    if len(rows) <= limit:
        return rows, None
    moment, number = place(rows[limit - 1])
    return rows[:limit], f"{moment!r}_{number}"


def _place(cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    moment, _, number = cursor.partition("_")
    try:
        found = float(moment), int(number)
    except ValueError:
        found = float("nan"), 0
    if not (abs(found[0]) < MAX_ID and 0 <= found[1] <= MAX_ID):
        raise BadRequest(f"The argument 'cursor' is {shown(cursor)}.", "Send what 'next' of the page before says.")
    return found


def whereabouts(scene_ids: Sequence[int]) -> dict[int, str | None]:
    """Where in the queue each of these scenes is: ``pending``, ``in progress``, ``scheduled``, or None."""
    import tasks.app as app

    return {one: app.huey.whereabouts(app.huey.named(SYNC_SCENE, one)) for one in scene_ids}
