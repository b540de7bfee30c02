"""The library index by size: time and memory to fill it, look-ups, and what a refresh costs.

Plex is simulated, in a process of its own; so is the filling, whose memory is measured.

Run: ``python -m tests.bench.bench_index [--sizes 1000 20000 100000]``
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

from plexsync.cli import garbage
from plexsync.demo.plex import SimulatedPlex
from plexsync.ledger import Ledger
from plexsync.library.library import PAGE_SIZE, Library
from plexsync.matching.paths import stem_key
from plexsync.matching.titles import words
from plexsync.model import Part, SceneFile
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.storage.database import Database
from tests.bench.memory import peak, resident

SIZES = (1_000, 20_000, 100_000)
#: When the first item was added (epoch seconds); one came every ten minutes.
BEGAN, APART = 1_500_000_000, 600
#: Look-ups that a median is taken of.
LOOK_UPS = 400
SEED = 7
STUDIOS = 40
#: Words of titles: a few are in every other title, most are rare.
VOCABULARY = 6_000

Value = TypeVar("Value")

CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class File:
    """A file of the made-up library, with its item's title."""

    path: str
    size: int
    title: str


@dataclass(frozen=True)
class Figures:
    """What was measured for one size: seconds, MiB, milliseconds, requests."""

    bare: float
    fill: float
    fill_cpu: float
    memory: float
    file: float
    path: float
    stem: float
    size: float
    words: float
    words_slowest: float
    common_words: float
    full_pass: float
    nothing_new: int
    ten_new: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="items (default 1000 20000 100000)")
    given = parser.parse_args()
    rows = {size: _in_processes(size) for size in given.sizes}
    print(f"seed {SEED}, pages of {PAGE_SIZE}; every title has the word scene and its studio's name")
    print(f"{'items':42}" + "".join(f"{size:>12,}" for size in rows))
    _line("the bare requests, s", rows, lambda one: f"{one.bare:.1f}")
    _line("filling the index, s", rows, lambda one: f"{one.fill:.1f}")
    _line("  ratio", rows, lambda one: f"{one.fill / one.bare:.2f}")
    _line("  CPU of filling, s", rows, lambda one: f"{one.fill_cpu:.2f}")
    _line("a full pass with nothing changed, s", rows, lambda one: f"{one.full_pass:.1f}")
    _line("memory that filling adds, MiB", rows, lambda one: f"{one.memory:.1f}")
    _line("the database's file, MiB", rows, lambda one: f"{one.file:.1f}")
    _line("by_path, median ms (bar 0.1)", rows, lambda one: f"{one.path:.3f}")
    _line("by_stem, median ms", rows, lambda one: f"{one.stem:.3f}")
    _line("by_size, median ms", rows, lambda one: f"{one.size:.3f}")
    _line("by_words, median ms (bar 20)", rows, lambda one: f"{one.words:.2f}")
    _line("by_words, slowest ms", rows, lambda one: f"{one.words_slowest:.2f}")
    _line("by_words, common words only, median ms", rows, lambda one: f"{one.common_words:.2f}")
    _line("requests, nothing new", rows, lambda one: str(one.nothing_new))
    _line("requests, ten new items", rows, lambda one: str(one.ten_new))


def _line(label: str, rows: dict[int, Figures], shown: Callable[[Figures], str]) -> None:
    print(f"{label:42}" + "".join(f"{shown(one):>12}" for one in rows.values()))


def _in_processes(size: int) -> Figures:
    ours, theirs = CONTEXT.Pipe()
    plex = CONTEXT.Process(target=_serve, args=(size, theirs), daemon=True)
    plex.start()
    url, token = ours.recv()
    answer, end = CONTEXT.Pipe()
    with tempfile.TemporaryDirectory() as folder:
        measuring = CONTEXT.Process(target=_measure, args=(size, url, token, folder, ours, end))
        measuring.start()
        end.close()
        figures: Figures = answer.recv()
        measuring.join()
    ours.send("stop")
    plex.join()
    return figures


# --- Plex ------------------------------------------------------------------------------------------------------------


def files(size: int) -> Iterator[File]:
    """The files of a library, the same at each call."""
    chance = random.Random(SEED)
    vocabulary = [_word(chance) for _ in range(VOCABULARY)]
    weights = [1 / (rank + 2) for rank in range(VOCABULARY)]
    for number in range(size):
        chosen = chance.choices(vocabulary, weights, k=4)
        studio = f"Studio{chance.randrange(STUDIOS)}"
        title = " ".join([studio, "Scene", *chosen]).title()
        path = f"/media/{studio}/{number % 97}/{'.'.join([studio, *chosen])}.{number}.1080p.mp4"
        yield File(path, chance.randrange(10**8, 10**10), title)


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


def _serve(size: int, pipe: Connection) -> None:
    now = [BEGAN]
    with SimulatedPlex(clock=lambda: now[0]) as plex:
        section = plex.add_section("Scenes", locations=["/media"])
        for file in files(size):
            video = (1920, 1080, 29.97, "h264", "aac", file.size * 8 // 1800)
            plex.add_item(section, file.title, [Part(file.path, file.size, 1_800_000, *video)], added_at=now[0])
            now[0] += APART
        pipe.send((plex.url, plex.token))
        while pipe.recv() == "add":
            for number in range(10):
                plex.add_item(section, f"New {number}", [Part(f"/media/new {number}.mp4", number + 1)])
                now[0] += APART
            pipe.send("added")


# --- What is measured ------------------------------------------------------------------------------------------------


def _measure(size: int, url: str, token: str, folder: str, plex: Connection, answer: Connection) -> None:
    path = Path(folder) / "plexsync.db"
    database = Database(path)
    ledger = Ledger(database)
    # As the consumer does.
    garbage.look_seldom()
    with PlexClient(PlexEndpoint(url, token, "bench")) as client:
        # Once for nothing: Plex puts its listing in order, and what is loaded at first use is loaded.
        client.listing(1, 0, PAGE_SIZE, sort="addedAt:asc")
        ledger.index.by_words(["none"])
        memory = resident()
        began = time.process_time()
        fill = _timed(lambda: _refresh(client, ledger))
        fill_cpu = time.process_time() - began
        grown = peak() - memory
        bare = _timed(lambda: _bare_loop(client))
        figures = _look_ups(ledger, _sample(size))
        nothing = _refresh(client, ledger)
        plex.send("add")
        plex.recv()
        ledger.wanted_files.seek(1, [SceneFile("/data/new 1.mkv")])
        ten = _refresh(client, ledger)
        assert ledger.index.appeared() == [1]
        with database.write() as db:
            db.execute("update section set filled_at = 0")
        full_pass = _timed(lambda: _refresh(client, ledger))
    database.close()
    megabytes = path.stat().st_size / 2**20
    answer.send(
        Figures(
            bare=bare,
            fill=fill,
            fill_cpu=fill_cpu,
            memory=grown,
            file=megabytes,
            full_pass=full_pass,
            nothing_new=nothing,
            ten_new=ten,
            **figures,
        )
    )


def _refresh(client: PlexClient, ledger: Ledger) -> int:
    """Refresh as a new process does; how many requests that took."""
    before = client.calls["read"]
    Library(client, ledger.index, ()).refresh()
    return client.calls["read"] - before


def _bare_loop(client: PlexClient) -> None:
    """The same requests, with nothing done about the answers."""
    client.sections()
    start = 0
    while True:
        page = client.listing(1, start, PAGE_SIZE, sort="addedAt:asc")
        start += len(page.items)
        if start >= page.total:
            return


def _sample(size: int) -> list[File]:
    step = max(1, size // LOOK_UPS)
    return [file for number, file in enumerate(files(size)) if number % step == 0][:LOOK_UPS]


def _look_ups(ledger: Ledger, sample: list[File]) -> dict[str, float]:
    index = ledger.index
    found = [index.by_path(file.path)[0].title == file.title for file in sample]
    assert all(found)
    texts = [words(file.title) for file in sample]
    by_words = _times(index.by_words, texts)
    return {
        "path": statistics.median(_times(index.by_path, [file.path for file in sample])),
        "stem": statistics.median(_times(index.by_stem, [stem_key(file.path) for file in sample])),
        "size": statistics.median(_times(index.by_size, [file.size for file in sample])),
        "words": statistics.median(by_words),
        "words_slowest": max(by_words),
        "common_words": statistics.median(_times(index.by_words, [["scene", "studio"]] * 20)),
    }


def _times(look_up: Callable[[Value], object], values: Iterable[Value]) -> list[float]:
    """Milliseconds each look-up takes."""
    return [_timed(partial(look_up, value)) * 1000 for value in values]


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
