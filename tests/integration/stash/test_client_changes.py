"""Walking through Stash's scenes, and hearing of every change, over real HTTP."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, timedelta, timezone
from pathlib import Path

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import CircuitOpen, StashUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.stash import EntityKind, StashClient, Watermark
from plexsync.stash.changes import SETTLING
from plexsync.storage.database import Database
from tests.support.clocks import ManualClock

START = 1_792_886_100.0  # 2026-10-25T00:35:00Z, which is 02:35 in summer time and 25 minutes before its end


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def stash(clock: ManualClock) -> Iterator[SimulatedStash]:
    with SimulatedStash(clock=clock) as server:
        yield server


@pytest.fixture
def client(stash: SimulatedStash) -> Iterator[StashClient]:
    client = StashClient(stash.url)
    yield client
    client.close()


# --- Walking through scenes ------------------------------------------------------------------------------------------


def test_a_walk_shows_whole_scenes_ascending_and_ends_with_a_short_page(
    stash: SimulatedStash, client: StashClient
) -> None:
    ids = stash.add_scenes(5, studios=[stash.add_studio("A studio")])
    first, second = client.scenes_after(0, 3), client.scenes_after(ids[2], 3)
    assert [scene.id for scene in first + second] == ids
    assert (first[0].title, first[0].studio, len(second)) == ("Scene 1", "A studio", 2)
    assert client.scenes_after(ids[-1], 3) == ()
    assert client.calls == {"scenes_after": 3}


def test_a_walk_skips_none_and_repeats_none_while_scenes_come_and_go(
    stash: SimulatedStash, client: StashClient
) -> None:
    ids = stash.add_scenes(9)
    seen = [scene.id for scene in client.scenes_after(0, 3)]
    stash.mutate("scenesDestroy", ids=[ids[0], ids[4]])
    new = stash.add_scene("New")
    while page := client.scenes_after(seen[-1], 3):
        seen += [scene.id for scene in page]
    assert seen == [*ids[:4], *ids[5:], new]


def test_more_than_one_request_takes_comes_in_several(stash: SimulatedStash, client: StashClient) -> None:
    ids = stash.add_scenes(600)
    assert [scene.id for scene in client.scenes_after(0, 560)] == ids[:560]
    assert client.calls == {"scenes_after": 3}
    assert stash.counters["ScenesWhere"] == 3


def test_an_id_that_no_criterion_can_hold_has_nothing_after_it(stash: SimulatedStash, client: StashClient) -> None:
    stash.add_scene("A title")
    assert client.scenes_after(2**31) == ()
    assert client.changes("", 2**31).scenes == ()


@pytest.mark.parametrize(("kind", "table"), [("performer", "performers"), ("tag", "tags"), ("group", "groups")])
def test_the_scenes_with_a_part_are_found_page_by_page(
    stash: SimulatedStash, client: StashClient, kind: EntityKind, table: str
) -> None:
    wanted, other = (getattr(stash, f"add_{kind}")(name) for name in ("wanted", "other"))
    ids = [stash.add_scene(f"Scene {n}", **{table: [other, wanted] if n % 2 else [other]}) for n in range(10)]
    assert [scene.id for scene in client.scenes_with(kind, wanted)] == ids[1::2]
    assert [scene.id for scene in client.scenes_with(kind, wanted, after=ids[3], limit=2)] == [ids[5], ids[7]]
    assert client.scenes_with(kind, 999) == ()


def test_a_studio_has_its_own_scenes_and_not_its_daughters(stash: SimulatedStash, client: StashClient) -> None:
    mother = stash.add_studio("Mother")
    daughter = stash.add_studio("Daughter", parent=mother)
    ids = [stash.add_scene("Hers", studio=mother), stash.add_scene("Not hers", studio=daughter)]
    assert [scene.id for scene in client.scenes_with("studio", mother)] == ids[:1]


def test_a_scene_tells_the_ids_of_what_belongs_to_it(stash: SimulatedStash, client: StashClient) -> None:
    stash.add_tag("unused")
    studio, tag, group = stash.add_studio("A studio"), stash.add_tag("one"), stash.add_group("A series")
    (scene,) = client.scenes([stash.add_scene("A title", studio=studio, tags=[tag], groups=[group])]).values()
    assert (scene.studio_id, scene.tag_ids, scene.group_ids) == (studio, (tag,), (group,))


def test_the_number_of_scenes_comes_without_them(stash: SimulatedStash, client: StashClient) -> None:
    assert client.scene_count() == 0
    stash.add_scenes(30)
    assert client.scene_count() == 30


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.scenes_after(0),
        lambda client: client.scenes_with("tag", 1),
        lambda client: client.scene_count(),
        lambda client: client.changes(""),
        lambda client: client.last_change(),
    ],
)
def test_each_kind_of_reading_tells_the_breaker_how_it_went(stash: SimulatedStash, tmp_path: Path, ask) -> None:
    database = Database(tmp_path / "plexsync.db")
    storage = BreakerStorage(database, "Stash")
    client = StashClient(stash.url, breaker=Guard("Stash", StashUnavailable, 1, 60.0, storage))
    ask(client)
    stash.faults.add(PlannedFault("status", status=503))
    with pytest.raises(StashUnavailable, match="503"):
        ask(client)
    with pytest.raises(CircuitOpen):
        ask(client)


# --- Hearing of changes ----------------------------------------------------------------------------------------------


def test_all_that_was_changed_after_a_moment_comes_in_one_request(
    stash: SimulatedStash, client: StashClient, clock: ManualClock
) -> None:
    ann, tag, ids = stash.add_performer("Ann"), stash.add_tag("one"), stash.add_scenes(4)
    before = client.last_change()
    clock.now += 1
    stash.edit(ids[2], title="Another")
    stash.rename("performers", ann, "Anna")
    stash.rename("tags", tag, "two")
    made = stash.add_scene("New")
    changes = client.changes(before)
    assert [one.id for one in changes.scenes] == [ids[2], made]
    assert [one.id for one in changes.parts["performer"]] == [ann]
    assert [one.id for one in changes.parts["tag"]] == [tag]
    assert (changes.parts["studio"], changes.parts["group"], changes.more) == ((), (), False)
    assert changes.newest == stash.scene(made).updated_at == client.last_change()
    assert client.calls == {"last_change": 2, "changes": 1}


def test_where_nothing_was_changed_one_answer_without_rows_says_so(stash: SimulatedStash, client: StashClient) -> None:
    stash.add_scenes(30)
    changes = client.changes(client.last_change())
    assert (changes.scenes, changes.newest, changes.more) == ((), "", False)
    assert stash.counters["Changes"] == 1


def test_pages_of_changes_hold_each_scene_once_and_the_other_kinds_once(
    stash: SimulatedStash, client: StashClient
) -> None:
    ids = stash.add_scenes(7, tags=[stash.add_tag("one")])
    first = client.changes("", limit=3)
    second = client.changes("", first.scenes[-1].id, limit=3)
    third = client.changes("", second.scenes[-1].id, limit=3)
    assert [one.id for page in (first, second, third) for one in page.scenes] == ids
    assert [page.more for page in (first, second, third)] == [True, True, False]
    assert (len(first.parts["tag"]), second.parts, third.parts) == (1, {}, {})


def test_an_empty_stash_has_no_last_change(client: StashClient) -> None:
    assert client.last_change() == ""


class Poll:
    """Asks for changes as ``Watermark`` says, and keeps when each thing was last listed, on Stash's clock."""

    def __init__(self, client: StashClient, clock: ManualClock, ahead: float) -> None:
        self._client = client
        self._clock = clock
        self._ahead = ahead
        self.mark = Watermark.at(client.last_change(), self._now())
        self.listed: dict[tuple[str, int], float] = {}
        self.rows = 0

    def _now(self) -> float:
        return self._clock.now + self._ahead

    def __call__(self) -> None:
        due = self.mark.due(self._now())
        since, after, newest, more = self.mark.since(due), 0, "", True
        while more:
            page = self._client.changes(since, after, limit=5)
            for kind, changed in {"scene": page.scenes, **page.parts}.items():
                self.rows += len(changed)
                self.listed |= {(kind, one.id): self._clock.now for one in changed}
            newest, more = max(newest, page.newest), page.more
            after = page.scenes[-1].id if page.scenes else after
        self.mark = self.mark.after(newest, self._now(), due)


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=1))], ids=["stays", "to UTC", "winter"])
@pytest.mark.parametrize("seed", range(4))
def test_no_change_slips_through_whatever_the_clocks_and_the_zone_do(
    stash: SimulatedStash, client: StashClient, clock: ManualClock, seed: int, zone: timezone | None
) -> None:
    chance = random.Random(seed)
    ids = stash.add_scenes(12)
    tags = [stash.add_tag(f"tag {n}") for n in range(3)]
    poll = Poll(client, clock, ahead=chance.choice([-86_400.0, -3.0, 0.0, 7200.0]))
    changed: dict[tuple[str, int], float] = {}
    for _ in range(200):
        if zone and clock.now > START + 1500:
            stash.zone = zone
        for _ in range(chance.choice([0, 0, 1, 4])):
            # Stash takes the time first, and shows the change up to four minutes later.
            seen_from = clock.now
            clock.now -= chance.choice([0, 0, 1, 20, 120, 240])
            if chance.random() < 0.8:
                stash.edit(scene_id := chance.choice(ids), rating100=chance.randint(0, 100))
                changed["scene", scene_id] = seen_from
            else:
                stash.rename("tags", tag := chance.choice(tags), f"name {chance.random()}")
                changed["tag", tag] = seen_from
            clock.now = seen_from
        clock.now += chance.choice([0, 0.3, 1, 30, 60, 60])
        if chance.random() < 0.7:
            poll()
    for _ in range(65):  # minutes of two: until the stamps of a zone two hours behind are greater than any before
        clock.now += 120
        stash.edit(ids[0], rating100=1)
        poll()
    late = {key: when for key, when in changed.items() if poll.listed.get(key, 0.0) < when}
    assert late == {}


def test_many_scenes_with_one_stamp_are_not_read_for_ever(
    stash: SimulatedStash, client: StashClient, clock: ManualClock
) -> None:
    ids = stash.add_scenes(23)
    clock.now += SETTLING * 2
    poll = Poll(client, clock, ahead=0.0)
    poll()
    clock.now += SETTLING
    poll()
    poll.rows = 0
    stash.mutate("bulkSceneUpdate", ids=ids, rating100=50)
    for _ in range(60):
        clock.now += 60
        poll()
    assert poll.rows == 2 * len(ids)
    stash.forget()
    clock.now += 60
    poll()
    assert stash.counters["Changes"] == 1
