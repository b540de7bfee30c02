"""A Plex that tells of one item in a way nobody can read: everything else goes on, and that one has not left."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import Request, Response
from plexsync.demo.plex import SimulatedPlex
from plexsync.errors import ItemUnreadable
from plexsync.ledger import State
from plexsync.library import library as library_module
from plexsync.reconcile import ReconcileFinding, ReconcileRun
from plexsync.reconcile.reconciler import Reconciler
from plexsync.status.checks import _odd_items
from tests.support.sync_bench import SyncBench, sync_bench

Spoil = Callable[[dict[str, Any]], Any]
#: Ways in which an entry can be malformed, with and without its rating key.
SPOILT: dict[str, Spoil] = {
    "a title that is none": lambda entry: entry | {"title": {"en": "x"}},
    "a part that is none": lambda entry: entry | {"Media": [{"Part": [5]}]},
    "a size below nothing": lambda entry: entry | {"Media": [{"Part": [{"file": "/x.mp4", "size": -5}]}]},
    "a key that is no number": lambda entry: entry | {"ratingKey": "seven", "key": "/library/metadata/seven"},
    "no key": lambda entry: {name: value for name, value in entry.items() if name not in ("ratingKey", "key")},
    "nothing at all": lambda _entry: None,
    "a text": lambda _entry: "gone",
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


class Spoiler:
    """Lets Plex tell of some items, or sections, in odd ways: in lists, and where they are asked for by their keys."""

    def __init__(self, plex: SimulatedPlex) -> None:
        self.listed: dict[int, Spoil] = {}
        self.whole: dict[int, Spoil] = {}
        self.sections: dict[int, Spoil] = {}
        #: Whether it does not say how many items there are.
        self.without_total = False
        self._respond = plex.respond
        plex.respond = self.respond  # type: ignore[method-assign]

    def respond(self, request: Request) -> Response:
        response = self._respond(request)
        if response.content_type != "application/json":
            return response
        document = json.loads(response.body)
        container, is_list = document["MediaContainer"], request.path.endswith("/all")
        for name, key, odd in (
            ("Metadata", "ratingKey", self.listed if is_list else self.whole),
            ("Directory", "key", self.sections),
        ):
            entries = container.get(name, [])
            ways = {str(number): spoil for number, spoil in odd.items()}
            entries[:] = [ways[one[key]](one) if one[key] in ways else one for one in entries]
        headers = dict(response.headers)
        if self.without_total:
            container.pop("totalSize", None)
            headers.pop("X-Plex-Container-Total-Size", None)
        return Response(response.status, json.dumps(document).encode(), response.content_type, headers)


@pytest.fixture
def spoiler(bench: SyncBench) -> Spoiler:
    return Spoiler(bench.plex)


def compare(bench: SyncBench) -> tuple[ReconcileRun, list[ReconcileFinding]]:
    found: list[ReconcileFinding] = []

    class Queue:
        def absent(self, scene_ids: Any) -> list[int]:
            return list(scene_ids)

        def sync(self, scene_ids: Any) -> None: ...
        def together(self, scene_ids: Any) -> None: ...
        def look(self, scene_ids: Any) -> None: ...

    run = ReconcileRun(1, True, 0.0)
    for further in Reconciler(bench.app, Queue(), on_finding=found.append).pages(run):
        run = further
    return run, found


@pytest.mark.parametrize("how", SPOILT)
def test_scenes_are_synced_though_another_item_is_malformed(
    bench: SyncBench, spoiler: Spoiler, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    scene, _ = bench.add("another.mp4")
    _, odd = bench.add("odd.mp4")
    spoiler.listed[odd] = SPOILT[how]
    assert [bench.sync(), bench.sync(scene)] == ["synced", "synced"]
    told = [record for record in caplog.records if record.levelno == logging.WARNING]
    assert len(told) == 1
    assert "left out" in told[0].getMessage()
    assert bench.app.guard.failures == 0


@pytest.mark.parametrize("how", SPOILT)
def test_a_comparison_of_everything_goes_past_it_and_leaves_its_scene_as_it_is(
    bench: SyncBench, spoiler: Spoiler, how: str
) -> None:
    scenes = [bench.scene, *(bench.add(f"film {number}.mp4")[0] for number in range(3))]
    assert [bench.sync(scene) for scene in scenes] == ["synced"] * 4
    spoiler.listed[bench.key] = spoiler.whole[bench.key] = SPOILT[how]
    run, found = compare(bench)
    assert run.phase == "done"
    assert found == []
    assert bench.app.ledger.index.of_item(bench.key), "it has not left"
    spoiler.listed.clear()
    _, found = compare(bench)
    assert found == [], "it is not taken for gone though it cannot be read whole"


@pytest.mark.parametrize("how", SPOILT)
def test_the_scene_of_an_item_that_cannot_be_read_fails_by_itself_for_the_time_being(
    bench: SyncBench, spoiler: Spoiler, how: str
) -> None:
    other, key = bench.add("another.mp4")
    bench.sync()
    bench.sync(other)
    spoiler.whole[bench.key] = SPOILT[how]
    found = bench.app.plex.items_or_faults([bench.key, key, 99_999])
    assert isinstance(found[bench.key], ItemUnreadable)
    assert found[key].rating_key == key
    assert 99_999 not in found
    assert list(bench.app.plex.items([bench.key, key])) == [key]
    bench.app.ledger.scenes.doubt(bench.scene)
    for _ in range(3):
        with pytest.raises(ItemUnreadable):
            bench.app.sync.sync(bench.scene)
    assert bench.app.guard.failures == 0, "Plex is well"
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert record.rating_key == bench.key, "it has its item still"
    assert bench.app.ledger.index.of_item(bench.key)
    spoiler.whole.clear()
    bench.sync()
    record = bench.app.ledger.scenes.get(bench.scene)
    assert record is not None
    assert record.state is State.SYNCED


def test_a_section_that_cannot_be_read_hides_no_other(
    bench: SyncBench, spoiler: Spoiler, caplog: pytest.LogCaptureFixture
) -> None:
    odd = bench.plex.add_section("Odd", locations=["/odd"])
    spoiler.sections[odd] = lambda entry: entry | {"key": None}
    assert bench.sync() == "synced"
    bench.app.plex.sections()
    assert caplog.text.count("'Odd'") == 1


def test_the_checks_name_items_that_cannot_be_read(bench: SyncBench, spoiler: Spoiler) -> None:
    assert list(_odd_items(bench.app)) == []
    spoiler.listed[bench.key] = SPOILT["a part that is none"]
    bench.add("another.mp4")
    bench.app.library.refresh()
    (finding,) = _odd_items(bench.app)
    assert f"item {bench.key} 'guess of a file.mp4': Media.0.Part.0" in finding.text


def test_a_plex_that_never_tells_how_many_items_it_has_is_read_to_its_end_and_only_once(
    bench: SyncBench, spoiler: Spoiler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "PAGE_SIZE", 3)
    monkeypatch.setattr(library_module, "WALK_SIZE", 3)
    monkeypatch.setattr(library_module, "REFRESH_INTERVAL", 0.0)
    keys = [bench.key, *(bench.add(f"film {number}.mp4")[1] for number in range(5))]
    spoiler.without_total = True
    for _ in range(3):
        bench.app.library.refresh()
        assert all(bench.app.ledger.index.of_item(key) for key in keys), "six items, two full pages"
        assert bench.app.ledger.index.fill_state(bench.section).pass_number == 1, "no full pass after the first"
        bench.plex.edit_as_person(bench.key, title="Edited")
    run, _ = compare(bench)
    assert (run.phase, run.of_items) == ("done", len(keys))
    assert all(bench.app.ledger.index.of_item(key) for key in keys)
