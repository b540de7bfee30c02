"""Is the consumer alive, and can anything be synced? Told from the snapshot and the consumer's lock, without a port.

On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH118

import os
import time

from plexsync.inbox import autostart, event_reading, request_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def snapshot(folder: str) -> "dict[str, Any] | None":
    """What the consumer wrote last; None where there is nothing that can be read.

    :param folder: the data folder.
    """
    import json

    try:
        raw = event_reading.read_bounded(os.path.join(folder, request_files.STATUS_FILE), request_files.MAX_STATUS)
        found = json.loads(raw or b"null")
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def health(folder: str) -> "dict[str, Any]":
    """How it stands: ``healthy`` and ``ready`` (true or false), ``text``, ``state`` and ``heartbeat_age_s``.

    It is healthy while its sign of life is fresh and not everything is stopped; it is ready when it works, and Plex and
    Stash are called.

    :param folder: the data folder.
    """
    known = snapshot(folder)
    written = known.get("written_at") if known else None
    if known is None or not isinstance(written, (int, float)):
        return _told(False, False, "no consumer has run here, or its status.json cannot be read", None, None)
    age = round(max(0.0, time.time() - written), 1)
    state = str(known.get("state"))
    if age > request_files.GONE_AFTER:
        return _told(False, False, f"the consumer has given no sign of life for {age:.0f} s", state, age)
    if autostart.has_died(folder):
        return _told(False, False, "the consumer has ended without a word, as when it is killed", state, age)
    if state == "stopping":
        return _told(False, False, "the consumer has stopped, or is about to", state, age)
    if isinstance(known.get("stopped"), str):
        return _told(False, False, "nothing can be synced: a token or key is refused; see status", state, age)
    if state != "running":
        return _told(True, False, "the consumer waits for its settings", state, age)
    down = [name for name in ("plex", "stash") if not _is_up(known.get(name))]
    if down:
        return _told(True, False, f"{' and '.join(down)}: not called for now".capitalize(), state, age)
    return _told(True, True, "all is well", state, age)


def _is_up(service: object) -> bool:
    return isinstance(service, dict) and service.get("up") is True


def _told(healthy: bool, ready: bool, text: str, state: "str | None", age: "float | None") -> "dict[str, Any]":
    return {"healthy": healthy, "ready": ready, "text": text, "state": state, "heartbeat_age_s": age}
