"""Something that a scene is made of leaves Stash and no hook tells: within a poll its scenes show it no longer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from plexsync.demo.http import PlannedFault
from plexsync.stash import EntityKind
from plexsync.storage.facts import Facts
from plexsync.sync.changes import ChangesPoll
from plexsync.sync.vanished import TOTALS
from tests.support.shelf import KINDS, Shelf
from tests.support.sync_bench import sync_bench


class Polled(Shelf):
    """A shelf whose Stash is polled."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.parts: list[tuple[EntityKind, tuple[int, ...]]] = []
        self.poll()
        self.poll()
        self.parts.clear()
        self.bench.stash.forget()

    def poll(self) -> list[tuple[EntityKind, tuple[int, ...]]]:
        """Poll once; the kinds and ids of which the scenes are to be looked at."""
        app = self.bench.app
        self.parts.clear()
        ChangesPoll(
            app.ledger, app.stash, app.rules, lambda _: None, lambda kind, ids: self.parts.append((kind, tuple(ids)))
        ).poll()
        return [*self.parts]

    def bring(self) -> None:
        """Work on what was found."""
        for kind, ids in self.parts:
            found = self.named(kind, *ids)
            for scene in sorted({one for some in found for one in (*some.alone, *sum(some.batches, ()))}):
                self.bench.sync(scene)

    def asked(self, name: str) -> int:
        return self.bench.stash.counters[name]


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Polled]:
    with sync_bench(tmp_path) as bench:
        yield Polled(bench, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_destroyed_without_a_hook_goes_from_its_scenes(shelf: Polled, kind: EntityKind) -> None:
    with shelf.bench.stash.without_hooks():
        shelf.destroy(kind)
    assert shelf.poll() == [(kind, (shelf.ids[kind],))]
    shelf.bring()
    field = {"performer": "actor", "tag": "genre", "group": "collection"}.get(kind, "collection")
    gone = {"performer": "Ann", "studio": "Blue", "tag": "Summer", "group": "Series"}[kind]
    assert gone not in shelf.bench.item().names(field)
    assert shelf.poll() == []


def test_a_tag_merge_without_a_hook_shows_on_the_scenes_of_the_one_that_vanished(shelf: Polled) -> None:
    with shelf.bench.stash.without_hooks():
        into = shelf.bench.stash.add_tag("Autumn")
    shelf.poll()
    with shelf.bench.stash.without_hooks():
        shelf.bench.stash.mutate("tagsMerge", source=[shelf.ids["tag"]], destination=into)
    assert shelf.poll() == [("tag", (shelf.ids["tag"],))]
    shelf.bring()
    assert shelf.bench.item().names("genre") == ["Autumn"]


def test_one_that_goes_while_another_comes_is_found_as_well(shelf: Polled) -> None:
    with shelf.bench.stash.without_hooks():
        shelf.destroy("studio")
        shelf.bench.stash.add_studio("Another")
    assert ("studio", (shelf.ids["studio"],)) in shelf.poll()


def test_where_nothing_left_it_is_one_request(shelf: Polled) -> None:
    for _ in range(3):
        assert shelf.poll() == []
    shelf.bench.stash.add_tag("New, and of no scene yet")
    shelf.poll()
    assert (shelf.asked("Changes"), shelf.asked("PartIds"), len(shelf.bench.stash.log)) == (4, 0, 4)


def test_a_hook_that_told_of_it_leaves_nothing_to_be_done(shelf: Polled) -> None:
    shelf.destroy("tag")
    for scene in shelf.scenes:
        shelf.bench.sync(scene)
    assert shelf.poll() == []
    assert shelf.poll() == []
    # No scene has a tag any more that it could have lost.
    assert shelf.asked("PartIds") == 0


def test_what_was_found_and_not_queued_is_found_by_the_next_poll(
    shelf: Polled, monkeypatch: pytest.MonkeyPatch
) -> None:
    with shelf.bench.stash.without_hooks():
        shelf.destroy("tag")
    app = shelf.bench.app

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ChangesPoll(app.ledger, app.stash, app.rules, lambda _: None, die).poll()
    assert shelf.poll() == [("tag", (shelf.ids["tag"],))]


def test_a_stash_that_lost_most_of_them_is_left_to_the_comparison_of_everything(
    shelf: Polled, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("plexsync.sync.vanished.FEW", 0)
    with shelf.bench.stash.without_hooks():
        shelf.destroy("performer")
    assert shelf.poll() == []
    assert "1 of 1 performer " in caplog.text


def test_a_stash_that_cannot_tell_which_there_are_is_asked_by_the_next_poll(shelf: Polled) -> None:
    with shelf.bench.stash.without_hooks():
        shelf.destroy("studio")
    shelf.bench.stash.faults.add(PlannedFault("html", times=None, match=lambda one: b"PartIds" in one.body))
    assert shelf.poll() == []
    shelf.bench.stash.faults.clear()
    assert shelf.poll() == [("studio", (shelf.ids["studio"],))]


def test_what_is_noted_and_cannot_be_read_is_begun_anew(shelf: Polled) -> None:
    facts: Facts = shelf.bench.app.ledger.facts
    facts.put(TOTALS, "[")
    assert shelf.poll() == []
    with shelf.bench.stash.without_hooks():
        shelf.destroy("tag")
    assert shelf.poll() == [("tag", (shelf.ids["tag"],))]
