"""PlexSync seen from outside: health and metrics over HTTP, metrics in a file, pings and messages. All off by default.

Nothing of this is loaded while it is off, and nothing of it is on the way of a sync.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from plexsync.log_throttle import Unforeseen
from plexsync.status.desk import Desk
from settings import Settings

if TYPE_CHECKING:
    from plexsync.status.metrics import Metrics

#: The file for node_exporter's textfile collector, in the data folder, and seconds between two of them.
METRICS_FILE, WRITTEN_EVERY = "metrics.prom", 15.0

log = logging.getLogger(__name__)


@contextmanager
def seen_from_outside(settings: Settings, desk: Desk) -> Iterator[None]:
    """In the block the consumer can be seen as the settings say. What of it cannot be is told in the log."""
    with ExitStack() as open_now:
        if settings.http or settings.metrics_file:
            metrics = _metrics(desk)
            if settings.http:
                open_now.enter_context(_served(settings.http, desk, metrics))
            if settings.metrics_file and metrics is not None:
                open_now.enter_context(_written(desk.folder / METRICS_FILE, metrics))
        if settings.ping_url or settings.notify_url:
            from plexsync.status.teller import telling

            open_now.enter_context(telling(settings, desk))
        yield


def _metrics(desk: Desk) -> Metrics | None:
    try:
        from plexsync.status.metrics import Metrics
    except ImportError:
        log.error("no metrics: the package prometheus_client is missing; run ./huey_consumer.sh --setup")  # noqa: TRY400
        return None
    return Metrics(desk)


@contextmanager
def _served(address: str, desk: Desk, metrics: Metrics | None) -> Iterator[None]:
    from plexsync.status.http_server import OutsideServer

    try:
        server = OutsideServer(address, str(desk.folder), metrics.text if metrics is not None else None)
    except OSError as error:
        log.error("health and metrics cannot be served at %s (PLEXSYNC_HTTP): %s", address, error.strerror or error)  # noqa: TRY400
        yield
        return
    log.info("health and metrics at http://%s:%d", *server.address)
    server.start()
    try:
        yield
    finally:
        server.stop()


@contextmanager
def _written(path: Path, metrics: Metrics) -> Iterator[None]:
    over, unforeseen = threading.Event(), Unforeseen("writing metrics.prom", log)

    def write() -> None:
        while True:
            pause = WRITTEN_EVERY
            try:
                write_metrics(path, metrics.text)
            except Exception as error:  # noqa: BLE001 - whatever it is, the next one is written in its turn
                pause += unforeseen.met(error)
            if over.wait(pause):
                return

    thread = threading.Thread(target=write, name="Metrics", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
        # What it holds is not so any more, and node_exporter would go on telling it.
        path.unlink(missing_ok=True)


def write_metrics(path: Path, text: Callable[[], bytes]) -> None:
    """Write them, whole at any time. The file may be read by everybody: node_exporter runs as another user.

    :raises OSError: they could not be written.
    """
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text())
        # Whatever the process's mask says.
        new.chmod(0o644)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)
