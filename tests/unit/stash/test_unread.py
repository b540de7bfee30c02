"""Scenes that are read later: how many there are, and which is the last, is known before."""

from __future__ import annotations

from typing import Any

from plexsync.errors import SceneUnreadable
from plexsync.model import Field
from plexsync.stash.failures import StashFault
from plexsync.stash.pages import UnreadScenes

ROW: dict[str, Any] = {
    **dict.fromkeys(["title", "details", "director", "date", "code", "updated_at"], ""),
    "id": "45",
    "rating100": None,
    "organized": False,
    "studio": None,
    "paths": {"screenshot": None},
    **{name: [] for name in ("urls", "files", "performers", "tags", "groups")},
}


def unread(*rows: dict[str, Any], **more: Any) -> UnreadScenes:
    return UnreadScenes(rows, last=int(rows[-1]["id"]) if rows else 0, **more)


def test_how_many_there_are_is_known_before_the_scenes_are_read() -> None:
    page = unread(ROW | {"id": "7"}, ROW | {"id": "45"}, unreadable=[SceneUnreadable(8, "no")], more=True)
    assert (page.count, page.last) == (3, 45)
    read = page.read()
    assert [scene.id for scene in read] == [7, 45]
    assert ([one.scene_id for one in read.unreadable], read.last, read.more) == ([8], 45, True)


def test_no_scenes_are_none() -> None:
    assert (unread().count, unread().last, unread().read()) == (0, 0, ())


def test_a_fault_in_a_scene_comes_out_when_it_is_read_and_hides_no_other() -> None:
    read = unread(ROW | {"title": 5, "id": "44"}, ROW).read()
    assert [scene.id for scene in read] == [45]
    assert [str(one) for one in read.unreadable] == ["scene 44 cannot be read from Stash: title is not a text"]


def test_what_stash_could_not_read_of_a_scene_is_left_alone() -> None:
    page = unread(ROW | {"id": "44"}, ROW, faults={45: [StashFault("sql: Scan error", ("studio",))]})
    assert [scene.unread for scene in page.read()] == [frozenset(), {Field.STUDIO}]
