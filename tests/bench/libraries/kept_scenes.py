"""Scenes with all that the index answered about them, so that they are decided on anew without another search.

What is asked of the index hangs on no weight, only how much of it is asked: so answers are kept by question, and what
was not asked before is asked then. A decision is therefore the finder's own, to the letter, whatever the weights are.
Of each scene it is noted which weights its decision read: as long as none of these changes, neither does the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, cast

from plexsync.matching import weights
from plexsync.matching.candidates import Candidates
from plexsync.matching.decision import Decision, decide
from plexsync.matching.lookup import FileIndex, Settled
from plexsync.matching.match import matches_among
from plexsync.model import IndexedPart
from tests.bench.libraries.labels import Labelled
from tests.bench.libraries.matching_run import PathMap, Plan

#: What a search has found so far: parts by rating key, keys that are new, how many items have each name.
_Found = tuple[dict[int, list[IndexedPart]], set[int], dict[str, int]]


def kept_index(index: FileIndex) -> FileIndex:
    """An index that asks another one each question once."""
    return cast(FileIndex, _KeptIndex(index))


class KeptScene:
    """A scene of a library, to be decided on time and again.

    ``read``: the weights that the last ``noted`` decision read.
    """

    __slots__ = ("_auto", "_candidates", "_review", "labelled", "read")

    def __init__(self, labelled: Labelled, plan: Plan, path_map: PathMap, index: FileIndex) -> None:
        """Nothing is decided yet.

        :param index: as ``kept_index`` gives it, one for all scenes of a library.
        """
        self.labelled = labelled
        self.read: frozenset[str] = frozenset()
        self._candidates = _KeptCandidates(labelled.scene, path_map, index, Settled())
        self._auto, self._review = plan.auto, plan.review

    def decision(self) -> Decision:
        """What is decided with the weights as they stand."""
        self._candidates.restart()
        return decide(matches_among(self._candidates), self._auto, self._review)

    def noted(self) -> Decision:
        """As ``decision``; notes which weights were read."""
        with _reads() as read:
            decision = self.decision()
        self.read = frozenset(read)
        return decision


class _KeptIndex:
    def __init__(self, index: FileIndex) -> None:
        self._index = index

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Called once for each kind of question."""
        ask, answers = getattr(self._index, name), {}

        def asked(*question: Any) -> Any:
            key = tuple(tuple(one) if isinstance(one, list) else one for one in question)
            if key not in answers:
                answers[key] = ask(*question)
            return answers[key]

        setattr(self, name, asked)
        return asked


class _KeptCandidates(Candidates):
    """Candidates whose searches, in their order, are made once each."""

    _kept: dict[str, _Found]

    def restart(self) -> None:
        """As if nothing had been looked for."""
        self.parts, self.grown, self.namesakes = {}, set(), {}

    def find_by_path(self) -> None:
        self._search("path", super().find_by_path)

    def find_by_file(self) -> None:
        self._search("file", super().find_by_file)

    def find_by_words(self) -> None:
        self._search("words", super().find_by_words)

    def find_by_duration(self) -> None:
        self._search("duration", super().find_by_duration)

    def find_by_date(self) -> None:
        self._search("date", super().find_by_date)

    def _search(self, name: str, search: Callable[[], None]) -> None:
        kept = self.__dict__.setdefault("_kept", {})
        if name not in kept:
            search()
            kept[name] = (self.parts, self.grown, self.namesakes)
        parts, grown, namesakes = kept[name]
        # What is found next is not to be found in what is kept.
        self.parts = {key: list(found) for key, found in parts.items()}
        self.grown, self.namesakes = set(grown), dict(namesakes)


class _NotingModule(ModuleType):
    def __getattribute__(self, name: str) -> Any:
        _read.add(name)
        return super().__getattribute__(name)


_read: set[str] = set()


@contextmanager
def _reads() -> Iterator[set[str]]:
    """The names that are read of ``weights`` meanwhile."""
    _read.clear()
    weights.__class__ = _NotingModule
    try:
        yield _read
    finally:
        weights.__class__ = ModuleType
