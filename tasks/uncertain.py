"""Matches too uncertain to act on alone, in a Python shell: look at them, and decide.

>>> from tasks import reviews
>>> reviews()
   scene      item  sure  title in Plex                   file in Plex
      45       812    78  Beach Day                       /media/b/beach.mp4
                          same file name, same duration
>>> reviews()[0].accept(812)
"""

from __future__ import annotations

from dataclasses import fields

from plexsync.imports.late_dataclass import dataclass
from plexsync.inbox import event_files
from plexsync.ledger import Ledger, Review
from plexsync.queue.priorities import Priority
from tasks.app import database, huey

#: Characters of a title, and of a reason or a path, in a table's line.
_TITLE_LENGTH, _TEXT_LENGTH = 30, 100


@dataclass(frozen=True, slots=True)
class UncertainScene(Review):
    """A scene whose match waits for a person, with what can be decided."""

    def accept(self, rating_key: int) -> None:
        """Say that the scene belongs to an item, one of the candidates or any other, and queue it."""
        accept(self.scene_id, rating_key)

    def reject(self) -> None:
        """Say that the scene belongs to none of the candidates. It is looked at again with its next change."""
        reject(self.scene_id)


class UncertainScenes(list[UncertainScene]):
    """Scenes whose match waits for a person, shown as a table."""

    def __repr__(self) -> str:
        """A line or two for each candidate."""
        if not self:
            return "no matches to review"
        head = f"{'scene':>8}  {'item':>8}  sure  {'title in Plex':<{_TITLE_LENGTH}}  file in Plex"
        return "\n".join([head, *(line for one in self for line in _lines(one))])


def reviews() -> UncertainScenes:
    """All scenes whose match waits for a person, by their ids."""
    names = [one.name for one in fields(Review)]
    pages = Ledger(database).reviews.pages()
    return UncertainScenes(
        UncertainScene(**{name: getattr(one, name) for name in names}) for page in pages for one in page
    )


def accept(scene_id: int, rating_key: int) -> list[int]:
    """Note that a scene belongs to an item, and queue it; in one transaction.

    :returns: the scenes queued: this one, then those that had the item and lost it.
    :raises PermanentError: there is no such scene, or no such item in the index.
    """
    decided = Ledger(database).reviews
    with database.write(durable=True):
        scene_ids = decided.accept(scene_id, rating_key)
        _queue(scene_ids)
    return scene_ids


def reject(scene_id: int, rating_key: int | None = None) -> int:
    """Note that a scene belongs to none of its candidates; where it has none, not to the item that it has.

    In the latter case the scene is queued, so that another item is looked for.

    :param rating_key: of one item to rule out; None for all of the candidates, or the item that it has.
    :returns: how many items were ruled out.
    :raises PermanentError: there is no such scene, or nothing to rule out.
    """
    decided = Ledger(database).reviews
    with database.write(durable=True):
        had_candidates = decided.get(scene_id) is not None and rating_key is None
        count = decided.reject(scene_id, rating_key)
        # Another item is to be looked for, unless all were looked at already. What is at work on the scene at this
        # moment does not know of it yet.
        if not had_candidates or huey.whereabouts(huey.named(event_files.SYNC_SCENE, scene_id)) == "in progress":
            _queue([scene_id])
    return count


def forget(scene_id: int) -> int:
    """Forget what people decided of a scene, and queue it where there was anything.

    :returns: how many decisions there were.
    """
    decided = Ledger(database).reviews
    with database.write(durable=True):
        count = decided.forget(scene_id)
        if count:
            _queue([scene_id])
    return count


def _queue(scene_ids: list[int]) -> None:
    huey.enqueue_by_name(event_files.SYNC_SCENE, ((scene_id,) for scene_id in scene_ids), Priority.DECISION)


def _lines(one: Review) -> list[str]:
    if not one.candidates:
        return [f"{one.scene_id:>8}  no candidates; {_short(one.why, _TEXT_LENGTH)}"]
    lines = []
    for match in one.candidates:
        title = _short(match.title, _TITLE_LENGTH)
        path = _short(match.path, _TEXT_LENGTH)
        lines += [
            f"{one.scene_id:>8}  {match.rating_key:>8}  {match.confidence:>4}  {title:<{_TITLE_LENGTH}}  {path}",
            f"{'':>26}{_short('; '.join(match.reasons), _TEXT_LENGTH)}",
        ]
    return lines


def _short(text: str, length: int) -> str:
    return " ".join(text.split())[:length]
