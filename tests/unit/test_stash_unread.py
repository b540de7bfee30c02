"""Scenes that are read later: how many there are, and which is the last, is known before."""

from __future__ import annotations

from typing import Any

import pytest

from plexsync.errors import StashUnavailable
from plexsync.stash import answers

ROW: dict[str, Any] = {
    **dict.fromkeys(["title", "details", "director", "date", "updated_at"], ""),
    "id": "45",
    "rating100": None,
    "organized": False,
    "studio": None,
    "paths": {"screenshot": None},
    **{name: [] for name in ("urls", "files", "performers", "tags", "groups")},
}


def data(*rows: object) -> dict[str, Any]:
    return {"findScenes": {"scenes": list(rows)}}


def test_the_last_id_is_known_before_the_scenes_are_read() -> None:
    unread = answers.unread_scenes(data(ROW | {"id": "7"}, ROW | {"id": "45"}))
    assert (unread.count, unread.last) == (2, 45)
    assert [scene.id for scene in unread.read()] == [7, 45]


def test_no_scenes_are_none() -> None:
    unread = answers.unread_scenes(data())
    assert (unread.count, unread.last, unread.read()) == (0, 0, ())


def test_a_fault_in_a_scene_comes_out_when_it_is_read() -> None:
    unread = answers.unread_scenes(data(ROW | {"title": 5}, ROW))
    with pytest.raises(StashUnavailable, match=r"scenes\[0\]\.title"):
        unread.read()


@pytest.mark.parametrize(
    "odd", [{}, {"findScenes": None}, data(ROW | {"id": None}), data(ROW, 5), data(ROW | {"id": "x"})]
)
def test_an_answer_without_a_last_id_is_refused_at_once(odd: dict[str, Any]) -> None:
    with pytest.raises(StashUnavailable):
        answers.unread_scenes(odd)
