"""What can be wrong with single things of a Stash: rows that its database cannot read, answers that are none.

Stash reads whole rows of a table, whichever fields are asked for: a scene whose row cannot be read fails every page and
every list of ids that holds it, also where only ids are asked for (see ``FindScenes`` in its source, and
``SceneStore.FindMany``). What belongs to a scene is read field by field, and fails with the path of that field.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plexsync.demo.stash.library import StashRefused

#: What Stash says of a date that its database holds as a text that is none.
SCAN_ERROR = 'sql: Scan error on column index 4, name "date": unsupported Scan, storing driver.Value type []uint8'


class Oddities:
    """Which things are odd. Not safe to share between threads: the server holds the library's lock around each use."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], str] = {}
        self._fields: dict[tuple[int, str], str] = {}
        self._values: dict[int, dict[str, Any]] = {}

    def spoil(self, kind: str, row_id: int, message: str = SCAN_ERROR, *, field: str | None = None) -> None:
        """Make a row unreadable, or only what one field of a scene is made of.

        :param kind: ``scenes``, ``performers``, ``studios``, ``tags`` or ``groups``.
        :param message: what Stash says then.
        """
        if field is None:
            self._rows[kind, row_id] = message
        else:
            self._fields[row_id, field] = message

    def malform(self, scene_id: int, **values: Any) -> None:
        """Have these fields of a scene answered with these values, whatever the schema says."""
        self._values.setdefault(scene_id, {}).update({name: _lenient(value) for name, value in values.items()})

    def mend(self, row_id: int) -> None:
        """Make what has this id right again."""
        self._rows = {key: text for key, text in self._rows.items() if key[1] != row_id}
        self._fields = {key: text for key, text in self._fields.items() if key[0] != row_id}
        self._values.pop(row_id, None)

    def check(self, kind: str, row_ids: Iterable[int]) -> None:
        """Read rows, as far as that goes.

        :raises StashRefused: one of them cannot be read.
        """
        if self._rows:
            for row_id in row_ids:
                if message := self._rows.get((kind, row_id)):
                    raise StashRefused(message)

    def view(self, scene_id: int, view: dict[str, Any]) -> dict[str, Any]:
        """A scene's view with what is odd about it."""
        if not self._fields and not self._values:
            return view
        for (row_id, name), message in self._fields.items():
            if row_id == scene_id:
                view[name] = _refusing(message)
        return view | self._values.get(scene_id, {})


class _Lenient(dict[str, Any]):
    """What is asked for and is not in it is null."""

    def __missing__(self, key: str) -> None:
        return None


def _lenient(value: Any) -> Any:
    if isinstance(value, list):
        return [_lenient(one) for one in value]
    return _Lenient({key: _lenient(inner) for key, inner in value.items()}) if isinstance(value, dict) else value


def _refusing(message: str) -> Any:
    def read() -> Any:
        raise StashRefused(message)

    return read
