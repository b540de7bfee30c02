"""How answers look: tables and JSON, times and durations for people, colours on a terminal only."""

from __future__ import annotations

import json
import sys
import time
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

import click

from plexsync.durations import duration as duration

#: Seconds until something counts as taking long, and between two words of how far it is.
PROGRESS_AFTER = 2.0
PROGRESS_EVERY = 0.5


def as_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def iso(seconds: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC, to the second."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(seconds: float | None) -> str:
    """How long ago a moment (epoch seconds) was, in words."""
    return "never" if seconds is None else f"{duration(max(0.0, time.time() - seconds))} ago"


def percent(share: float | None) -> str:
    """A share (0 to 1) as a percentage."""
    return "no attempts" if share is None else f"{share:.1%}"


def table(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = ()) -> None:
    """Print rows in columns as wide as their widest text."""
    lines = [list(heads), *rows] if heads else list(rows)
    if not lines:
        return
    widths = [max(_columns(line[column]) for line in lines) for column in range(len(lines[0]))]
    for number, line in enumerate(lines):
        padded = [cell + " " * (width - _columns(cell)) for cell, width in zip(line, widths, strict=True)]
        text = "  ".join(padded).rstrip()
        click.echo(click.style(text, bold=True) if heads and number == 0 else text)


def _columns(cell: str) -> int:
    """How many columns of a terminal a text takes: wide letters two, marks on others and colours none."""
    text = click.unstyle(cell)
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    marks = sum(unicodedata.category(one) in ("Mn", "Me", "Cf") for one in text)
    return len(text) + wide - marks


def one_line(text: str, length: int) -> str:
    """A text from outside on one line, at most ``length`` characters, with nothing in it that moves a terminal."""
    plain = " ".join("".join(one if one.isprintable() else " " for one in text).split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"


class Progress:
    """Says on standard error how far something is, once it has taken ``PROGRESS_AFTER`` seconds.

    :param doing: what is done, as its line begins: ``Queueing``.
    :param total: how many there are to be done.
    """

    def __init__(self, doing: str, total: int) -> None:
        self._doing = doing
        self._total = total
        self._done = 0
        self._tell_at = time.monotonic() + PROGRESS_AFTER
        self._is_told = False
        # On a terminal one line renews itself; elsewhere each is kept.
        self._end = "" if sys.stderr.isatty() else "\n"

    def after(self, count: int) -> int:
        """So many more are done; returns the same number."""
        self._done += count
        if time.monotonic() >= self._tell_at:
            start = "\r" if self._end == "" else ""
            click.echo(f"{start}{self._doing}: {self._done:,} of {self._total:,}{self._end}", err=True, nl=False)
            self._is_told = True
            self._tell_at = time.monotonic() + PROGRESS_EVERY
        return count

    def end(self) -> None:
        """It is all done."""
        if self._is_told and self._end == "":
            click.echo(err=True)


def good(text: str) -> str:
    """Green, where there are colours."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Red, where there are colours."""
    return click.style(text, fg="red", bold=True)
