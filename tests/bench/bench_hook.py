"""What the hook adds to a mutation in Stash, beside what Python itself takes: whole processes, wall time.

    python -m tests.bench.bench_hook [--python PATH] [--runs 50] [--data-dir FOLDER]

The floor is a process that imports what a direct insert into SQLite would need, and does nothing with it; the bare
interpreter does not even do that. All start alike, in turn, in the same run. The bar is 1.5 times the floor, and for
the page's look at the status twice the bare interpreter. Figures are printed; no time fails.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from plexsync.inbox import consumer_record, event_files, event_reading
from tests.support.places import ROOT

#: The ratio of hook to floor that is to be kept.
BAR = 1.5
#: That of the page's look at the status to the bare interpreter.
STATUS_BAR = 2.0
AT_ONCE = 8
WAITING = 10_000
FLAGS = ("-I", "-S")


def main() -> None:
    """Print all figures."""
    options = _options()
    if options.drain:
        drain(options.drain)
        return
    folder = Path(tempfile.mkdtemp(prefix="plexsync-bench-", dir=options.data_dir))
    bench = Bench(options.python, folder)
    version = subprocess.run([options.python, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    print(f"{version}, {os.cpu_count()} cores, data in {folder}, medians of {options.runs} runs, ms\n")
    try:
        bench.one_at_a_time(options.runs)
        bench.many_at_once(options.runs)
    finally:
        shutil.rmtree(folder)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="the interpreter that Stash would start")
    parser.add_argument("--runs", type=int, default=50, help="runs of each row (default 50)")
    parser.add_argument("--data-dir", help="a folder on the disk to measure (default: the system's temporary one)")
    parser.add_argument("--drain", help=argparse.SUPPRESS)
    return parser.parse_args()


class Bench:
    """Times hooks of one interpreter on one data folder.

    :param python: the interpreter.
    :param folder: an empty folder.
    """

    def __init__(self, python: str, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / event_files.FOLDER
        self.environment = {**os.environ, "PLEXSYNC_DATA_DIR": str(folder)}
        self.bare = [python, *FLAGS, "-c", "pass"]
        self.floor = [python, *FLAGS, "-c", "import json, sqlite3"]
        self.hook = [python, *FLAGS, str(ROOT / "plexsync" / "hook.py")]

    def time(self, command: list[str], sent: bytes = b"", *, stopped: bool = False) -> float:
        """Milliseconds from the start of a process to its end.

        :param stopped: the consumer has been stopped by a person; else one runs, as far as a hook can see.
        """
        pipe = subprocess.PIPE
        self._leave(stopped=stopped)
        started = time.perf_counter()
        # Not subprocess.run: it feeds a process in pieces of 4 KiB, which would be the larger part of what is measured.
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=self.environment) as process:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            process.stdin.write(sent)
            process.stdin.close()
            answer, log = process.stdout.read(), process.stderr.read()
            code = process.wait()
            seconds = time.perf_counter() - started
        if code != 0 or (sent and not answer.startswith(b'{"output"')):
            raise SystemExit(f"{command} failed: {answer!r} {log!r}")
        return seconds * 1000

    def one_at_a_time(self, runs: int) -> None:
        """Rows that differ in what Stash sends and in what waits already."""
        small, large = _event(), _event(cover_image=_picture(5_000_000))
        floor = "floor (import json, sqlite3)"
        rows: dict[str, Callable[[], float]] = {
            "bare interpreter (-c pass)": lambda: self.time(self.bare),
            floor: lambda: self.time(self.floor),
            "hook": lambda: self.time(self.hook, small),
            "hook, no consumer, none to start": lambda: self.time(self.hook, small, stopped=True),
            "page: status": lambda: self.time(self.hook, _operation("status")),
            "hook, cover image of 5 MB": lambda: self.time(self.hook, large),
        }
        times = _in_turn(rows, runs)
        _print_rows("one at a time", times, floor)
        status, bare = (statistics.median(times[name]) for name in ("page: status", "bare interpreter (-c pass)"))
        print(f"page: status is {status / bare:.2f} of the bare interpreter (bar {STATUS_BAR})\n")
        self._fill()
        _print_rows(
            f"{WAITING:,} messages waiting", _in_turn({name: rows[name] for name in (floor, "hook")}, runs), floor
        )
        shutil.rmtree(self.inbox)

    def many_at_once(self, runs: int) -> None:
        """Eight processes at once, while a consumer takes messages over and commits."""
        sent = _event()
        commands = {"bare interpreters": (self.bare, b""), "floors": (self.floor, b""), "hooks": (self.hook, sent)}
        times: dict[str, list[float]] = {name: [] for name in commands}
        with self._consumer(), ThreadPoolExecutor(AT_ONCE) as pool:
            for _ in range(runs // AT_ONCE + 1):
                for name, (command, given) in commands.items():
                    times[name] += pool.map(self.time, [command] * AT_ONCE, [given] * AT_ONCE)
        _print_rows(f"{AT_ONCE} at once, the queue being written", times, "floors")
        acknowledged = len(times["hooks"])
        taken = self._taken()
        print(f"{acknowledged} events acknowledged, {taken} taken over")
        # More is no fault: a message that is taken over while its hook still syncs it can come twice.
        if taken < acknowledged:
            raise SystemExit("events were lost")

    def _leave(self, *, stopped: bool) -> None:
        """Leave in the data folder what a consumer does: its record, and a snapshot of the largest size."""
        status = self.folder / "status.json"
        if not status.exists():
            rows = [{"id": str(number), "text": "x" * 200} for number in range(250)]
            status.write_text(json.dumps({"schema": 1, "state": "running", "done": rows}))
            consumer_record.began(str(self.folder), {})
            consumer_record.ended(str(self.folder), consumer_record.STOPPED)
        age = 3600 if stopped else 0
        os.utime(status, (time.time() - age,) * 2)

    def _fill(self) -> None:
        raw = json.dumps(event_files.message(1, "Scene.Update.Post")).encode() + b"\n"
        for number in range(WAITING):
            (self.inbox / f"{number:020d}-1-00000000.json").write_bytes(raw)

    @contextmanager
    def _consumer(self) -> Iterator[None]:
        """A process that takes messages over, until the block ends and the inbox is empty."""
        self.inbox.mkdir()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bench_hook", "--drain", str(self.folder)], stdin=subprocess.PIPE
        )
        try:
            yield
        finally:
            process.communicate(timeout=60)

    def _taken(self) -> int:
        with closing(sqlite3.connect(self.folder / "plexsync.db")) as database:
            return int(database.execute("select count(*) from task where data <> 'load'").fetchone()[0])


def drain(folder: str) -> None:
    """Commit all the time, and take over what is in the inbox, until standard input is closed."""
    place = os.path.join(folder, event_files.FOLDER)  # noqa: PTH118 - as the inbox takes and gives paths
    os.set_blocking(0, False)
    with closing(sqlite3.connect(f"{folder}/plexsync.db", isolation_level=None)) as database:
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")
        database.execute("create table task (data text)")
        while True:
            ending = _is_closed(0)
            if not _take_over(database, place) and ending:
                return
            time.sleep(0.002)


def _take_over(database: sqlite3.Connection, place: str) -> int:
    paths = [f"{place}/{name}" for name in event_reading.waiting(place, 100)]
    taken = []
    database.execute("begin immediate")
    database.execute("insert into task values ('load')")
    for path in paths:
        try:
            database.execute("insert into task values (?)", (json.dumps(event_reading.read(path)),))
        except event_reading.Unfinished:
            continue
        taken.append(path)
    database.execute("commit")
    for path in taken:
        event_files.remove(path)
    return len(paths)


def _is_closed(descriptor: int) -> bool:
    try:
        return os.read(descriptor, 1) == b""
    except BlockingIOError:
        return False


def _event(**edit: object) -> bytes:
    server = {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999, "SessionCookie": None}
    context = {"id": 45, "type": "Scene.Update.Post", "input": {"id": "45", "title": "A title", **edit}}
    return json.dumps({"server_connection": server, "args": {"hookContext": context}}).encode()


def _operation(mode: str) -> bytes:
    server = {"Scheme": "http", "Host": "0.0.0.0", "Port": 9999, "SessionCookie": None}
    return json.dumps({"server_connection": server, "args": {"mode": mode}}).encode()


def _picture(size: int) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(os.urandom(size * 3 // 4)).decode()


def _in_turn(rows: dict[str, Callable[[], float]], runs: int) -> dict[str, list[float]]:
    """Run all rows once unmeasured, then in turn, so that whatever else the machine does hits all alike."""
    for run in rows.values():
        run()
    times: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(runs):
        for name, run in rows.items():
            times[name].append(run())
    return times


def _print_rows(title: str, times: dict[str, list[float]], floor: str) -> None:
    base = statistics.median(times[floor])
    print(f"{title:<34} median    p99  of floor (bar {BAR})")
    for name, measured in times.items():
        median, p99 = statistics.median(measured), statistics.quantiles(measured, n=100, method="inclusive")[98]
        print(f"  {name:<32} {median:6.1f} {p99:6.1f}  {median / base:.2f}")
    print()


if __name__ == "__main__":
    main()
