"""Runs a command as a person does: in a terminal of so many columns."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Mapping

from plexsync.demo.world import PLUGIN, World
from tests.support import programs

#: What changes colours and styles, and nothing else.
STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_terminal(
    world: World, *words: str, columns: int = 80, environ: Mapping[str, str] | None = None, utf8: bool = True
) -> bytes:
    """What a command writes to its terminal, with the terminal's own line ends taken off.

    :param environ: variables over the world's.
    :param utf8: Python's UTF-8 mode, which the script asks for; it changes something only where a locale is given.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    own = {name: value for name, value in world.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    mode = ["-X", "utf8"] if utf8 and "LC_ALL" in (environ or {}) else []
    process = programs.Popen(
        [sys.executable, *mode, "-P", "-m", "plexsync", *words],
        env=own | {"PYTHONPATH": str(PLUGIN), "TERM": "xterm"} | dict(environ or {}),
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=PLUGIN,
        start_new_session=True,
    )
    os.close(slave)
    written = _read(master, time.monotonic() + 60)
    os.close(master)
    process.wait(10)
    return written.replace(b"\r\n", b"\n")


def screen(world: World, *words: str, columns: int = 80) -> str:
    """The same as text, without colours."""
    return STYLE.sub("", on_terminal(world, *words, columns=columns).decode())


def _read(terminal: int, until: float) -> bytes:
    """All that is written until the last one who could write is gone."""
    written = b""
    while True:
        ready, _, _ = select.select([terminal], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise AssertionError(f"still running, after {written!r}")
        try:
            some = os.read(terminal, 65536)
        except OSError:
            return written
        if not some:
            return written
        written += some
