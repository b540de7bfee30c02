"""The names that a text about some scene may hold, from what is known of it: few look-ups, each by a key."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from plexsync.imports.late import late_pattern

#: Scenes, and items, of one text that are looked up.
MOST = 20
#: Names of one text, and characters of one.
MOST_NAMES, LONGEST = 500, 400
_SCENES = late_pattern(r"\bscenes?\W{0,3}(\d{1,18})\b", re.IGNORECASE)
_ITEMS = late_pattern(r"\bitems?\W{0,3}(\d{1,18})\b", re.IGNORECASE)


class KnownNames:
    """Looks the names up in the database.

    :param look: gives a connection for one look, of its own: whoever logs may be in the midst of a write.
    :param rest: seconds for which nothing is looked up where the database could not be read: a server that does not
        answer would hold up every line of a log.
    """

    def __init__(self, look: Callable[[], AbstractContextManager[sqlite3.Connection]], rest: float = 0.0) -> None:
        self._look = look
        self._rest = rest
        self._again_at = float("-inf")

    def of(self, text: str, scene: int = 0, item: int = 0) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names, and the paths, of the scenes and items that a text names; nothing where nothing can be read.

        :param scene: another one that it is about; 0 for none.
        :param item: as well.
        """
        scenes = dict.fromkeys([*([scene] if scene else []), *map(int, _SCENES.findall(text))])
        items = dict.fromkeys([*([item] if item else []), *map(int, _ITEMS.findall(text))])
        names: dict[str, None] = {}
        paths: dict[str, None] = {}
        if time.monotonic() < self._again_at:
            return (), ()
        try:
            with self._look() as db:
                for title, locations in db.execute("select title, locations from section limit 100"):
                    names[title] = None
                    paths.update(dict.fromkeys(_texts(json.loads(locations))))
                for key in list(scenes)[:MOST]:
                    _of_scene(db, key, names, paths, items)
                for key in list(items)[:MOST]:
                    for row in db.execute("select title, studio from item where rating_key = ?", (key,)):
                        names.update(dict.fromkeys(row))
                    for (file,) in db.execute("select file from part where rating_key = ? limit 20", (key,)):
                        paths[file] = None
        except (sqlite3.Error, ValueError):
            # What is not known to be a name is replaced all the same, unless it is made of our own words.
            self._again_at = time.monotonic() + self._rest
            return (), ()
        found = (one for one in names if one and len(one) <= LONGEST)
        return tuple(one for one, _ in zip(found, range(MOST_NAMES), strict=False)), tuple(filter(None, paths))


def _of_scene(
    db: sqlite3.Connection, scene_id: int, names: dict[str, None], paths: dict[str, None], items: dict[int, None]
) -> None:
    found = db.execute(
        "select rating_key, title, file, part_file, pushed, pushing, shown from scene where scene_id = ?", (scene_id,)
    ).fetchone()
    if found is None:
        return
    rating_key, title, file, part_file, *written = found
    if rating_key:
        items[rating_key] = None
    names[title] = None
    paths.update(dict.fromkeys(one for one in (file, part_file) if one))
    for text in filter(None, written):
        names.update(dict.fromkeys(_texts(json.loads(text))))


def _texts(value: Any) -> Iterator[str]:
    """All texts in what JSON can hold, but for keys."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
