"""What was done lately, and one event's way from the hook to Plex."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from plexsync.durations import iso
from plexsync.ledger import Ledger, ListedOutcome, Result
from plexsync.ledger.course import Step
from plexsync.queue.waiting_events import waiting_for
from plexsync.status.arguments import CURSOR, LIMIT, Argument, ArgumentKind, BadRequest
from plexsync.status.pages import page
from plexsync.status.registry import StatusQuestion

if TYPE_CHECKING:
    from plexsync.status.desk import Desk


#: Attempts that are told of one event, and events that are named in one way.
MOST_WAYS = 50
_MOST_EVENTS = 10
#: What is said of an outcome where the history holds no words of its own.
_TEXTS = {
    Result.UNCHANGED: "Plex shows it already",
    Result.RETRY: "it failed, and is tried again",
    Result.NOT_FOUND: "Plex has no item for it yet",
    Result.REVIEW: "the match waits for a person",
    Result.FAILED: "it was given up",
    Result.SKIPPED: "it was skipped, as the settings say",
    Result.GONE: "Stash has it no longer",
}
#: What ends a way: words for the last step.
_ENDS = {
    Result.RETRY: "failed, tried again",
    Result.NOT_FOUND: "not in Plex",
    Result.REVIEW: "waits for a person",
    Result.FAILED: "given up",
    Result.SKIPPED: "skipped",
    Result.GONE: "gone",
}


def activity(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """The latest outcomes, the newest first."""
    listings = desk.ledger.listings
    rows, after = page(
        args,
        lambda place, limit: listings.outcomes(args["scene_id"], place[1] if place else None, limit),
        lambda row: (row.at, row.id),
    )
    return {"rows": [as_row(row) for row in rows], "next": after}


def as_row(one: ListedOutcome) -> dict[str, Any]:
    """An outcome as a list shows it."""
    return {
        "id": one.id,
        "scene_id": one.scene_id,
        "title": one.title,
        "at": iso(one.at),
        "outcome": str(one.outcome),
        "text": text_of(one),
        "seconds": one.seconds,
        "fields": list(one.fields),
        "event_at": iso(one.event_at),
        "events": [event for event, _ in one.events],
    }


def text_of(one: ListedOutcome) -> str:
    """What came of an attempt, in words."""
    if one.outcome is Result.SYNCED:
        return f"wrote {', '.join(one.fields)} to item {one.rating_key}" if one.fields else "brought to Plex"
    return one.error or _TEXTS[one.outcome]


def trace(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """One event's way, as far as it is known: by the id of an outcome, or by the event's own."""
    if args["event"] is not None:
        return trace_event(desk.ledger, args["event"])
    if args["id"] is None:
        raise BadRequest("The argument 'id' is missing.", "Send 'id', a whole number from 1, or 'event', a short id.")
    one = desk.ledger.listings.outcome(args["id"])
    if one is None:
        raise BadRequest(f"Nothing is known of outcome {args['id']} any more.", "Load the list again.")
    return one_way(desk.ledger, one)


def one_way(ledger: Ledger, one: ListedOutcome) -> dict[str, Any]:
    """The way that ended with an outcome, and which events it was for."""
    events = [event for event, _ in one.events]
    return {"scene_id": one.scene_id, "title": one.title, "steps": steps_of(ledger, one), "events": events}


def trace_event(ledger: Ledger, event: str) -> dict[str, Any]:
    """All that an event has led to: each attempt at each of its scenes, and where it waits if it still does.

    :param event: its short id, as the hook prints it.
    :raises BadRequest: nothing is known of it.
    """
    ways = [{"outcome": str(one.outcome), **one_way(ledger, one)} for one in ledger.listings.of_event(event, MOST_WAYS)]
    waits = waiting_for(ledger.database, event)
    if not ways and not waits:
        raise BadRequest(
            f"Nothing is known of event {event}.", "Its history may be over (7 days), or the hook has not laid it yet."
        )
    return {"event": event, "ways": ways, "waits": waits}


def steps_of(ledger: Ledger, one: ListedOutcome) -> list[dict[str, Any]]:
    """The steps of an attempt, as far as they are known: when (null for not known), what, and a sentence."""
    return list(_steps(ledger, one))


def _steps(ledger: Ledger, one: ListedOutcome) -> Iterator[dict[str, Any]]:
    for event, at in one.events[:_MOST_EVENTS]:
        yield _step(at, "laid", f"Stash called the hook, which laid event {event} into the inbox")
    if more := len(one.events[_MOST_EVENTS:]):
        yield _step(one.events[-1][1], "laid", f"and {more} events more until then, all of which became one message")
    if not one.events and one.event_at is not None:
        yield _step(one.event_at, "laid", "Stash called the hook, which laid the event into the inbox")
    if one.queued_at is not None:
        yield _step(one.queued_at, "taken over", "the consumer moved it into the queue")
    if one.began_at is not None:
        yield _step(one.steps.get(Step.READ, one.began_at), "read", "a worker read the scene from Stash")
    scene = ledger.scenes.get(one.scene_id)
    is_done = one.outcome in (Result.SYNCED, Result.UNCHANGED)
    if is_done and scene is not None and scene.rating_key is not None and scene.rating_key == one.rating_key:
        why = "; ".join(scene.reasons)
        yield _step(
            one.steps.get(Step.MATCHED), "matched", f"item {scene.rating_key}, confidence {scene.confidence}: {why}"
        )
    if one.outcome is Result.SYNCED:
        yield _step(one.steps.get(Step.WRITTEN), "written", text_of(one))
        took = "" if one.seconds is None else f", {one.seconds:.2f} s after work began"
        yield _step(one.at, "read back", f"Plex shows it{took}")
    elif one.outcome is Result.UNCHANGED:
        yield _step(one.at, "compared", text_of(one))
    else:
        yield _step(one.at, _ENDS[one.outcome], text_of(one))


def _step(at: float | None, what: str, text: str) -> dict[str, Any]:
    return {"at": iso(at), "what": what, "text": text}


QUESTIONS = (
    StatusQuestion("activity", activity, (Argument("scene_id", ArgumentKind.ID), CURSOR, LIMIT)),
    StatusQuestion("trace", trace, (Argument("id", ArgumentKind.ID), Argument("event", ArgumentKind.TEXT))),
)
