"""Reads a file of settings in TOML, and says what is wrong with one that cannot be read."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

from plexsync.configuration import setting_values as values
from plexsync.configuration.toml_faults import lost_backslashes, syntax_fault

#: Bytes it may have: far more than anyone writes, far less than memory.
MAX_FILE_SIZE = 1_000_000


def read_toml(path: Path) -> dict[str, object]:
    """What the file holds.

    :raises WrongValue: it is none, or no TOML; what it says names lines and repeats nothing of it.
    :raises OSError: it cannot be read.
    """
    remedy = f'write lines like plex_url = "http://localhost:32400" in {values.plain(str(path))}'
    if not stat.S_ISREG((status := path.stat()).st_mode) or status.st_size > MAX_FILE_SIZE:
        raise values.wrong_value("is a folder, no file, or far too big", remedy)
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise values.wrong_value(f"is not UTF-8 at line {line}", f"save it as UTF-8; {remedy}") from None
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where, problem, what_to_do = syntax_fault(text.replace("\r\n", "\n"), error)
        told = f"is not valid TOML{' at ' if where else ''}{where}{': ' if problem else ''}{problem}"
        raise values.wrong_value(told, f"{what_to_do} (in {values.plain(str(path))})") from None
    if lost := list(lost_backslashes(text.replace("\r\n", "\n"), table)):
        raise values.WrongValue([values.Wrong(f"{name} at {where}: {what}", how) for name, (where, what, how) in lost])
    return table
