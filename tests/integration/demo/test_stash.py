"""The simulated Stash is as strict as Stash, and runs hooks as Stash runs them."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from plexsync.demo.pictures import png
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.stash.hooks import HookRunner
from plexsync.demo.stash.library import StashRefused
from tests.support.clocks import ManualClock
from tests.support.places import ROOT

MANIFEST = """
name: Tiny
exec: [python3, -I, "{pluginDir}/hook.py"]
interface: raw
errLog: warning
hooks:
  - name: Note it
    triggeredBy: [Scene.Create.Post, Scene.Update.Post, Scene.Destroy.Post, Group.Update.Post, Movie.Update.Post]
    defaultArgs: {mode: hook}
"""
ECHO = r"""
import json, os, sys
given = json.load(sys.stdin)
sys.stderr.write("\x01i\x02seen\n\x01p\x020.5\nno level\n")
print(json.dumps({"output": [os.getcwd(), sys.path[0], os.environ["PYTHONPATH"], os.environ.get("EXTRA")]}))
"""
#: 2026-01-11T07:07:53.9Z
NOW = 1_768_115_273.9


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def stash(clock: ManualClock) -> Iterator[SimulatedStash]:
    with SimulatedStash(clock=clock) as server:
        yield server


def ask(
    stash: SimulatedStash, query: str, headers: dict[str, str] | None = None, **variables: Any
) -> requests.Response:
    return requests.post(
        f"{stash.url}/graphql", json={"query": query, "variables": variables}, headers=headers, timeout=10
    )


def data(stash: SimulatedStash, query: str, **variables: Any) -> Any:
    answer = ask(stash, query, **variables)
    assert answer.status_code == 200
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


def refused(stash: SimulatedStash, query: str, **variables: Any) -> str:
    answer = ask(stash, query, **variables)
    assert answer.status_code == 200
    return answer.json()["errors"][0]["message"]


def plugin(folder: Path, script: str = ECHO, **options: Any) -> HookRunner:
    folder.mkdir(parents=True)
    (folder / "Tiny.yml").write_text(MANIFEST)
    (folder / "hook.py").write_text(script)
    return HookRunner(folder / "Tiny.yml", **options)


# --- Documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    ["{ findScenes { scenes { rating } } }", "{ findScenes {", "query A($id: ID!) { findScene(id: $id) { id } }", ""],
)
def test_a_wrong_document_is_answered_422(stash: SimulatedStash, query: str) -> None:
    answer = ask(stash, query)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"]


def test_a_body_that_is_no_json_is_answered_400(stash: SimulatedStash) -> None:
    answer = requests.post(f"{stash.url}/graphql", data="{", timeout=5)
    assert (answer.status_code, "errors" in answer.json()) == (400, True)


def test_a_resolvers_failure_is_answered_200_with_errors(stash: SimulatedStash) -> None:
    update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
    assert refused(stash, update, input={"id": "7", "title": "x"}) == "scene with id 7 not found"


# --- Looking for scenes ----------------------------------------------------------------------------------------------


def test_one_unknown_id_fails_the_whole_query(stash: SimulatedStash) -> None:
    known = stash.add_scene("A title")
    query = "query($ids: [ID!]) { findScenes(ids: $ids) { scenes { id } } }"
    assert refused(stash, query, ids=[str(known), "99"]) == "scene with id 99 not found"
    assert "duplicate id found" in refused(stash, query, ids=[str(known), str(known)])


def test_no_ids_are_the_first_page_of_everything(stash: SimulatedStash) -> None:
    for n in range(30):
        stash.add_scene(f"Scene {n:02}")
    found = data(stash, "{ findScenes(ids: []) { count scenes { id } } }")["findScenes"]
    assert (found["count"], len(found["scenes"])) == (30, 25)


def test_times_are_compared_as_text_in_the_servers_own_zone(stash: SimulatedStash, clock: ManualClock) -> None:
    early = stash.add_scene("Early")
    clock.now += 1
    late = stash.add_scene("Late")
    assert stash.scene(early).updated_at == "2026-01-11T09:07:53+02:00"
    query = """query($since: String!) {
      findScenes(scene_filter: {updated_at: {value: $since, modifier: GREATER_THAN}}) { scenes { id } } }"""
    same_instant = {"2026-01-11T09:07:53+02:00": [late], "2026-01-11T07:07:53Z": [early, late]}
    for since, expected in same_instant.items():
        found = data(stash, query, since=since)["findScenes"]["scenes"]
        assert [int(scene["id"]) for scene in found] == expected


def test_scenes_are_found_by_id_as_a_number(stash: SimulatedStash) -> None:
    ids = [stash.add_scene(f"Scene {n}") for n in range(12)]
    query = "query($id: IntCriterionInput) { findScenes(scene_filter: {id: $id}) { scenes { id } } }"

    def found(modifier: str, *values: int) -> list[int]:
        criterion = {"modifier": modifier, **dict(zip(("value", "value2"), values, strict=False))}
        return sorted(int(scene["id"]) for scene in data(stash, query, id=criterion)["findScenes"]["scenes"])

    assert found("GREATER_THAN", ids[8]) == ids[9:]
    assert found("LESS_THAN", ids[2]) == ids[:2]
    assert found("BETWEEN", ids[1], ids[3]) == ids[1:4]
    assert refused(stash, query, id={"value": 1, "modifier": "INCLUDES"}) == "unsupported modifier INCLUDES"


def test_scenes_are_found_by_performer_studio_and_tag(stash: SimulatedStash) -> None:
    ann, studio, tag = stash.add_performer("Ann"), stash.add_studio("A studio"), stash.add_tag("one")
    stash.add_scene("None of it")
    both = stash.add_scene("All of it", performers=[ann], studio=studio, tags=[tag])
    for criterion, wanted in (("performers", ann), ("studios", studio), ("tags", tag)):
        scene_filter = f"{{{criterion}: {{value: $ids, modifier: INCLUDES}}}}"
        query = f"query($ids: [ID!]) {{ findScenes(scene_filter: {scene_filter}) {{ scenes {{ id }} }} }}"
        assert data(stash, query, ids=[str(wanted)])["findScenes"]["scenes"] == [{"id": str(both)}]


def test_pages_are_sorted_as_asked(stash: SimulatedStash) -> None:
    ids = [stash.add_scene(title) for title in ("b", "c", "a")]
    query = "query($filter: FindFilterType) { findScenes(filter: $filter) { count scenes { id } } }"

    def page(**paging: Any) -> list[int]:
        return [int(scene["id"]) for scene in data(stash, query, filter=paging)["findScenes"]["scenes"]]

    assert page() == [ids[2], ids[0], ids[1]]
    assert page(sort="id", direction="DESC", per_page=2, page=1) == [ids[2], ids[1]]
    assert page(sort="id", per_page=2, page=2) == [ids[2]]
    assert page(sort="date", per_page=-1) == ids[2:] + ids[:2]
    assert page(q="C") == [ids[1]]
    assert refused(stash, query, filter={"sort": "nonsense"}) == "invalid sort: nonsense"


# --- Changing things -------------------------------------------------------------------------------------------------


def test_an_update_changes_what_was_given_and_nothing_else(stash: SimulatedStash, clock: ManualClock) -> None:
    scene_id = stash.add_scene("A title", "/data/a.mp4", details="Stays", tags=[stash.add_tag("one")])
    clock.now += 5
    image = "data:image/png;base64," + base64.b64encode(png(4, 5, 6)).decode()
    update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { title details date tags { id } } }"
    changed = data(stash, update, input={"id": str(scene_id), "title": "", "date": "2023-05", "cover_image": image})
    assert changed["sceneUpdate"] == {"title": "", "details": "Stays", "date": "2023-05", "tags": [{"id": "1"}]}
    assert stash.scene(scene_id).cover == png(4, 5, 6)
    assert stash.scene(scene_id).updated_at == "2026-01-11T09:07:58+02:00"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"date": "2024-13-40"}, "converting date"),
        ({"performer_ids": ["99"]}, "FOREIGN KEY constraint failed"),
        ({"studio_id": "99"}, "FOREIGN KEY constraint failed"),
        ({"title": ""}, "title must be set"),
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(stash: SimulatedStash, change: dict, message: str) -> None:
    scene_id = stash.add_scene("A title")
    before = stash.scene(scene_id)
    update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
    assert message in refused(stash, update, input={"id": str(scene_id), **change})
    assert stash.scene(scene_id) == before


def test_a_bulk_update_sets_adds_and_removes(stash: SimulatedStash) -> None:
    tags = [stash.add_tag(name) for name in ("one", "two", "three")]
    ids = [stash.add_scene("First", tags=tags[:1]), stash.add_scene("Second", tags=tags[1:2])]
    bulk = "mutation($input: BulkSceneUpdateInput!) { bulkSceneUpdate(input: $input) { rating100 } }"

    def change(mode: str, *changed: int) -> list[list[int]]:
        given = {"ids": ids, "rating100": 60, "tag_ids": {"mode": mode, "ids": changed}}
        assert data(stash, bulk, input=given)["bulkSceneUpdate"] == [{"rating100": 60}] * 2
        return [stash.scene(scene_id).tags for scene_id in ids]

    assert change("ADD", tags[2], tags[0]) == [[1, 3], [2, 3, 1]]
    assert change("REMOVE", tags[2]) == [[1], [2, 1]]
    assert change("SET", tags[1]) == [[2], [2]]


def test_renaming_a_performer_touches_no_scene(stash: SimulatedStash, clock: ManualClock) -> None:
    ann = stash.add_performer("Ann")
    scene_id = stash.add_scene("A title", performers=[ann])
    clock.now += 5
    update = "mutation($input: PerformerUpdateInput!) { performerUpdate(input: $input) { name updated_at } }"
    renamed = data(stash, update, input={"id": str(ann), "name": "Anna"})["performerUpdate"]
    assert renamed == {"name": "Anna", "updated_at": "2026-01-11T09:07:58+02:00"}
    assert stash.scene(scene_id).updated_at == "2026-01-11T09:07:53+02:00"
    query = "{ findScenes { scenes { performers { name } } } }"
    assert data(stash, query)["findScenes"]["scenes"] == [{"performers": [{"name": "Anna"}]}]


def test_things_are_made_and_found_by_mutation_and_query(stash: SimulatedStash) -> None:
    for title in ("Performer", "Studio", "Tag", "Group"):
        create = f'mutation {{ {title.lower()}Create(input: {{name: "New"}}) {{ id name }} }}'
        assert data(stash, create) == {f"{title.lower()}Create": {"id": "1", "name": "New"}}
        assert "already exists" in refused(stash, create)
    found = data(stash, '{ findTags(filter: {q: "ne"}) { count tags { name } } findStudios { count } }')
    assert found == {"findTags": {"count": 1, "tags": [{"name": "New"}]}, "findStudios": {"count": 1}}
    created = data(stash, 'mutation { sceneCreate(input: {title: "T", studio_id: 1}) { id studio { name } } }')
    assert created["sceneCreate"] == {"id": "1", "studio": {"name": "New"}}
    assert data(stash, "mutation { sceneDestroy(input: {id: 1}) }") == {"sceneDestroy": True}
    with pytest.raises(StashRefused):
        stash.scene(1)


# --- Login and pictures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("login", "headers", "graphql", "picture"),
    [
        (True, {"ApiKey": "right"}, 200, 200),
        (True, {"ApiKey": "wrong"}, 401, 401),
        (True, {}, 401, 302),
        (True, {"Cookie": "session=c2ltdWxhdGVkIHNlc3Npb24"}, 200, 200),
        (False, {}, 200, 200),
        (False, {"ApiKey": "right"}, 401, 401),
    ],
)
def test_who_is_let_in(stash: SimulatedStash, login: bool, headers: dict, graphql: int, picture: int) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    if login:
        stash.require_auth("right")
    screenshot = f"{stash.url}/scene/{scene_id}/screenshot?t=1"
    assert ask(stash, "{ version { version } }", headers).status_code == graphql
    assert requests.get(screenshot, headers=headers, allow_redirects=False, timeout=5).status_code == picture


def test_without_a_login_a_picture_ends_in_a_page_with_status_200(stash: SimulatedStash) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    stash.require_auth("right")
    answer = requests.get(f"{stash.url}/scene/{scene_id}/screenshot", timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.url == f"{stash.url}/login?returnURL=%2Fscene%2F{scene_id}%2Fscreenshot"


def test_a_pictures_address_changes_with_each_edit_and_its_tag_does_not(
    stash: SimulatedStash, clock: ManualClock
) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    query = "{ findScenes { scenes { paths { screenshot } } } }"

    def screenshot() -> str:
        return data(stash, query)["findScenes"]["scenes"][0]["paths"]["screenshot"]

    before = screenshot()
    clock.now += 3
    stash.edit(scene_id, organized=True)
    assert screenshot() != before
    first = requests.get(before, timeout=5)
    again = requests.get(screenshot(), headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (first.content, again.status_code, again.content) == (png(1, 2, 3), 304, b"")


def test_placeholders_stand_in_for_missing_pictures(stash: SimulatedStash) -> None:
    stash.add_scene("A title")
    stash.add_performer("Ann")
    for path, media_type in (("/scene/1/screenshot", "image/svg+xml"), ("/performer/1/image", "image/png")):
        assert requests.get(stash.url + path, timeout=5).headers["Content-Type"] == media_type
    for path in ("/scene/2/screenshot", "/performer/2/image", "/performer/x/image", "/scene/1/nothing"):
        assert requests.get(stash.url + path, timeout=5).status_code == 404
    assert requests.get(f"{stash.url}/scene/x/screenshot", timeout=5).status_code == 400


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_that_is_none_gets_the_page_of_the_web_app(stash: SimulatedStash, method: str) -> None:
    answer = requests.request(method, f"{stash.url}/proxy/graphql", json={}, timeout=5)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert requests.request("GET", f"{stash.url}/nothing.png", timeout=5).status_code == 404


def test_texts_are_kept_without_blanks_around_them(stash: SimulatedStash) -> None:
    scene_id = stash.add_scene("A title", "/data/a.mp4")
    given = {"id": str(scene_id), "title": " \tT  t\u00a0", "details": "\n", "director": " D ", "urls": [" https://u "]}
    update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { title details director urls } }"
    kept = {"title": "T  t", "details": "", "director": "D", "urls": ["https://u"]}
    assert data(stash, update, input=given)["sceneUpdate"] == kept
    assert data(stash, 'mutation { tagCreate(input: {name: " one "}) { name } }')["tagCreate"] == {"name": "one"}


def test_a_scene_that_was_only_scanned_has_an_empty_title(stash: SimulatedStash) -> None:
    stash.scan("/data/a.mp4")
    assert data(stash, "{ findScenes { scenes { title date } } }")["findScenes"]["scenes"] == [
        {"title": "", "date": None}
    ]


# --- Hooks -----------------------------------------------------------------------------------------------------------


def test_a_hook_is_started_as_stash_starts_it(tmp_path: Path) -> None:
    hooks = plugin(tmp_path / "plugins" / "Tiny", env={"EXTRA": "more"}, cwd=tmp_path)
    with SimulatedStash(hooks=hooks) as stash:
        scene_id = stash.scan("/data/a.mp4")
    (run,) = stash.hook_runs
    cwd, _, pythonpath, extra = run.output
    assert (cwd, extra) == (str(tmp_path), "more")
    assert pythonpath.endswith(str(tmp_path / "plugins"))
    assert (run.trigger, run.id, run.error, run.returncode) == ("Scene.Create.Post", scene_id, None, 0)
    assert 0 < run.seconds < 10
    assert stash.hook_log == [("info", "seen"), ("progress", "0.5"), ("warning", "no level")]


def test_a_scans_hooks_come_before_the_cover_is_made(tmp_path: Path) -> None:
    script = """
import json, sys, urllib.request
given = json.load(sys.stdin)
port, scene = given["server_connection"]["Port"], given["args"]["hookContext"]["id"]
answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/scene/{scene}/screenshot", timeout=5)
print(json.dumps({"output": answer.headers["Content-Type"]}))
"""
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny", script)) as stash:
        scene_id = stash.scan("/data/a.mp4")
        answer = requests.get(f"{stash.url}/scene/{scene_id}/screenshot", timeout=5)
    assert [run.output for run in stash.hook_runs] == ["image/svg+xml"]
    assert answer.headers["Content-Type"] == "image/png"


def test_a_hook_reads_where_stash_is_and_what_was_changed(tmp_path: Path) -> None:
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny")) as stash:
        scene_id = stash.add_scene("A title")
        update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
        data(stash, update, input={"id": str(scene_id), "title": "Another"})
    given = stash.hook_runs[0].input
    server = given["server_connection"]
    assert (server["Scheme"], server["Host"], server["Port"]) == ("http", "0.0.0.0", stash.port)
    assert (server["SessionCookie"]["Name"], server["PluginDir"]) == ("session", str(tmp_path / "Tiny"))
    context = given["args"]["hookContext"]
    assert given["args"]["mode"] == "hook"
    assert (context["id"], context["type"], context["inputFields"]) == (scene_id, "Scene.Update.Post", ["id", "title"])
    assert (context["input"]["title"], context["input"]["details"]) == ("Another", None)


def test_the_input_is_an_object_a_list_or_nothing_as_in_stash(tmp_path: Path) -> None:
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny")) as stash:
        ids = [stash.add_scene("First", "/data/a.mp4"), stash.add_scene("Second")]
        bulk = "mutation($input: BulkSceneUpdateInput!) { bulkSceneUpdate(input: $input) { id } }"
        data(stash, bulk, input={"ids": ids, "organized": True})
        several = "mutation($input: [SceneUpdateInput!]!) { scenesUpdate(input: $input) { id } }"
        data(stash, several, input=[{"id": scene_id, "organized": False} for scene_id in ids])
        stash.scan("/data/b.mp4")
        data(stash, "mutation { sceneDestroy(input: {id: 1, delete_file: true}) }")
    contexts = [run.input["args"]["hookContext"] for run in stash.hook_runs]
    assert [context["id"] for context in contexts] == [1, 2, 1, 2, 3, 1]
    assert [type(context["input"]).__name__ for context in contexts] == ["dict"] * 2 + ["list"] * 2 + [
        "NoneType",
        "dict",
    ]
    assert contexts[0]["input"]["ids"] == ["1", "2"]
    assert [one["id"] for one in contexts[3]["input"]] == ["1", "2"]
    assert "inputFields" not in contexts[4]
    assert (contexts[5]["type"], contexts[5]["input"]["path"]) == ("Scene.Destroy.Post", "/data/a.mp4")


def test_only_the_triggers_of_the_manifest_run_and_none_when_switched_off(tmp_path: Path) -> None:
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny")) as stash:
        stash.add_tag("one")
        data(stash, 'mutation { tagUpdate(input: {id: 1, name: "two"}) { id } }')
        assert stash.hook_runs == []
        stash.add_group("A series")
        data(stash, 'mutation { groupUpdate(input: {id: 1, name: "Renamed"}) { id } }')
        assert [run.trigger for run in stash.hook_runs] == ["Group.Update.Post", "Movie.Update.Post"]
        stash.hooks_enabled = False
        stash.scan("/data/a.mp4")
        assert len(stash.hook_runs) == 2


def test_the_user_waits_for_each_hook_in_turn_and_others_do_not(tmp_path: Path) -> None:
    hooks = plugin(tmp_path / "Tiny", "import time; time.sleep(0.3)")
    with SimulatedStash(hooks=hooks) as stash:
        ids = [stash.add_scene("First"), stash.add_scene("Second")]
        bulk = "mutation($input: BulkSceneUpdateInput!) { bulkSceneUpdate(input: $input) { id } }"
        seconds: list[float] = []

        def edit() -> None:
            started = time.monotonic()
            data(stash, bulk, input={"ids": ids, "organized": True})
            seconds.append(time.monotonic() - started)

        user = threading.Thread(target=edit)
        user.start()
        started = time.monotonic()
        while not stash.scene(ids[0]).organized:
            time.sleep(0.01)
        data(stash, "{ findScenes { count } }")
        assert time.monotonic() - started < 0.6
        assert user.is_alive()
        user.join()
    assert seconds[0] > 0.6
    assert seconds[0] > sum(run.seconds for run in stash.hook_runs) * 0.95


@pytest.mark.parametrize(
    ("script", "output", "error"),
    [
        ("print('just words')", "just words\n", None),
        ("""print('{"error": "it is full"}')""", None, "it is full"),
        ("""print('{"output": "ok"}'); raise SystemExit(3)""", "ok", "exit status 3"),
        ("""print('{"error": "my own"}'); raise SystemExit(1)""", None, "my own"),
    ],
)
def test_what_a_hook_prints_is_understood_as_stash_does(tmp_path: Path, script: str, output: Any, error: Any) -> None:
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny", script)) as stash:
        stash.scan("/data/a.mp4")
    assert (stash.hook_runs[0].output, stash.hook_runs[0].error) == (output, error)


def test_a_child_left_behind_with_standard_output_keeps_the_user_waiting(tmp_path: Path) -> None:
    script = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(0.5)'])"
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny", script)) as stash:
        stash.scan("/data/a.mp4")
    assert stash.hook_runs[0].seconds > 0.5


def test_a_hook_may_end_without_reading_megabytes_of_input(tmp_path: Path) -> None:
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny", "print('done')")) as stash:
        scene_id = stash.add_scene("A title")
        image = "data:image/png;base64," + base64.b64encode(bytes(2_000_000)).decode()
        update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
        data(stash, update, input={"id": str(scene_id), "cover_image": image})
    assert stash.hook_runs[0].output == "done\n"


def test_stopping_stash_kills_the_hooks_that_run(tmp_path: Path) -> None:
    stash = SimulatedStash(hooks=plugin(tmp_path / "Tiny", "import time; time.sleep(60)")).start()
    scan = threading.Thread(target=stash.scan, args=("/data/a.mp4",))
    scan.start()
    time.sleep(0.2)
    stash.stop()
    scan.join(5)
    assert not scan.is_alive()
    assert stash.hook_runs[0].error == "exit status -9"


def test_plexsyncs_own_hook_queues_the_scene(tmp_path: Path) -> None:
    hooks = HookRunner(ROOT / "PlexSync.yml", env={"PLEXSYNC_DATA_DIR": str(tmp_path / "data")})
    with SimulatedStash(hooks=hooks) as stash:
        scene_id = stash.scan("/data/a.mp4")
        update = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
        data(stash, update, input={"id": str(scene_id), "title": "A title"})
    assert [(run.error, run.returncode) for run in stash.hook_runs] == [(None, 0)] * 2, stash.hook_log
    messages = [json.loads(file.read_text()) for file in (tmp_path / "data" / "inbox").iterdir()]
    assert sorted((message["args"], message["event"]) for message in messages) == [
        ([scene_id], "Scene.Create.Post"),
        ([scene_id], "Scene.Update.Post"),
    ]


def test_the_interpreter_is_the_one_that_stash_is_told(tmp_path: Path) -> None:
    script = "import sys; print(sys.executable)"
    with SimulatedStash(hooks=plugin(tmp_path / "Tiny", script, python=sys.executable)) as stash:
        stash.scan("/data/a.mp4")
    assert stash.hook_runs[0].output.strip() == sys.executable
