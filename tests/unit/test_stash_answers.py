"""What Stash answers becomes values of ours, or is refused by the name of the field that is wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from plexsync.errors import StashUnavailable
from plexsync.model import Performer, Scene, SceneFile
from plexsync.stash import answers, quick

WHOLE: dict[str, Any] = {
    "id": "45",
    "title": "A title",
    "details": "What happens",
    "director": "Someone",
    "date": "2023-05",
    "rating100": 85,
    "organized": True,
    "urls": ["https://example.org/a"],
    "updated_at": "2026-01-11T07:07:53+02:00",
    "files": [
        {"path": "/data/first.mp4", "size": 5_000_000_000, "duration": 61.5},
        {"path": "/data/second.mp4", "size": 1, "duration": 60},
    ],
    "paths": {"screenshot": "http://stash:9999/scene/45/screenshot?t=1"},
    "studio": {"id": "6", "name": "A studio"},
    "performers": [
        {"id": "3", "name": "Ann", "image_path": "http://stash:9999/performer/3/image?t=1"},
        {"id": "4", "name": "Bea", "image_path": "http://stash:9999/performer/4/image?t=1&default=true"},
        {"id": "5", "name": "Cid", "image_path": None},
    ],
    "tags": [{"id": "8", "name": "one"}, {"id": "7", "name": "two"}],
    "groups": [{"group": {"id": "9", "name": "A series"}}],
}


def changed(path: str, value: object) -> dict[str, Any]:
    """A whole answer with one scene, in which ``path`` (``files.1.size``) is ``value``."""
    scene: Any = copy.deepcopy(WHOLE)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = scene
    for step in way:
        inner = inner[step]
    inner[last] = value
    return {"findScenes": {"scenes": [scene]}}


def test_a_whole_scene_is_read() -> None:
    assert answers.read_scenes({"findScenes": {"scenes": [WHOLE]}}) == [
        Scene(
            id=45,
            title="A title",
            details="What happens",
            director="Someone",
            date="2023-05",
            rating100=85,
            organized=True,
            urls=("https://example.org/a",),
            files=(SceneFile("/data/first.mp4", 5_000_000_000, 61.5), SceneFile("/data/second.mp4", 1, 60)),
            studio="A studio",
            performers=(
                Performer(3, "Ann", "http://stash:9999/performer/3/image?t=1"),
                Performer(4, "Bea", None),
                Performer(5, "Cid", None),
            ),
            tags=("one", "two"),
            groups=("A series",),
            screenshot_url="http://stash:9999/scene/45/screenshot?t=1",
            updated_at="2026-01-11T07:07:53+02:00",
            studio_id=6,
            tag_ids=(8, 7),
            group_ids=(9,),
        )
    ]


@pytest.mark.parametrize("name", ["title", "details", "director", "date"])
@pytest.mark.parametrize("unset", [None, ""])
def test_an_unset_text_is_empty(name: str, unset: str | None) -> None:
    (scene,) = answers.read_scenes(changed(name, unset))
    assert getattr(scene, name) == ""


def test_a_scene_may_have_next_to_nothing() -> None:
    data = changed("studio", None)
    data["findScenes"]["scenes"][0] |= {"rating100": None, "files": [], "performers": [], "tags": [], "groups": []}
    (scene,) = answers.read_scenes(data)
    assert (scene.studio_id, scene.tag_ids, scene.group_ids) == (None, (), ())
    assert (scene.studio, scene.rating100, scene.files, scene.performers, scene.tags) == ("", None, (), (), ())


def test_what_nobody_asked_for_is_passed_over() -> None:
    (scene,) = answers.read_scenes(changed("o_counter", "sometimes"))
    assert scene.id == 45


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("id", 45, "findScenes.scenes[0].id is no id"),
        ("id", "45; drop", "findScenes.scenes[0].id is no id"),
        ("id", "9" * 30, "findScenes.scenes[0].id is no id"),
        ("id", "²", "findScenes.scenes[0].id is no id"),
        ("title", 7, "findScenes.scenes[0].title is no text"),
        ("title", False, "findScenes.scenes[0].title is no text"),
        ("title", "half \ud83d", "findScenes.scenes[0].title holds characters that are none"),
        ("rating100", 101, "findScenes.scenes[0].rating100 is no number from 0 to 100"),
        ("rating100", True, "findScenes.scenes[0].rating100 is no number from 0 to 100"),
        ("organized", 1, "findScenes.scenes[0].organized is neither true nor false"),
        ("organized", None, "findScenes.scenes[0].organized"),
        ("urls", "https://example.org", "findScenes.scenes[0].urls"),
        ("urls.0", 1, "findScenes.scenes[0].urls[0] is no text"),
        ("files.1.size", "12", "findScenes.scenes[0].files[1].size is no number of bytes"),
        ("files.1.size", 2**63, "findScenes.scenes[0].files[1].size is no number of bytes"),
        ("files.0.duration", "61.5", "findScenes.scenes[0].files[0].duration is no number of seconds"),
        ("files.0.duration", json.loads("NaN"), "findScenes.scenes[0].files[0].duration is no number of seconds"),
        ("files.0.duration", -1.0, "findScenes.scenes[0].files[0].duration is no number of seconds"),
        ("files.0", None, "findScenes.scenes[0].files[0]"),
        ("studio", "A studio", "findScenes.scenes[0].studio"),
        ("performers.2.name", 5, "findScenes.scenes[0].performers[2].name is no text"),
        ("studio.id", 6, "findScenes.scenes[0].studio.id is no id"),
        ("tags.1.id", None, "findScenes.scenes[0].tags[1].id"),
        ("groups.0.group", None, "findScenes.scenes[0].groups[0].group"),
        ("paths", None, "findScenes.scenes[0].paths"),
    ],
)
def test_a_wrong_value_is_refused_by_its_name(path: str, value: object, fault: str) -> None:
    with pytest.raises(StashUnavailable) as caught:
        answers.read_scenes(changed(path, value))
    assert fault in str(caught.value)


ODD: list[Any] = [None, "", "x", "7", "²", "half \ud83d", 7, -1, 2**63, 7.5, float("nan"), True, [], {}, [None], ["x"]]
PLACES = [
    *WHOLE,
    *(f"files.1.{name}" for name in ("path", "size", "duration")),
    *(f"performers.2.{name}" for name in ("id", "name", "image_path")),
    *("files.0", "performers.0", "urls.0", "tags.0", "tags.1.id", "tags.1.name", "studio.id", "studio.name"),
    *("groups.0", "groups.0.group", "groups.0.group.id", "groups.0.group.name", "paths.screenshot"),
]


@pytest.mark.parametrize("path", PLACES)
def test_read_quickly_a_scene_is_what_it_is_read_slowly_and_refused_alike(path: str) -> None:
    for value in ODD:
        data = changed(path, value)
        try:
            slowly = answers.read_scenes_one_by_one({"scene0": data["findScenes"]["scenes"][0]})
        except StashUnavailable:
            slowly = None
        assert quick.read_scenes(data) == slowly, value


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_missing_field_is_refused_by_its_name(name: str) -> None:
    scene = {key: value for key, value in WHOLE.items() if key != name}
    with pytest.raises(StashUnavailable, match=rf"scenes\[0\]\.{name} "):
        answers.read_scenes({"findScenes": {"scenes": [scene]}})


@pytest.mark.parametrize("data", [{}, {"findScenes": None}, {"findScenes": {"scenes": None}}, {"findScenes": []}])
def test_an_answer_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(StashUnavailable, match="findScenes"):
        answers.read_scenes(data)


def test_scenes_asked_for_one_by_one_come_without_the_unknown_ones() -> None:
    scenes = answers.read_scenes_one_by_one({"scene0": WHOLE, "scene1": None})
    assert [scene.id for scene in scenes] == [45]


def test_a_wrong_value_among_scenes_asked_for_one_by_one_is_named_too() -> None:
    with pytest.raises(StashUnavailable, match=r"scene1\.title is no text"):
        answers.read_scenes_one_by_one({"scene0": None, "scene1": WHOLE | {"title": []}})


def test_a_page_of_ids_comes_with_the_total() -> None:
    data = {"findScenes": {"count": 9, "scenes": [{"id": "3"}, {"id": "4"}]}}
    assert answers.read_scene_ids(data) == ((3, 4), 9)


@pytest.mark.parametrize("count", [None, "9", -1, 9.0])
def test_a_total_that_is_no_count_is_refused(count: object) -> None:
    with pytest.raises(StashUnavailable, match=r"findScenes\.count"):
        answers.read_scene_ids({"findScenes": {"count": count, "scenes": []}})


def test_files_come_with_their_scenes_and_how_many_scenes_there_are() -> None:
    scene = {"id": "45", "files": WHOLE["files"]}
    found, count = answers.read_scene_files({"findScenes": {"count": 7, "scenes": [scene, {"id": "46", "files": []}]}})
    assert count == 7
    assert [(one.id, [file.path for file in one.files]) for one in found] == [
        (45, ["/data/first.mp4", "/data/second.mp4"]),
        (46, []),
    ]
    assert found[0].files[0] == SceneFile("/data/first.mp4", 5_000_000_000, 61.5)


@pytest.mark.parametrize(
    ("found", "fault"),
    [
        ({"count": "7", "scenes": []}, r"findScenes\.count is no count"),
        ({"count": 1, "scenes": [{"id": "4"}]}, r"scenes\[0\]\.files"),
        ({"count": 1, "scenes": [{"id": 4, "files": []}]}, r"scenes\[0\]\.id is no id"),
    ],
)
def test_files_in_an_answer_of_another_shape_are_refused(found: dict[str, Any], fault: str) -> None:
    with pytest.raises(StashUnavailable, match=fault):
        answers.read_scene_files({"findScenes": found})


def test_settings_never_made_are_none() -> None:
    assert answers.read_plugin_settings({"configuration": {"plugins": {}}}) == {}
    assert answers.read_plugin_settings({"configuration": {"plugins": {"PlexSync": None}}}) == {}


def test_settings_of_any_type_are_handed_on() -> None:
    typed = {"plexToken": "t", "plexPort": 32400, "cleanTitles": True, "pathMap": None}
    assert answers.read_plugin_settings({"configuration": {"plugins": {"PlexSync": typed}}}) == typed


def test_settings_that_are_no_map_are_refused() -> None:
    with pytest.raises(StashUnavailable, match=r"configuration\.plugins\.PlexSync"):
        answers.read_plugin_settings({"configuration": {"plugins": {"PlexSync": "off"}}})


def test_a_build_without_a_version_has_an_empty_one() -> None:
    assert answers.read_version({"version": {"version": None}}) == ""
