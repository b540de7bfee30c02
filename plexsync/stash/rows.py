"""Rows of an answer, turned into scenes: what is odd about one of them concerns that one alone, or a part of it.

Of a scene that comes with a fault in something that it has several of, or in its studio or pictures, that is left out
and noted. The list that it is missing from is incomplete, or the field is unread: nothing in Plex is cleared because it
could not be read. Any other fault makes the scene unreadable.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from typing import Any

from plexsync.http.entries import OddEntry
from plexsync.imports.late_dataclass import dataclass
from plexsync.model import Field, Scene
from plexsync.stash import answers
from plexsync.stash.dialect import PART_OF, SHOWN_IN, Dialect
from plexsync.stash.failures import StashFault

#: Of what a scene has several, what each of it is called.
_LISTS = {"performers": "performer", "tags": "tag", "groups": "group", "files": "file", "urls": "address"}


@dataclass(frozen=True, slots=True)
class OddRow:
    """A row that is not a scene: its place in the answer, the scene's id where it tells one, and what is wrong."""

    place: int
    id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """What a list of rows came to, in its order."""

    scenes: tuple[Scene, ...] = ()
    odd: tuple[OddRow, ...] = ()


def read_rows(rows: Sequence[Any], dialect: Dialect, faults: Mapping[int, Sequence[StashFault]] | None = None) -> Rows:
    """Scenes out of the rows of an answer.

    :param dialect: what was asked for.
    :param faults: what Stash said of the row at a place, with paths that begin at the row.
    """
    read: list[Scene] = []
    odd: list[OddRow] = []
    faults, is_whole, unknown = faults or {}, dialect.is_whole, dialect.unknown
    for place, row in enumerate(rows):
        try:
            read.append(_read_row(row if is_whole else dialect.complete(row), faults.get(place, ()), unknown))
        except OddEntry as fault:
            odd.append(OddRow(place, answers.id_of(row), answers.told(fault)))
    return Rows(tuple(read), tuple(odd))


def _read_row(row: Any, faults: Sequence[StashFault], unknown: Collection[str]) -> Scene:
    """One scene.

    :param unknown: its fields, by Stash's names, that this version of Stash does not have.
    :raises OddEntry: it is none.
    """
    if not isinstance(row, dict):
        raise OddEntry((), "; ".join(fault.message for fault in faults) or "is not a scene")
    if not faults and not unknown:
        with suppress(OddEntry):
            return answers.read_scene(row)
    row, lost = dict(row), _Lost(set(unknown))
    for fault in faults:
        _lose(row, fault, lost)
    for name, single in _LISTS.items():
        _keep_the_good(row, name, single, lost)
    for name, nothing in (("studio", None), ("paths", {"screenshot": None})):
        said = answers.fault_of(name, row[name]) if row.get(name) is not None else ""
        if row.get(name, "") is None and name == "paths":
            said = "Stash tells nothing of it"
        if said:
            row[name] = nothing
            lost.whole.add(name)
            lost.notes.append(f"The {'picture' if name == 'paths' else name} is left as it is in Plex: {said}.")
    scene = answers.read_scene(row)
    unread, incomplete = lost.fields()
    if not (unread or incomplete or lost.notes):
        return scene
    return replace(scene, unread=unread, incomplete=incomplete, faults=tuple(lost.notes))


@dataclass(slots=True)
class _Lost:
    """What of a scene could not be read, by Stash's names: ``whole`` fields, and ``some`` of a list."""

    whole: set[str]
    some: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def fields(self) -> tuple[frozenset[Field], frozenset[Field]]:
        """The fields of Plex's that are unread, and those that are incomplete."""
        unread = {one for name in self.whole for one in SHOWN_IN.get(name, ())}
        incomplete = {one for name in self.some for one in SHOWN_IN.get(name, ())}
        incomplete |= {one for name in self.whole for one in PART_OF.get(name, ())}
        return frozenset(unread), frozenset(incomplete - unread)


def _lose(row: dict[str, Any], fault: StashFault, lost: _Lost) -> None:
    """Take what Stash could not read out of a row.

    :raises OddEntry: a scene cannot be without it.
    """
    name = str(fault.path[0]) if fault.path else ""
    name = "groups" if name == "movies" else name
    if name not in SHOWN_IN:
        raise OddEntry((), fault.message)
    if name in _LISTS and isinstance(row.get(name), list):
        lost.some.add(name)
    else:
        row[name] = [] if name in _LISTS else {"screenshot": None} if name == "paths" else None
        lost.whole.add(name)
    lost.notes.append(f"What Stash has as {name} is not taken away in Plex: Stash could not read it ({fault.message}).")


def _keep_the_good(row: dict[str, Any], name: str, single: str, lost: _Lost) -> None:
    """Leave out of a list what is odd in it.

    :raises OddEntry: none of the files is one, so that nobody knows which video it is.
    """
    rows = row.get(name)
    if name not in row or (name == "files" and not isinstance(rows, list)):
        return
    if not isinstance(rows, list):
        row[name] = []
        lost.whole.add(name)
        lost.notes.append(f"What Stash has as {name} is left as it is in Plex: its answer is not a list.")
        return
    faults = [answers.fault_of(name, one) for one in rows]
    if not any(faults):
        return
    row[name] = [one for one, fault in zip(rows, faults, strict=True) if not fault]
    if name == "files":
        if not row[name]:
            raise OddEntry((name, 0), faults[0])
        if faults[0]:
            # A title made of a file's name is made of the first one's.
            lost.whole.update(() if row.get("title") else ("title",))
    lost.some.add(name)
    lost.notes += [
        f"A {single} is left out, as Stash's answer for it is invalid: {fault}." for fault in faults if fault
    ]
    if SHOWN_IN.get(name):
        lost.notes.append(f"No {single} is taken away in Plex, as not all {name} could be read.")
