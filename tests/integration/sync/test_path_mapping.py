"""Where the path map in force comes from: real Stash client, real index and ledger."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest

import plexsync.sync.path_mapping as mounts_module
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import StashUnavailable
from plexsync.ledger import Ledger
from plexsync.model import ListedItem, Part, Section
from plexsync.stash import StashClient
from plexsync.sync.path_mapping import BREACHES, FACT, INTERVAL, LONGEST_INTERVAL, MappingInForce, PathMapping
from tests.support.clocks import ManualClock

SECTION = Section(1, "Scenes", "movie", locations=("/media",))


class Bench:
    """A Stash, an index of Plex's files, and the mounts between them. Sizes tell files apart."""

    def __init__(self, stash: SimulatedStash, client: StashClient, ledger: Ledger) -> None:
        self.stash, self.client, self.ledger = stash, client, ledger
        self.clock = ManualClock()
        self.path_mapping = self.another()

    def another(self, setting: tuple[tuple[str, str], ...] = ()) -> PathMapping:
        """As another process has them."""
        return PathMapping(setting, self.ledger.facts, self.ledger.index, self.client, self.clock)

    def in_stash(self, root: str, count: int, start: int = 0) -> None:
        for number in range(start, start + count):
            self.stash.add_scene(None, f"{root}/{number}.mp4", size=number + 1)

    def in_plex(self, files: Iterable[tuple[str, int]]) -> None:
        """All that Plex has: (path, size in bytes)."""
        items = [ListedItem(n, 1, f"{n}", n, n, (Part(path, size),)) for n, (path, size) in enumerate(files, 1)]
        index = self.ledger.index
        index.keep_sections([SECTION])
        number = index.begin_pass(1)
        index.put(items, number)
        index.end_pass(1, number, total=len(items), content_changed_at=None)

    @property
    def requests(self) -> int:
        return len(self.stash.log)


def files(root: str, count: int, start: int = 0) -> list[tuple[str, int]]:
    return [(f"{root}/{number}.mp4", number + 1) for number in range(start, start + count)]


@pytest.fixture
def bench(ledger: Ledger, caplog: pytest.LogCaptureFixture) -> Iterator[Bench]:
    caplog.set_level(logging.INFO, "plexsync.sync.path_mapping")
    with SimulatedStash() as stash:
        client = StashClient(stash.url, connect_timeout=1, read_timeout=1)
        yield Bench(stash, client, ledger)
        client.close()


@pytest.fixture
def mapped(bench: Bench, caplog: pytest.LogCaptureFixture) -> Bench:
    """Thirty files, and the map that is inferred from them."""
    bench.in_stash("/data", 30)
    bench.in_plex(files("/media", 30))
    bench.path_mapping.ensure()
    caplog.clear()
    return bench


def breach(bench: Bench, stash: str, plex: str, numbers: Iterable[int]) -> None:
    for number in numbers:
        bench.path_mapping.note(f"{stash}/{number}.mp4", f"{plex}/{number}.mp4")


# --- The first time --------------------------------------------------------------------------------------------------


def test_the_map_is_inferred_and_told_with_its_counts(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.in_stash("/data", 30)
    bench.in_plex([*files("/media", 28), *files("/media/moved", 1, 28), *files("/elsewhere", 1, 29)])
    assert bench.path_mapping.in_force == ()
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == (("/data", "/media"),)
    assert bench.path_mapping.describe() == [MappingInForce("/data", "/media", 28, 2, "inferred")]
    assert caplog.messages == ["paths: /data in Stash is /media in Plex (28 of 30 files agree)"]


def test_the_setting_is_in_force_as_it_is_and_nothing_is_asked(bench: Bench) -> None:
    bench.in_stash("/data", 30)
    bench.in_plex(files("/media", 30))
    path_mapping = bench.another((("/data", "/mnt"),))
    path_mapping.ensure()
    for number in range(30):
        path_mapping.note(f"/data/{number}.mp4", f"/media/{number}.mp4")
    assert path_mapping.in_force == (("/data", "/mnt"),)
    assert path_mapping.describe() == [MappingInForce("/data", "/mnt", None, None, "setting")]
    assert bench.requests == 0


def test_nothing_is_asked_before_all_of_plexs_files_are_known(bench: Bench) -> None:
    bench.in_stash("/data", 30)
    bench.path_mapping.ensure()
    bench.ledger.index.keep_sections([SECTION])
    bench.ledger.index.put([ListedItem(99, 1, "first page", 1, 1, (Part("/media/1.mp4", 2),))])
    bench.path_mapping.ensure()
    assert bench.requests == 0
    bench.in_plex(files("/media", 30))
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == (("/data", "/media"),)


def test_where_the_paths_are_the_same_that_is_known_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.in_stash("/data", 9)
    bench.in_plex(files("/data", 9))
    bench.path_mapping.ensure()
    asked = bench.requests
    bench.path_mapping.ensure()
    assert (bench.path_mapping.in_force, bench.requests) == ((), asked)
    assert caplog.messages == ["paths: the same in Stash and Plex (9 of 9 files are under the same path)"]


def test_where_no_folder_leads_to_another_that_is_said(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.in_stash("/data", 20)
    bench.in_plex([(f"/media/{number}/{number}.mp4", number + 1) for number in range(20)])
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == ()
    assert caplog.messages == [
        "paths: no folder of Stash is clearly one of Plex (0 of 20 files are under the same path)"
    ]


def test_where_no_file_is_in_both_it_is_tried_again_only_after_a_while(bench: Bench) -> None:
    bench.in_stash("/data", 9)
    bench.in_plex([("/media/other.mp4", 77)])
    bench.path_mapping.ensure()
    asked = bench.requests
    bench.in_plex(files("/media", 9))
    bench.path_mapping.ensure()
    assert bench.requests == asked
    bench.clock.now += INTERVAL
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == (("/data", "/media"),)


def test_files_of_one_size_and_files_of_one_name_are_told_apart(bench: Bench) -> None:
    plex = []
    for number in range(60):
        bench.stash.add_scene(None, f"/data/{number}/a.mp4", size=number + 1)
        bench.stash.add_scene(None, f"/data/{number}/b{number}.mp4", size=1000)
        plex += [(f"/media/{number}/a.mp4", number + 1), (f"/media/{number}/b{number}.mp4", 1000)]
    bench.in_plex(plex)
    bench.path_mapping.ensure()
    assert bench.path_mapping.describe() == [MappingInForce("/data", "/media", 120, 0, "inferred")]


def test_a_file_without_a_size_is_no_witness(bench: Bench) -> None:
    for number in range(9):
        bench.stash.add_scene(None, f"/data/{number}.mp4", size=0)
    bench.in_plex([(f"/media/{number}.mp4", 0) for number in range(9)])
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == ()


def test_stash_being_away_is_told_to_whoever_needs_the_map_and_asked_again_at_once(bench: Bench) -> None:
    bench.in_stash("/data", 9)
    bench.in_plex(files("/media", 9))
    bench.stash.stop()
    with pytest.raises(StashUnavailable):
        bench.path_mapping.ensure()
    bench.stash.start()
    bench.path_mapping.ensure()
    assert bench.path_mapping.in_force == (("/data", "/media"),)


def test_many_threads_infer_it_once(bench: Bench) -> None:
    bench.in_stash("/data", 30)
    bench.in_plex(files("/media", 30))
    seen: list[tuple[tuple[str, str], ...]] = []
    start = threading.Barrier(8)

    def need() -> None:
        start.wait()
        bench.path_mapping.ensure()
        seen.append(bench.path_mapping.in_force)

    threads = [threading.Thread(target=need) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(("/data", "/media"),)] * 8
    assert bench.requests == 1


# --- The sample ------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mounts_module, "PLACES", 5)
    monkeypatch.setattr(mounts_module, "SCENES_PER_PLACE", 3)


@pytest.mark.usefixtures("small_sample")
@pytest.mark.parametrize(("count", "requests"), [(0, 1), (1, 1), (3, 2), (4, 2), (15, 5)])
def test_a_small_library_is_read_whole(bench: Bench, count: int, requests: int) -> None:
    bench.in_stash("/data", count)
    assert len({scene.id for scene in bench.path_mapping.sample().scenes}) == count
    assert bench.requests == requests


@pytest.mark.usefixtures("small_sample")
def test_a_large_library_is_sampled_from_end_to_end_in_a_handful_of_requests(bench: Bench) -> None:
    bench.in_stash("/data", 400)
    ids = [scene.id for scene in bench.path_mapping.sample().scenes]
    assert len(ids) == len(set(ids)) == 15
    assert (min(ids), max(ids)) == (1, 400)
    assert all(sum(low < one <= low + 100 for one in ids) >= 3 for low in (0, 100, 200, 300))
    assert bench.requests == 6


@pytest.mark.usefixtures("small_sample")
def test_a_library_whose_ids_lie_close_together_gives_each_scene_once(bench: Bench) -> None:
    bench.in_stash("/data", 16)
    ids = [scene.id for scene in bench.path_mapping.sample().scenes]
    assert len(ids) == len(set(ids)) == 15


# --- From then on ----------------------------------------------------------------------------------------------------


def test_a_restart_keeps_the_map_without_asking_stash(mapped: Bench) -> None:
    asked = mapped.requests
    path_mapping = mapped.another()
    path_mapping.ensure()
    assert path_mapping.in_force == (("/data", "/media"),)
    assert mapped.requests == asked


def test_what_another_process_infers_holds_here_too(mapped: Bench) -> None:
    other = mapped.another()
    mapped.in_plex(files("/mnt", 30))
    other.ensure(again=True)
    assert mapped.path_mapping.in_force == (("/data", "/mnt"),)


@pytest.mark.parametrize("stored", ["", "no json", "[]", "{}", '{"mounts": [{"stash": "/a"}]}', '{"mounts": 3}'])
def test_a_stored_map_that_cannot_be_read_is_inferred_anew(mapped: Bench, stored: str) -> None:
    mapped.ledger.facts.put(FACT, stored)
    path_mapping = mapped.another()
    assert path_mapping.in_force == ()
    path_mapping.ensure()
    assert path_mapping.in_force == (("/data", "/media"),)
    assert json.loads(str(mapped.ledger.facts.get(FACT)))["found"] == 30


def test_when_plexs_folder_moves_a_few_scenes_are_enough_to_notice(
    mapped: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    mapped.in_plex(files("/mnt", 30))
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/mnt", range(BREACHES - 1))
    assert mapped.path_mapping.in_force == (("/data", "/media"),)
    breach(mapped, "/data", "/mnt", [BREACHES])
    assert mapped.path_mapping.in_force == (("/data", "/mnt"),)
    assert caplog.messages == ["paths: /data in Stash is /mnt in Plex (30 of 30 files agree); until now it was /media"]


def test_a_new_root_is_learnt_from_the_scenes_found_in_it(
    mapped: Bench, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The sample has none of them.
    monkeypatch.setattr(mounts_module, "PLACES", 1)
    monkeypatch.setattr(mounts_module, "SCENES_PER_PLACE", 30)
    mapped.in_stash("/films", BREACHES, start=100)
    mapped.in_plex([*files("/media", 30), *files("/movies", BREACHES, 100)])
    mapped.clock.now += INTERVAL
    breach(mapped, "/films", "/movies", range(100, 100 + BREACHES))
    assert mapped.path_mapping.in_force == (("/data", "/media"), ("/films", "/movies"))
    assert caplog.messages == ["paths: /films in Stash is /movies in Plex (5 of 5 files agree)"]


def test_a_mount_that_is_no_more_is_told(mapped: Bench, caplog: pytest.LogCaptureFixture) -> None:
    mapped.in_plex(files("/data", 30))
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/data", range(BREACHES))
    assert mapped.path_mapping.in_force == ()
    assert caplog.messages == [
        "paths: /data in Stash is no longer /media in Plex",
        "paths: the same in Stash and Plex (30 of 30 files are under the same path)",
    ]


def test_files_found_where_the_map_says_are_no_breach(mapped: Bench) -> None:
    asked = mapped.requests
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/MEDIA", range(30))
    assert mapped.requests == asked


def test_one_file_seen_again_and_again_is_one_breach(mapped: Bench) -> None:
    asked = mapped.requests
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/elsewhere", [1] * 50)
    assert mapped.requests == asked


def test_a_renamed_file_says_nothing_of_folders(mapped: Bench) -> None:
    asked = mapped.requests
    mapped.clock.now += INTERVAL
    for number in range(30):
        mapped.path_mapping.note(f"/data/{number}.mp4", f"/media/renamed {number}.mp4")
    assert mapped.requests == asked


def test_breaches_do_not_make_it_ask_more_often_than_the_interval(mapped: Bench) -> None:
    asked = mapped.requests
    mapped.in_plex(files("/mnt", 30))
    breach(mapped, "/data", "/mnt", range(20))
    assert mapped.requests == asked
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/mnt", [20])
    assert mapped.path_mapping.in_force == (("/data", "/mnt"),)


def test_where_nothing_comes_of_it_it_is_asked_ever_more_seldom(mapped: Bench) -> None:
    """Files that just lie elsewhere, each in a folder of its own."""
    times = []
    for number in range(6 * 1440):
        asked = mapped.requests
        mapped.path_mapping.note(f"/data/moved {number}.mp4", f"/media/{number}/moved {number}.mp4")
        if mapped.requests > asked:
            times.append(mapped.clock.now)
        mapped.clock.now += 60
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits[:3] == [2 * INTERVAL, 4 * INTERVAL, 8 * INTERVAL]
    assert max(waits) == LONGEST_INTERVAL
    assert mapped.path_mapping.in_force == (("/data", "/media"),)


def test_what_plex_no_longer_has_is_no_witness(mapped: Bench) -> None:
    breach(mapped, "/films", "/gone", range(BREACHES))
    mapped.clock.now += INTERVAL
    breach(mapped, "/films", "/gone", [BREACHES])
    assert mapped.path_mapping.in_force == (("/data", "/media"),)


def test_stash_being_away_when_it_is_inferred_again_is_no_concern_of_the_scene(
    mapped: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    mapped.in_plex(files("/mnt", 30))
    mapped.clock.now += INTERVAL
    mapped.stash.stop()
    breach(mapped, "/data", "/mnt", range(30))
    (warning,) = caplog.messages
    assert "Stash could not be asked" in warning
    assert mapped.path_mapping.in_force == (("/data", "/media"),)
    mapped.stash.start()
    mapped.clock.now += INTERVAL
    breach(mapped, "/data", "/mnt", [1])
    assert mapped.path_mapping.in_force == (("/data", "/mnt"),)
