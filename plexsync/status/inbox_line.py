"""What ``--check`` says of the way from the hook to the consumer: a shared folder, or Stash's API."""

from __future__ import annotations

import os
from pathlib import Path

from plexsync.errors import PlexSyncError
from plexsync.fetching.delivery import Ask, DeliveryRefused, exchange
from plexsync.inbox.operations import HERE, HERE_FILE
from plexsync.redaction import redact
from plexsync.status.findings import Finding

NAME = "inbox"
_APART = (
    "Stash's hook leaves its messages in another folder than this one: share it with Stash's machine, set "
    "PLEXSYNC_DATA_DIR for both to one folder, or set PLEXSYNC_INBOX=stash to fetch them through Stash's API"
)


def finding(ask: Ask, folder: Path, *, through_stash: bool, consumer: str) -> Finding | None:
    """Whether what the hook leaves arrives here; None where that cannot be told.

    :param ask: runs an operation of the plugin in Stash.
    :param folder: the data folder here.
    :param through_stash: what the hook leaves is fetched.
    :param consumer: the word by which this consumer is known there.
    """
    try:
        if through_stash:
            exchange(ask, {"consumer": consumer})
            return Finding(NAME, True, "what Stash's hook leaves is fetched through Stash's API")
        shared = is_shared(ask, folder)
    except DeliveryRefused as error:
        return Finding(NAME, False, redact(str(error)))
    except (PlexSyncError, OSError):
        # Stash has no operations, or is told of elsewhere.
        return None
    if shared is None:
        return None
    return Finding(NAME, shared, "Stash's hook leaves its messages in this data folder" if shared else _APART)


def is_shared(ask: Ask, folder: Path) -> bool | None:
    """Whether the hook's data folder is this one; None where the plugin in Stash does not tell.

    :raises PlexSyncError: Stash cannot be asked.
    :raises OSError: nothing can be written into the folder.
    """
    word = os.urandom(16).hex()
    path = folder / f"{HERE_FILE}{word}"
    path.touch(mode=0o600)
    try:
        answer = ask({"mode": HERE, "word": word})
    finally:
        path.unlink(missing_ok=True)
    result = answer.get("result") if isinstance(answer, dict) else None
    here = result.get("here") if isinstance(result, dict) else None
    # An older plugin does not know the question.
    return here if isinstance(here, bool) else None
