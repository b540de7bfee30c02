"""Every line says what it belongs to, whoever logs it."""

from __future__ import annotations

import threading

from plexsync import log_context
from plexsync.log_context import MOST_EVENTS, about_scene, current, item_is, working_on


def words() -> dict[str, str | int]:
    context = current()
    return context.words() if context is not None else {}


def test_a_scene_within_a_task_and_the_task_again_after_it() -> None:
    assert words() == {}
    item_is(7)
    with working_on(("3f9c21ab",), "sync_scene", 2):
        with about_scene(45):
            item_is(812)
            assert words() == {"event": "3f9c21ab", "task": "sync_scene", "scene": 45, "item": 812, "attempt": 2}
            assert tuple(words()) == log_context.WORDS
        assert words() == {"event": "3f9c21ab", "task": "sync_scene", "attempt": 2}
    assert words() == {}


def test_a_bundle_names_some_events_and_how_many_more_there_are() -> None:
    with working_on(tuple(f"{number:08x}" for number in range(MOST_EVENTS + 3))):
        assert str(words()["event"]).endswith("00000004,+3")


def test_another_thread_has_its_own() -> None:
    seen: list[object] = []
    with working_on((), "sync_scene"):
        thread = threading.Thread(target=lambda: seen.append(words()))
        thread.start()
        thread.join()
    assert seen == [{}]
