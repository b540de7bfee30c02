"""Asking for scenes by their ids so that Stash takes none that it does not have for an error: by a filter.

A filter has one place for an id, and one for another filter that may be met instead. Those are nested, and Stash's
database bears about fifty levels: so the ids are asked for in parts of one document, runs of ids as one condition each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from plexsync.errors import StashUnavailable
from plexsync.stash import answers, document
from plexsync.stash.asking import Document, StashAnswer
from plexsync.stash.failures import StashFault

#: Conditions nested in one filter.
CONDITIONS = 20


def question(ids: Sequence[int]) -> tuple[Document, dict[str, Any]]:
    """What to ask for these scenes, and the variables of it.

    :param ids: ascending, each once, at least one; none above ``walking.LARGEST_ID``.
    """
    runs = _runs(ids)
    parts = [runs[start : start + CONDITIONS] for start in range(0, len(runs), CONDITIONS)]
    variables: dict[str, Any] = {}
    for number, part in enumerate(parts):
        variables[f"where{number}"] = _filter(part)
        variables[f"limit{number}"] = sum(high - low + 1 for low, high in part)
    return partial(document.scenes, len(parts)), variables


def rows_of(answer: StashAnswer) -> tuple[list[Any] | None, dict[int, list[StashFault]]]:
    """The rows of an answer to it, and what Stash could not read of them by their place. None where a part failed.

    :raises StashUnavailable: nothing failed, and there are no rows.
    """
    data = answer.data or {}
    names = sorted((name for name in data if name.startswith("part")), key=lambda name: (len(name), name))
    rows: list[Any] = []
    starts = {}
    for name in names:
        starts[name] = len(rows)
        try:
            rows += answers.read_listed(data, name, "scenes")
        except StashUnavailable:
            if answer.error is None:
                raise
            return None, {}
    if answer.error is None and not names:
        raise StashUnavailable("Stash's answer is not what it should be: there are no scenes in it")
    faults: dict[int, list[StashFault]] = {}
    for fault in answer.faults:
        place = _place(fault, starts)
        if place is None or place >= len(rows):
            return None, {}
        faults.setdefault(place, []).append(StashFault(fault.message, fault.path[3:]))
    return rows, faults


def _place(fault: StashFault, starts: Mapping[str, int]) -> int | None:
    """The place of the row that a fault is about; None where it is about more."""
    match fault.path:
        case (str(part), "scenes", int(place), *_) if part in starts:
            return starts[part] + place
    return None


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for one in ids:
        if runs and runs[-1][1] == one - 1:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return runs


def _filter(runs: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """The filter of scenes with an id in one of these runs."""
    whole: dict[str, Any] = {}
    for low, high in reversed(runs):
        criterion: dict[str, Any] = {"value": low, "modifier": "EQUALS"}
        if high > low:
            criterion = {"value": low, "value2": high, "modifier": "BETWEEN"}
        whole = {"id": criterion, "OR": whole} if whole else {"id": criterion}
    return whole
