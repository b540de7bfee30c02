"""Questions about one scene and its item: what syncing would change, and which other items there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from plexsync.ledger.item_search import MOST
from plexsync.status.arguments import SCENE_ID, SEARCH, Argument, ArgumentKind
from plexsync.status.desk import Desk
from plexsync.status.dry_run import facts_of, look_at
from plexsync.status.registry import StatusQuestion

#: Items that a search shows where it is not told how many.
USUAL = 20


def _difference(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    return facts_of(look_at(desk.app(), args["scene_id"]))


def _items(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    items = desk.ledger.items
    if args["rating_key"] is not None:
        found = items.by_key([args["rating_key"]])
    else:
        found = items.search(args["search"] or "", args["limit"])
    return {"rows": [asdict(one) for one in found]}


QUESTIONS = (
    StatusQuestion("difference", _difference, (SCENE_ID,), takes_long=True),
    StatusQuestion(
        "items",
        _items,
        (
            SEARCH,
            Argument("rating_key", ArgumentKind.ID),
            Argument("limit", ArgumentKind.COUNT, usual=USUAL, most=MOST),
        ),
    ),
)
