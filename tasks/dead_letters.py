"""Dead letters in a Python shell: look at them, queue their scenes afresh, or drop them.

>>> from tasks import failed
>>> failed()
    id     scene  attempts  given up                    why
     3        45         6  2025-06-01 14:00:00 +02:00  PlexUnavailable: Plex answered 500 to PUT /library/...
>>> failed()[0].retry()
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from plexsync.durations import local_time
from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files
from plexsync.ledger import DeadLetter, Ledger
from tasks.app import database, huey

#: Characters of the reason in a table's line.
_REASON_LENGTH = 100


@dataclass(frozen=True, slots=True)
class FailedScene(DeadLetter):
    """A dead letter, with what can be done about it."""

    def retry(self) -> None:
        """Queue the scene with all its tries. The dead letter goes when it succeeds; it is renewed when it does not."""
        queue_again([self.scene_id])

    def discard(self) -> None:
        """Drop the dead letter. The scene stays as it is in Plex until its next change."""
        Ledger(database).dead_letters.discard([self.id])


class FailedScenes(list[FailedScene]):
    """Dead letters, shown as a table."""

    def __repr__(self) -> str:
        """A line for each."""
        if not self:
            return "no dead letters"
        head = f"{'id':>6}  {'scene':>8}  {'attempts':>8}  {'given up':<20}  why"
        return "\n".join([head, *map(_line, self)])

    def retry(self) -> int:
        """Queue all these scenes; returns how many."""
        return queue_again(one.scene_id for one in self)

    def discard(self) -> int:
        """Drop all these dead letters; returns how many there still were."""
        return Ledger(database).dead_letters.discard([one.id for one in self])


def failed() -> FailedScenes:
    """All dead letters, the oldest first."""
    names = [one.name for one in fields(DeadLetter)]
    pages = Ledger(database).dead_letters.pages()
    return FailedScenes(FailedScene(**{name: getattr(one, name) for name in names}) for page in pages for one in page)


def queue_again(scene_ids: Iterable[int]) -> int:
    """Queue scenes as if each had just been edited in Stash; returns how many."""
    return huey.enqueue_by_name(event_files.SYNC_SCENE, ((scene_id,) for scene_id in scene_ids))


def _line(one: FailedScene) -> str:
    when = local_time(one.failed_at)
    why = " ".join(f"{one.error_class}: {one.message}".split())[:_REASON_LENGTH]
    return f"{one.id:>6}  {one.scene_id:>8}  {one.attempts:>8}  {when:<26}  {why}"
