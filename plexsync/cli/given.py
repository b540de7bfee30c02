"""What commands are given: ids, texts and files to be written, checked before anything is done with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from plexsync.inbox.event_files import MAX_ID


class _Id(click.IntRange):
    """An id of a scene, an item or a dead letter."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        number = int(super().convert(value, param, ctx))
        if number > MAX_ID:
            # It cannot even be looked for.
            self.fail(f"no id is as large as {number}", param, ctx)
        return number


ID = _Id(min=1)


def text(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """A text of any words. Bytes that are no letters become question marks: nothing that is kept has such bytes."""
    return value.encode(errors="replace").decode()


def new_file(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Path | None:
    """Where a file is to be written: one that is there already is replaced, and nothing but a file.

    Whoever may do anything, as in a container, would put a file in the place of ``/dev/null``. Of a link the file that
    it leads to is meant, as with ``/dev/stdout``.

    :raises click.BadParameter: it is no such place.
    """
    if value is None:
        return None
    if not value or "\0" in value:
        raise click.BadParameter("it names no file")
    path = Path(value)
    if path.is_symlink():
        path = path.resolve()
    if path.is_dir():
        raise click.BadParameter(f"{value!r} is a folder: name a file in it")
    if path.exists() and not path.is_file():
        raise click.BadParameter(f"{value!r} is not a file but a device, a pipe or the like: name a file")
    return path
