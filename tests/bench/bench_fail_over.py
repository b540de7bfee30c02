"""How long nobody works when the consumer that leads fails: killed, switched off with its machine, or cut off.

Two real consumers, each in a network namespace of its own, and a PostgreSQL beside them. For Linux, and for root.
Prints seconds, each beside the bar of 15, and the moment at which a leader that was cut off gave up by itself: that has
to be before the next one begins.

Examples::

    python -m tests.bench.bench_fail_over
    python -m tests.bench.bench_fail_over --only cut
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import postgres_server
from tests.support.places import ROOT

#: Seconds in which another consumer has to lead.
BAR = 15.0
LEADS, WAITS, GIVES_UP = "this consumer leads now", "this one waits, and takes over", "this consumer leads no longer"
#: The two networks: the server's end, and the consumer's.
NETWORK = "10.77.{number}.{end}"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


class Consumer:
    """One of the two, in a namespace that a cable leads to.

    :param number: 1 or 2.
    :param folder: for its data and its log.
    :param port: the server's.
    """

    def __init__(self, number: int, folder: Path, port: int) -> None:
        self.number = number
        self.log_path = folder / f"log{number}"
        self._space, self._ours, theirs = f"plexsync-{number}", f"psq-h{number}", f"psq-c{number}"
        ip("netns", "add", self._space)
        ip("link", "add", self._ours, "type", "veth", "peer", "name", theirs)
        ip("link", "set", theirs, "netns", self._space)
        ip("addr", "add", NETWORK.format(number=number, end=1) + "/24", "dev", self._ours)
        self.plug(is_in=True)
        for words in (("addr", "add", NETWORK.format(number=number, end=2) + "/24", "dev", theirs),
                      ("link", "set", theirs, "up"), ("link", "set", "lo", "up")):  # fmt: skip
            ip("-n", self._space, *words)
        nobody = "http://127.0.0.1:1"
        self._environ = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "PLEXSYNC_DATA_DIR": str(folder / f"data{number}"),
            "PLEXSYNC_PLEX_TOKEN": "token-of-nobody",
            "PLEXSYNC_PLEX_URL": nobody,
            "PLEXSYNC_STASH_URL": nobody,
            "PLEXSYNC_DATABASE_URL": f"postgresql://postgres@{NETWORK.format(number=number, end=1)}:{port}/postgres",
        }

    def start(self) -> None:
        command = ["ip", "netns", "exec", self._space, sys.executable, "-P", "-m", "plexsync.cli.consumer"]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, env=self._environ, stdout=log, stderr=subprocess.STDOUT)

    def plug(self, *, is_in: bool) -> None:
        ip("link", "set", self._ours, "up" if is_in else "down")

    def said(self, text: str) -> int:
        return self.log_path.read_text().count(text)

    def end(self) -> None:
        if hasattr(self, "process"):
            self.process.kill()
            self.process.wait()
        with suppress(subprocess.CalledProcessError):
            ip("link", "del", self._ours)
        with suppress(subprocess.CalledProcessError):
            ip("netns", "del", self._space)


def seconds_until(condition: Callable[[], object], most: float = 60.0) -> float:
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > most:
            raise TimeoutError("it did not happen")
        time.sleep(0.02)
    return time.monotonic() - began


@contextmanager
def two() -> Iterator[tuple[Consumer, Consumer]]:
    """Two consumers, of which the first leads and the second waits."""
    with tempfile.TemporaryDirectory(prefix="plexsync-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = postgres_server.start(folder / "server")
        consumers: list[Consumer] = []
        try:
            with (server.data / "postgresql.conf").open("a") as settings:
                settings.write("\nlisten_addresses = '*'\n")
            with (server.data / "pg_hba.conf").open("a") as access:
                access.write("\nhost all all 10.77.0.0/16 trust\n")
            server.kill()
            server.again()
            port = int(server.url.rpartition(":")[2].partition("/")[0])
            for number in (1, 2):
                consumers.append(Consumer(number, folder, port))
                consumers[-1].start()
                seconds_until(lambda number=number: consumers[-1].said(LEADS if number == 1 else WAITS))  # type: ignore[misc]
            yield consumers[0], consumers[1]
        finally:
            for one in consumers:
                one.end()
            server.stop()


def killed() -> None:
    with two() as (first, second):
        first.process.kill()
        report("killed", seconds_until(lambda: second.said(LEADS)))


def switched_off() -> None:
    with two() as (first, second):
        # Nothing that its machine would say about the end of the process arrives.
        first.plug(is_in=False)
        first.process.kill()
        report("its machine is switched off", seconds_until(lambda: second.said(LEADS)))


def cut() -> None:
    with two() as (first, second):
        began = time.monotonic()
        first.plug(is_in=False)
        seconds_until(lambda: first.said(GIVES_UP))
        gave_up = time.monotonic() - began
        seconds_until(lambda: second.said(LEADS))
        report("cut off", time.monotonic() - began, f"; it gave up by itself after {gave_up:.1f} s")
        first.plug(is_in=True)
        print(f"{'back again, it waits':28} {seconds_until(lambda: first.said(WAITS)):5.1f} s", flush=True)


def report(what: str, seconds: float, more: str = "") -> None:
    print(f"{what:28} {seconds:5.1f} s until another one leads   ({seconds / BAR:.2f} of the bar{more})", flush=True)


CASES = {"killed": killed, "off": switched_off, "cut": cut}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=CASES, help="one of them")
    options = parser.parse_args()
    if os.geteuid() or shutil.which("ip") is None:
        print("this makes network namespaces: it is for root, on Linux, with the program ip")
        return 1
    for name, case in CASES.items():
        if options.only in (None, name):
            case()
    return 0


if __name__ == "__main__":
    sys.exit(main())
