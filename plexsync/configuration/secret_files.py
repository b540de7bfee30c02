"""Secrets in files of their own, as Docker and Kubernetes mount them: ``PLEXSYNC_PLEX_TOKEN_FILE=/run/secrets/token``.

Every setting that is a secret can be given so. Its variable with ``_FILE`` behind it names the file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from plexsync.configuration import setting_values as values

#: Stands behind the name of a secret's variable.
SUFFIX = "_FILE"
#: Bytes such a file may have: far more than a token or a key has.
MAX_BYTES = 16 * 1024

_REMEDY = "name a file that holds nothing but the secret, and that PlexSync may read"


def file_variable(name: str) -> str:
    """The variable that names the file with a secret: ``PLEXSYNC_PLEX_TOKEN_FILE``.

    :param name: of the setting, such as ``plex_token``.
    """
    return f"PLEXSYNC_{name.upper()}{SUFFIX}"


def is_path(chosen: str) -> bool:
    """Whether what stands there for a path is one at first sight: it may be the secret itself, which nobody repeats."""
    return "://" not in chosen and ("/" in chosen or "\\" in chosen)


def read_secret(path: Path) -> str:
    """What a file holds, without the white space around it. What is raised repeats nothing of it.

    :raises WrongValue: there is none, it cannot be read, or it holds nothing or too much.
    """
    try:
        # Opening a pipe in its place would wait for a writer. Links are followed: Kubernetes mounts secrets as such.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        try:
            is_file = stat.S_ISREG(os.fstat(descriptor).st_mode)
            raw = _read(descriptor) if is_file else b""
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise values.wrong_value("names a file that is not there", _REMEDY) from None
    except (OSError, ValueError) as error:
        raise values.wrong_value(f"names a file that cannot be read ({type(error).__name__})", _REMEDY) from None
    if not is_file:
        raise values.wrong_value("names something that is not a file", _REMEDY)
    if len(raw) > MAX_BYTES:
        raise values.wrong_value(f"names a file of more than {MAX_BYTES} bytes", _REMEDY)
    text = _decoded(raw)
    if not text:
        raise values.wrong_value("names a file that is empty or not text", _REMEDY)
    return text


def _read(descriptor: int) -> bytes:
    """At most one byte more than there may be."""
    raw = b""
    while len(raw) <= MAX_BYTES and (chunk := os.read(descriptor, MAX_BYTES + 1 - len(raw))):
        raw += chunk
    return raw


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return ""
