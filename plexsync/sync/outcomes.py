"""How scenes fared, and whoever wants to hear of it: the log does, and what counts, shows or keeps outcomes may.

Listeners hear of an outcome once the ledger holds it, in the thread that brought it about: they have to be quick. One
that fails harms nobody: what it missed is in the ledger.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import field
from typing import TYPE_CHECKING

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Result
from plexsync.log_throttle import LogThrottle, kind_of
from plexsync.words import counted

if TYPE_CHECKING:
    from plexsync.fields import Field

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, with a sentence for a person."""

    result: Result
    text: str
    #: What Stash does not have yet of a scene that was synced; None where it was not.
    missing: tuple[Field, ...] | None = None
    #: What of it is left out for now, as sentences.
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of the scenes: ``same`` needed nothing, ``alone`` have to be synchronised by themselves."""

    same: tuple[int, ...]
    written: tuple[int, ...]
    alone: tuple[int, ...]
    writes: int

    @property
    def text(self) -> str:
        """The same in words."""
        count = len(self.same) + len(self.written) + len(self.alone)
        return (
            f"{counted(count, 'scene')} together: {len(self.written)} synced with {counted(self.writes, 'write')}, "
            f"{len(self.same)} unchanged, {len(self.alone)} left to be synced by themselves"
        )


@dataclass(frozen=True, slots=True)
class SceneOutcome:
    """What listeners hear of one scene.

    ``reason`` is a sentence without secrets. ``seconds``: how long it took; ``requests``: how many its thread sent to
    Plex for it, repeats and what was read along for others among them; None where it had no turn of its own. ``at``:
    when it ended (epoch seconds). ``is_batched``: it was brought together with others, whose time and requests these
    are.
    """

    scene_id: int
    result: Result
    reason: str
    seconds: float
    requests: int | None = None
    is_batched: bool = False
    at: float = field(default_factory=time.time)


class OutcomeListener:
    """Hears of outcomes; of none, until a method is overridden."""

    def scene(self, outcome: SceneOutcome) -> None:
        """One scene had its turn, by itself or together with others."""

    def batch(self, result: BatchResult, seconds: float) -> None:
        """Many scenes had their turn together; each that is done was told of by itself, too."""


class OutcomeLog(OutcomeListener):
    """Logs what was synced. What failed is told where it is decided what follows, see ``tasks.policy``."""

    def scene(self, outcome: SceneOutcome) -> None:
        """A line for each, but for those that are told of together or as failures."""
        if outcome.is_batched or outcome.result in (Result.RETRY, Result.FAILED, Result.NOT_FOUND, Result.WAITING):
            return
        level = logging.DEBUG if outcome.result is Result.UNCHANGED else logging.INFO
        log.log(level, "scene %d: %s", outcome.scene_id, outcome.reason)

    def batch(self, result: BatchResult, seconds: float) -> None:
        """A line for all."""
        log.info("%s in %.1f s", result.text, seconds)


class Outcomes:
    """Tells listeners. Safe to share between threads.

    :param listeners: who listens from the start.
    """

    def __init__(self, listeners: Iterable[OutcomeListener] = ()) -> None:
        self._lock = threading.Lock()
        self._listeners: tuple[OutcomeListener, ...] = (OutcomeLog(), *listeners)
        self._said = LogThrottle()

    def listen(self, listener: OutcomeListener) -> None:
        """Tell this one, too, from now on."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def tell_scene(self, outcome: SceneOutcome) -> None:
        """One scene had its turn, and the ledger holds how it ended. Not to be called within a transaction."""
        self._tell(lambda listener: listener.scene(outcome))

    def tell_batch(self, result: BatchResult, seconds: float) -> None:
        """As ``tell_scene``, of many at once."""
        self._tell(lambda listener: listener.batch(result, seconds))

    def _tell(self, tell: Callable[[OutcomeListener], object]) -> None:
        for listener in self._listeners:
            try:
                tell(listener)
            except Exception as error:
                if self._said.unsaid((type(listener), kind_of(error))) is not None:
                    name = type(listener).__name__
                    log.exception("%s could not take an outcome; syncing goes on", name)
