"""How answers look: tables and JSON, times and durations for people, colours on a terminal only."""

from __future__ import annotations

import json
import shutil
import sys
import time
import unicodedata
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import click

from plexsync.durations import duration as duration

#: Columns that are used at the least, however narrow the terminal is.
LEAST_WIDTH = 40
#: Seconds until something counts as taking long, and between two words of how far it is.
PROGRESS_AFTER = 2.0
PROGRESS_EVERY = 0.5
#: The same where each line is kept, as in a log.
KEPT_PROGRESS_EVERY = 10.0
#: Seconds over which a rate is measured, in so many steps: short enough to show a change, long enough to be calm.
RATE_OVER = 60.0
RATE_STEPS = 120


def as_json(value: object) -> None:
    """Print a value as JSON."""
    # What the output cannot show is escaped as JSON does it.
    is_unicode = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "").startswith("utf")
    click.echo(json.dumps(value, indent=2, ensure_ascii=not is_unicode))


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
        click.echo(text, err=True)

    def end(self) -> None:
        """It is all done."""
        if self._width:
            click.echo(err=True)
        self._width = 0

    def _tell(self) -> None:
        text = f"{self._doing}: {self._done:,} of {self._total:,}{self._speed()}"
        if not self._is_terminal:
            click.echo(text, err=True)
            return
        click.echo(f"\r{text.ljust(self._width)}", err=True, nl=False)
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


class Rate:
    """How fast something goes on, by what was done within the last ``RATE_OVER`` seconds.

    :param done: how many were done before.
    :param clock: seconds that only ever grow.
    """

    def __init__(self, done: int = 0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._noted = deque([(clock(), done)])

    def note(self, done: int) -> None:
        """So many are done by now."""
        now = self._clock()
        if len(self._noted) > 1 and now - self._noted[-2][0] < RATE_OVER / RATE_STEPS:
            self._noted.pop()
        self._noted.append((now, done))
        while len(self._noted) > 2 and now - self._noted[1][0] >= RATE_OVER:
            self._noted.popleft()

    @property
    def per_second(self) -> float:
        """How many a second; 0 where nothing has moved."""
        (started, first), (now, last) = self._noted[0], self._noted[-1]
        return max(0.0, (last - first) / (now - started)) if now > started else 0.0


def good(text: str) -> str:
    """Green, where there are colours."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Red, where there are colours."""
    return click.style(text, fg="red", bold=True)


def doubtful(text: str) -> str:
    """Yellow, where there are colours."""
    return click.style(text, fg="yellow", bold=True)


def wrapped(text: str, *, indent: int) -> str:
    """A text as wide as the terminal, what is too long on lines of its own; as it is where it goes to a file or a pipe.

    :param indent: spaces before each line but the first.
    """
    if not sys.stdout.isatty():
        return text
    width = max(LEAST_WIDTH, shutil.get_terminal_size().columns)
    lines, line, length = [], "", 0
    for word in text.split(" "):
        columns = _columns(word)
        if line and length + 1 + columns > width:
            lines.append(line)
            line, length = " " * indent + word, indent + columns
        else:
            line, length = (f"{line} {word}", length + 1 + columns) if line else (word, columns)
    return "\n".join([*lines, line])
