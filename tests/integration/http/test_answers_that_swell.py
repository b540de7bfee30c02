"""Answers that are small on the wire and large in memory: they cost no more than their bytes let one expect.

Each is asked for in a process of its own, of which the system says how much memory it had at the most. It is forked
from one that has imported what it needs, and has asked for nothing.
"""

from __future__ import annotations

import functools
import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator

import pytest

from plexsync.http.documents import MAX_VALUES, TooManyValues, read_json
from tests.support.misbehaving_server import Server, answer
from tests.support.places import ROOT

MIB = 1024 * 1024
#: What a process has when it has asked for something ordinary, and so much more than that at the most.
ORDINARY, MORE = b'{"MediaContainer": {"machineIdentifier": "abc"}}', 200 * MIB

ASK_PLEX = """
from plexsync.plex import PlexClient, PlexEndpoint
ask = lambda address: PlexClient(
    PlexEndpoint(address, "a-token", "x", connect_timeout=5, read_timeout=20), pool_size=1
).identity()
"""
ASK_STASH = """
from plexsync.stash.connection import Connection
from plexsync.stash.refusals import StashServer
ask = lambda address: Connection(StashServer(address, ""), 5, 20, True).query("{ version { version } }")
"""
#: For each address that it is told, a process that asks there, and tells what came of it.
TELL = """
import os, re, time
for address in sys.stdin:
    if not (pid := os.fork()):
        began = time.monotonic()
        try:
            told = repr(ask(address.strip()))[:200]
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
        # Not what getrusage says: that counts what the parent had when it started this one.
        memory = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
        print(json.dumps([told, memory, time.monotonic() - began]), flush=True)
        os._exit(0)
    os.waitpid(pid, 0)
"""


class Asker:
    """One of the two clients, that asks whatever server it is told to."""

    def __init__(self, program: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import json, sys\n{program}{TELL}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        #: Bytes of memory at the most where something ordinary is asked for.
        self.usual = self.asked(ORDINARY)[1]

    def asked(self, body: bytes, headers: str = "") -> tuple[str, int, float]:
        """What came of asking a server that answers so; bytes of memory at the most; seconds."""
        server = Server(answer(body, headers=f"Content-Type: application/json\r\n{headers}"))
        assert self._process.stdin
        assert self._process.stdout
        try:
            self._process.stdin.write(f"http://127.0.0.1:{server.port}\n")
            self._process.stdin.flush()
            told, memory, seconds = json.loads(self._process.stdout.readline())
        finally:
            server.close()
        return told, memory, seconds

    def close(self) -> None:
        self._process.communicate(timeout=20)


@pytest.fixture(scope="module", params=[ASK_PLEX, ASK_STASH], ids=["Plex", "Stash"])
def asker(request: pytest.FixtureRequest) -> Iterator[Asker]:
    asker = Asker(request.param)
    yield asker
    asker.close()


def listed(one: bytes, size: int) -> bytes:
    return b'{"data": {"x": [' + b",".join([one] * (size // (len(one) + 1))) + b"]}}"


BODIES: dict[str, Callable[[], bytes]] = {
    "empty lists": lambda: listed(b"[]", 18 * MIB),
    "empty objects": lambda: listed(b"{}", 18 * MIB),
    "objects": lambda: listed(b'{"a":0}', 18 * MIB),
    "short texts": lambda: listed(b'"ab"', 18 * MIB),
    "numbers": lambda: listed(b"1.5", 18 * MIB),
    "lists in lists": lambda: b"[" * (18 * MIB),
    "a number without end": lambda: b'{"data": ' + b"9" * (18 * MIB) + b"}",
    "one long text": lambda: b'{"data": {"x": "' + "🎬".encode() * (4 * MIB) + b'"}}',
}


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_an_answer_costs_no_more_memory_and_time_than_its_bytes_let_one_expect(asker: Asker, body: str) -> None:
    told, memory, seconds = asker.asked(BODIES[body]())
    assert memory - asker.usual < MORE, told
    assert seconds < 5, told


@functools.cache
def bomb(size: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join([packer.compress(b" " * MIB) for _ in range(size // MIB)]) + packer.flush()


@pytest.mark.slow
@pytest.mark.parametrize("layers", [1, 2])
def test_a_body_that_grows_when_it_is_unpacked_is_not_unpacked_to_its_end(asker: Asker, layers: int) -> None:
    body = bomb(256 * MIB)
    for _ in range(layers - 1):
        body = gzip.compress(body)
    told, memory, seconds = asker.asked(body, f"Content-Encoding: {', '.join(['gzip'] * layers)}\r\n")
    assert "more than" in told or "longer than" in told
    assert memory - asker.usual < MORE
    assert seconds < 10


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers", ["".join(f"X-{number}: a\r\n" for number in range(100_000)), f"X-Long: {'a' * 10_000_000}\r\n"]
)
def test_a_head_without_end_is_no_answer(asker: Asker, headers: str) -> None:
    told, _, seconds = asker.asked(ORDINARY, headers)
    assert told.startswith(("ConnectionDropped: ", "StashUnavailable: "))
    assert seconds < 5


def test_what_is_read_is_what_was_sent() -> None:
    value = {"a": [1, 2.5, "x,[{", None, True, {}], "ü": "🎬"}
    assert read_json(json.dumps(value).encode()) == value


def test_a_document_with_as_many_values_as_may_be_is_read() -> None:
    assert len(read_json(b"[" + b"0," * (MAX_VALUES - 2) + b"0]")) == MAX_VALUES - 1
    with pytest.raises(TooManyValues):
        read_json(b"[" + b"0," * MAX_VALUES + b"0]")


@pytest.mark.parametrize("body", [b"[" * 100_000, b"9" * 100_000, b'{"a": ', b"", b"\xff\xfe"])
def test_what_cannot_be_read_is_one_kind_of_error(body: bytes) -> None:
    with pytest.raises(ValueError, match="."):
        read_json(body)
