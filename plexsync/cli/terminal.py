"""What a text needs where it is read on a terminal: its letters, its colours, and lines that fit."""

from __future__ import annotations

import codecs
import os
import re
import sys
import unicodedata
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from plexsync.imports.late import late_pattern
from plexsync.outside import isolated, shown_lines

#: Columns that are used at the least, however narrow the terminal is.
LEAST_WIDTH = 40
#: What stays on one line, so that it can be copied, or read at a glance: a command, a moment.
_WORD = (
    "--?[a-z][a-z-]*|status|scene|sync|failed|review|reconcile|doctor|help|list|show|retry|discard|accept|reject|forget"
    r"|[A-Z][A-Z_]+|\d+"
)
_WHOLE = (
    rf"(?:'[^']*huey_consumer\.sh'|\S*huey_consumer\.sh)(?: (?:{_WORD})(?![\w-]))*"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d"
)
#: Stands for a space there.
_GLUE = "\N{NO-BREAK SPACE}"
#: What stands for letters of ours where a terminal does not have them.
_PLAIN = str.maketrans({"…": "...", "→": "->", "“": '"', "”": '"', "‘": "'", "’": "'", "–": "-", "—": "-"})
_IN_PLAIN_LETTERS = "plexsync.plain"
#: ASCII under a name of its own: click takes a terminal that is said to speak ASCII for one that speaks UTF-8.
_ASCII = "plexsync_ascii"
#: Marks our own codes for colours.
_MARK = f"{int.from_bytes(os.urandom(8)) % 10**9:09}"
_OURS = late_pattern(rf"\x1b\[([0-9;]+);{_MARK}m")


def set_up() -> None:
    """Make what is printed fit where it goes: letters that a terminal cannot show are spelled out.

    Python runs in UTF-8 mode, whatever the locale is. A terminal whose locale knows other letters would show a mess.
    """
    # Python has none where they were closed before it started.
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
    codecs.register_error(_IN_PLAIN_LETTERS, _spelled_out)
    codecs.register(_ascii)
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, TextIOWrapper):
            continue
        if stream.isatty() and not os.environ.get("PYTHONIOENCODING"):
            import locale

            encoding = locale.getencoding()
            if codecs.lookup(encoding).name == "ascii":
                encoding = _ASCII
            stream.reconfigure(encoding=encoding, errors=_IN_PLAIN_LETTERS)
        else:
            stream.reconfigure(errors=_IN_PLAIN_LETTERS)


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def colours() -> bool | None:
    """False where nobody wants colours (NO_COLOR, a terminal without any); None where the output decides."""
    return False if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else None


def width(*, err: bool = False) -> int | None:
    """Columns of the terminal; None where the output goes to a file or a pipe, whose lines may be of any length."""
    if not (sys.stderr if err else sys.stdout).isatty():
        return None
    import shutil

    return max(LEAST_WIDTH, shutil.get_terminal_size().columns)


def ours(codes: str) -> str:
    """Codes for colours that are told from those in a text from outside: with a number that nobody else knows."""
    return codes.replace("m", f";{_MARK}m")


def harmless(text: str, *, err: bool = False) -> str:
    """A text that does nothing to a terminal but colour it, where ``ours`` says so.

    On a terminal, what runs from right to left is set apart from what is around it.
    """
    stream = sys.stderr if err else sys.stdout
    is_terminal = stream.isatty() and stream.encoding.lower().startswith("utf")
    pieces = _OURS.split(text)
    # Every other piece is the codes of ours.
    for place, piece in enumerate(pieces):
        if place % 2:
            pieces[place] = f"\x1b[{piece}m"
        else:
            told = shown_lines(piece)
            pieces[place] = isolated(told) if is_terminal else told
    return "".join(pieces)


def columns(text: str) -> int:
    """How many columns a text takes: wide letters two, marks on others and colours none."""
    import click

    plain = shown_lines(click.unstyle(text))
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in plain)
    marks = sum(unicodedata.category(one) in ("Mn", "Me", "Cf") for one in plain)
    return len(plain) + wide - marks


def wrapped(text: str, within: int | None, *, indent: int = 0) -> str:
    """A text in lines that fit, broken between words. A word that is longer, as a path may be, stays whole.

    :param within: columns; None leaves the text as it is.
    :param indent: spaces before what is carried over to a line of its own, beside those that the line begins with.
    """
    if within is None:
        return text
    glued = re.sub(_WHOLE, lambda found: found[0].replace(" ", _GLUE), text)
    return "\n".join(_lines(one, within, indent) for one in glued.split("\n")).replace(_GLUE, " ")


def _lines(text: str, within: int, indent: int) -> str:
    bare = text.lstrip(" ")
    margin = " " * (len(text) - len(bare))
    lines, line = [], ""
    length = 0
    for word in bare.split(" "):
        taken = columns(word)
        if line and length + 1 + taken > within:
            lines.append(line.rstrip(" "))
            line, length = "", 0
        if not line:
            start = margin + " " * indent if lines else margin
            line, length = start + word, len(start) + taken
        else:
            line, length = f"{line} {word}", length + 1 + taken
    return "\n".join([*lines, line])


def _ascii(name: str) -> codecs.CodecInfo | None:
    if name != _ASCII:
        return None
    known = codecs.lookup("ascii")
    return codecs.CodecInfo(
        known.encode,
        known.decode,
        streamreader=known.streamreader,
        streamwriter=known.streamwriter,
        incrementalencoder=known.incrementalencoder,
        incrementaldecoder=known.incrementaldecoder,
        name=name,
    )


def _spelled_out(error: UnicodeError) -> tuple[str | bytes, int]:
    """Letters that an output does not have, in those that it has: our own by others, the rest as escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    plain = lost.translate(_PLAIN)
    return plain.encode("ascii", "backslashreplace").decode("ascii"), error.end
