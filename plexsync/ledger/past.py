"""What scenes applied and took back again: if a backup of Plex is restored, it is there once more.

Both ``applied`` and what is kept here are JSON objects as ``plexsync.metadata`` writes them; of these only texts, names
and the rating are looked at. What cannot be read is passed over: whoever uses it tells what is wrong.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

#: Names kept for each list: the latest.
MOST_NAMES = 50


def keep(db: sqlite3.Connection, scene_id: int, applied: str) -> None:
    """Note what a scene takes back with what its item shows now. Works inside the caller's transaction.

    To be called before ``applied`` takes the place of what was there.
    """
    row = db.execute("select pushed, past from scene where scene_id = ?", (scene_id,)).fetchone()
    if row is None or row["pushed"] is None or row["pushed"] == applied:
        return
    past = taken_back(row["pushed"], applied, row["past"])
    if past != row["past"]:
        db.execute("update scene set past = ? where scene_id = ?", (past, scene_id))


def taken_back(before: str, after: str, past: str | None) -> str | None:
    """What was taken back so far; None for nothing.

    :param before: what was applied up to now.
    :param after: what is applied from now on.
    :param past: what was taken back before.
    """
    old, new, known = _read(before), _read(after), _read(past)
    texts = {**_part(known, "texts"), **_part(old, "texts")}
    texts = {name: text for name, text in texts.items() if name not in _part(new, "texts")}
    tags: dict[str, list[str]] = {}
    for name in {**_part(known, "tags"), **_part(old, "tags")}:
        current = set(_names(new, name))
        kept = [one for one in dict.fromkeys([*_names(known, name), *_names(old, name)]) if one not in current]
        if kept:
            tags[name] = kept[-MOST_NAMES:]
    rating = old.get("rating") if old.get("rating_written") else known.get("rating")
    found: dict[str, Any] = {"texts": texts, "tags": tags}
    if rating is not None and not new.get("rating_written"):
        found["rating"] = rating
    return json.dumps(found, sort_keys=True) if texts or tags or "rating" in found else None


def applied_once(applied: str | None, past: str | None) -> str | None:
    """What may be applied to an item, with all that was taken back.

    :param applied: what may be applied, as far as is known otherwise.
    """
    if applied is None or past is None:
        return applied
    now, known = _read(applied), _read(past)
    if not now:
        return applied
    texts = {**_part(known, "texts"), **_part(now, "texts")}
    tags = {
        name: list(dict.fromkeys([*_names(now, name), *_names(known, name)]))
        for name in {**_part(now, "tags"), **_part(known, "tags")}
    }
    found = {**now, "texts": texts, "tags": tags}
    if not now.get("rating_written") and known.get("rating") is not None:
        found |= {"rating": known["rating"], "rating_written": True}
    return json.dumps(found, sort_keys=True, separators=(",", ":"))


def _read(text: str | None) -> dict[str, Any]:
    if not text:
        return {}
    # Here, as only what synchronises has use for it.
    from plexsync.metadata.canonical import parsed

    try:
        value = parsed(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _part(record: dict[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    return value if isinstance(value, dict) else {}


def _names(record: dict[str, Any], name: str) -> list[str]:
    value = _part(record, "tags").get(name)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
