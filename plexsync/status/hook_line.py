"""What ``status``, ``doctor`` and ``--check`` say of the hook: whether Stash will call it, and when it did so last."""

from __future__ import annotations

from typing import Any

from plexsync.configuration.data_folder import STASH_CONNECTION_FILE
from plexsync.durations import iso, when
from plexsync.installation import installed, second_copies, unannounced
from plexsync.installation.installed import Installed
from plexsync.ledger import Facts
from plexsync.status.findings import Finding
from plexsync.words import counted

#: What is said where no call is known.
_NEVER_CALLED = "Stash has not called it yet: edit a scene in Stash"
#: The same where an older version, which did not note when, was called.
_CALLED_ONCE = "Stash has called it, but not since PlexSync began to note when"


def figures(facts: Facts, called_at: float | None, seen: Installed | None = None) -> dict[str, Any]:
    """What is known of the hook, for ``status --json``.

    :param called_at: when Stash called it last (epoch seconds); None for never.
    :param seen: what Stash says of the plugin; what the consumer was told last when None.
    """
    seen = seen or installed.latest(facts)
    since = unannounced.since(facts, called_at)
    faults, doubts = (seen.faults, list(seen.doubts)) if seen else ([], [])
    if seen and not seen.listed and called_at is not None:
        # Who called it, then? A Stash without any plugin may just not tell of them.
        faults, doubts = [], faults + doubts
    if since.count:
        doubts.append(_not_announced(since, called_at, explained=bool(faults)))
    called = f"Stash called it last at {_when(called_at)}"
    if called_at is None:
        called = _CALLED_ONCE if (facts.folder / STASH_CONNECTION_FILE).exists() else _NEVER_CALLED
    return {
        "level": "fail" if faults else "warn" if doubts else "ok",
        "text": "; ".join([*faults, called, *doubts]),
        "called_at": iso(called_at),
        "unannounced": since.count,
        "loaded": seen.loaded if seen else None,
        "enabled": seen.enabled if seen else None,
        "asked_at": iso(seen.at) if seen else None,
    }


def finding(facts: Facts, called_at: float | None, seen: Installed | None) -> Finding:
    """The same as a line of ``doctor``, other copies of the plugin on disk included."""
    known = figures(facts, called_at, seen)
    copies = second_copies.told(seen.folder if seen else "")
    text = "; ".join(filter(None, [known["text"], copies]))
    return Finding("hook", known["level"] != "fail", text, doubtful=known["level"] == "warn" or bool(copies))


def _when(moment: float | None) -> str:
    text = iso(moment)
    return "a time not known" if text is None else when(text)


def _not_announced(since: unannounced.Unannounced, called_at: float | None, *, explained: bool) -> str:
    what = counted(since.count, "change was", "changes were")
    then = "" if called_at is None else "since then "
    if explained:
        return f"{then}{what} found by asking Stash"
    return (
        f"{then}{what} found for which Stash did not call it, the latest at {_when(since.latest_at)}: "
        "auto-tag, merges and new covers never call it; if these were edits by hand, look in Stash under Settings > "
        "Logs for errors of the plugin, and in its plugins folder for a second copy"
    )
