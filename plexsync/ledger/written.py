"""What PlexSync itself wrote to items, whichever scene it was for."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence

from plexsync.matching.lookup import WrittenNames
from plexsync.storage.many_values import marks, portions

#: The fields of ``WrittenNames``, as the ledger's texts are called.
_NAMES = ("title", "studio", "date")
#: What was applied by the scenes that have the items, and by those that had them and left.
_APPLIED = (
    "select rating_key, pushed, pushing from scene where rating_key in ({0}) union all "
    "select rating_key, pushed, pushing from left_item where rating_key in ({0})"
)


def written(db: sqlite3.Connection, rating_keys: Sequence[int]) -> dict[int, WrittenNames]:
    """The titles, studios and dates that were written to these items; see ``matching.lookup.Index.written``."""
    found: defaultdict[int, list[dict[str, str]]] = defaultdict(list)
    for some in portions(rating_keys):
        for key, *applied in db.execute(_APPLIED.format(marks(some)), [*some, *some]):
            found[key] += [_texts(text) for text in applied if text]
    return {
        key: WrittenNames(
            *(frozenset(one[name] for one in several if one.get(name)) for name in ("title", "studio", "date"))
        )
        for key, several in found.items()
    }


def _texts(applied: str) -> dict[str, str]:
    try:
        texts = json.loads(applied)["texts"]
        return {name: text for name, text in texts.items() if isinstance(text, str)}
    except (ValueError, TypeError, KeyError, AttributeError):
        # Whoever synchronises the scene says that it cannot be read.
        return {}
