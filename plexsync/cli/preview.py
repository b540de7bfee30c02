"""``sync --dry-run``: what would be written, field by field. Nothing is written, and nothing queued."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from typing import Any

from plexsync.app import App, build
from plexsync.cli import show
from plexsync.cli.failures import FAILED
from plexsync.installation.settings_reader import load_settings
from plexsync.outside import shown
from plexsync.status.dry_run import (
    FAULTY,
    GONE,
    LEFT_ALONE,
    NOT_IN_PLEX,
    REVIEW,
    RIGHT,
    WOULD_CHANGE,
    Seen,
    changes,
    facts_of,
    look_at,
    look_at_first,
)
from plexsync.sync.plan import Plan
from plexsync.words import counted

#: For each scene whose differences are shown so many are looked at, where it is about all: they are what is counted.
LOOKED_AT_PER_SHOWN = 10
#: How a look can end, in the order in which they are counted, with the words for one and for several.
_WORDS = {
    WOULD_CHANGE: ("would change", "would change"),
    RIGHT: ("is right already", "are right already"),
    NOT_IN_PLEX: ("is not in Plex", "are not in Plex"),
    REVIEW: ("needs review", "need review"),
    LEFT_ALONE: ("is skipped (not organized)", "are skipped (not organized)"),
    GONE: ("is not in Stash", "are not in Stash"),
    FAULTY: ("could not be checked", "could not be checked"),
}
#: Ends of scenes that nothing stands in the way of.
_FREE = (WOULD_CHANGE, RIGHT, LEFT_ALONE)
#: Ends of which one is named at the end, so that a person sees what is the matter.
_NAMED = {NOT_IN_PLEX: "not in Plex", REVIEW: "to review", FAULTY: "not to be said"}


def preview_some(scene_ids: Sequence[int], *, json_wanted: bool) -> int:
    """Print what would be written for these scenes.

    :returns: the exit code: 0 where nothing stands in the way of any.
    """
    with _app() as app:
        seen = [look_at(app, scene_id) for scene_id in dict.fromkeys(scene_ids)]
    if json_wanted:
        show.as_json(_facts(seen, Counter(one.end for one in seen), len(seen), len(seen)))
    else:
        for one in seen:
            _print(one)
    return 0 if all(one.end in _FREE for one in seen) else FAILED


def preview_one(app: App, scene_id: int) -> bool:
    """Print what would be written for a scene; whether nothing stands in its way."""
    seen = look_at(app, scene_id)
    _print(seen)
    return seen.end in _FREE


def preview_all(limit: int, *, json_wanted: bool) -> int:
    """Print what would be written for the first scenes of Stash that differ, and count what was looked at.

    :param limit: scenes whose differences are shown; ``LOOKED_AT_PER_SHOWN`` times as many are looked at.
    :returns: the exit code.
    :raises PlexSyncError: Stash or Plex cannot be asked.
    """
    ends: Counter[str] = Counter()
    shown: list[Seen] = []
    examples: dict[str, Seen] = {}
    with _app() as app:
        with _telling_if_long("reading what Plex has, once; a big library takes a minute or two"):
            app.library.refresh()
        total = app.stash.scene_count()
        progress = show.Progress("Looking", min(total, limit * LOOKED_AT_PER_SHOWN))
        for one in look_at_first(app, limit * LOOKED_AT_PER_SHOWN):
            progress.after(1)
            ends[one.end] += 1
            if one.end == WOULD_CHANGE and len(shown) < limit:
                shown.append(one)
                if not json_wanted:
                    progress.end()
                    _print(one)
            if one.end in _NAMED:
                examples.setdefault(one.end, one)
        progress.end()
    if json_wanted:
        show.as_json(_facts(shown, ends, ends.total(), total))
    else:
        _print_counts(ends, len(shown), total, limit, examples)
    return FAILED if ends[FAULTY] else 0


@contextmanager
def _app() -> Iterator[App]:
    import tasks.app as tasks_app

    with closing(build(load_settings(os.environ), tasks_app.database, guarded=False)) as app:
        yield app


@contextmanager
def _telling_if_long(text: str) -> Iterator[None]:
    timer = threading.Timer(show.PROGRESS_AFTER, lambda: show.say(f"{text} ...", err=True))
    timer.daemon = True
    with suppress(RuntimeError):  # no thread to be had: then it is not told
        timer.start()
    try:
        yield
    finally:
        timer.cancel()


# --- How it looks -----------------------------------------------------------------------------------------------------


def _print(one: Seen) -> None:
    plan = one.plan
    if plan is None:
        show.say(f"scene {one.scene_id}: {show.bad(show.one_line(one.text, 300))}", indent=2)
        return
    for each in (plan, *one.further):
        _print_plan(one.scene_id, each)


def _print_plan(scene_id: int, plan: Plan) -> None:
    head = f"scene {scene_id} -> item {plan.match.rating_key} ({shown('; '.join(plan.match.reasons))})"
    if plan.empty:
        show.say(f"{head}: nothing to change", indent=2)
        return
    show.say(f"{head}:", indent=2)
    rows = [
        (f"  {field}", "" if before is None else show.bad(f"- {_value(before)}"), show.good(f"+ {_value(after)}"))
        for field, before, after in changes(plan)
    ]
    if show.fits(rows):
        show.table(rows)
    else:
        # What was and what will be below each other: side by side both would be too narrow to be read.
        lines = [((field, was), ("", will_be)) if was else ((field, will_be),) for field, was, will_be in rows]
        show.table([line for some in lines for line in some])
    for note in plan.notes:
        show.say(f"  note: {show.one_line(note, 300)}", indent=2)


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        value = ", ".join(str(one) for one in value)
    return "(none)" if value in (None, "") else show.one_line(str(value), 80)


def _print_counts(ends: Counter[str], shown: int, total: int, limit: int, examples: dict[str, Seen]) -> None:
    looked_at = ends.total()
    told = ", ".join(f"{ends[end]:,} {words[ends[end] > 1]}" for end, words in _WORDS.items() if ends[end])
    which = f"the first {looked_at:,} of" if looked_at < total else "all"
    show.say(f"\nlooked at {which} {counted(total, 'scene')}: {told}" if looked_at else "\nStash has no scenes")
    if shown < ends[WOULD_CHANGE]:
        show.say(f"the differences of the first {shown:,} are shown above; of more: --limit {limit * 5}")
    for one in examples.values():
        show.say(f"{_NAMED[one.end]}, for one: scene {one.scene_id}: {show.one_line(one.text, 300)}", indent=2)
    show.say("nothing was written, and nothing queued; to begin: ./huey_consumer.sh sync --all")


def _facts(shown: Sequence[Seen], ends: Counter[str], looked_at: int, total: int) -> dict[str, Any]:
    return {
        "looked_at": looked_at,
        "total": total,
        **{end: ends[end] for end in _WORDS},
        "scenes": [facts_of(one) for one in shown],
    }
