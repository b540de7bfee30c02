"""Texts and paths in settings, and how it is said that one cannot be used.

Every command asks for the data folder: what that takes stands here, apart from all else that a setting may be.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from plexsync.inbox import event_files

#: What a relative path counts from, wherever a process was started; the hook does the same.
PLUGIN_FOLDER = Path(event_files.PLUGIN)


class Wrong(NamedTuple):
    """Why a value is refused. ``other``: the second setting involved, blamed if only that one was set."""

    problem: str
    remedy: str
    other: str = ""


class WrongValue(Exception):
    """A value cannot be used.

    :param wrongs: all that is wrong with it.
    """

    def __init__(self, wrongs: Iterable[Wrong]) -> None:
        self.wrongs = tuple(wrongs)
        super().__init__(self.wrongs)


def wrong_value(problem: str, remedy: str) -> WrongValue:
    """The error of a value with one thing wrong."""
    return WrongValue([Wrong(problem, remedy)])


def is_set(value: object) -> bool:
    """Whether anything was written: an empty text, or nothing but spaces, means that the setting is not set."""
    return bool(value.strip()) if isinstance(value, str) else value is not None


def shown(value: object) -> str:
    """A value that is no secret, on one line and short; other kinds than texts and numbers by their kind."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "...")
    if isinstance(value, int | float):
        return "a huge number" if abs(value) >= 10**18 else str(value).lower()
    return "a list" if isinstance(value, list) else "a table" if isinstance(value, dict) else "a date or a time"


def plain(name: str) -> str:
    """A name or path that somebody else chose, on one line."""
    return name if name.isprintable() else ascii(name)


def text_of(value: object, remedy: str = "write a text in quotes") -> str:
    """A text of one line, without spaces around it.

    :raises WrongValue: it is none.
    """
    if not isinstance(value, str):
        raise wrong_value("must be a text", remedy)
    # Control characters and halves of surrogate pairs: no name, path or address holds them.
    if re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text := value.strip()):
        raise wrong_value("holds control characters or broken letters", remedy)
    return text


def path_of(value: object, remedy: str) -> Path:
    """A path, taken from the plugin's folder where it is not a full one; ``~`` is the user's home.

    :raises WrongValue: it is none, or there is no such user.
    """
    try:
        return PLUGIN_FOLDER / Path(text_of(value, remedy)).expanduser()
    except (OSError, RuntimeError):
        raise wrong_value(f"{shown(value)} leads nowhere", remedy) from None


def data_folder(value: object) -> Path:
    """The path of the data folder, which need not be there yet.

    :raises WrongValue: something else is there.
    """
    remedy = "write the full path of a folder that PlexSync may write to"
    path_of(value, remedy)
    path = Path(event_files.data_folder(text_of(value, remedy)))
    if os.access(path, os.F_OK) and not path.is_dir():
        raise wrong_value(f"{shown(value)} is not a folder", remedy)
    return path
