"""Since when the present settings are in force, and what a change of them leaves to be done.

Kept in the ledger's facts, so that ``status`` can tell it without the consumer, and a start can tell what was changed
while nothing ran. No value is kept: of each setting only a mark that differs where the value does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.reconcile.run import Runs
from plexsync.storage.facts import Facts

if TYPE_CHECKING:
    from settings import Settings

#: Name of the fact that holds it.
FACT = "settings_in_force"
#: Name of the fact that holds when the last ``sync --all`` that queued every scene began (epoch seconds).
ALL_QUEUED = "sync_all_began"
#: What only a start of the consumer takes over.
AT_START = frozenset(
    {"data_dir", "database_url", "inbox", "workers", "log_level", "log_format", "log_private", "http", "metrics_file"}
    | {"ping_url", "notify_url", "notify_format", "notify", "notify_titles"}
)
#: What may differ between consumers that share a database.
OF_ONE = frozenset({"data_dir", "database_url"})
#: What decides how scenes are shown: those that nobody edits keep what they were given before.
SHOWN = frozenset(
    {
        *("tagline", "sort_title"),
        *("fields", "owned_fields", "content_rating", "ascii_titles", "only_organized", "lock_fields"),
        *("preserve_plex_edits", "stash_public_url", "all_items"),
    }
)


@dataclass(frozen=True, slots=True)
class InForce:
    """What is known of the settings in force. Times are epoch seconds.

    :param since: when the last of them came into force.
    :param changed: which did then; none where they are as they were first.
    :param at_start: which have changed since the consumer was started, and are in force once it is restarted.
    :param shown: which have changed how scenes are shown, of which not all were compared since.
    """

    since: float
    changed: tuple[str, ...] = ()
    at_start: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()


def note(facts: Facts, settings: Settings, *, starting: bool = False, now: float | None = None) -> None:
    """Keep that these settings are in force.

    :param starting: the consumer is being started with them.
    :param now: epoch seconds; the present when None.
    """
    moment = time.time() if now is None else now
    marks = _marks(settings, facts.client_identifier())
    held = _held(facts)
    known: Mapping[str, str] = held.get("marks", {})
    # Of consumers that share a database each has these for itself: that another one leads is no change.
    own = OF_ONE if settings.database_url else frozenset()
    # A setting that an older version did not have is no change.
    changed = sorted(name for name, mark in marks.items() if known.get(name, mark) != mark and name not in own)
    if known and not changed and not starting:
        return
    shown_at = held.get("shown_at", {}) | dict.fromkeys(SHOWN.intersection(changed), moment)
    is_news = bool(changed) or not known
    values = {
        "since": moment if is_news else held["since"],
        "changed": changed if is_news else held["changed"],
        "marks": marks,
        "shown_at": shown_at,
        "started": {name: marks[name] for name in AT_START} if starting else held.get("started", {}),
    }
    facts.put(FACT, json.dumps(values))


def read(facts: Facts) -> InForce | None:
    """What is known of the settings in force; None where no consumer has run yet."""
    held = _held(facts)
    if not held:
        return None
    compared = _compared_since(facts)
    marks, started = held["marks"], held["started"]
    return InForce(
        since=held["since"],
        changed=tuple(held["changed"]),
        at_start=tuple(sorted(name for name in started if marks.get(name) != started[name])),
        shown=tuple(sorted(name for name, at in held["shown_at"].items() if at > compared)),
    )


def advice(changed: Collection[str], reconcile: str) -> str:
    """What a change of these settings leaves to be done, for a person; ``""`` for nothing.

    :param reconcile: that setting's value: the time of the daily comparison, or ``off``.
    """
    later = sorted(AT_START.intersection(changed))
    shown = sorted(SHOWN.intersection(changed))
    told = []
    if later:
        told.append(f"{', '.join(later)}: once the consumer is restarted")
    if shown:
        told.append(all_scenes(shown, reconcile))
    return "; ".join(told)


def all_scenes(shown: Collection[str], reconcile: str) -> str:
    """What to do so that every scene is shown by these settings."""
    by_itself = "" if reconcile == "off" else f"by themselves at {reconcile}, "
    return (
        f"{', '.join(shown)}: edited scenes follow from now on, all others {by_itself}"
        "at once with ./huey_consumer.sh sync --all"
    )


def _compared_since(facts: Facts) -> float:
    """Since when every scene was looked at: the begin of the last comparison, or of the last ``sync --all``."""
    last = Runs(facts).last()
    try:
        queued = float(facts.get(ALL_QUEUED) or 0.0)
    except ValueError:
        queued = 0.0
    return max(queued, last.started_at if last else 0.0)


def _held(facts: Facts) -> dict[str, Any]:
    try:
        held = json.loads(facts.get(FACT) or "{}")
        complete = all(isinstance(held[name], dict) for name in ("marks", "shown_at", "started"))
        return held if complete and isinstance(held["changed"], list) and held["since"] >= 0 else {}
    except (TypeError, KeyError, ValueError):
        return {}


def _marks(settings: Settings, salt: str) -> dict[str, str]:
    """A mark of each setting, from which nothing can be told of its value."""
    import hashlib

    return {
        one.name: hashlib.blake2b(
            f"{one.name}={_text(getattr(settings, one.name))}".encode(), digest_size=4, key=salt.encode()[:64]
        ).hexdigest()
        for one in fields(settings)
        if one.name != "warnings"
    }


def _text(value: Any) -> str:
    return repr(sorted(value)) if isinstance(value, frozenset) else repr(value)
