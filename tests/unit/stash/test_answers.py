"""What Stash answers becomes values of ours, or is refused by the name of the field that is wrong."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from plexsync.errors import StashUnavailable
from plexsync.fields import SCENE_TEXTS
from plexsync.model import Field, Performer, Scene, SceneFile
from plexsync.stash import answers
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import StashFault
from plexsync.stash.rows import OddRow, Rows, read_rows

WHOLE: dict[str, Any] = {
    "id": "45",
    "title": "A title",
    "details": "What happens",
    "director": "Someone",
    "code": "AC-7",
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
    """A scene of an answer, in which ``path`` (``files.1.size``) is ``value``."""
    scene: Any = copy.deepcopy(WHOLE)
    *way, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner = scene
    for step in way:
        inner = inner[step]
    inner[last] = value
    return scene


@pytest.mark.parametrize("odd", [None, "x", -1, [], {}, 10**30, "9" * 40, True, float("inf")])
@pytest.mark.parametrize(
    "name", ["width", "height", "frame_rate", "video_codec", "audio_codec", "bit_rate", "fingerprints"]
)
def test_no_scene_is_refused_for_what_its_video_is_like(name: str, odd: object) -> None:
    (scene,) = read(changed(f"files.0.{name}", odd)).scenes
    file = scene.files[0]
    assert scene.faults == ()
    assert (file.width, file.height, file.frame_rate, file.bit_rate, file.oshash) == (0, 0, 0.0, 0, "")
    assert {file.video_codec, file.audio_codec} <= {"", "x"}


def test_what_a_video_is_like_and_its_hash_are_read() -> None:
    told = {
        "width": 1920,
        "height": 1080,
        "frame_rate": 29.97002997,
        "video_codec": "H264",
        "audio_codec": "aac",
        "bit_rate": 5_612_345,
        "fingerprints": [{"type": "phash", "value": "1"}, 7, {"type": "oshash", "value": "F52AA3BD4025D4"}],
    }
    (scene,) = read({**WHOLE, "files": [{**WHOLE["files"][0], **told}]}).scenes
    video = (1920, 1080, 29.97, "h264", "aac", 5_612_345)
    assert scene.files == (SceneFile("/data/first.mp4", 5_000_000_000, 61.5, *video, "00f52aa3bd4025d4"),)


@pytest.mark.parametrize("odd", [None, 5, {}, [None, 5, {"stash_id": 7}, {"stash_id": "ü"}]])
def test_odd_ids_of_stash_boxes_are_left_out(odd: object) -> None:
    (scene,) = read({**WHOLE, "stash_ids": odd}).scenes
    assert (scene.stash_ids, scene.faults) == ((), ())
    (scene,) = read({**WHOLE, "stash_ids": [{"endpoint": "x", "stash_id": "0b1c-id"}]}).scenes
    assert scene.stash_ids == ("0b1c-id",)


def read(*rows: object) -> Rows:
    return read_rows(rows, Dialect())


def scene(row: object) -> Scene:
    (found,) = read(row).scenes
    return found


def fault(row: object) -> str:
    (odd,) = read(row).odd
    return odd.reason


def test_a_whole_scene_is_read() -> None:
    assert read(WHOLE).scenes == (
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
            code="AC-7",
        ),
    )


@pytest.mark.parametrize("name", ["title", "details", "director", "date", "code"])
@pytest.mark.parametrize("unset", [None, ""])
def test_an_unset_text_is_empty(name: str, unset: str | None) -> None:
    assert getattr(scene(changed(name, unset)), name) == ""


def test_a_scene_may_have_next_to_nothing() -> None:
    row = changed("studio", None)
    row |= {"rating100": None, "files": [], "performers": [], "tags": [], "groups": []}
    bare = scene(row)
    assert (bare.studio_id, bare.tag_ids, bare.group_ids, bare.unread) == (None, (), (), frozenset())
    assert (bare.studio, bare.rating100, bare.files, bare.performers, bare.tags) == ("", None, (), (), ())


def test_what_nobody_asked_for_is_passed_over() -> None:
    assert scene(changed("o_counter", "sometimes")).id == 45


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("id", 45, "id is not an id"),
        ("id", "45; drop", "id is not an id"),
        ("id", "9" * 30, "id is not an id"),
        ("id", "0" * 20 + "9" * 30, "id is not an id"),
        ("id", "²", "id is not an id"),
        ("title", 7, "title is not a text"),
        ("title", False, "title is not a text"),
        ("title", "half \ud83d", "title holds invalid characters"),
        ("rating100", 101, "rating100 is not a number from 0 to 100"),
        ("rating100", True, "rating100 is not a number from 0 to 100"),
        ("organized", 1, "organized is neither true nor false"),
        ("organized", None, "organized"),
        ("files", None, "files"),
        ("files", [None], "files[0]"),
        ("files", [{"path": "", "size": 1, "duration": 1}], "files[0] path is empty"),
    ],
)
def test_a_scene_with_a_wrong_value_is_named_with_it_and_hides_no_other(path: str, value: object, text: str) -> None:
    found = read(WHOLE | {"id": "44"}, changed(path, value), WHOLE | {"id": "46"})
    assert [one.id for one in found.scenes] == [44, 46]
    (odd,) = found.odd
    assert (odd.place, odd.id) == (1, None if path == "id" else 45)
    assert text in odd.reason


@pytest.mark.parametrize("row", [None, 7, "x", [], {}])
def test_what_is_no_scene_hides_no_other(row: object) -> None:
    found = read(row, WHOLE)
    assert [one.id for one in found.scenes] == [45]
    assert [(one.place, one.id) for one in found.odd] == [(0, None)]


@pytest.mark.parametrize(
    ("path", "value", "field", "left", "text"),
    [
        ("performers.1", None, "performers", {"Ann", "Cid"}, "A performer is left out"),
        ("performers.2.name", 5, "performers", {"Ann", "Bea"}, "name is not a text"),
        ("performers.0.name", None, "performers", {"Bea", "Cid"}, "name"),
        ("performers.0.id", 3, "performers", {"Bea", "Cid"}, "id is not an id"),
        ("performers", None, "performers", set(), "its answer is not a list"),
        ("performers", "Ann", "performers", set(), "its answer is not a list"),
        ("tags.1.id", None, "tags", {"one"}, "A tag is left out"),
        ("tags.0.name", None, "tags", {"two"}, "name"),
        ("tags", {}, "tags", set(), "its answer is not a list"),
        ("groups.0.group", None, "groups", set(), "A group is left out"),
        ("groups.0", None, "groups", set(), "A group is left out"),
    ],
)
def test_what_is_odd_in_a_list_is_left_out_and_nothing_is_taken_away_in_plex(
    path: str, value: object, field: str, left: set[str], text: str
) -> None:
    found = scene(changed(path, value))
    names = {"performers": {one.name for one in found.performers}, "tags": {*found.tags}, "groups": {*found.groups}}
    assert names[field] == left
    is_list = "not a list" not in text
    assert (found.incomplete, found.unread) == (({Field(field)}, set()) if is_list else (set(), {Field(field)}))
    assert text in " ".join(found.faults)


@pytest.mark.parametrize("value", ["A studio", 6, {}, {"id": 6, "name": "x"}, {"id": "6", "name": None}])
def test_a_studio_that_is_none_is_left_alone_and_so_are_collections(value: object) -> None:
    found = scene(changed("studio", value))
    assert (found.studio, found.studio_id, found.unread) == ("", None, {Field.STUDIO})
    assert found.incomplete == {Field.GROUPS}
    assert "studio" in found.faults[0]


@pytest.mark.parametrize("value", [None, "x", {}, {"screenshot": 7}])
def test_pictures_without_an_address_that_is_one_are_left_alone(value: object) -> None:
    found = scene(changed("paths", value))
    assert (found.screenshot_url, found.unread) == (None, {Field.POSTER, Field.BACKGROUND})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("files.1", None),
        ("files.1.path", None),
        ("files.1.path", ""),
        ("files.1.size", "12"),
        ("files.1.size", 2**63),
        ("files.1.duration", "61.5"),
        ("files.1.duration", json.loads("NaN")),
        ("files.1.duration", -1.0),
    ],
)
def test_a_file_that_is_none_is_left_out(path: str, value: object) -> None:
    found = scene(changed(path, value))
    assert [file.path for file in found.files] == ["/data/first.mp4"]
    assert found.unread == frozenset()
    assert "A file is left out" in found.faults[0]


@pytest.mark.parametrize("duration", [2**63, 1e308, 1_000_000_001])
def test_a_length_that_no_file_has_is_unknown(duration: float) -> None:
    found = scene(changed("files.1.duration", duration))
    assert [file.duration for file in found.files] == [61.5, None]
    assert found.faults == ()


def test_a_title_made_of_the_first_files_name_is_left_alone_where_that_file_is_none() -> None:
    row = changed("files.0", None)
    assert scene(row).unread == frozenset()
    assert scene(row | {"title": ""}).unread == {Field.TITLE}


@pytest.mark.parametrize("value", ["https://example.org", None, [1], ["half \ud83d"]])
def test_addresses_that_are_none_are_left_out(value: object) -> None:
    found = scene(changed("urls", value))
    assert (found.urls, found.unread) == ((), frozenset())
    assert found.faults


@pytest.mark.parametrize(
    ("path", "unread"),
    [
        (("studio",), {Field.STUDIO}),
        (("studio", "name"), {Field.STUDIO}),
        (("performers",), {Field.PERFORMERS}),
        (("rating100",), {Field.RATING}),
        (("title",), {Field.TITLE}),
        (("paths", "screenshot"), {Field.POSTER, Field.BACKGROUND}),
    ],
)
def test_a_part_that_stash_could_not_read_is_left_alone(path: tuple[str | int, ...], unread: set[Field]) -> None:
    row = WHOLE | {str(path[0]): None}
    (found,) = read_rows([row], Dialect(), {0: [StashFault("sql: Scan error", path)]}).scenes
    assert found.unread == unread
    assert "sql: Scan error" in found.faults[0]


def test_a_list_of_which_stash_could_not_read_all_loses_nothing() -> None:
    (found,) = read_rows([WHOLE], Dialect(), {0: [StashFault("no", ("performers", 1, "image_path"))]}).scenes
    assert (found.unread, found.incomplete) == (set(), {Field.PERFORMERS})
    assert [one.name for one in found.performers] == ["Ann", "Bea", "Cid"]


@pytest.mark.parametrize("path", [(), ("id",), ("files",), ("organized",), ("updated_at",)])
def test_a_scene_of_which_stash_could_not_read_what_is_needed_is_odd(path: tuple[str, ...]) -> None:
    found = read_rows([WHOLE], Dialect(), {0: [StashFault("sql: Scan error", path)]})
    assert found.odd == (OddRow(0, 45, "sql: Scan error"),)


@pytest.mark.parametrize(
    ("value", "known"),
    [("2025-01-11T07:07:53+02:00", "2025-01-11T07:07:53+02:00"), *((odd, "") for odd in (None, 7, [], "half \ud83d"))],
)
def test_when_a_scene_was_made_is_known_or_is_not_and_both_will_do(value: object, known: str) -> None:
    row = WHOLE | {"created_at": value}
    assert (scene(row).created_at, scene(row).faults) == (known, ())


ODD: list[Any] = [None, "", "x", "7", "²", "half \ud83d", 7, -1, 2**63, 7.5, float("nan"), True, [], {}, [None], ["x"]]
PLACES = [
    *WHOLE,
    *(f"files.1.{name}" for name in ("path", "size", "duration")),
    *(f"performers.2.{name}" for name in ("id", "name", "image_path")),
    *("files.0", "performers.0", "urls.0", "tags.0", "tags.1.id", "tags.1.name", "studio.id", "studio.name"),
    *("groups.0", "groups.0.group", "groups.0.group.id", "groups.0.group.name", "paths.screenshot"),
]


#: What of that a field takes as it is; of anything else the field, what it is a part of, or the scene is odd.
TEXTS, NAMES = [None, "", "x", "7", "²"], ["", "x", "7", "²"]
TAKEN: dict[str, list[Any]] = {
    "id": ["7"],
    "name": NAMES,
    "path": ["x", "7", "²"],
    "size": [None, 7],
    "duration": [None, 7, 2**63, 7.5],
    "rating100": [None, 7],
    "organized": [True],
    "urls": [[], [None], ["x"]],
    "studio": [None],
    **dict.fromkeys((*SCENE_TEXTS, "updated_at", "image_path", "screenshot"), TEXTS),
    **{name: [[]] for name in ("files", "performers", "tags", "groups")},
}


@pytest.mark.parametrize("path", PLACES)
def test_a_value_is_taken_as_it_is_or_is_odd(path: str) -> None:
    taken = TEXTS if path == "urls.0" else TAKEN.get(path.rpartition(".")[2], [])
    for value in ODD:
        found = read(WHOLE | {"id": "44"}, changed(path, value))
        assert found.scenes[0] == scene(WHOLE | {"id": "44"}), value
        is_whole = len(found.scenes) == 2 and not found.scenes[1].faults
        # Not ``in``: 1 is True there, and 7.0 is 7.
        assert is_whole == any(type(value) is type(one) and value == one for one in taken), value


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_missing_field_is_refused_by_its_name(name: str) -> None:
    assert name in fault({key: value for key, value in WHOLE.items() if key != name})


@pytest.mark.parametrize("data", [{}, {"findScenes": None}, {"findScenes": {"scenes": None}}, {"findScenes": []}])
def test_an_answer_of_another_shape_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(StashUnavailable, match="findScenes"):
        answers.rows_of(data)


@pytest.mark.parametrize("count", [None, "9", -1, 9.0])
def test_a_total_that_is_no_count_is_refused(count: object) -> None:
    with pytest.raises(StashUnavailable, match=r"findScenes\.count"):
        answers.read_scene_count({"findScenes": {"count": count, "scenes": []}})


def test_files_come_with_their_scene_and_without_what_is_none() -> None:
    found = answers.read_files({"id": "45", "files": [*WHOLE["files"], None, {"path": 7}]}, Dialect())
    assert found is not None
    assert (found.id, [file.path for file in found.files]) == (45, ["/data/first.mp4", "/data/second.mp4"])
    assert found.files[0] == SceneFile("/data/first.mp4", 5_000_000_000, 61.5)
    assert answers.read_files({"id": "46", "files": None}, Dialect()) == answers.SceneFiles(46, ())
    assert answers.read_files({"id": 46, "files": []}, Dialect()) is None


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
