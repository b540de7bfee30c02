"""Health and metrics as a monitor sees them, and the dashboard and alerts that ask for them."""

from __future__ import annotations

import json
import re
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from plexsync.http.tally import REQUESTS_SENT, RequestTally
from plexsync.inbox import heartbeat
from plexsync.ledger.course import follow
from plexsync.ledger.hours import Hours
from plexsync.queue import open_queue
from plexsync.status.desk import Desk
from plexsync.status.http_server import MOST_CALLERS, OutsideServer
from plexsync.status.metrics import Metrics
from plexsync.status.served import METRICS_FILE, seen_from_outside
from plexsync.status.snapshot import compose
from plexsync.status.writer import SnapshotWriter
from plexsync.sync.hour_keeper import HourKeeper
from settings import Settings
from tests.support.places import ROOT
from tests.support.sync_bench import SyncBench, sync_bench

MONITORING = ROOT / "docs" / "operations" / "monitoring"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SyncBench]:
    with sync_bench(tmp_path_factory.mktemp("served")) as bench:
        open_queue(bench.database)
        keeper = HourKeeper(lambda: Hours(bench.database))
        bench.app.outcomes.listen(keeper)
        from tasks.attempt import attempt

        with follow(event_at=time.time() - 3.0):
            attempt(bench.app, bench.scene, fresh=True)
        keeper.write()
        yield bench


@pytest.fixture(scope="module")
def desk(bench: SyncBench) -> Iterator[Desk]:
    desk = Desk(bench.settings.data_dir, {})
    desk.runs(lambda: bench.app)
    SnapshotWriter(desk, compose).write()
    yield desk
    desk.close()


@pytest.fixture
def server(desk: Desk) -> Iterator[OutsideServer]:
    server = OutsideServer("127.0.0.1:0", str(desk.folder), Metrics(desk).text)
    server.start()
    yield server
    server.stop()


def get(server: OutsideServer, path: str) -> tuple[int, bytes]:
    host, port = server.address
    try:
        with urllib.request.urlopen(f"http://{host}:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def samples(text: bytes) -> dict[str, list[tuple[dict[str, str], float]]]:
    found: dict[str, list[tuple[dict[str, str], float]]] = {}
    for family in text_string_to_metric_families(text.decode()):
        for one in family.samples:
            found.setdefault(one.name, []).append((one.labels, one.value))
    return found


def write_status(folder: Path, **known: Any) -> None:
    whole = {
        "written_at": time.time(),
        "state": "running",
        "stopped": None,
        "plex": {"up": True},
        "stash": {"up": True},
    }
    (folder / "status.json").write_text(json.dumps(whole | known))


@pytest.mark.parametrize(
    ("known", "healthy", "ready"),
    [
        ({}, True, True),
        ({"written_at": 5.0}, False, False),
        ({"stopped": "Plex refuses the token"}, False, False),
        ({"state": "stopping"}, False, False),
        ({"state": "needs_settings"}, True, False),
        ({"plex": {"up": False}}, True, False),
        ({"written_at": "odd"}, False, False),
    ],
)
def test_what_is_healthy_and_what_is_ready(tmp_path: Path, known: dict[str, Any], healthy: bool, ready: bool) -> None:
    write_status(tmp_path, **known)
    found = heartbeat.health(str(tmp_path))
    assert (found["healthy"], found["ready"]) == (healthy, ready)
    assert "token" not in found["text"] or "Plex refuses" not in found["text"]


def test_a_folder_without_a_snapshot_and_one_that_is_none(tmp_path: Path) -> None:
    assert not heartbeat.health(str(tmp_path))["healthy"]
    for odd in ("", "[1]", "{", "[" * 100_000):
        (tmp_path / "status.json").write_text(odd)
        assert not heartbeat.health(str(tmp_path))["healthy"]


def test_the_check_without_a_port(tmp_path: Path) -> None:
    def check(*arguments: str) -> tuple[int, str]:
        program = [sys.executable, "-I", "-S", str(ROOT / "plexsync" / "healthcheck.py"), *arguments]
        done = subprocess.run(program, capture_output=True, text=True, timeout=30, check=False)
        return done.returncode, done.stdout

    write_status(tmp_path, plex={"up": False})
    assert check(str(tmp_path))[0] == 0
    code, said = check("--ready", str(tmp_path))
    assert (code, json.loads(said)["ready"]) == (1, False)
    assert check("--unknown")[0] == 2


def test_health_ready_and_metrics_over_http(server: OutsideServer, desk: Desk) -> None:
    status, body = get(server, "/health?x=1")
    assert (status, json.loads(body)["healthy"]) == (200, True)
    assert get(server, "/ready")[0] == 200
    status, body = get(server, "/metrics")
    found = samples(body)
    assert status == 200
    assert {one["outcome"]: value for one, value in found["plexsync_syncs_total"]}["synced"] == 1
    assert {one["state"]: value for one, value in found["plexsync_scenes"]}["synced"] == 1
    buckets = {float(one["le"]): value for one, value in found["plexsync_event_to_plex_seconds_bucket"]}
    assert (buckets[2.0], buckets[float("inf")]) == (0, 1)
    assert sorted((one["service"], value) for one, value in found["plexsync_service_up"]) == [("plex", 1), ("stash", 1)]
    sent = {(one["service"], one["status"]) for one, _ in found["plexsync_requests_total"]}
    assert {("plex", "200"), ("stash", "200")} <= sent
    assert get(server, "/")[0] == 404
    path = desk.folder / "status.json"
    kept = path.read_bytes()
    path.write_text(json.dumps({"written_at": 5.0, "state": "running"}))
    assert get(server, "/health")[0] == 503
    assert get(server, "/metrics")[0] == 200, "what is not known is left out"
    path.write_bytes(kept)


def test_no_label_holds_a_scene_a_path_or_a_title(server: OutsideServer) -> None:
    names = {name for labels in samples(get(server, "/metrics")[1]).values() for one, _ in labels for name in one}
    assert names <= {"state", "outcome", "service", "status", "le", "version"}
    assert b"a file" not in get(server, "/metrics")[1]


def test_callers_that_say_nothing_hold_up_only_so_many(server: OutsideServer) -> None:
    silent = [socket.create_connection(server.address) for _ in range(MOST_CALLERS - 1)]
    try:
        assert get(server, "/health")[0] == 200
    finally:
        for one in silent:
            one.close()


def test_dashboard_and_alerts_name_nothing_that_is_not_exported(server: OutsideServer) -> None:
    exported = set(samples(get(server, "/metrics")[1]))
    rules = yaml.safe_load((MONITORING / "alerts.yaml").read_text(encoding="utf-8"))
    alerts = [rule for group in rules["groups"] for rule in group["rules"]]
    dashboard = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
    asked = [rule["expr"] for rule in alerts]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(asked) > 15
    for expression in asked:
        names = re.findall(r"plexsync_\w+", expression)
        assert names, expression
        assert set(names) <= exported, expression
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in alerts)
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    assert not [*MONITORING.glob("*.yml")], "Stash takes each for a plugin"
    told = (ROOT / "docs" / "operations" / "watching.md").read_text(encoding="utf-8")
    for name in exported:
        assert re.sub("_(bucket|sum|count)$", "", name) in told, name


def test_the_file_for_node_exporter_is_there_whole_and_gone_at_the_end(desk: Desk) -> None:
    path = desk.folder / METRICS_FILE
    with seen_from_outside(Settings(plex_token="x", metrics_file=True, data_dir=desk.folder), desk):
        until = time.monotonic() + 10
        while not path.exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        assert "plexsync_heartbeat_timestamp_seconds" in samples(path.read_bytes())
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert not list(desk.folder.glob(f"{METRICS_FILE}*"))


def test_an_address_that_is_taken_is_told_and_harms_nobody(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with seen_from_outside(Settings(plex_token="x", http=address, data_dir=desk.folder), desk):
            assert "PLEXSYNC_HTTP" in caplog.text
    assert not list(desk.folder.glob(f"{METRICS_FILE}*"))


def test_nothing_of_it_is_loaded_while_it_is_off() -> None:
    program = "import sys, plexsync.cli.consumer; print([one for one in sys.modules if one in %r])"
    wanted = ["http.server", "prometheus_client", "plexsync.status.metrics", "plexsync.status.http_server"]
    done = subprocess.run(
        [sys.executable, "-c", program % (wanted,)], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_requests_are_counted_by_service_and_status() -> None:
    tally = RequestTally()
    tally.count("plex", 200)
    tally.count("plex", 200)
    tally.count("stash", None)
    assert tally.counts() == {("plex", "200"): 2, ("stash", "none"): 1}
    assert REQUESTS_SENT.counts()
