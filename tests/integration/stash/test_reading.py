"""Reading many scenes at once where some cannot be read: which are found, at what cost, over real HTTP."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault, Request, Response
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import SceneUnreadable, StashUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.model import Field
from plexsync.stash import StashClient
from plexsync.stash.remembered import APART, KnownBad, PageSize
from plexsync.storage.database import Database

#: Scenes in Stash.
COUNT = 300


class OddStash(SimulatedStash):
    """A Stash of which all that it answers goes through ``twist`` before it is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.twist: Callable[[Any], Any] = lambda answer: answer

    def respond(self, request: Request) -> Response:
        response = super().respond(request)
        if request.path != "/graphql" or response.status != 200:
            return response
        return Response.json(self.twist(json.loads(response.body)))

    def break_whole_answers(self, *scenes: int) -> None:
        """Answer nothing but an error where one of these scenes is in the answer, whatever was asked for."""

        def twist(answer: Any) -> Any:
            shown = set(map(str, scenes)) & set(_ids_in(answer))
            return {"errors": [{"message": f"panic at {min(shown)}"}], "data": None} if shown else answer

        self.twist = twist

    def rows(self, change: Callable[[list[Any]], list[Any]]) -> None:
        """Change the list of scenes in each answer that has one."""

        def twist(answer: Any) -> Any:
            data = answer.get("data") or {}
            for key, found in data.items():
                if isinstance(found, dict) and "scenes" in found:
                    found["scenes"] = change(found["scenes"])
                elif key.startswith("scene"):
                    data[key] = next(iter(change([found])), None)
            return answer

        self.twist = twist


def _ids_in(answer: Any) -> Iterator[str]:
    """The ids of all scenes in an answer."""
    data = answer.get("data") or {}
    for key, value in data.items():
        rows = [value] if key.startswith(("scene", "findScene")) else []
        if isinstance(value, dict) and "scenes" in value:
            rows = value["scenes"]
        for row in rows:
            if isinstance(row, dict) and "id" in row:
                yield row["id"]


@pytest.fixture
def stash() -> Iterator[OddStash]:
    with OddStash() as server:
        server.add_scenes(COUNT, studios=[server.add_studio("A studio")], tags=[server.add_tag("one")])
        yield server


@pytest.fixture
def client(stash: OddStash) -> Iterator[StashClient]:
    client = StashClient(stash.url)
    yield client
    client.close()


def ids_but(*bad: int) -> list[int]:
    return [scene for scene in range(1, COUNT + 1) if scene not in bad]


def walk(client: StashClient, limit: int = 100) -> tuple[list[int], list[int]]:
    """All scenes page by page: those that were read, and those that could not be."""
    read: list[int] = []
    unreadable: list[int] = []
    after, more = 0, True
    while more:
        page = client.scenes_after(after, limit)
        assert not page.more or page.last > after
        read += [scene.id for scene in page]
        unreadable += [one.scene_id for one in page.unreadable]
        after, more = page.last, page.more
    return read, unreadable


def requests(client: StashClient) -> int:
    return client.calls.total()


# --- by their ids ----------------------------------------------------------------------------------------------------


def test_one_of_two_hundred_costs_one_more_request_and_then_one_of_its_own(
    stash: OddStash, client: StashClient
) -> None:
    stash.spoil(77)
    wanted = range(1, 201)
    found = client.scenes(wanted)
    assert sorted(found) == [one for one in wanted if one != 77]
    with pytest.raises(SceneUnreadable, match="scene 77 cannot be read from Stash: sql: Scan error"):
        found.get(77)
    with pytest.raises(SceneUnreadable):
        found[77]
    assert found.get(999) is None
    assert requests(client) == 2
    assert sorted(client.scenes(wanted)) == sorted(found)
    assert requests(client) == 4


def test_one_that_breaks_whatever_it_is_in_is_found_by_halves(stash: OddStash, client: StashClient) -> None:
    stash.break_whole_answers(77)
    found = client.scenes(range(1, 201))
    assert sorted(found) == [one for one in range(1, 201) if one != 77]
    assert found.unreadable[77].reason == "panic at 77"
    assert requests(client) <= 2 * 8 + 3


def test_one_alone_is_to_blame_only_where_another_can_be_read(stash: OddStash, client: StashClient) -> None:
    stash.spoil(77)
    assert client.scenes([77]).unreadable.keys() == {77}
    assert requests(client) == 3
    for scene in range(1, COUNT + 1):
        stash.spoil(scene, "context canceled")
    with pytest.raises(StashUnavailable, match="context canceled"):
        client.scenes([78])


def test_the_only_scene_there_is_is_to_blame_itself() -> None:
    with SimulatedStash() as stash:
        scene = stash.add_scene("Alone")
        stash.spoil(scene)
        assert StashClient(stash.url).scenes([scene]).unreadable.keys() == {scene}


def test_unknown_ids_and_unreadable_scenes_are_told_apart(stash: OddStash, client: StashClient) -> None:
    stash.spoil(5)
    found = client.scenes([4, 5, 6, 998, 999])
    assert (sorted(found), list(found.unreadable)) == ([4, 6], [5])
    stash.break_whole_answers(5)
    again = StashClient(stash.url).scenes([4, 5, 6, 998, 999])
    assert (sorted(again), list(again.unreadable)) == ([4, 6], [5])


def test_what_can_be_read_again_comes_with_the_others_again(stash: OddStash, client: StashClient) -> None:
    stash.spoil(5)
    client.scenes([4, 5])
    stash.mend(5)
    assert sorted(client.scenes([4, 5])) == [4, 5]
    before = requests(client)
    assert sorted(client.scenes([4, 5])) == [4, 5]
    assert requests(client) == before + 1


def test_a_part_that_stash_names_by_its_path_is_all_that_is_missing(stash: OddStash, client: StashClient) -> None:
    stash.spoil(5, "sql: no rows in result set", field="studio")
    found = client.scenes([4, 5, 6])
    assert (found[4].studio, found[5].studio, found[6].studio) == ("A studio", "", "A studio")
    assert found[5].unread == {Field.STUDIO}
    assert "sql: no rows in result set" in found[5].faults[0]
    assert requests(client) == 1
    page = client.scenes_after(3, 3)
    assert [scene.unread for scene in page] == [frozenset(), found[5].unread, frozenset()]


def test_a_part_that_no_scene_is_without_makes_the_scene_unreadable(stash: OddStash, client: StashClient) -> None:
    stash.spoil(5, "sql: Scan error", field="files")
    found = client.scenes([4, 5, 6])
    assert (sorted(found), list(found.unreadable)) == ([4, 6], [5])
    read, unreadable = walk(client)
    assert (read, unreadable) == (ids_but(5), [5])


# --- in their order --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", [(1,), (COUNT,), (150,), (150, 151), (1, 2, 3, 298, 299, 300), (100, 101, 200)])
@pytest.mark.parametrize("how", ["spoiled", "breaking", "malformed", "nameless"])
def test_a_walk_passes_what_cannot_be_read_and_names_it(
    stash: OddStash, client: StashClient, bad: tuple[int, ...], how: str
) -> None:
    if how == "breaking":
        stash.break_whole_answers(*bad)
    for scene in bad:
        if how == "spoiled":
            stash.spoil(scene)
        elif how != "breaking":
            stash.malform(scene, **({"id": None} if how == "nameless" else {"rating100": "9"}))
    assert walk(client) == (ids_but(*bad), list(bad))
    first = requests(client)
    assert first <= 10 + len(bad) * 22
    assert walk(client) == (ids_but(*bad), list(bad))
    # What is known is left out of pages, and counted.
    assert requests(client) - first <= 4 + len(bad) * 3


def test_ids_that_are_gone_are_no_hindrance(stash: OddStash, client: StashClient) -> None:
    stash.mutate("scenesDestroy", ids=[str(one) for one in (*range(20, 120), *range(121, 290))])
    stash.spoil(120)
    stash.spoil(COUNT)
    read, unreadable = walk(client, 50)
    assert (read, unreadable) == ([*range(1, 20), *range(290, COUNT)], [120, COUNT])


def test_any_scenes_may_be_unreadable_in_any_way(stash: OddStash) -> None:
    chance = random.Random(7)
    for _ in range(4):
        bad = sorted(chance.sample(range(1, COUNT + 1), chance.randint(1, 12)))
        for scene in bad:
            if chance.random() < 0.6:
                stash.spoil(scene)
            else:
                stash.malform(scene, title=7)
        client = StashClient(stash.url)
        assert walk(client, chance.randint(1, 300)) == (ids_but(*bad), bad)
        found = StashClient(stash.url).scenes(chance.sample(range(1, COUNT + 20), COUNT + 19))
        assert (sorted(found), sorted(found.unreadable)) == (ids_but(*bad), bad)
        for scene in bad:
            stash.mend(scene)


def test_where_nothing_can_be_read_a_walk_is_not_gone_on_with(stash: OddStash, client: StashClient) -> None:
    for scene in range(1, COUNT + 1):
        stash.spoil(scene, "database is locked")
    with pytest.raises(StashUnavailable, match="database is locked"):
        walk(client)
    assert requests(client) <= 20


def test_the_scenes_of_a_tag_come_without_the_one(stash: OddStash, client: StashClient) -> None:
    stash.spoil(77)
    page = client.scenes_with("tag", 1, limit=COUNT)
    assert ([scene.id for scene in page], [one.scene_id for one in page.unreadable]) == (ids_but(77), [77])
    other = stash.add_tag("other")
    stash.edit(8, tags=[other])
    assert [scene.id for scene in client.scenes_with("tag", other)] == [8]
    assert client.scenes_with("tag", other).unreadable == ()


@pytest.mark.parametrize("bad", [1, 77, 100, 101, COUNT])
def test_ids_come_with_that_of_the_one_so_that_its_own_attempt_tells(
    stash: OddStash, client: StashClient, bad: int
) -> None:
    stash.spoil(bad)
    everything = tuple(range(1, COUNT + 1))
    assert client.scene_ids_after(0, 100) == (everything[:100], COUNT)
    assert client.scene_ids_after(100, 300) == (everything[100:], COUNT - 100)
    assert client.newest_scene_id() == COUNT
    assert client.scene_count() == COUNT


def test_files_come_though_those_of_one_cannot_be_read(stash: OddStash, client: StashClient) -> None:
    stash.spoil(2)
    stash.malform(3, files=[None, {"path": "/data/x.mp4", "size": 1, "duration": 1.0}])
    files, count = client.files(0, 4)
    assert ([one.id for one in files], count) == ([1, 2, 3, 4], COUNT)
    assert [[file.path for file in one.files] for one in files[1:3]] == [[], ["/data/x.mp4"]]


# --- odd pages -------------------------------------------------------------------------------------------------------


def test_a_page_in_another_order_or_with_scenes_twice_is_put_in_order(stash: OddStash, client: StashClient) -> None:
    stash.rows(lambda rows: [*reversed(rows), *rows[:3]])
    assert walk(client) == (ids_but(), [])


def test_a_page_that_comes_again_and_again_is_no_walk_without_end(stash: OddStash, client: StashClient) -> None:
    first: list[Any] = []
    stash.rows(lambda rows: first or (first.extend(rows) or first))
    with pytest.raises(StashUnavailable, match="again and again"):
        walk(client)


@pytest.mark.parametrize("row", [None, 7, [], {}, {"id": "9" * 40}])
def test_what_is_no_scene_at_all_is_named_by_its_place(stash: OddStash, client: StashClient, row: object) -> None:
    stash.rows(lambda rows: [row if isinstance(one, dict) and one.get("id") == "42" else one for one in rows])
    assert walk(client) == (ids_but(42), [42])
    found = client.scenes([41, 42, 43])
    # Asked for by itself, null is how Stash says that there is none.
    unreadable = [] if row is None else [42]
    assert (sorted(found), list(found.unreadable)) == ([41, 43], unreadable)


def test_a_scene_that_nobody_asked_for_is_left_out(stash: OddStash, client: StashClient) -> None:
    stash.rows(lambda rows: [*rows, rows[0] | {"id": "299"}])
    assert sorted(client.scenes([1, 2])) == [1, 2]


# --- what is too large, and what takes too long ----------------------------------------------------------------------


def test_what_is_too_large_together_comes_in_parts_and_what_is_by_itself_is_unreadable(
    stash: OddStash, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.stash.connection.MAX_ANSWER", 40_000)
    stash.edit(33, details="long " * 20_000)
    client = StashClient(stash.url)
    found = client.scenes(range(1, 201))
    assert sorted(found) == [one for one in range(1, 201) if one != 33]
    assert "more than 40000 bytes" in found.unreadable[33].reason
    assert walk(client) == (ids_but(33), [33])


@pytest.mark.parametrize(
    "fault",
    [PlannedFault("hang"), PlannedFault("truncate"), PlannedFault("status", status=502)],
    ids=lambda one: one.kind,
)
def test_after_answers_that_did_not_come_less_is_asked_for(stash: OddStash, fault: PlannedFault) -> None:
    client = StashClient(stash.url, connect_timeout=1, read_timeout=0.3)

    def is_large(request: Request) -> bool:
        return sum(value for name, value in request.json()["variables"].items() if name.startswith("limit")) > 60

    stash.faults.add(replace(fault, times=None, match=is_large))
    late = 0
    while True:
        try:
            found = client.scenes(range(1, 201))
            break
        except StashUnavailable:
            late += 1
            assert late < 10
    assert (late, len(found)) == (4, 200)
    stash.faults.release()


def test_less_is_asked_for_until_it_has_gone_well_for_a_while() -> None:
    now = [0.0]
    size = PageSize(lambda: now[0])
    for _ in range(2):
        size.late(100)
    assert size.of(100) == 50
    size.late(50)
    size.in_time()
    size.late(50)
    assert size.of(100) == 50
    for _ in range(20):
        size.late(1)
    assert size.of(100) == 50
    now[0] += 601
    size.in_time()
    assert size.of(100) == 100


def test_what_could_not_be_read_is_remembered_for_some_minutes() -> None:
    now = [0.0]
    known = KnownBad(lambda: now[0])
    known.note(SceneUnreadable(7, "no"))
    assert (known.after(0), known.after(7), str(known.get(7))) == (7, None, "scene 7 cannot be read from Stash: no")
    now[0] += APART + 1
    assert (known.after(0), known.get(7)) == (None, None)


# --- changes ---------------------------------------------------------------------------------------------------------


def test_changes_come_without_the_one(stash: OddStash, client: StashClient) -> None:
    stash.spoil(77)
    found = client.changes("", limit=100)
    assert ([one.id for one in found.scenes], found.unreadable[0].scene_id) == (ids_but(77)[:99], 77)
    assert (found.more, found.last) == (True, 100)
    assert [one.id for one in found.parts["tag"]] == [1]
    assert [one.id for one in client.changes("", after=100, limit=500).scenes] == ids_but(77)[99:]
    before = requests(client)
    assert client.changes("", limit=100).parts == found.parts
    # The scenes up to it, whether it is still one of them, those beyond it, and all else.
    assert requests(client) - before == 4


@pytest.mark.parametrize(
    ("kind", "name"), [("performers", "performer"), ("studios", "studio"), ("tags", "tag"), ("groups", "group")]
)
def test_a_performer_studio_tag_or_group_that_cannot_be_read_hides_no_other(
    stash: OddStash, client: StashClient, kind: str, name: Any, caplog: pytest.LogCaptureFixture
) -> None:
    ids = [getattr(stash, f"add_{name}")(f"Number {number}") for number in range(20)]
    stash.spoil(ids[13], kind=kind)
    found = client.changes("")
    assert [one.id for one in found.parts[name] if one.id in ids] == [one for one in ids if one != ids[13]]
    assert len(found.scenes) == COUNT
    assert {"performer", "studio", "tag", "group"} == set(found.parts)
    assert f"1 {name} that was changed in Stash cannot be read" in caplog.text
    assert client.last_change() == found.newest


def test_the_last_change_is_one_that_can_be_read(stash: OddStash, client: StashClient) -> None:
    stash.spoil(COUNT)
    assert client.last_change()


# --- the breaker -----------------------------------------------------------------------------------------------------


def test_an_error_of_graphqls_is_no_failure_of_stash_and_what_everything_needs_is(
    stash: OddStash, tmp_path: Path
) -> None:
    database = Database(tmp_path / "plexsync.db")
    guard = Guard("Stash", StashUnavailable, 2, 60.0, BreakerStorage(database, "Stash"))
    client = StashClient(stash.url, breaker=guard)
    stash.spoil(5)
    for _ in range(5):
        client.scenes([4, 5])
        walk(client)
    assert (guard.state, guard.failures) == ("closed", 0)
    assert client.check() == "v0.30.1"
    for scene in range(1, COUNT + 1):
        stash.spoil(scene, "database is locked")
    for _ in range(5):
        with pytest.raises(StashUnavailable):
            client.scenes([4])
    assert (guard.state, guard.failures) == ("closed", 0)
    for _ in range(2):
        with pytest.raises(StashUnavailable, match="database is locked"):
            client.check()
    assert guard.state == "open"
    database.close()
