"""CPU of one request to Plex and to Stash: by nothing but a socket, by http.client, urllib3 and requests, and by ours.

Run: ``python -m tests.bench.bench_requests``, or ``... --count 500 --only read edit``. The server is a process of its
own that answers the same bytes whatever is asked, so that only the client's work is measured. What is called *sent* is
the request as the room sends it; *called* is what the rest of the program calls, with breaker, pace, and the answer
read into a value.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import requests
import urllib3

from plexsync.errors import PlexUnavailable, StashUnavailable
from plexsync.http.breaker import BreakerStorage, Guard
from plexsync.model import Edit, Field, Picture
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.edits import edit_queries
from plexsync.plex.transport import REQUEST_LINE_MAX, Transport
from plexsync.stash import StashClient, document
from plexsync.stash.connection import Connection
from plexsync.stash.refusals import StashServer
from plexsync.storage.database import Database

TOKEN = "x" * 20
KEY = 4711
EDIT = Edit(texts={Field.TITLE: "A title", Field.SUMMARY: "What it is about."})
#: Bytes of a picture, as Stash makes them of a video.
PICTURE = b"\xff\xd8\xff" + bytes(120_000)
ITEM = {
    "ratingKey": str(KEY),
    "title": "A film",
    "summary": "What happens in it, in some words. " * 5,
    "studio": "A studio",
    "originallyAvailableAt": "2023-05-17",
    "addedAt": 1_700_000_000,
    "updatedAt": 1_700_000_001,
    "thumb": f"/library/metadata/{KEY}/thumb/1700000001",
    "Genre": [{"tag": f"Genre {number}", "id": number} for number in range(6)],
    "Role": [{"tag": f"Somebody {number}", "thumb": f"http://stash/performer/{number}/image"} for number in range(3)],
    "Field": [{"name": name, "locked": True} for name in ("title", "summary", "studio", "genre")],
    "Media": [{"Part": [{"file": "/media/a film.mkv", "size": 7_000_000_000, "duration": 5_400_000}]}],
}
SCENE = {
    "id": "1",
    "title": "A film",
    "details": "What happens in it, in some words. " * 5,
    "director": "",
    "code": "",
    "date": "2023-05-17",
    "rating100": 80,
    "organized": True,
    "urls": ["https://example.org/a-film"],
    "created_at": "2023-05-17T10:00:00+02:00",
    "updated_at": "2023-05-17T10:00:00+02:00",
    "files": [{"path": "/data/a film.mkv", "size": 7_000_000_000, "duration": 5400.0, "fingerprints": []}],
    "paths": {"screenshot": "http://stash/scene/1/screenshot?t=1"},
    "studio": {"id": "1", "name": "A studio"},
    "performers": [{"id": str(one), "name": f"Somebody {one}", "image_path": None} for one in range(3)],
    "tags": [{"id": str(one), "name": f"Tag {one}"} for one in range(6)],
    "groups": [],
    "stash_ids": [],
}
#: The headers that Plex, and Stash, send with an answer.
PLEX_HEADERS = (
    "X-Plex-Protocol: 1.0\r\nContent-Type: application/json\r\nCache-Control: no-cache\r\nConnection: Keep-Alive\r\n"
    "Keep-Alive: timeout=20\r\nX-Plex-Content-Original-Length: 1000\r\nVary: Origin, X-Plex-Token\r\n"
    "Date: Wed, 17 May 2023 10:00:00 GMT\r\n"
)
STASH_HEADERS = "Content-Type: {}\r\nVary: Origin\r\nDate: Wed, 17 May 2023 10:00:00 GMT\r\n"


def _answer(headers: str, body: bytes) -> bytes:
    return f"HTTP/1.1 200 OK\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


ANSWERS = {
    b"PUT": _answer(PLEX_HEADERS, b""),
    b"POST /library": _answer(PLEX_HEADERS, b""),
    b"GET /library": _answer(
        PLEX_HEADERS, json.dumps({"MediaContainer": {"size": 1, "librarySectionID": 1, "Metadata": [ITEM]}}).encode()
    ),
    b"POST /graphql": _answer(
        STASH_HEADERS.format("application/json"),
        json.dumps({"data": {"scene0": SCENE}}).encode(),
    ),
    b"GET /scene": _answer(STASH_HEADERS.format("image/jpeg") + 'ETag: "abc"\r\n', PICTURE),
}


def serve(pipe: Pipe) -> None:
    """The other process: answers until nobody is there any more."""
    listener = socket.create_server(("127.0.0.1", 0))
    pipe.send(listener.getsockname()[1])
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection,), daemon=True).start()


def _serve(connection: socket.socket) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            if not (piece := connection.recv(1 << 20)):
                return
            data += piece
        head, _, data = data.partition(b"\r\n\r\n")
        length = next((int(one[15:]) for one in head.split(b"\r\n") if one.lower().startswith(b"content-length:")), 0)
        missing = length - len(data)
        data = data[length:]
        while missing > 0:
            missing -= len(connection.recv(1 << 20))
        connection.sendall(next(answer for start, answer in ANSWERS.items() if head.startswith(start)))


@dataclass(frozen=True)
class Case:
    """One kind of request: what goes over the wire, and how ours is made."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    sent: Callable[[], object]
    called: Callable[[], object]


def bare_socket(case: Case, port: int) -> Callable[[], object]:
    """The bytes out, and the bytes in: what the system takes for it."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    length = f"Content-Length: {len(case.body)}\r\n" if case.body is not None else ""
    headers = "".join(f"{name}: {value}\r\n" for name, value in case.headers.items())
    request = f"{case.method} {case.path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}{length}\r\n".encode()
    request += case.body or b""
    (size,) = (len(one) for start, one in ANSWERS.items() if request.startswith(start))
    buffer = bytearray(size)

    def send() -> None:
        connection.sendall(request)
        view = memoryview(buffer)
        while view:
            view = view[connection.recv_into(view) :]

    return send


def by_http_client(case: Case, port: int) -> Callable[[], object]:
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def send() -> bytes:
        connection.request(case.method, case.path, case.body, case.headers)
        return connection.getresponse().read()

    return send


def by_urllib3(case: Case, port: int) -> Callable[[], object]:
    pool = urllib3.HTTPConnectionPool("127.0.0.1", port, maxsize=1)
    timeout = urllib3.Timeout(3, 10)
    return lambda: (
        pool.urlopen(
            case.method, case.path, case.body, case.headers, retries=False, timeout=timeout, assert_same_host=False
        ).data
    )


def by_requests(case: Case, port: int) -> Callable[[], object]:
    session = requests.Session()
    session.trust_env = False
    url = f"http://127.0.0.1:{port}{case.path}"
    return lambda: (
        session.request(
            case.method, url, data=case.body, headers=case.headers, timeout=(3, 10), allow_redirects=False
        ).content
    )


def cases(port: int, folder: Path) -> list[Case]:
    """Each request that a first sync is made of."""
    url = f"http://127.0.0.1:{port}"
    database = Database(folder / "plexsync.db")
    guards = [
        Guard(name, kind, 5, 60, BreakerStorage(database, name))
        for name, kind in (("Plex", PlexUnavailable), ("Stash", StashUnavailable))
    ]
    plex = PlexClient(PlexEndpoint(url, TOKEN, "bench"), breaker=guards[0])
    transport = Transport(PlexEndpoint(url, TOKEN, "bench"), pool_size=4)
    stash = StashClient(url, breaker=guards[1])
    connection = Connection(StashServer(url), 3, 10, True)
    plain = {
        "Accept": "application/json",
        "User-Agent": "PlexSync/1",
        "X-Plex-Client-Identifier": "bench",
        "X-Plex-Product": "PlexSync",
        "X-Plex-Version": "1",
        "X-Plex-Pms-Api-Version": "1.0",
        "X-Plex-Token": TOKEN,
    }
    (query,) = edit_queries(EDIT, (("type", "1"), ("id", str(KEY))), lock=True, room=REQUEST_LINE_MAX)
    item, folder_of = f"/library/metadata/{KEY}", "/library/sections/1/all"
    text = document.scenes_one_by_one(1)
    variables = {"id0": "1"}
    asked = json.dumps({"query": text, "variables": variables}).encode()
    typed = {"Content-Type": "image/jpeg"}
    picture = Picture(PICTURE, "image/jpeg", "0" * 40, None)
    shot = "/scene/1/screenshot?t=1"
    as_json = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "PlexSync/1"}
    return [
        Case("read", "GET", item, plain, None, lambda: transport.send("GET", item), lambda: plex.items([KEY])),
        Case(
            "edit",
            "PUT",
            f"{folder_of}?{query}",
            plain,
            None,
            lambda: transport.send("PUT", folder_of, query),
            lambda: plex.edit(1, [KEY], EDIT, lock=True),
        ),
        Case(
            "upload",
            "POST",
            f"{item}/posters",
            plain | typed,
            PICTURE,
            lambda: transport.send("POST", f"{item}/posters", headers=typed, body=PICTURE, repeatable=False),
            lambda: plex.upload(KEY, Field.POSTER, picture),
        ),
        Case(
            "query",
            "POST",
            "/graphql",
            as_json,
            asked,
            lambda: connection.query(text, variables),
            lambda: stash.scenes([1]),
        ),
        Case(
            "picture",
            "GET",
            shot,
            {"Accept": "image/*"},
            None,
            lambda: connection.get(url + shot, "image/*", None),
            lambda: stash.picture(url + shot),
        ),
    ]


def microseconds(ways: dict[str, Callable[[], object]], count: int, rounds: int) -> dict[str, float]:
    """CPU of one call each, the median of some rounds; by turns, so that what else the machine does strikes all."""
    for send in ways.values():
        for _ in range(20):
            send()
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, send in ways.items():
            began = time.process_time()
            for _ in range(count):
                send()
            found[name].append((time.process_time() - began) / count * 1e6)
    return {name: statistics.median(one) for name, one in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__.splitlines()[0],
        epilog="examples: python -m tests.bench.bench_requests --count 100; ... --only read edit",
    )
    parser.add_argument("--count", type=int, default=50, help="requests in a round (default 50)")
    parser.add_argument("--rounds", type=int, default=31, help="rounds, of which the median counts (default 31)")
    parser.add_argument("--only", nargs="+", help="of read, edit, upload, query, picture (default all)")
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    with tempfile.TemporaryDirectory() as folder:
        port = ours.recv()
        print("microseconds of CPU for one request; ours by urllib3 in brackets")
        print(f"{'':10}{'socket':>9}{'http':>9}{'urllib3':>9}{'requests':>9}{'ours, sent':>18}{'ours, called':>18}")
        for case in cases(port, Path(folder)):
            if options.only and case.name not in options.only:
                continue
            ways = {
                "socket": bare_socket(case, port),
                "http": by_http_client(case, port),
                "urllib3": by_urllib3(case, port),
                "requests": by_requests(case, port),
                "sent": case.sent,
                "called": case.called,
            }
            taken = microseconds(ways, options.count, options.rounds)
            bare = taken["urllib3"]
            row = "".join(f"{taken[name]:9.0f}" for name in ("socket", "http", "urllib3", "requests"))
            row += "".join(f"{taken[name]:9.0f} {f'({taken[name] / bare:.2f})':>8}" for name in ("sent", "called"))
            print(f"{case.name:10}{row}")
    process.kill()
    process.join()


if __name__ == "__main__":
    main()
