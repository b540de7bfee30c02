"""The values that the ledger keeps of scenes: how they stand, what was seen of their items, how attempts ended."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from plexsync.imports.late_dataclass import dataclass


class State(StrEnum):
    """Where a scene stands."""

    #: An attempt failed for a passing reason; another one is scheduled.
    PENDING = "pending"
    #: Plex shows what Stash knows; read back and found right.
    SYNCED = "synced"
    #: Given up; a dead letter tells why.
    FAILED = "failed"
    #: The match is too uncertain to act on alone.
    REVIEW = "review"
    #: Plex has no item for its files (yet).
    NOT_FOUND = "not_found"
    #: Left alone on purpose: not organized, and only organized scenes are wanted.
    SKIPPED = "skipped"
    #: Stash has it no longer.
    GONE = "gone"


class Result(StrEnum):
    """How one attempt ended, as the history keeps it."""

    SYNCED = "synced"
    UNCHANGED = "unchanged"
    RETRY = "retry"
    NOT_FOUND = "not_found"
    REVIEW = "review"
    FAILED = "failed"
    SKIPPED = "skipped"
    GONE = "gone"
    #: It is no attempt yet, and so in no history: what the scene needs is away.
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class ItemSeen:
    """How an item looked when it was last read: ``updated_at`` in epoch seconds, and the paths of its pictures."""

    updated_at: int
    thumb: str | None
    art: str | None


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is noted of a scene whose item shows what it should. Times are epoch seconds, ``applied`` is JSON.

    ``read_at``: when the scene was read from Stash, at the earliest; None where its pictures were not looked at.
    ``intended``: the ledger's when the item was read or written. If it is another one by the time that this is noted,
    the scene was put in doubt again since, and stays so. ``updated_at`` and ``created_at`` are the scene's, as Stash
    writes them, and ``digest`` is that of the scene as it was read (``metadata.digest``), None where it is not known.
    ``parts``: kind and id of its studio, performers, tags and groups. ``item``: as it was read last, None where it was
    not.
    """

    title: str
    applied: str
    fingerprint: str
    notes: Sequence[str]
    read_at: float | None
    result: Result
    intended: str | None = None
    updated_at: str = ""
    created_at: str = ""
    digest: str | None = None
    parts: Sequence[tuple[str, int]] = ()
    item: ItemSeen | None = None


@dataclass(frozen=True, slots=True)
class SceneRecord:
    """One scene's line. ``applied`` and ``intended`` are JSON texts (see ``plexsync.metadata``), times epoch seconds.

    ``file`` is the scene's file by which it was matched, ``part_file`` the one in Plex.

    ``intended`` is not None from just before a write to Plex until it was read back: after a crash it says what may
    have been applied without being recorded. ``applied`` is then what was confirmed right before.
    """

    scene_id: int
    state: State
    rating_key: int | None
    section_id: int | None
    confidence: int | None
    reasons: tuple[str, ...]
    notes: tuple[str, ...]
    title: str
    fingerprint: str | None
    applied: str | None
    intended: str | None
    attempts: int
    not_found: int
    last_error: str | None
    last_error_at: float | None
    changed_at: float
    synced_at: float | None
    file: str | None = None
    part_file: str | None = None
    updated_at: str | None = None
    digest: str | None = None
    item: ItemSeen | None = None


@dataclass(frozen=True, slots=True)
class PictureRecord:
    """The picture last sent (``uploaded``) or about to be sent (not ``uploaded``) for one field of a scene.

    ``sha1`` is that of Stash's picture, ``sent_sha1`` that of the bytes Plex was given. ``under_way``: sending it was
    begun, and what became of that is not known; otherwise one that is not ``uploaded`` was, and may not be there still.
    """

    rating_key: int
    sha1: str
    etag: str | None
    uploaded: bool
    sent_sha1: str
    under_way: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """One line of a scene's history; ``at`` in epoch seconds."""

    at: float
    outcome: Result
    error: str | None
