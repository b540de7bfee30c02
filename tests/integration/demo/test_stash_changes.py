"""What destroys, merges and moves in the simulated Stash do, and which hooks they fire: as seen in Stash itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
import requests
from graphql import execute_sync, parse

from plexsync.demo.stash import HookRunner, SimulatedStash
from plexsync.demo.stash.library import StashRefused
from plexsync.demo.stash.schema import SCHEMA
from plexsync.stash import document
from tests.support.clocks import ManualClock

KINDS = ("Scene", "Performer", "Studio", "Tag", "Group", "Movie")
TRIGGERS = [f"{kind}.{what}.Post" for kind in KINDS for what in ("Create", "Update", "Destroy")] + ["Tag.Merge.Post"]
HOOK = "import sys; sys.stdin.read()"
NOW = 1_768_115_273.0


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def stash(clock: ManualClock, tmp_path: Path) -> Iterator[SimulatedStash]:
    """With a plugin that is told of everything."""
    manifest = {
        "name": "Ear",
        "exec": ["python3", "-I", "{pluginDir}/hook.py"],
        "interface": "raw",
        "hooks": [{"name": "all", "triggeredBy": TRIGGERS}],
    }
    folder = tmp_path / "Ear"
    folder.mkdir()
    (folder / "Ear.yml").write_text(json.dumps(manifest))
    (folder / "hook.py").write_text(HOOK)
    with SimulatedStash(clock=clock, hooks=HookRunner(folder / "Ear.yml")) as server:
        yield server


def fired(stash: SimulatedStash) -> list[tuple[str, int, Any]]:
    """The hooks so far: trigger, id and input."""
    contexts = [run.input["args"]["hookContext"] for run in stash.hook_runs]
    stash.hook_runs.clear()
    return [(context["type"], context["id"], context["input"]) for context in contexts]


# --- What belongs to scenes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["performer", "studio", "tag", "group"])
def test_what_is_destroyed_leaves_its_scenes_without_a_stamp(
    stash: SimulatedStash, clock: ManualClock, kind: str
) -> None:
    add = getattr(stash, f"add_{kind}")
    gone, more, stays = add("gone"), add("more"), add("stays")
    single = kind == "studio"
    given = {"studio": gone} if single else {f"{kind}s": [gone, stays]}
    scene_id, other = stash.add_scene("First", **given), stash.add_scene("Second")
    before = stash.scene(scene_id).updated_at
    clock.now += 5
    stash.mutate(f"{kind}Destroy", id=gone)
    stash.mutate(f"{kind}sDestroy", ids=[more, stays])
    assert stash.names_of(scene_id) == stash.names_of(other)
    assert stash.scene(scene_id).updated_at == before
    names = [kind.title()] if kind != "group" else ["Group", "Movie"]
    assert fired(stash) == [
        *((f"{name}.Destroy.Post", gone, {"id": str(gone)}) for name in names),
        *((f"{name}.Destroy.Post", one, [str(more), str(stays)]) for one in (more, stays) for name in names),
    ]
    with pytest.raises(StashRefused, match=f"id {gone} does not exist in {kind}s"):
        stash.mutate(f"{kind}Destroy", id=gone)
    assert fired(stash) == []


def test_daughters_of_a_destroyed_studio_stay(stash: SimulatedStash) -> None:
    mother = stash.add_studio("Mother")
    scene_id = stash.add_scene("A title", studio=stash.add_studio("Daughter", parent=mother))
    stash.mutate("studioDestroy", id=mother)
    assert stash.names_of(scene_id)["studio"] == ["Daughter"]


def test_a_tag_merge_fires_one_hook_and_leaves_no_stamp_anywhere(stash: SimulatedStash, clock: ManualClock) -> None:
    first, second, into = (stash.add_tag(name) for name in ("first", "second", "into"))
    ids = [stash.add_scene("A", tags=[first, second]), stash.add_scene("B", tags=[second, into])]
    moments = [stash.scene(scene_id).updated_at for scene_id in ids]
    clock.now += 5
    stash.mutate("tagsMerge", source=[first, second], destination=into)
    assert [stash.names_of(scene_id)["tags"] for scene_id in ids] == [["into"], ["into"]]
    assert [stash.scene(scene_id).updated_at for scene_id in ids] == moments
    assert fired(stash) == [("Tag.Merge.Post", into, {"source": [str(first), str(second)], "destination": str(into)})]
    with pytest.raises(StashRefused, match=f"tag with id {first} not found"):
        stash.mutate("tagUpdate", id=first, name="again")
    with pytest.raises(StashRefused, match="source == destination"):
        stash.mutate("tagsMerge", source=[into], destination=into)
    stash.mutate("tagsMerge", source=[], destination=into)
    assert fired(stash) == []


def test_a_merge_of_performers_fires_no_hook_and_stamps_the_one_that_stays(
    stash: SimulatedStash, clock: ManualClock
) -> None:
    ann, anna = stash.add_performer("Ann"), stash.add_performer("Anna")
    scene_id = stash.add_scene("A title", performers=[ann])
    before = stash.scene(scene_id).updated_at
    clock.now += 5
    stash.mutate("performerMerge", source=[ann], destination=anna, values={"id": anna, "name": "Anna B."})
    assert stash.names_of(scene_id)["performers"] == ["Anna B."]
    assert stash.scene(scene_id).updated_at == before
    assert fired(stash) == []
    query = "query($ids: [ID!]) { findPerformers(ids: $ids) { count performers { id updated_at } } }"
    found = ask(stash, query, ids=[ann, anna])["findPerformers"]
    assert found == {"count": 1, "performers": [{"id": str(anna), "updated_at": "2026-01-11T09:07:58+02:00"}]}


# --- Scenes that leave -----------------------------------------------------------------------------------------------


def test_scenes_that_are_destroyed_are_told_with_their_files(stash: SimulatedStash) -> None:
    ids = [stash.add_scene(None, f"/data/{name}.mp4") for name in "abc"]
    stash.mutate("sceneDestroy", id=ids[0])
    stash.mutate("scenesDestroy", ids=ids[1:], delete_file=True)
    one, *several = fired(stash)
    assert one[:2] == ("Scene.Destroy.Post", ids[0])
    assert (one[2]["id"], one[2]["path"], one[2]["checksum"], len(one[2]["oshash"])) == ("1", "/data/a.mp4", "", 16)
    assert [(scene_id, given["ids"], given["path"], given["delete_file"]) for _, scene_id, given in several] == [
        (ids[1], ["2", "3"], "/data/b.mp4", True),
        (ids[2], ["2", "3"], "/data/c.mp4", True),
    ]
    with pytest.raises(StashRefused, match="not found"):
        stash.mutate("scenesDestroy", ids=[ids[2]])


def test_a_merge_of_scenes_fires_no_hook_and_gives_all_files_to_one(stash: SimulatedStash, clock: ManualClock) -> None:
    into, gone = stash.add_scene("Stays", "/data/a.mp4"), stash.add_scene("Goes", "/data/b.mp4", "/data/c.mp4")
    clock.now += 5
    stash.mutate("sceneMerge", source=[gone], destination=into, values={"id": into, "title": "Merged"})
    scene = stash.scene(into)
    assert (scene.title, scene.updated_at) == ("Merged", "2026-01-11T09:07:58+02:00")
    assert [file.path for file in scene.files] == ["/data/a.mp4", "/data/b.mp4", "/data/c.mp4"]
    assert fired(stash) == []
    for source, why in ((gone, f"scene with id {gone} not found"), (into, "cannot be in source list")):
        with pytest.raises(StashRefused, match=why):
            stash.mutate("sceneMerge", source=[source], destination=into)


def test_a_file_that_moves_to_another_scene_leaves_no_trace_in_either(
    stash: SimulatedStash, clock: ManualClock
) -> None:
    old, new = stash.add_scene("Old", "/data/a.mp4", "/data/b.mp4"), stash.add_scene("New", "/data/c.mp4")
    first, second = (file.id for file in stash.scene(old).files)
    moments = [stash.scene(scene_id).updated_at for scene_id in (old, new)]
    clock.now += 5
    stash.mutate("sceneAssignFile", scene_id=new, file_id=second)
    assert [file.path for file in stash.scene(new).files] == ["/data/c.mp4", "/data/b.mp4"]
    assert [file.path for file in stash.scene(old).files] == ["/data/a.mp4"]
    assert [stash.scene(scene_id).updated_at for scene_id in (old, new)] == moments
    assert fired(stash) == []
    for given, why in (
        ({"scene_id": new, "file_id": first}, "cannot reassign primary file"),
        ({"scene_id": 99, "file_id": second}, "FOREIGN KEY"),
        ({"scene_id": new, "file_id": 99}, "no rows"),
    ):
        with pytest.raises(StashRefused, match=why):
            stash.mutate("sceneAssignFile", **given)
    assert [len(stash.scene(scene_id).files) for scene_id in (old, new)] == [1, 2]


# --- Edits without hooks ---------------------------------------------------------------------------------------------


def test_auto_tag_adds_what_is_missing_and_fires_no_hook(stash: SimulatedStash, clock: ManualClock) -> None:
    ann, tags = stash.add_performer("Ann"), [stash.add_tag("one"), stash.add_tag("two")]
    scene_id = stash.add_scene("A title", tags=tags[:1], studio=stash.add_studio("Its own"))
    clock.now += 5
    stash.auto_tag(scene_id, studio=stash.add_studio("Another"), performers=[ann], tags=tags)
    assert stash.names_of(scene_id) == {
        "performers": ["Ann"],
        "tags": ["one", "two"],
        "groups": [],
        "studio": ["Its own"],
    }
    assert stash.scene(scene_id).updated_at == "2026-01-11T09:07:58+02:00"
    clock.now += 5
    stash.auto_tag(scene_id, performers=[ann], tags=tags)
    assert stash.scene(scene_id).updated_at == "2026-01-11T09:07:58+02:00"
    assert fired(stash) == []


def test_nothing_fires_hooks_while_the_plugin_is_off(stash: SimulatedStash) -> None:
    tag = stash.add_tag("one")
    with stash.without_hooks():
        stash.mutate("tagUpdate", id=tag, name="two")
    assert fired(stash) == []
    stash.mutate("tagUpdate", id=tag, name="three")
    assert [trigger for trigger, *_ in fired(stash)] == ["Tag.Update.Post"]


def test_times_are_written_in_the_zone_that_the_server_has_then(stash: SimulatedStash) -> None:
    first = stash.add_scene("First")
    stash.zone = UTC
    second = stash.add_scene("Second")
    assert stash.scene(first).updated_at == "2026-01-11T09:07:53+02:00"
    assert stash.scene(second).updated_at == "2026-01-11T07:07:53Z"
    query = "query($filter: FindFilterType) { findScenes(filter: $filter) { scenes { id } } }"
    newest = ask(stash, query, filter={"sort": "updated_at", "direction": "DESC"})["findScenes"]["scenes"]
    assert [int(scene["id"]) for scene in newest] == [first, second]


# --- Looking for things ----------------------------------------------------------------------------------------------


def ask(stash: SimulatedStash, query: str, **variables: Any) -> Any:
    answer = requests.post(f"{stash.url}/graphql", json={"query": query, "variables": variables}, timeout=10).json()
    assert "errors" not in answer, answer
    return answer["data"]


@pytest.fixture
def family(stash: SimulatedStash) -> SimulatedStash:
    """Twelve scenes; of three studios, one above the other; with tags and performers in turn."""
    studios = [stash.add_studio("Mother")]
    studios += [stash.add_studio("Daughter", parent=studios[0])]
    studios += [stash.add_studio("Grandchild", parent=studios[1])]
    people, tags = [stash.add_performer(name) for name in "AB"], [stash.add_tag(name) for name in "wxyz"]
    stash.add_scenes(12, studios=studios, performers=people, tags=tags)
    return stash


TAGGED = {"value": ["1"], "modifier": "INCLUDES"}


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"id": {"value": 10, "modifier": "GREATER_THAN"}}, [11, 12]),
        ({"id": {"value": 3, "modifier": "LESS_THAN"}}, [1, 2]),
        ({"id": {"value": 3, "value2": 5, "modifier": "BETWEEN"}}, [3, 4, 5]),
        ({"tags": {"value": ["1"], "modifier": "INCLUDES", "depth": 0}}, [4, 8, 12]),
        ({"tags": {"value": ["1", "2"], "modifier": "INCLUDES"}}, [1, 4, 5, 8, 9, 12]),
        ({"tags": {"value": ["1"], "modifier": "EXCLUDES"}, "id": {"value": 9, "modifier": "GREATER_THAN"}}, [10, 11]),
        ({"tags": {"value": ["1"], "modifier": "INCLUDES"}, "performers": None}, [4, 8, 12]),
        ({"performers": {"value": ["1"], "modifier": "INCLUDES"}, "tags": TAGGED}, [4, 8, 12]),
        ({"performers": {"value": ["2"], "modifier": "INCLUDES"}, "tags": TAGGED}, []),
        ({"studios": {"value": ["1"], "modifier": "INCLUDES", "depth": 0}}, [3, 6, 9, 12]),
        ({"studios": {"value": ["1"], "modifier": "INCLUDES", "depth": 1}}, [1, 3, 4, 6, 7, 9, 10, 12]),
        ({"studios": {"value": ["1"], "modifier": "INCLUDES", "depth": -1}}, list(range(1, 13))),
        ({"updated_at": {"value": "2026-01-11T09:07:53+02:00", "modifier": "GREATER_THAN"}}, []),
        ({"updated_at": {"value": "", "modifier": "GREATER_THAN"}, "tags": TAGGED}, [4, 8, 12]),
    ],
)
def test_scenes_are_found_by_all_criteria_together(
    family: SimulatedStash, where: dict[str, Any], found: list[int]
) -> None:
    query = """query($where: SceneFilterType, $filter: FindFilterType) {
      findScenes(scene_filter: $where, filter: $filter) { count scenes { id } } }"""
    whole = ask(family, query, where=where, filter={"sort": "id", "per_page": -1})["findScenes"]
    assert (whole["count"], [int(scene["id"]) for scene in whole["scenes"]]) == (len(found), found)
    page = ask(family, query, where=where, filter={"sort": "id", "per_page": 2, "page": 2, "direction": "DESC"})
    assert [int(scene["id"]) for scene in page["findScenes"]["scenes"]] == found[::-1][2:4]
    by_time = ask(family, query, where=where, filter={"sort": "updated_at", "per_page": 0})["findScenes"]
    assert by_time == {"count": len(found), "scenes": []}


def test_the_indexes_follow_every_change(family: SimulatedStash, clock: ManualClock) -> None:
    clock.now += 5
    family.edit(5, tags=[1], studio=None)
    family.mutate("tagsMerge", source=[2], destination=3)
    family.mutate("sceneDestroy", id=12)
    query = """query($where: SceneFilterType) {
      findScenes(scene_filter: $where, filter: {sort: "id", per_page: -1}) { scenes { id } } }"""

    def found(**where: Any) -> list[int]:
        return [int(scene["id"]) for scene in ask(family, query, where=where)["findScenes"]["scenes"]]

    assert found(tags={"value": ["1"], "modifier": "INCLUDES"}) == [4, 5, 8]
    assert found(tags={"value": ["2"], "modifier": "INCLUDES"}) == []
    assert found(tags={"value": ["3"], "modifier": "INCLUDES"}) == [1, 2, 6, 9, 10]
    assert found(studios={"value": ["3"], "modifier": "INCLUDES"}) == [2, 8, 11]
    assert found(updated_at={"value": "2026-01-11T09:07:57+02:00", "modifier": "GREATER_THAN"}) == [5]


def test_rows_of_other_kinds_are_found_by_their_time_and_sorted(stash: SimulatedStash, clock: ManualClock) -> None:
    for name in ("b", "a"):
        stash.add_group(name)
        clock.now += 5
    query = """query($since: String!, $filter: FindFilterType) { findGroups(
      group_filter: {updated_at: {value: $since, modifier: GREATER_THAN}}, filter: $filter
    ) { count groups { name } } }"""
    by_name = ask(stash, query, since="")["findGroups"]
    assert by_name == {"count": 2, "groups": [{"name": "a"}, {"name": "b"}]}
    assert ask(stash, query, since="", filter={"sort": "id", "per_page": 1})["findGroups"]["groups"] == [{"name": "b"}]
    assert ask(stash, query, since="2026-01-11T09:07:53+02:00")["findGroups"] == {"count": 1, "groups": [{"name": "a"}]}


def test_operations_are_counted_by_their_names(stash: SimulatedStash) -> None:
    ask(stash, "query Mine { version { version } }")
    ask(stash, "{ version { version } }")
    stash.mutate("tagCreate", name="one")
    assert (stash.counters["Mine"], stash.counters["version"], stash.counters["tagCreate"]) == (1, 1, 1)


# --- The execution ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (
            document.scenes(2),
            {
                "where0": {
                    "id": {"value": 3, "modifier": "EQUALS"},
                    "OR": {"id": {"value": 1, "value2": 2, "modifier": "BETWEEN"}},
                },
                "limit0": 3,
                "where1": {"id": {"value": 99, "modifier": "EQUALS"}},
                "limit1": 1,
            },
        ),
        (document.PLUGIN_PAGE, {}),
        (document.scenes_where(), {"where": {"id": {"value": 2, "modifier": "GREATER_THAN"}}, "limit": 5}),
        (document.scenes_one_by_one(2), {"id0": "1", "id1": "99"}),
        (document.NEWEST_SCENE, {"page": 2}),
        (document.last_changes(), {"first": {"sort": "updated_at", "direction": "DESC", "per_page": 2}}),
        (
            document.changes(),
            {"moment": {"value": "", "modifier": "GREATER_THAN"}, "after": 3, "limit": 4, "parts": True},
        ),
        (
            document.changes(),
            {"moment": {"value": "", "modifier": "GREATER_THAN"}, "after": 3, "limit": 4, "parts": False},
        ),
        (document.PLUGIN_SETTINGS, {}),
        (document.VERSION, {}),
        ("{ s: findScene(id: 3) { id @skip(if: true) t: title ... on Scene { date } } version { version } }", {}),
        ("{ findScene(id: 3) { studio { parent_studio { id name } } } }", {}),
    ],
)
def test_a_document_is_carried_out_as_graphql_core_would(
    family: SimulatedStash, query: str, variables: dict[str, Any]
) -> None:
    family.edit(3, rating100=70, date="2023", urls=["https://example.org"])
    family.plugin_settings["PlexSync"] = {"plexToken": "abc"}
    answer = ask(family, query, **variables)

    class Root:
        """Hands graphql-core what the resolvers return."""

        def __getattr__(self, name: str) -> Any:
            resolver = family.graphql.resolvers[name]  # what is compared with
            return lambda info, **given: called(resolver(info.context, **given))

    def called(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: called(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [called(inner) for inner in value]
        if callable(value):
            return lambda _info, **given: called(value(**given))
        return value

    expected = execute_sync(SCHEMA, parse(query), Root(), context_value=family.url, variable_values=variables)
    assert expected.errors is None
    assert answer == expected.data


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"query": document.NEWEST_SCENE, "variables": {"page": "two"}}, "Int cannot represent"),
        ({"query": document.scenes_where(), "variables": {"limit": 5}}, "non-null type"),
        ({"query": "query A { version { version } } query B { version { version } }"}, "no operation"),
        ({"query": document.VERSION, "operationName": "Another"}, "no operation"),
    ],
)
def test_what_does_not_fit_the_document_is_answered_422(stash: SimulatedStash, body: dict[str, Any], said: str) -> None:
    answer = requests.post(f"{stash.url}/graphql", json=body, timeout=5)
    assert answer.status_code == 422
    assert said in answer.json()["errors"][0]["message"]
