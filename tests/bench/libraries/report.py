"""The tables, in GitHub's markdown, and wrong matches in full."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import zip_longest

from plexsync.model import IndexedPart
from tests.bench.libraries.library import KINDS, SAME_NAME_KINDS
from tests.bench.libraries.tally import Count, Example, Outcome, Tally

_MEGABYTE = 1_000_000


def by_kind(tally: Tally, plain: Tally) -> str:
    """A row per kind of trouble, with the plain rule beside it."""
    head = "kind", "scenes", "known", "right", "wrong", "precision", "recall", "review", "truth among", "none"
    rows: list[tuple[str, ...]] = [(*head, "plain: right", "wrong", "recall")]
    rows += [_row(kind, tally.kinds[kind], plain.kinds[kind]) for kind in KINDS if kind in tally.kinds]
    rows.append(_row("**all**", tally.total(), plain.total()))
    return table(rows)


def _row(name: str, count: Count, plain: Count) -> tuple[str, ...]:
    numbers = (count.scenes, count.known, count.right, count.wrong)
    left = (count.review, count.truth_among, count.none)
    return (
        name,
        *map(_number, numbers),
        _share(count.precision, 3),
        _share(count.recall),
        *map(_number, left),
        *map(_number, (plain.right, plain.wrong)),
        _share(plain.recall),
    )


def by_library(outcomes: Sequence[Outcome]) -> str:
    """A row per size and seed: totals, times in milliseconds, memory."""
    head = ("scenes", "seed", "household", "items", "precision", "recall", "wrong", "wrong, same name", "review")
    speed = ("by path: median", "p95", "by search: median", "p95", "p99", "MB", "fill, s")
    rows: list[tuple[str, ...]] = [(*head, "plain: precision", "recall", *speed)]
    for one in outcomes:
        count, plain, tally = one.tally.total(), one.plain.total(), one.tally
        path, search = _median(tally.by_path), _median(tally.by_search)
        rows.append(
            (
                _number(count.scenes),
                str(one.plan.seed),
                one.plan.household,
                _number(one.filled.items),
                _share(count.precision, 3),
                _share(count.recall),
                _number(count.wrong),
                _number(tally.total(*SAME_NAME_KINDS).wrong),
                _share(count.review / max(count.scenes, 1)),
                _share(plain.precision, 3),
                _share(plain.recall),
                _milliseconds(path),
                _milliseconds(_p95(tally.by_path)),
                _milliseconds(search),
                _milliseconds(_p95(tally.by_search)),
                _milliseconds(_share_of(tally.by_search, 0.99)),
                f"{max(tally.growth - one.bare, 0) / _MEGABYTE:.1f}",
                f"{one.filled.seconds:.1f}",
            )
        )
    notes = (
        "Times are of the processor, in ms per scene, matched and decided on: where a file is found at its mapped "
        "path, and where not. By path it is half of that or less where no search lies between, as what it needs stays "
        "in the processor's caches. "
        "MB: by how much matching makes a process grow, beside what making the scenes takes. fill: writing the index."
    )
    return f"{table(rows)}\n\n{notes}"


#: Wrong or missed matches that are shown.
SHOWN = 10


def examples(what: str, found: Sequence[Example]) -> str:
    """Some wrong or missed matches with all that both sides know, from as many kinds of trouble as there are."""
    by_turns: dict[str, list[Example]] = {}
    for one in found:
        by_turns.setdefault(one.labelled.kind, []).append(one)
    turns = [one for turn in zip_longest(*by_turns.values()) for one in turn if one is not None]
    return "\n".join(
        [f"\n{what}: {len(found) or 'none'}{', some of them' if len(found) > SHOWN else ''}"]
        + [_example(one) for one in turns[:SHOWN]]
    )


def _example(one: Example) -> str:
    scene, match = one.labelled.scene, one.match
    thought = "no candidate"
    if match:
        thought = f"candidate: item {match.rating_key} with {match.confidence}: {'; '.join(match.reasons)}"
    people = ", ".join(performer.name for performer in scene.performers)
    lines = [
        f"\n{one.labelled.kind} ({one.labelled.variant or 'as it is'}), scene {scene.id}",
        f"  Stash: {scene.title!r}, {scene.studio!r}, {scene.date!r}, {people!r}",
        *(f"         {file.path!r}, {file.size} bytes, {file.duration} s" for file in scene.files),
        f"  {thought}",
        *map(_part, one.matched),
        "  the right one:" if one.right else "  Plex does not have it.",
        *map(_part, one.right),
    ]
    return "\n".join(lines)


def _part(part: IndexedPart) -> str:
    seconds = None if part.duration_ms is None else part.duration_ms / 1000
    texts = f"{part.title!r}, {part.studio!r}, {part.date!r}, {part.year}"
    return f"    {part.rating_key}: {texts}\n         {part.file!r}, {part.size} bytes, {seconds} s"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows as a markdown table, the first the head; the first column to the left, all others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(f"{cell:{'<' if not at else '>'}{widths[at]}}" for at, cell in enumerate(row)) + " |"
        for row in rows
    ]
    marks = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, "| " + " | ".join(marks) + " |")
    return "\n".join(lines)


def _number(value: int) -> str:
    return f"{value:,}"


def _share(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{share * 100:.{digits}f} %"


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.2f}"


def _median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else 0.0


def _p95(values: Sequence[float]) -> float:
    return _share_of(values, 0.95)


def _share_of(values: Sequence[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)] if values else 0.0
