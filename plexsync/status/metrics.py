"""Metrics for Prometheus, from the snapshot, the hours and the requests. Imported only where a setting asks for them.

No label holds a scene, a path or a title: their number would have no bound, and they are nobody's business.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from plexsync.http.tally import REQUESTS_SENT
from plexsync.inbox import heartbeat
from plexsync.ledger.hours import RESULTS, STEPS_END, TIMES, TOOK, Sums
from plexsync.status.desk import Desk, NotReady

_QUEUE = ("pending", "scheduled", "in_progress", "set_aside")
#: What is shown as it stands in the snapshot: the metric's name, its key there, and what it says.
_AS_THEY_ARE = (
    ("plexsync_heartbeat_timestamp_seconds", "written_at", "When the consumer gave its last sign of life"),
    ("plexsync_oldest_pending_seconds", "oldest_pending_s", "Seconds for which the oldest message has waited"),
    ("plexsync_dead_letters", "dead_letters", "Scenes that were given up"),
    ("plexsync_left_out_scenes", "left_out", "Scenes that lack a picture or a value for now"),
)


class Metrics:
    """All metrics, as Prometheus reads them.

    :param desk: what they are made from.
    """

    def __init__(self, desk: Desk) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_PlexSync(desk))

    def text(self) -> bytes:
        """As they are now, in Prometheus's text format."""
        return generate_latest(self._registry)


class _PlexSync(Collector):
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Metric]:
        """All of them; those that are not known now are left out."""
        known = heartbeat.snapshot(str(self._desk.folder)) or {}
        yield from _of_snapshot(known)
        yield from _of_requests()
        try:
            sums = self._desk.ledger.hours.ever()
        except (NotReady, sqlite3.Error):
            return
        yield from _of_syncs(sums)

    def describe(self) -> Iterator[Metric]:
        """Nothing is looked at when this is registered."""
        return iter(())


def _of_snapshot(known: Mapping[str, Any]) -> Iterator[Metric]:
    yield InfoMetricFamily("plexsync", "Which PlexSync runs", {"version": str(known.get("version", ""))})
    works = known.get("state") == "running"
    yield _gauge("plexsync_running", "Whether the consumer works (1), or waits or stops (0)", works)
    yield _gauge("plexsync_stopped", "Whether nothing can be synced: a token is refused", bool(known.get("stopped")))
    for name, key, text in _AS_THEY_ARE:
        # No message waits: it has waited for no time.
        value = known.get(key, 0) or 0
        yield _gauge(name, text, value if isinstance(value, int | float) else 0)
    yield _gauge("plexsync_last_success_timestamp_seconds", "When a scene was last found right in Plex",
                 _epoch(known.get("last_success_at")))  # fmt: skip
    scenes = GaugeMetricFamily("plexsync_scenes", "Scenes by state", labels=["state"])
    for state, count in _numbers(known.get("scenes")).items():
        scenes.add_metric([state], count)
    yield scenes
    queue = GaugeMetricFamily("plexsync_queue_messages", "Messages in the queue by state", labels=["state"])
    for state, count in _numbers(known.get("queue")).items():
        if state in _QUEUE:
            queue.add_metric([state], count)
    yield queue
    up = GaugeMetricFamily("plexsync_service_up", "Whether the service is called (1) or down (0)", labels=["service"])
    for service in ("plex", "stash"):
        found = known.get(service)
        if isinstance(found, dict):
            up.add_metric([service], float(found.get("up") is True))
    yield up


def _of_requests() -> Iterator[Metric]:
    requests = CounterMetricFamily(
        "plexsync_requests", "Requests that the consumer's process has sent", labels=["service", "status"]
    )
    for (service, status), count in sorted(REQUESTS_SENT.counts().items()):
        requests.add_metric([service, status], count)
    yield requests


def _of_syncs(sums: Sums) -> Iterator[Metric]:
    syncs = CounterMetricFamily("plexsync_syncs", "Attempts by how they ended", labels=["outcome"])
    for result in RESULTS:
        syncs.add_metric([result], sums.counts[result])
    yield syncs
    took = HistogramMetricFamily("plexsync_event_to_plex_seconds", "Seconds from an edit in Stash to Plex")
    buckets: list[tuple[str, float]] = []
    total = 0
    for column, end in zip(TIMES, (*map(str, STEPS_END), "+Inf"), strict=True):
        total += sums.counts[column]
        buckets.append((end, total))
    took.add_metric([], buckets, sums.counts[TOOK] / 1000)
    yield took


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, float(value))


def _numbers(value: object) -> dict[str, float]:
    found = value if isinstance(value, dict) else {}
    return {str(name): count for name, count in found.items() if isinstance(count, int | float)}


def _epoch(moment: object) -> float:
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return 0.0
