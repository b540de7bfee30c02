"""Scenes that need the same written to their items, gathered until there are enough for one write."""

from __future__ import annotations

import hashlib
import json

from plexsync.model import Edit
from plexsync.plex.portions import MOST

#: Scenes in one batch: as many as one write names. Nobody else works on them meanwhile, so there are no more.
BATCH = MOST


def same_write(section_id: int, edit: Edit) -> str:
    """A text that is the same for edits that one write can carry, and short.

    :param section_id: of the item; a write is for items of one section.
    """
    parts = {
        "section": section_id,
        "texts": edit.texts,
        "add": {field: [[tag.name, tag.thumb] for tag in tags] for field, tags in edit.add.items()},
        "remove": {field: sorted(names) for field, names in edit.remove.items()},
        "replaced": {field: sorted(names) for field, names in edit.replaced.items()},
        "lists": {field: [[tag.name, tag.thumb, tag.role] for tag in tags] for field, tags in edit.lists.items()},
        "places": edit.places,
        "lock": sorted(edit.lock),
        "rate": [edit.rating] if edit.rate else [],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class Batches:
    """Gathers scenes by what has to be written. Holds no more than their ids."""

    def __init__(self) -> None:
        self._gathered: dict[str, list[int]] = {}

    def put(self, write: str, scene_id: int) -> list[int]:
        """Add a scene.

        :param write: what ``same_write`` says, or another text for scenes that belong together.
        :returns: the batch that is full with it; none as a rule.
        """
        batch = self._gathered.setdefault(write, [])
        batch.append(scene_id)
        return self._gathered.pop(write) if len(batch) == BATCH else []

    def rest(self) -> list[list[int]]:
        """What was gathered and fills no batch. Nothing is held any more."""
        gathered, self._gathered = self._gathered, {}
        return list(gathered.values())
