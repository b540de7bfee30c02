"""Which events a message stands for, through merging, retries and what is made of it."""

from __future__ import annotations

import json
from typing import Any

from plexsync.inbox import event_files
from plexsync.queue.message import absorb
from plexsync.queue.origin import MOST_EVENTS, Event, Origin, origin_of, with_events_of, with_origin


def laid(scene: int = 45, at: float = 5.0, name: str = "Scene.Update.Post", **changes: Any) -> bytes:
    return json.dumps({**event_files.message(scene, name), "at": at, **changes}).encode()


def own(data: bytes) -> str:
    return str(json.loads(data)["id"])[: event_files.SHORT_ID]


def test_a_message_as_the_hook_laid_it_is_its_own_event() -> None:
    data = laid(at=7.0)
    assert origin_of(data) == Origin((Event(own(data), 7.0),), 1)
    assert event_files.is_event_id(own(data))


def test_what_no_hook_laid_and_what_is_no_message_have_no_event() -> None:
    assert origin_of(laid(name="settings")) == Origin()
    assert origin_of(b'{"v": 1, "id": "4f", "name": "sync_scene", "args": [45]}') == Origin()
    for raw in (b"", b"[1]", b"\xff", b'{"events": 3, "try": "x"}', b'{"events": [[1, 2], ["ab"], ["x y", 1]]}'):
        assert origin_of(raw) == Origin(), raw


def test_messages_that_become_one_keep_the_events_of_both_the_oldest_first() -> None:
    first, second, third = laid(at=1.0), laid(at=2.0), laid(at=3.0)
    data = absorb(absorb(first, second), third)
    assert origin_of(data).ids == (own(first), own(second), own(third))
    assert json.loads(data)["id"] == json.loads(first)["id"]


def test_what_waits_takes_over_the_events_of_what_it_makes_needless() -> None:
    retry, waiting = laid(at=1.0), laid(at=2.0)
    changed = with_events_of(waiting, retry)
    assert changed is not None
    assert origin_of(changed).ids == (own(retry), own(waiting))
    assert with_events_of(changed, retry) is None, "nothing new"
    assert with_events_of(b'{"id": "a"}', b'{"id": "b"}') is None, "an old queue's messages have none"


def test_a_scene_edited_all_day_long_names_the_first_event_and_the_latest() -> None:
    data = laid(at=0.0)
    first = own(data)
    for number in range(1, 3 * MOST_EVENTS):
        data = absorb(data, laid(at=float(number)))
    events = origin_of(data).events
    assert len(events) == MOST_EVENTS
    assert (events[0].id, events[-1].at) == (first, 3 * MOST_EVENTS - 1.0)
    assert len(data) < 8192


def test_the_origin_is_written_only_where_there_is_one() -> None:
    plain = b'{"v": 1, "id": "4f", "name": "sync_scene"}'
    assert with_origin(plain, Origin()) == plain
    origin = Origin((Event("3f9c21ab", 1.5),), 3)
    assert origin_of(with_origin(plain, origin)) == origin
