"""A dry run: what syncing a scene would write, field by field. Nothing is written, and nothing queued.

``sync --dry-run`` prints it, and the scene's page in Stash shows it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from plexsync.app import App
from plexsync.errors import AccessDenied, CircuitOpen, MatchUncertain, NotFoundYet, PlexSyncError, TransientError
from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata import explain
from plexsync.model import Scene
from plexsync.queue.starting import cannot_start
from plexsync.sync.plan import Plan
from plexsync.words import counted

#: Scenes looked at at a time, and threads that do.
PAGE, THREADS = 50, 4
#: How a look can end.
WOULD_CHANGE, RIGHT, NOT_IN_PLEX = "would_change", "right", "not_in_plex"
REVIEW, LEFT_ALONE, GONE, FAULTY = "review", "left_alone", "gone", "failed"


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at a scene came to: one of the ends, with the plan or a text that says why there is none.

    ``further``: the plans for the items that show the scene besides its own.
    """

    scene_id: int
    end: str
    plan: Plan | None = None
    text: str = ""
    further: tuple[Plan, ...] = ()


def look_at(app: App, scene_id: int) -> Seen:
    """Look at one scene, as Stash has it now."""
    read_at = time.time()
    try:
        scene = app.stash.scenes([scene_id]).get(scene_id)
        return _seen(app, read_at, scene) if scene else Seen(scene_id, GONE, text="Stash has no such scene")
    except PlexSyncError as error:
        return Seen(scene_id, FAULTY, text=app.redact(str(error)))


def look_at_first(app: App, count: int) -> Iterator[Seen]:
    """Look at the first scenes, by id.

    :param count: how many at most.
    :raises PlexSyncError: Stash or Plex cannot be asked.
    """
    after = 0
    with ThreadPoolExecutor(THREADS) as pool:
        while count > 0:
            read_at, wanted = time.time(), min(PAGE, count)
            scenes = app.stash.scenes_after(after, wanted)
            yield from at_once(pool, partial(_seen, app, read_at), scenes)
            yield from (Seen(one.scene_id, FAULTY, text=app.redact(str(one))) for one in scenes.unreadable)
            if not scenes.more:
                return
            count, after = count - len(scenes) - len(scenes.unreadable), scenes.last


def at_once(pool: ThreadPoolExecutor, look: Callable[[Scene], Seen], scenes: Sequence[Scene]) -> Iterator[Seen]:
    """Look at several at once, or where no thread can be started at one after the other."""
    try:
        return pool.map(look, scenes)
    except RuntimeError as error:
        if not cannot_start(error):
            raise
        return map(look, scenes)


def changes(plan: Plan) -> Iterator[tuple[str, object, object]]:
    """Field, value before (None for a picture) and value after."""
    for change in explain(plan.edit, plan.item or plan.applied):
        yield str(change.field), "" if change.before is None else change.before, change.after
    for upload in plan.uploads:
        yield str(upload.field), None, f"picture of {counted(len(upload.picture.data), 'byte')}"


def facts_of(one: Seen) -> dict[str, Any]:
    """One look as JSON shows it."""
    plan = one.plan
    return {
        "scene_id": one.scene_id,
        "end": one.end,
        "rating_key": plan.match.rating_key if plan else None,
        "confidence": plan.match.confidence if plan else None,
        "reasons": list(plan.match.reasons) if plan else [],
        "text": one.text,
        "changes": _changes(plan) if plan else [],
        "notes": list(plan.notes) if plan else [],
        "further": [
            {"rating_key": other.key, "path": other.match.path, "changes": _changes(other)} for other in one.further
        ],
    }


def _changes(plan: Plan) -> list[dict[str, Any]]:
    return [{"field": field, "before": before, "after": after} for field, before, after in changes(plan)]


def _seen(app: App, read_at: float, scene: Scene) -> Seen:
    """What a look at one scene came to.

    :raises PlexSyncError: it would come to the same with any other one.
    """
    if app.settings.only_organized and not scene.organized:
        return Seen(scene.id, LEFT_ALONE, text="not organized, and only organized scenes are wanted")
    try:
        plan = app.sync.preview.of(scene, read_at)
        further = app.sync.preview.of_further(scene, read_at, plan.match)
    except NotFoundYet as error:
        return Seen(scene.id, NOT_IN_PLEX, text=app.redact(str(error)))
    except MatchUncertain as error:
        return Seen(scene.id, REVIEW, text=app.redact(str(error)))
    except (AccessDenied, CircuitOpen):
        raise
    except TransientError as error:
        if not error.healthy:
            raise
        return Seen(scene.id, FAULTY, text=app.redact(str(error)))
    except PlexSyncError as error:
        return Seen(scene.id, FAULTY, text=app.redact(str(error)))
    is_right = all(one.empty for one in (plan, *further))
    return Seen(scene.id, RIGHT if is_right else WOULD_CHANGE, plan, further=tuple(further))
