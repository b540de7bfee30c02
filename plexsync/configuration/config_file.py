"""Writes one setting into the configuration file, and leaves all else in it as it is."""

from __future__ import annotations

import errno
import json
import os
import re
import tempfile
import tomllib
from contextlib import suppress
from pathlib import Path


class NotEditable(Exception):
    """The file cannot be changed by a program. The text says what to do, and holds nothing of the file."""


def put_setting(path: Path, name: str, value: str) -> None:
    """Set a text at the top of a TOML file, private to its owner from then on; the file is made where there is none.

    Either all of it is there afterwards or what was before. What is behind a link is changed, and not the link.

    :param name: a bare key.
    :raises NotEditable: the file is not what can be changed line by line.
    :raises OSError: it cannot be read or written.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise NotEditable(f"{path} is not a file: move it away, and try again")
    try:
        # Line ends stay as they are.
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        text = ""
    except UnicodeDecodeError:
        raise NotEditable(f"{path} is not UTF-8: save it as UTF-8") from None
    _write_privately(path, edited(text, name, value, str(path)))


def edited(text: str, name: str, value: str, where: str = "the file") -> str:
    """The text of a TOML file with one setting changed.

    :raises NotEditable: see ``put_setting``.
    """
    try:
        before = tomllib.loads(text)
    except (ValueError, RecursionError):
        told = f"{where} is not valid TOML: correct it first; ./huey_consumer.sh --check says where"
        raise NotEditable(told) from None
    newline = "\r\n" if "\r\n" in text else "\n"
    line = f"{name} = {json.dumps(value)}"
    lines = text.splitlines(keepends=True)
    top = next((number for number, one in enumerate(lines) if one.lstrip().startswith("[")), len(lines))
    key = re.compile(rf"\s*([\"']?){re.escape(name)}\1\s*=")
    at = next((number for number, one in enumerate(lines[:top]) if key.match(one)), None)
    if at is None:
        lines.insert(0, line + newline)
    else:
        ending = newline if lines[at].endswith("\n") else ""
        lines[at] = line + ending
    new = "".join(lines)
    try:
        after = tomllib.loads(new)
    except (ValueError, RecursionError):
        after = {}
    if after != before | {name: value}:
        raise NotEditable(f"{name} stands in {where} in more than one line: remove it there, and try again")
    return new


def _write_privately(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Made with mode 0600.
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        _give_to_the_owner(new, path)
        try:
            new.replace(path)
        except OSError as error:
            # A single file that is mounted into a container cannot be replaced.
            if error.errno not in (errno.EBUSY, errno.EXDEV):
                raise
            path.chmod(0o600)
            path.write_bytes(text.encode())
    finally:
        new.unlink(missing_ok=True)
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _give_to_the_owner(new: Path, path: Path) -> None:
    """Where root writes it, whoever had the file or has the folder is to be able to read it."""
    if os.name != "posix" or os.geteuid() != 0:
        return
    model = path if path.exists() else path.parent
    status = model.stat()
    os.chown(new, status.st_uid, status.st_gid)
