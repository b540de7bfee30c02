"""What a person should look at, with the remedy, made from the figures alone: nobody is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from plexsync.status import settings_line
from plexsync.status.figures import left_alone
from plexsync.words import counted

#: Bytes that should be free for the database.
ENOUGH_DISK = 100 * 1024 * 1024
#: Seconds that a message may wait while nothing is worked on.
STUCK_AFTER = 3600.0


#: What to do about each, by what is told of it.
ACCESS_REMEDY = "Put the token or key right in the settings; it is asked again every minute."
STASHES_REMEDY = "Give each Stash a folder of the plugin of its own."
STUCK, STUCK_REMEDY = "Messages wait, and none is worked on.", "Restart the consumer; its log may say why."
DISK_REMEDY = "Make room on that disk."


def access_text(stopped: str) -> str:
    """That nothing can be synced.

    :param stopped: why, of the figures.
    """
    return f"Nothing can be synced: {stopped}"


def stashes_text(addresses: Sequence[str]) -> str:
    """That several Stashes use one folder of the plugin.

    :param addresses: theirs.
    """
    return (
        f"The Stashes at {' and '.join(addresses)} use the same folder of the plugin, so that an edit in one is "
        "looked up in the other."
    )


def set_aside_text(count: int) -> str:
    """That messages cannot be read."""
    return f"{counted(count, 'message was', 'messages were')} set aside as unreadable."


def disk_text(free: int) -> str:
    """That a disk is nearly full.

    :param free: bytes.
    """
    return f"Only {free // 2**20} MiB are free for PlexSync's data."


def is_stuck(figures: dict[str, Any]) -> bool:
    """Whether messages wait for long while nothing is worked on."""
    oldest = figures["oldest_pending_s"]
    return oldest is not None and oldest > STUCK_AFTER and not figures["queue"]["in_progress"]


def findings(figures: dict[str, Any], folder: Path) -> list[dict[str, str]]:
    """Each finding: its level (``warn`` or ``fail``), its name, a sentence, and what to do.

    :param figures: of ``status``.
    :param folder: the data folder.
    """
    return [
        {"level": level, "name": name, "text": text, "remedy": remedy}
        for level, name, text, remedy in _found(figures, folder)
    ]


def _found(figures: dict[str, Any], folder: Path) -> Iterator[tuple[str, str, str, str]]:
    if stopped := figures["stopped"]:
        yield "fail", "access", access_text(stopped), ACCESS_REMEDY
    if stashes := figures["stashes"]:
        yield "fail", "Stashes", stashes_text(stashes), STASHES_REMEDY
    for name, breaker in (("Plex", figures["breaker"]), ("Stash", figures["stash_breaker"])):
        if breaker["state"] != "closed":
            text = f"{name} is {left_alone(breaker)}"
            yield "warn", name, text, f"See that {name} runs and can be reached; all goes on by itself then."
    hook = figures["hook"]
    if hook["level"] != "ok":
        yield hook["level"], "hook", hook["text"], "Look at PlexSync under Settings > Plugins in Stash."
    if known := figures["settings"]:
        for text in settings_line.to_do(known):
            yield "warn", "settings", text, "Sync all scenes, or restart the consumer, as it says."
    if is_stuck(figures):
        yield "fail", "queue", STUCK, STUCK_REMEDY
    if count := figures["queue"]["set_aside"]:
        remedy = "Look at Health, which says why; an update of PlexSync may read them."
        yield "warn", "messages", set_aside_text(count), remedy
    for text in figures["reconcile"]["cautions"]:
        yield "warn", "comparison", text, "See that the disks of Stash and Plex are mounted, and compare again."
    try:
        import shutil

        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free < ENOUGH_DISK:
        yield "fail", "disk", disk_text(free), DISK_REMEDY
