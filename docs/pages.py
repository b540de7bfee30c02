"""What a page of the guide has a person type and see, and how that differs from what is printed now."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: What is another one each time it is printed, and what it becomes before it is compared.
_VARYING = (
    (r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", "TIME"),
    (r"(?<=TIME )[+-]\d\d:\d\d", "OFFSET"),
    (r"\b\d+(?:\.\d+)? (?:ms|s|min|h|days?)\b(?: \d+ (?:s|min|h)\b)?", "DURATION"),
    (r"\bin 0:\d\d:\d\d\b", "DURATION"),
    # What was done less than a second ago.
    (r"\(now\)", "(DURATION ago)"),
    (r"(?<=enter )[A-Z0-9]{4}\b", "CODE"),
    (r"\bprocess \d+\b", "process PID"),
    # Something periodic may be under way.
    (r"\b\d+ (pending|scheduled|in progress)\b", r"SOME \1"),
    (r" \(the first (?:in DURATION|at once)\)", ""),
    (r"\bPython 3\.\d+\.\d+\b", "Python VERSION"),
    (r"\b\d+(?:\.\d+)? [GMT]i?B\b", "SIZE"),
)


@dataclass
class Step:
    """One command of a page, or one thing that is done elsewhere (``does``).

    ``printed`` is what the page has below it, ``start`` and ``end`` where that stands in the page's text.
    """

    command: str = ""
    does: str = ""
    printed: str = ""
    start: int = 0
    end: int = 0
    indent: str = ""


@dataclass
class Walked:
    """One step that was done: what it printed, in the page's words, and the seconds it took."""

    step: Step
    printed: str
    seconds: float


def steps(page: str) -> Iterator[Step]:
    """What a page says is to be done, in its order."""
    for found in re.finditer(
        r"<!-- walk: (?P<does>.+?) -->|^(?P<indent> *)```console\n(?P<block>.*?)^ *```", page, re.DOTALL | re.MULTILINE
    ):
        if found["does"]:
            yield Step(does=found["does"])
            continue
        indent, position = found["indent"], found.start("block")
        for part in re.findall(r"^ *\$ [^\n]*\n(?:(?! *\$ )[^\n]*\n)*", found["block"], re.MULTILINE):
            line, _, rest = part.partition("\n")
            printed = "".join(one.removeprefix(indent) for one in rest.splitlines(keepends=True))
            start = position + len(line) + 1
            yield Step(line.strip()[2:], "", printed, start, start + len(rest), indent)
            position += len(part)


def comparable(text: str) -> str:
    """A text without what differs from one run to the next; where lines were broken does not matter."""
    plain = " ".join(text.split())
    for pattern, word in _VARYING:
        plain = re.sub(pattern, word, plain)
    return plain


def differs(walked: Walked) -> str:
    """How what was printed differs from what the page has; empty where it does not."""
    if comparable(walked.printed) == comparable(walked.step.printed):
        return ""
    lines = difflib.unified_diff(
        walked.step.printed.splitlines(), walked.printed.splitlines(), "in the page", "printed", lineterm="", n=1
    )
    return f"$ {walked.step.command}\n" + "\n".join(lines)


def with_printed(page: str, walked: Sequence[Walked]) -> str:
    """The page with what was printed in it, where that is something else."""
    for one in sorted(walked, key=lambda one: one.step.start, reverse=True):
        if [*map(comparable, one.printed.splitlines())] != [*map(comparable, one.step.printed.splitlines())]:
            printed = "".join(f"{one.step.indent}{line}".rstrip() + "\n" for line in one.printed.splitlines())
            page = page[: one.step.start] + printed + page[one.step.end :]
    return page
