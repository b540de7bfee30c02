"""How answers look: tables and JSON, times and durations for people, colours on a terminal only."""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime

import click


def as_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def iso(seconds: float | None) -> str | None:
    """Epoch seconds as ISO 8601 in UTC, to the second."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ago(seconds: float | None) -> str:
    """How long ago a moment (epoch seconds) was, in words."""
    return "never" if seconds is None else f"{duration(max(0.0, time.time() - seconds))} ago"


def duration(seconds: float) -> str:
    """A length of time in its two largest units: ``3 h 12 min``."""
    whole = int(seconds)
    units = [(86400, "d"), (3600, "h"), (60, "min"), (1, "s")]
    parts = []
    for size, name in units:
        count, whole = divmod(whole, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"


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


def good(text: str) -> str:
    """Green, where there are colours."""
    return click.style(text, fg="green")


def bad(text: str) -> str:
    """Red, where there are colours."""
    return click.style(text, fg="red", bold=True)
