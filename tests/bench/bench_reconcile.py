"""A library in which all is in sync, compared from end to end: requests, memory, and time against the bare requests.

Stash and Plex are simulated, each in a process of its own, and quicker than real ones: what is measured is what
PlexSync adds. So is the comparison, whose memory is measured. The bare loop sends the same requests one after the
other, with nothing but requests and json; both take turns.

Run: ``python -m tests.bench.bench_reconcile [--sizes 2000 20000 100000] [--rounds 3]``
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple

import requests

from plexsync.demo import pictures
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.model import Part
from tests.bench.memory import peak, resident

SIZES = (2_000, 20_000, 100_000)
#: Studios, performers and tags that the scenes have in turn.
STUDIOS, PERFORMERS, TAGS = 40, 800, 200
#: What every item shows as poster and background.
COVER = pictures.png(10, 20, 30)
#: When the first item was added (epoch seconds).
BEGAN = 1_500_000_000
#: The bars: requests per scene and per item, MiB, and the ratio of times.
STASH_BAR, PLEX_BAR, MEMORY_BAR, RATIO_BAR = 200, 500, 150, 1.15

CONTEXT = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Figures:
    """What was measured for one size. Times in seconds, memory in MiB."""

    scenes: int
    stash_requests: int
    plex_requests: int
    plex_writes: int
    queued: int
    memory: float
    memory_before: float
    bare: float
    bare_scenes: float
    bare_cpu: float
    ours: float
    ours_cpu: float
    ours_scenes: float
    from_scratch: float
    in_turns: float
    turns: int
    full: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="scenes (default 2000 20000 100000)")
    parser.add_argument("--rounds", type=int, default=3, help="of which the medians are taken (default 3)")
    parser.add_argument("--in-sync-only", action="store_true", help="neither without digests nor --full")
    given = parser.parse_args()
    rows = {size: _in_processes(size, given.rounds, in_sync_only=given.in_sync_only) for size in given.sizes}
    print(f"{'scenes, each with its item, all in sync':52}" + "".join(f"{size:>10,}" for size in rows))
    _line("writes to Plex (bar 0)", rows, lambda one: str(one.plex_writes))
    _line("scenes queued (bar 0)", rows, lambda one: str(one.queued))
    for name, bar in (("stash", STASH_BAR), ("plex", PLEX_BAR)):
        _line(f"requests to {name.title()}", rows, lambda one, name=name: str(getattr(one, f"{name}_requests")))
        each = {size: size / getattr(one, f"{name}_requests") for size, one in rows.items()}
        print(f"{f'  one for so many (bar {bar})':52}" + "".join(f"{count:>10.0f}" for count in each.values()))
    _line(f"memory at its peak, MiB (bar {MEMORY_BAR})", rows, lambda one: f"{one.memory:.0f}")
    _line("  of that before it began", rows, lambda one: f"{one.memory_before:.0f}")
    _line("the bare requests, s", rows, lambda one: f"{one.bare:.2f}")
    _line("reconcile, s", rows, lambda one: f"{one.ours:.2f}")
    _line(f"  ratio (bar {RATIO_BAR})", rows, lambda one: f"{one.ours / one.bare:.2f}")
    _line("  ratio, Stash's part", rows, lambda one: f"{one.ours_scenes / one.bare_scenes:.2f}")
    _line("  CPU of the bare requests, ms for each 1000", rows, lambda one: _per_thousand(one, one.bare_cpu))
    _line("  CPU of a reconcile, ms for each 1000", rows, lambda one: _per_thousand(one, one.ours_cpu))
    plex_part = lambda one: f"{(one.ours - one.ours_scenes) / (one.bare - one.bare_scenes):.2f}"  # noqa: E731
    _line("  ratio, Plex's part", rows, plex_part)
    _line("in turns of 2 s, as the consumer does it: ratio", rows, lambda one: f"{one.in_turns / one.bare:.2f}")
    _line("  turns", rows, lambda one: str(one.turns))
    if not given.in_sync_only:
        _line("without any digest in the ledger: ratio", rows, lambda one: f"{one.from_scratch / one.bare:.2f}")
        _line("--full, s", rows, lambda one: f"{one.full:.1f}")


def _line(label: str, rows: Mapping[int, Figures], shown: Callable[[Figures], str]) -> None:
    print(f"{label:52}" + "".join(f"{shown(one):>10}" for one in rows.values()))


def _per_thousand(one: Figures, seconds: float) -> str:
    """Milliseconds for each 1000 scenes with their items."""
    return f"{seconds * 1e6 / one.scenes:.1f}"


class Servers(NamedTuple):
    """Where the two servers are, and Plex's token."""

    stash_url: str
    plex_url: str
    token: str


class Extent(NamedTuple):
    """How much is measured: of how many scenes, how often, and whether no more than scenes in sync."""

    scenes: int
    rounds: int
    in_sync_only: bool


def _in_processes(size: int, rounds: int, *, in_sync_only: bool) -> Figures:
    stash, stash_process = _start(_serve_stash, size)
    plex, plex_process = _start(_serve_plex, size)
    servers = Servers(stash.recv(), *plex.recv())
    with tempfile.TemporaryDirectory() as folder:
        _run(_fill_ledger, folder, servers)
        answer, end = CONTEXT.Pipe()
        measuring = CONTEXT.Process(
            target=_measure, args=(folder, servers, Extent(size, rounds, in_sync_only), stash, plex, end)
        )
        measuring.start()
        end.close()
        figures: Figures = answer.recv()
        measuring.join()
    for pipe, process in ((stash, stash_process), (plex, plex_process)):
        pipe.send("stop")
        process.join()
    return figures


def _start(serve: Callable[..., None], size: int) -> tuple[Connection, BaseProcess]:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=serve, args=(size, theirs), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _run(act: Callable[..., None], *arguments: object) -> None:
    process = CONTEXT.Process(target=act, args=arguments)
    process.start()
    process.join()
    assert process.exitcode == 0


# --- The two servers -------------------------------------------------------------------------------------------------


def _serve_stash(size: int, pipe: Connection) -> None:
    with SimulatedStash() as stash:
        stash.add_scenes(
            size,
            studios=[stash.add_studio(f"Studio {n}") for n in range(STUDIOS)],
            performers=[stash.add_performer(f"Performer {n}") for n in range(PERFORMERS)],
            tags=[stash.add_tag(f"Tag {n}") for n in range(TAGS)],
        )
        pipe.send(stash.url)
        while pipe.recv() == "count":
            pipe.send(Counter(requests=len(stash.log)))
            stash.forget()


def _serve_plex(size: int, pipe: Connection) -> None:
    with SimulatedPlex() as plex:
        section = plex.add_section("Scenes", locations=["/media"])
        for n in range(1, size + 1):
            part = Part(f"/media/scene-{n}.mp4", 1_000_000_000 + n, 1_800_000)
            key = plex.add_item(section, f"scene-{n}", [part], added_at=BEGAN + n)
            studio = f"Studio {n % STUDIOS}"
            plex.edit_as_person(
                key,
                title=f"Scene {n}",
                studio=studio,
                actor=[f"Performer {n % PERFORMERS}"],
                genre=[f"Tag {n % TAGS}"],
                collection=[studio],
            )
            plex.upload_as_person(key, "posters", COVER)
            plex.upload_as_person(key, "arts", COVER)
        pipe.send((plex.url, plex.token))
        while pipe.recv() == "count":
            pipe.send(Counter(requests=len(plex.log), writes=plex.counters["writes"] + plex.counters["uploads"]))
            plex.forget()


def _counted(pipe: Connection) -> Counter[str]:
    """What a server was asked since this was last asked for."""
    pipe.send("count")
    counted: Counter[str] = pipe.recv()
    return counted


# --- The ledger, as if every scene had been synced --------------------------------------------------------------------


def _settings(folder: str, servers: Servers) -> None:
    os.environ |= {
        "PLEXSYNC_DATA_DIR": folder,
        "PLEXSYNC_STASH_URL": servers.stash_url,
        "PLEXSYNC_PLEX_URL": servers.plex_url,
        "PLEXSYNC_PLEX_TOKEN": servers.token,
        "PLEXSYNC_PATH_MAP": "/data=>/media",
        "PLEXSYNC_READ_TIMEOUT": "60",
    }


def _fill_ledger(folder: str, servers: Servers) -> None:
    _settings(folder, servers)
    import tasks
    import tasks.app
    from plexsync.ledger import Confirmation, ItemSeen, Result
    from plexsync.matching.lookup import Match
    from plexsync.metadata import after, desired, digest, fingerprint, to_json
    from plexsync.model import Applied, Edit, Field, ListedItem
    from plexsync.sync.confirmed import parts_of

    app = tasks.app.runtime()
    items: dict[str, ListedItem] = {}
    for walk in app.library.begin_walks():
        while not walk.at_end:
            page, walk = app.library.walk(walk)
            items |= {item.parts[0].file: item for item in page.read().items}
    app.library.refresh()
    scenes, last = app.ledger.scenes, 0
    sha1 = hashlib.sha1(COVER, usedforsecurity=False).hexdigest()
    while page := app.stash.scenes_after(last):
        last = page[-1].id
        with app.ledger.database.write(durable=True):
            for scene in page:
                file = scene.files[0].path
                item = items[file.replace("/data", "/media")]
                wanted = desired(scene, app.rules)
                match = Match(item.rating_key, item.section_id, 100, (), item.title, item.parts[0].file, file)
                scenes.matched(scene.id, match)
                confirmation = Confirmation(
                    title=scene.title,
                    applied=to_json(after(Applied(), Edit(), wanted)),
                    fingerprint=fingerprint(wanted),
                    notes=(),
                    read_at=time.time(),
                    result=Result.SYNCED,
                    updated_at=scene.updated_at,
                    digest=digest(scene, app.rules),
                    parts=parts_of(scene),
                    item=ItemSeen(item.updated_at, item.thumb, item.art),
                )
                scenes.confirm_write(scene.id, item.rating_key, confirmation)
                for field in (Field.POSTER, Field.BACKGROUND):
                    app.ledger.sent_pictures.begin_uploads([(scene.id, item.rating_key, field, sha1, None)])
                    app.ledger.sent_pictures.finish_upload(scene.id, field, None)
    app.close()


# --- What is measured ------------------------------------------------------------------------------------------------


def _measure(
    folder: str, servers: Servers, extent: Extent, stash: Connection, plex: Connection, answer: Connection
) -> None:
    _settings(folder, servers)
    import tasks
    import tasks.app

    app = tasks.app.runtime()
    before = resident()
    # Once for nothing: the servers put their listings in order.
    _reconcile(app)
    memory = peak()
    _counted(stash), _counted(plex)
    _reconcile(app)
    to_stash, to_plex = _counted(stash), _counted(plex)
    bare, ours, bare_cpu, ours_cpu = [], [], [], []
    for _ in range(extent.rounds):
        began = time.process_time()
        bare.append(_bare_loop(servers))
        between = time.process_time()
        ours.append(_reconcile(app))
        bare_cpu.append(between - began)
        ours_cpu.append(time.process_time() - between)
    in_turns, turns = _in_turns()
    from_scratch = full = 0.0
    if not extent.in_sync_only:
        with app.ledger.database.write() as db:
            db.execute("update scene set digest = null")
        from_scratch, _ = _reconcile(app)
        full, _ = _reconcile(app, full=True)
    assert _counted(plex)["writes"] == 0
    answer.send(
        Figures(
            scenes=extent.scenes,
            stash_requests=to_stash["requests"],
            plex_requests=to_plex["requests"],
            plex_writes=to_plex["writes"],
            queued=tasks.huey.waiting(),
            memory=memory,
            memory_before=before,
            bare=statistics.median(whole for whole, _ in bare),
            bare_scenes=statistics.median(scenes for _, scenes in bare),
            bare_cpu=statistics.median(bare_cpu),
            ours_cpu=statistics.median(ours_cpu),
            ours=statistics.median(whole for whole, _ in ours),
            ours_scenes=statistics.median(scenes for _, scenes in ours),
            from_scratch=from_scratch,
            in_turns=in_turns,
            turns=turns,
            full=full,
        )
    )
    app.close()


def _reconcile(app: Any, *, full: bool = False) -> tuple[float, float]:
    """Compare everything as the command does; the seconds it took, and those for Stash's part."""
    from plexsync.reconcile import Phase, Runs
    from plexsync.reconcile.reconciler import Reconciler
    from tasks.reconcile import HueyQueue

    began = time.perf_counter()
    scenes = 0.0
    for run in Reconciler(app, HueyQueue()).pages(Runs(app.ledger.facts).begin(time.time_ns(), full=full)):
        if run.phase is Phase.BEYOND:
            scenes = time.perf_counter() - began
    assert run.phase is Phase.DONE
    assert not run.counts, run.counts
    return time.perf_counter() - began, scenes


def _in_turns() -> tuple[float, int]:
    """Compare everything message by message, with nothing else in the queue; the seconds, and how many messages."""
    import tasks
    import tasks.app

    began, turns = time.perf_counter(), 0
    tasks.reconcile_on(time.time_ns())
    while tasks.huey.pending():
        tasks.huey.execute(tasks.huey.dequeue())
        turns += 1
    return time.perf_counter() - began, turns


def _bare_loop(servers: Servers) -> tuple[float, float]:
    """The same requests, one after the other, and their answers as JSON; the seconds, and those for Stash's part."""
    from plexsync.library.library import WALK_SIZE
    from plexsync.plex.edits import encode
    from plexsync.plex.reads import NOT_LISTED
    from plexsync.stash import document
    from plexsync.stash.client import SCENES_PER_PAGE

    session = requests.Session()
    session.trust_env = False
    began = time.perf_counter()
    session.post(f"{servers.stash_url}/graphql", json={"query": document.SCENE_COUNT}, timeout=60).json()
    after, scenes = 0, [{}] * SCENES_PER_PAGE
    while len(scenes) == SCENES_PER_PAGE:
        where = {"id": {"value": after, "modifier": "GREATER_THAN"}}
        body = {"query": document.scenes_where(), "variables": {"where": where, "limit": SCENES_PER_PAGE}}
        answer = session.post(f"{servers.stash_url}/graphql", json=body, timeout=60).json()
        scenes = answer["data"]["findScenes"]["scenes"]
        after = int(scenes[-1]["id"]) if scenes else after
    of_scenes = time.perf_counter() - began
    headers = {"Accept": "application/json", "X-Plex-Token": servers.token, "X-Plex-Client-Identifier": "bench"}
    session.get(f"{servers.plex_url}/library/sections", headers=headers, timeout=60).json()
    query = encode([("type", "1"), ("sort", "addedAt:asc"), *NOT_LISTED])
    start, total = 0, 1
    while start < total:
        paging = {"X-Plex-Container-Start": str(start), "X-Plex-Container-Size": str(WALK_SIZE)}
        answer = session.get(
            f"{servers.plex_url}/library/sections/1/all?{query}", headers=headers | paging, timeout=60
        ).json()
        start, total = start + WALK_SIZE, answer["MediaContainer"]["totalSize"]
    return time.perf_counter() - began, of_scenes


if __name__ == "__main__":
    main()
