"""How answers look: tables and JSON, times and durations for people, colours on a terminal only."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any

from plexsync.cli import terminal
from plexsync.cli.terminal import columns
from plexsync.configuration.origins import origins
from plexsync.durations import away as away
from plexsync.durations import duration as duration
from plexsync.durations import epoch
from plexsync.durations import iso as iso
from plexsync.durations import local as local
from plexsync.durations import soon as soon
from plexsync.durations import when as when
from plexsync.outside import exact, shown
from plexsync.script import from_here
from plexsync.status.rate import Rate as Rate

#: Columns that the last one of a table gets at the least beside the others; else it stands below them.
ENOUGH = 24
#: Spaces before a table's last column where it stands below the others.
BELOW = 6
#: Columns of a terminal that does not tell.
LEAST_SHOWN = 80
#: Seconds until something counts as taking long, and between two words of how far it is.
PROGRESS_AFTER = 2.0
PROGRESS_EVERY = 0.5
#: The same where each line is kept, as in a log.
KEPT_PROGRESS_EVERY = 10.0


def say(text: str = "", *, indent: int = 0, err: bool = False) -> None:
    """Print a text for people: as wide as the terminal, and with commands that work in the working directory.

    :param indent: spaces before each line but the first, where the terminal is too narrow for it.
    :param err: to standard error.
    """
    _print(terminal.wrapped(as_shown(text), terminal.width(err=err), indent=indent), err=err)


def lines(text: str) -> None:
    """Print lines as they are, such as those of a traceback."""
    _print(text)


class Screen:
    """A terminal whose lines are renewed in place, as long as the block lasts."""

    #: Codes that terminals have understood for fifty years: clear all, go to the upper left, clear what is behind.
    _CLEAR, _HOME, _CLEAR_LINE, _CLEAR_BELOW = "\x1b[2J", "\x1b[H", "\x1b[K", "\x1b[J"

    def __enter__(self) -> Screen:
        """Clear it."""
        _echo(self._CLEAR, nl=False, color=True)
        return self

    def __exit__(self, *_error: object) -> None:
        """Let the next line stand below."""
        _echo()

    def show(self, texts: Iterable[str]) -> None:
        """Show these lines, each cut where the terminal ends."""
        within = (terminal.width() or LEAST_SHOWN) - 1
        drawn = [terminal.harmless(one_line(text, within)) + self._CLEAR_LINE for text in texts]
        _echo(self._HOME + "\n".join(drawn) + self._CLEAR_BELOW, nl=False, color=True)


def _echo(text: str = "", **options: Any) -> None:
    import click

    click.echo(text, **options)


def _print(text: str, *, err: bool = False) -> None:
    """All that is printed for people goes this way: nothing in it moves the terminal but colours of ours."""
    _echo(terminal.harmless(text, err=err), err=err, color=terminal.colours())


def as_shown(text: str) -> str:
    """A message as it helps who reads it: commands work in the working directory, settings say where they stand."""
    return from_here(origins.with_origins(text))


def as_json(value: object) -> None:
    """Print a value as JSON."""
    # What the output cannot show is escaped as JSON does it.
    is_unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
    _echo(exact(json.dumps(value, indent=2, ensure_ascii=not is_unicode)))


def next_try(moment: str) -> str:
    """When something is tried again, as far ahead and as a moment; what is over by now waits for the consumer."""
    if epoch(moment) <= time.time():
        return f"due since {local(moment)}: as soon as the consumer comes to it"
    return f"{soon(moment)} ({local(moment)})"


def percent(share: float | None) -> str:
    """A share (0 to 1) as a percentage."""
    return "no attempts" if share is None else f"{share:.1%}"


def table(rows: Sequence[Sequence[str]], *, heads: Sequence[str] = ()) -> None:
    """Print rows in columns as wide as their widest text.

    Where a terminal is too narrow, the last column is broken into lines; or it stands below the others, where those
    leave no room for it. Elsewhere each row stays one line.
    """
    found = [[as_shown(_in_one_line(cell)) for cell in line] for line in ([heads, *rows] if heads else rows)]
    if not found:
        return
    widths = _widths(found)
    within, before = terminal.width(), sum(widths[:-1]) + 2 * len(widths[:-1])
    for number, line in enumerate(found):
        padded = [cell + " " * (width - columns(cell)) for cell, width in zip(line, widths, strict=True)]
        first, last = "".join(f"{cell}  " for cell in padded[:-1]), line[-1]
        if within is None or before + widths[-1] <= within:
            text = f"{first}{last}".rstrip()
        elif within - before >= ENOUGH:
            text = f"{first}{_indented(last, within, before)}".rstrip()
        else:
            text = f"{first.rstrip()}\n{' ' * BELOW}{_indented(last, within, BELOW)}".rstrip()
        _print(style(text, bold=True) if heads and number == 0 else text)


def fits(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a table of these rows needs no more columns than the terminal has."""
    within = terminal.width()
    return within is None or not rows or sum(_widths(rows)) + 2 * (len(rows[0]) - 1) <= within


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [max(columns(line[column]) for line in lines) for column in range(len(lines[0]))]


def _indented(text: str, within: int, indent: int) -> str:
    return terminal.wrapped(text, within - indent).replace("\n", "\n" + " " * indent)


def one_line(text: str, length: int) -> str:
    """A text from outside on one line, at most ``length`` characters, with nothing in it that moves a terminal."""
    plain = shown(" ".join(text[: 4 * length].split()))
    return plain if len(plain) <= length else plain[: length - 1] + "…"


def _in_one_line(text: str) -> str:
    """A cell of a table: a line that begins in it is none of ours."""
    return text.replace("\n", "\\n")


class Progress:
    """Says on standard error how far something is, once it has taken ``PROGRESS_AFTER`` seconds: how many are done, how
    fast that goes, and how long it will take at that rate.

    :param doing: what is done, as its line begins: ``Queueing``.
    :param total: how many there are to be done.
    :param done: how many of them were done before.
    """

    def __init__(self, doing: str, total: int, done: int = 0) -> None:
        self._doing = doing
        self._total = total
        self._done = done
        self._rate = Rate(done)
        self._tell_at = time.monotonic() + PROGRESS_AFTER
        self._width = 0
        # On a terminal one line renews itself; elsewhere each is kept.
        self._is_terminal = sys.stderr.isatty()

    def after(self, count: int) -> int:
        """So many more are done; returns the same number."""
        self.at(self._done + count)
        return count

    def at(self, done: int, total: int | None = None) -> None:
        """So many are done by now, maybe of another number than was thought."""
        self._done, self._total = done, self._total if total is None else total
        self._rate.note(done)
        if time.monotonic() >= self._tell_at:
            self._tell()
            self._tell_at = time.monotonic() + (PROGRESS_EVERY if self._is_terminal else KEPT_PROGRESS_EVERY)

    def say(self, text: str) -> None:
        """Say something else on a line of its own."""
        self.end()
        say(text, err=True)

    def end(self) -> None:
        """It is all done."""
        if self._width:
            _echo(err=True)
        self._width = 0

    def _tell(self) -> None:
        text = f"{self._doing}: {self._done:,} of {self._total:,}{self._speed()}"
        if not self._is_terminal:
            _echo(text, err=True)
            return
        # Not wider than the terminal: a line that is broken is not renewed.
        text = text[: (terminal.width(err=True) or len(text) + 1) - 1]
        _echo(f"\r{text.ljust(self._width)}", err=True, nl=False)
        self._width = len(text)

    def _speed(self) -> str:
        rate = self._rate.per_second
        if not rate:
            return ""
        left = max(0, self._total - self._done) / rate
        told = (
            f"{rate:,.0f} a second"
            if rate >= 10
            else f"{rate:.1f} a second"
            if rate >= 1
            else f"{rate * 60:.1f} a minute"
        )
        return f", {told}, {duration(left)} left"


def good(text: str) -> str:
    """Green, where there are colours."""
    return style(text, fg="green")


def bad(text: str) -> str:
    """Red, where there are colours."""
    return style(text, fg="red", bold=True)


def doubtful(text: str) -> str:
    """Yellow, where there are colours."""
    return style(text, fg="yellow", bold=True)


def style(text: str, *, fg: str | None = None, bold: bool | None = None) -> str:
    """A text in a colour or bold. What a text from outside holds of that is not taken for ours."""
    import click

    return f"{terminal.ours(click.style('', fg=fg, bold=bold, reset=False))}{text}{terminal.ours(click.style(''))}"
