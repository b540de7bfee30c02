"""Several processes that take new settings: none misses those that another one has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plexsync.app import App, build
from plexsync.installation.settings_reader import SettingsReader
from settings import Settings
from tasks.app import GENERATION, Runtime
from tests.support.sync_bench import SyncBench, sync_bench


class Reader(SettingsReader):
    """Reads settings that a test sets."""

    def __init__(self, settings: Settings) -> None:
        super().__init__({})
        self.settings = settings
        self.reads = 0
        self.meanwhile: Callable[[], object] = lambda: None

    def read(self, *, ask_stash: bool = True) -> Settings:
        self.reads += 1
        found = self.settings
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SyncBench]:
    with sync_bench(tmp_path) as bench:
        yield bench


class Process:
    """One process of the consumer, as far as its settings go. All of them share a file."""

    def __init__(self, bench: SyncBench) -> None:
        self.number = 1
        self.reader = Reader(bench.settings)
        self.runtime = Runtime(
            self.reader, lambda settings: build(settings, bench.database), process=lambda: self.number
        )

    def retries(self) -> int:
        return self.runtime().settings.max_retries

    def change(self, bench: SyncBench, retries: int) -> None:
        """New settings, which this process is the first to find."""
        self.reader.settings = replace(bench.settings, max_retries=retries)
        assert self.runtime.reload()


@pytest.fixture
def processes(bench: SyncBench) -> tuple[Process, Process]:
    one, other = Process(bench), Process(bench)
    assert one.retries() == other.retries()
    return one, other


def test_what_one_process_finds_the_others_take(bench: SyncBench, processes: tuple[Process, Process]) -> None:
    one, other = processes
    other.reader.settings = replace(bench.settings, max_retries=7)
    one.change(bench, 7)
    assert (one.retries(), other.retries()) == (7, 7)
    reads = one.reader.reads, other.reader.reads
    assert (one.retries(), other.retries()) == (7, 7)
    assert (one.reader.reads, other.reader.reads) == reads, "and read them once"


def test_settings_that_change_while_others_are_read_are_read_once_more(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, other = processes

    def change_again() -> None:
        one.change(bench, 8)
        other.reader.settings = replace(bench.settings, max_retries=8)

    other.reader.settings = replace(bench.settings, max_retries=7)
    one.change(bench, 7)
    other.reader.meanwhile = change_again
    other.retries()
    assert other.retries() == 8


def test_two_processes_that_find_different_settings_at_once_end_with_the_same(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, other = processes

    def change_too() -> None:
        one.change(bench, 8)
        other.reader.settings = replace(bench.settings, max_retries=8)

    other.reader.settings = replace(bench.settings, max_retries=7)
    other.reader.meanwhile = change_too
    other.runtime.reload()
    assert (one.retries(), other.retries()) == (8, 8)


def test_a_process_that_was_forked_misses_nothing_while_it_reads(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, other = processes
    other.number = 2  # As in a child: the app it has is its parent's.

    def change() -> None:
        one.change(bench, 9)
        other.reader.settings = replace(bench.settings, max_retries=9)

    other.reader.meanwhile = change
    other.retries()
    assert other.retries() == 9


def test_settings_that_are_wrong_are_not_read_at_every_use(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, other = processes

    def wrong() -> None:
        raise ValueError("wrong")

    other.reader.meanwhile = wrong
    one.change(bench, 7)
    for _ in range(5):
        other.retries()
    assert other.reader.reads == 2


def test_how_often_a_scene_met_an_outage_is_known_with_new_settings_too(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, _ = processes
    before: App = one.runtime()
    before.outages_met[bench.scene] = 4
    one.change(bench, 7)
    assert one.runtime() is not before
    assert one.runtime().outages_met[bench.scene] == 4
    # A task that runs with the old settings still counts.
    before.outages_met[bench.scene] += 1
    assert one.runtime().outages_met[bench.scene] == 5


def test_the_generation_grows_by_one_whoever_finds_new_settings(
    bench: SyncBench, processes: tuple[Process, Process]
) -> None:
    one, other = processes
    for retries, process in ((7, one), (8, other), (9, one)):
        process.change(bench, retries)
    generation: Any = bench.app.ledger.facts.get(GENERATION)
    assert generation == "3"
