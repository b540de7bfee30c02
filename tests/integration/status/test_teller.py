"""A monitor on loopback hears that the consumer lives, and a person what is wrong: once, and without a secret."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from plexsync.redaction import redact
from plexsync.status.desk import Desk
from plexsync.status.senders import TellMessage, message, ping
from plexsync.status.served import seen_from_outside
from plexsync.status.teller import TOLD_FILE, Teller
from plexsync.status.watchman import DOWN, DOWN_FOR, KINDS, LETTERS_EVERY, REVIEWS_EVERY, SILENT_FOR, Watchman
from settings import Settings

NOW = 1_800_000_000.0
WELL: dict[str, Any] = {
    "state": "running",
    "stopped": None,
    "dead_letters": 0,
    "oldest_pending_s": None,
    "scenes": {"review": 0},
    "plex": {"up": True, "since": None},
    "stash": {"up": True, "since": None},
}


class Monitor:
    """Takes whatever comes; ``asked`` holds method, path and body."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.status = 200
        monitor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                monitor.asked.append((self.command, self.path, body))
                self.send_response(monitor.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/secret-of-the-ping"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    monitor = Monitor()
    yield monitor
    monitor.server.shutdown()
    monitor.server.server_close()


def iso(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


def show(folder: Path, **known: Any) -> None:
    (folder / "status.json").write_text(json.dumps({**WELL, "written_at": time.time(), **known}))


def settings(folder: Path, **more: Any) -> Settings:
    return Settings(plex_token="x", data_dir=folder, **more)


# --- what is news ----------------------------------------------------------------------------------------------------


def test_a_refused_token_is_told_once_and_that_it_is_over() -> None:
    man = Watchman(KINDS)
    stopped = WELL | {"stopped": "Plex refuses the token"}
    told = [len(man.look(one, NOW)) for one in (WELL, stopped, stopped, WELL, WELL)]
    assert told == [0, 1, 0, 1, 0]


def test_a_service_is_told_of_after_a_quarter_of_an_hour_and_when_it_is_back() -> None:
    man = Watchman(KINDS)
    down = WELL | {"plex": {"up": False, "since": iso(NOW)}}
    assert man.look(down, NOW + DOWN_FOR - 5) == []
    assert man.look(WELL, NOW + DOWN_FOR) == [], "one that was not told of does not come back"
    (bad,) = man.look(down, NOW + DOWN_FOR + 1)
    assert (bad.kind, bad.is_bad, "Plex" in bad.title) == (DOWN, True, True)
    assert man.look(down, NOW + 9 * DOWN_FOR) == []
    (good,) = man.look(WELL, NOW + 10 * DOWN_FOR)
    assert not good.is_bad


def test_dead_letters_are_told_of_once_an_hour_at_most_and_old_ones_never() -> None:
    man = Watchman(KINDS, titles=lambda: ["First title", "Second title"])
    assert man.look(WELL | {"dead_letters": 7}, NOW) == []
    (first,) = man.look(WELL | {"dead_letters": 8}, NOW + 60)
    assert first.text.startswith("1 scene was given up, 8 in all")
    assert "First title" in first.text
    assert "Second" not in first.text
    assert man.look(WELL | {"dead_letters": 9}, NOW + 120) == []
    (later,) = man.look(WELL | {"dead_letters": 11}, NOW + 61 + LETTERS_EVERY)
    assert later.text.startswith("3 scenes were given up"), "those in between are among them"


def test_reviews_are_told_of_daily_and_silence_where_nothing_else_explains_it() -> None:
    man = Watchman(KINDS)
    review = WELL | {"scenes": {"review": 2}}
    assert [len(man.look(review, NOW + at)) for at in (0, 60, REVIEWS_EVERY - 1, REVIEWS_EVERY + 1)] == [1, 0, 0, 1]
    late = WELL | {"oldest_pending_s": SILENT_FOR + 1}
    assert man.look(late | {"plex": {"up": False, "since": iso(NOW)}}, NOW) == []
    assert [len(man.look(one, NOW)) for one in (late, late, WELL, late)] == [1, 0, 0, 1]


def test_only_what_somebody_wants_to_hear_is_told_and_odd_snapshots_tell_nothing() -> None:
    assert Watchman(["down"]).look(WELL | {"stopped": "x"}, NOW) == []
    odd = {"plex": 3, "stash": {"since": []}, "dead_letters": "x", "scenes": [], "oldest_pending_s": "x", "stopped": 1}
    assert Watchman(KINDS).look({}, NOW) == []
    assert Watchman(KINDS, {"stopped": [], "dead_letters": "x", "reviews at": "x"}).look(odd, NOW) == []


# --- how it is told --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "held"),
    [
        ("https://ntfy.sh/topic", "What\nIt"),
        ("https://gotify.lan/message?token=abc", '"message": "It"'),
        ("https://discord.com/api/webhooks/1/abc", '"allowed_mentions": {"parse": []}'),
        ("http://apprise.lan/notify/key", '"type": "failure"'),
        ("http://own.lan/hook", '"kind": "down"'),
    ],
)
def test_each_service_is_told_in_its_own_words(url: str, held: str) -> None:
    sent = message(url, "auto", TellMessage("down", "What", "It"))
    assert held in (sent.body or b"").decode()
    assert sent.url == url


def test_a_ping_as_healthchecks_and_as_uptime_kuma_take_it() -> None:
    def urls(url: str) -> list[str | None]:
        return [sent.url if (sent := ping(url, one, "all is well")) else None for one in ("start", "success", "fail")]

    assert urls("https://hc-ping.com/uuid") == [
        *("https://hc-ping.com/uuid/start", "https://hc-ping.com/uuid", "https://hc-ping.com/uuid/fail"),
    ]
    assert urls("http://kuma/api/push/key?status=up&msg=OK&ping=") == [
        None,
        "http://kuma/api/push/key?status=up&msg=all+is+well",
        "http://kuma/api/push/key?status=down&msg=all+is+well",
    ]


# --- over a real connection ------------------------------------------------------------------------------------------


def test_a_monitor_hears_start_success_and_fail(tmp_path: Path, monitor: Monitor) -> None:
    teller = Teller(settings(tmp_path, ping_url=monitor.url), tmp_path)
    show(tmp_path)
    teller.begins()
    teller.look()
    # The consumer hangs: nobody writes its sign of life.
    show(tmp_path, written_at=time.time() - 100)
    teller.look()
    show(tmp_path, stopped="Plex refuses the token")
    teller.look()
    paths = [path.removeprefix("/secret-of-the-ping") for _, path, _ in monitor.asked]
    assert paths == ["/start", "", "/fail", "/fail"]
    assert not (tmp_path / TOLD_FILE).exists()


def test_what_did_not_arrive_is_told_again_and_a_restart_repeats_nothing(tmp_path: Path, monitor: Monitor) -> None:
    config = settings(tmp_path, notify_url=monitor.url)
    show(tmp_path, stopped="Plex refuses the token")
    monitor.status = 500
    teller = Teller(config, tmp_path)
    teller.look()
    teller.look()
    monitor.status = 200
    teller.look()
    teller.look()
    assert len(monitor.asked) == 3
    assert json.loads(monitor.asked[-1][2])["kind"] == "stopped"
    assert (tmp_path / TOLD_FILE).stat().st_mode & 0o777 == 0o600
    Teller(config, tmp_path).look()
    assert len(monitor.asked) == 3


def test_titles_are_told_only_where_somebody_asks(tmp_path: Path, monitor: Monitor) -> None:
    for wanted in (False, True):
        (tmp_path / TOLD_FILE).unlink(missing_ok=True)
        config = settings(tmp_path, notify_url=monitor.url, notify_titles=wanted)
        teller = Teller(config, tmp_path, lambda: ["A private title"])
        for letters in (0, 1):
            show(tmp_path, dead_letters=letters)
            teller.look()
        assert ("A private title" in monitor.asked[-1][2]) is wanted


def test_the_address_stands_in_no_line_of_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "plexsync")
    url = "http://127.0.0.1:9/api/secret-of-the-ping"
    show(tmp_path, stopped="x")
    Teller(settings(tmp_path, ping_url=url, notify_url=url), tmp_path).look()
    assert "the ping could not be sent: connection error" in caplog.text
    assert "secret-of-the-ping" not in caplog.text
    assert url not in repr(settings(tmp_path, ping_url=url))
    redact.learn(url)
    assert "secret-of-the-ping" not in redact(f"went to {url}/fail")


def test_the_consumer_tells_in_a_thread_of_its_own(tmp_path: Path, monitor: Monitor) -> None:
    show(tmp_path)
    with seen_from_outside(settings(tmp_path, ping_url=monitor.url), Desk(tmp_path, {})):
        until = time.monotonic() + 10
        while len(monitor.asked) < 2:
            assert time.monotonic() < until
            time.sleep(0.01)
