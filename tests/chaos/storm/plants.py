"""Faults to be planted in a consumer: each is one that loses something, or does something twice, when it comes to it.

They live here and nowhere in the product: ``consumer.py`` puts one in the place of what it spoils before it starts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plexsync.ledger.scenes import SceneLedger
from plexsync.queue.claims import Claims
from plexsync.queue.huey import PlexSyncHuey
from plexsync.queue.leases import Heartbeat
from plexsync.sync.pictures import Pictures
from plexsync.sync.write_path import WritePath


def acknowledge_before_run() -> None:
    """The message is gone from the moment its task begins."""
    execute = PlexSyncHuey.execute

    def spoilt(self: Any, task: Any, timestamp: Any = None) -> Any:
        if getattr(task, "claim_id", None) is not None:
            self.storage.ack(task.claim_id)
        return execute(self, task, timestamp)

    PlexSyncHuey.execute = spoilt  # type: ignore[method-assign]  # that is what this is for


def no_claim_kept() -> None:
    """The message is gone from the moment it is handed out, as in Huey's own storage."""
    claim = Claims.claim

    def spoilt(self: Any, *args: Any, **named: Any) -> Any:
        claimed = claim(self, *args, **named)
        if claimed is not None:
            with self._database.write() as connection:
                for one in (claimed, *claimed.others):
                    connection.execute("delete from claim where id = ?", (one.id,))
        return claimed

    Claims.claim = spoilt  # type: ignore[method-assign]  # as above


def no_heartbeat() -> None:
    """Nobody renews the leases of what is worked on."""
    Heartbeat.ensure = lambda self: None  # type: ignore[method-assign]  # as above


def intent_not_noted() -> None:
    """Nothing says that Plex may have been told something that was not confirmed."""

    def spoilt(self: Any, intents: Sequence[tuple[int, int, str, str]]) -> list[int]:
        return [scene for scene, key, *_ in intents if self.holder(key) == scene]

    SceneLedger.note_intents = spoilt  # type: ignore[method-assign]  # as above


def upload_not_noted() -> None:
    """A picture is noted when it has arrived, not before it is sent."""
    begin, upload = Pictures._begin, Pictures._upload

    def spoilt(self: Any, scene_id: int, rating_key: int, one: Any) -> None:
        upload(self, scene_id, rating_key, one)
        begin(self, [(scene_id, rating_key, one, one.sent)])

    Pictures._begin = lambda self, *_: None  # type: ignore[method-assign]  # as above
    Pictures._upload = spoilt  # type: ignore[method-assign]  # as above


def read_back_skipped() -> None:
    """What Plex said it has taken is taken for written."""
    WritePath.check = lambda self, pending, item: None  # type: ignore[method-assign]  # as above


#: Every fault by its name.
PLANTS: dict[str, Callable[[], None]] = {
    one.__name__: one
    for one in (
        acknowledge_before_run,
        no_claim_kept,
        no_heartbeat,
        intent_not_noted,
        upload_not_noted,
        read_back_skipped,
    )
}
