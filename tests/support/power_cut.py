"""A simulated power cut: what SQLite has synced to the disk is what survives.

SQLite is told, through its own interface for virtual file systems (https://sqlite.org/vfs.html), to call us when it
syncs a file: what the file holds then is kept. A power cut may leave more than that (whatever the system wrote by
itself), and never less; so what has to survive one has to be in there.

It sees what any process of this one's threads writes through ``sqlite3``, with no compiler and no tracing.
"""

from __future__ import annotations

import _sqlite3
import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, byref, c_char_p, c_int, c_int64, c_void_p, cast
from pathlib import Path
from typing import Any

import pytest

from tests.support.quick_tables import copies


class _Methods(ctypes.Structure):
    """``sqlite3_io_methods``."""


class _File(ctypes.Structure):
    """``sqlite3_file``, as far as all kinds of them have it."""

    _fields_ = (("methods", POINTER(_Methods)),)


_SYNC = CFUNCTYPE(c_int, POINTER(_File), c_int)
_READ = CFUNCTYPE(c_int, POINTER(_File), c_void_p, c_int, c_int64)
_SIZE = CFUNCTYPE(c_int, POINTER(_File), POINTER(c_int64))
# The name as an address: SQLite goes on using that very one.
_OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, POINTER(_File), c_int, POINTER(c_int))
_Methods._fields_ = (
    ("version", c_int),
    ("close", c_void_p),
    ("read", _READ),
    ("write", c_void_p),
    ("truncate", c_void_p),
    ("sync", _SYNC),
    ("file_size", _SIZE),
    # Locks, hints, shared memory (version 2) and memory mapping (version 3): as they are.
    ("others", c_void_p * 12),
)


class _Vfs(ctypes.Structure):
    """``sqlite3_vfs``, up to what is replaced here."""

    _fields_ = (
        ("version", c_int),
        ("file_bytes", c_int),
        ("longest_path", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("data", c_void_p),
        ("open", c_void_p),
    )


class Disk:
    """What would be on the disk after a power cut."""

    def __init__(self) -> None:
        self._synced: dict[str, bytes] = {}

    def note(self, path: str, content: bytes) -> None:
        """A file was synced."""
        self._synced[path] = content

    def cut(self, folder: Path, after: Path) -> Path:
        """The power is cut now: write what is left of a folder into another one, which is made.

        Whatever SQLite does not write is taken for gone: the inbox, that is. A file that was deleted stays so.

        :returns: the other one.
        """
        after.mkdir(parents=True)
        for path, content in list(self._synced.items()):
            if Path(path).parent == folder.resolve() and Path(path).exists():
                (after / Path(path).name).write_bytes(content)
        return after


#: What SQLite may call for as long as it has files open.
_kept: list[Any] = []


@contextmanager
def disk() -> Iterator[Disk]:
    """A disk that keeps what is synced of files that are opened in the block."""
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    try:
        library.sqlite3_vfs_find.restype = POINTER(_Vfs)
    except AttributeError:
        pytest.skip("this Python does not let SQLite's own functions be called, so no sync can be seen")
    vfs = library.sqlite3_vfs_find(None).contents
    address, kept = vfs.open, Disk()
    original = _OPEN(address)

    def opened(own: Any, name: int | None, file: Any, flags: int, out: Any) -> int:
        result: int = original(own, name, file, flags, out)
        if result == 0 and name:
            _watch(kept, ctypes.string_at(name).decode(), file)
        return result

    watched = _OPEN(opened)
    _kept.append(watched)
    vfs.open = cast(watched, c_void_p).value
    copies.are_made = False
    try:
        yield kept
    finally:
        vfs.open = address
        copies.are_made = True


def _watch(disk: Disk, path: str, file: Any) -> None:
    """Give a file that was just opened a method of ours for syncing."""
    before = file.contents.methods.contents
    methods = _Methods()
    # The table is as long as its version says; what is behind it is not ours to read.
    words = {1: 12, 2: 16}.get(before.version, 18)
    ctypes.memmove(byref(methods), byref(before), _Methods.close.offset + words * ctypes.sizeof(c_void_p))

    def sync(own: Any, flags: int) -> int:
        result: int = before.sync(own, flags)
        if result == 0:
            disk.note(path, _content(before, own))
        return result

    methods.sync = _SYNC(sync)
    _kept.append((methods, before))
    file.contents.methods = ctypes.pointer(methods)


def _content(methods: Any, file: Any) -> bytes:
    """All of a file, through SQLite: to open it here once more would cost SQLite its locks when it is closed."""
    size = c_int64()
    methods.file_size(file, byref(size))
    content = ctypes.create_string_buffer(max(size.value, 1))
    methods.read(file, content, size.value, 0)
    return content.raw[: size.value]
