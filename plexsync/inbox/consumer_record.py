"""Who started the consumer last, and how it ended: what the hook goes by before it starts one.

The consumer writes it, as it alone knows; the hook and the page's operations read it, on any Python from 3.9 (see
``plexsync.inbox.event_files``). What runs, or was killed, is noted as running; the lock tells the two apart.
"""

# ruff: noqa: PTH105, PTH118

import os
import time

from plexsync.inbox import event_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The file in the data folder.
RECORD_FILE = "autostart.json"
#: The file that a consumer holds locked; that it is there tells of an earlier one.
CONSUMER_LOCK = "consumer.lock"
#: Bytes that are read of the record.
MAX_RECORD = 4096
#: Variables that the hook gives to the consumer it starts: that it was the hook, and for which Stash.
STARTED_BY, STASH_PROCESS = "PLEXSYNC_STARTED_BY", "PLEXSYNC_STASH_PROCESS"
#: Who starts a consumer: the hook, or a person or a service.
STASH, OTHER = "stash", "other"
#: How it stands with the last consumer, and why it was stopped: somebody asked on the page, or it got a signal.
RUNNING, STOPPED, FAILED = "running", "stopped", "failed"
ASKED, SIGNAL = "asked", "signal"


class ConsumerRecord:
    """What is noted of the last consumer.

    :param started_by: ``STASH`` or ``OTHER``.
    :param state: ``RUNNING``, ``STOPPED`` or ``FAILED``.
    :param why: of one that was stopped: ``ASKED`` or ``SIGNAL``; else empty.
    :param at: when that was (epoch seconds).
    :param boot: which machine it was, and since when that is up; empty where that cannot be told.
    :param stash: which process of Stash's had it started; empty where none has.
    :param allowed: whether the settings let the hook start it.
    """

    def __init__(
        self, started_by: str, state: str, why: str, at: float, boot: str, stash: str, *, allowed: bool = True
    ) -> None:
        self.started_by = started_by
        self.state = state
        self.why = why
        self.at = at
        self.boot = boot
        self.stash = stash
        self.allowed = allowed

    @property
    def is_ours(self) -> bool:
        """Whether the hook started it."""
        return self.started_by == STASH


def began(folder: str, environ: "dict[str, str]") -> None:
    """Note that a consumer has begun.

    :param folder: the data folder.
    :param environ: the consumer's environment.
    :raises OSError: that cannot be noted.
    """
    started_by = STASH if environ.get(STARTED_BY) == STASH else OTHER
    _write(folder, ConsumerRecord(started_by, RUNNING, "", time.time(), boot(), environ.get(STASH_PROCESS, "")))


def ended(folder: str, state: str) -> None:
    """Note that the consumer has ended. That somebody asked for it stays noted.

    :param folder: the data folder.
    :param state: ``STOPPED`` or ``FAILED``.
    :raises OSError: that cannot be noted.
    """
    record = read(folder)
    if record is not None and record.state == RUNNING:
        record.state, record.why, record.at = state, SIGNAL if state == STOPPED else "", time.time()
        _write(folder, record)


def starts_anew(folder: str) -> None:
    """Note that the consumer has ended to be started anew in its own place.

    :param folder: the data folder.
    :raises OSError: that cannot be noted.
    """
    record = read(folder)
    if record is not None and record.state == RUNNING:
        record.at = time.time()
        _write(folder, record)


def allow(folder: str, *, allowed: bool) -> None:
    """Note whether the settings let the hook start the consumer.

    :param folder: the data folder.
    :raises OSError: that cannot be noted.
    """
    record = read(folder)
    if record is not None and record.allowed != allowed:
        record.allowed = allowed
        _write(folder, record)


def stay_stopped(folder: str) -> None:
    """Note that a person wants no consumer until one is started again. Called before it is stopped.

    :param folder: the data folder.
    :raises OSError: that cannot be noted.
    """
    record = read(folder) or ConsumerRecord(OTHER, STOPPED, ASKED, 0.0, boot(), "")
    record.state, record.why, record.at = STOPPED, ASKED, time.time()
    _write(folder, record)


def read(folder: str) -> "ConsumerRecord | None":
    """What is noted; None where nothing is, or nothing that can be read.

    :param folder: the data folder.
    """
    noted = read_object(os.path.join(folder, RECORD_FILE))
    if noted is None:
        return None
    words = [noted.get(name) for name in ("started_by", "state", "why", "boot", "stash")]
    at = noted.get("at")
    if not all(isinstance(word, str) for word in words) or type(at) not in (int, float):
        return None
    started_by, state, why, at_boot, stash = words
    allowed = noted.get("allowed") is not False
    return ConsumerRecord(started_by, state, why, at, at_boot, stash, allowed=allowed)  # type: ignore[arg-type]  # looked at above


def read_object(path: str) -> "dict[str, Any] | None":
    """The JSON object in a small file of ours; None where there is none."""
    from plexsync.inbox.hook_input import NotFromStash, parse

    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return None
    try:
        return parse(os.read(descriptor, MAX_RECORD))
    except (OSError, NotFromStash):
        return None
    finally:
        os.close(descriptor)


def boot() -> str:
    """Which machine this is, and since when it is up; containers of one machine share it. Empty where nobody tells."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:  # noqa: PTH123 - see the module
            return file.read(64).strip()
    except (OSError, ValueError):
        return ""


def stash_process() -> str:
    """Which process of Stash's has started this one: its number, and where it can be told since when it runs."""
    parent = os.getppid()
    try:
        with open(f"/proc/{parent}/stat", "rb") as file:  # noqa: PTH123 - see the module
            began_at = file.read(4096).rpartition(b")")[2].split()[19].decode("ascii")
    except (OSError, ValueError, IndexError):
        began_at = ""
    return f"{boot()}:{parent}:{began_at}"


def _write(folder: str, record: ConsumerRecord) -> None:
    """Put a record in the place of the last one, on the disk: after a power cut the hook goes by it."""
    import json

    path = os.path.join(folder, RECORD_FILE)
    content = json.dumps({"schema": 1, **vars(record)}).encode("ascii") + b"\n"
    new = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
    descriptor = event_files.create(new)
    try:
        try:
            event_files.write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(new, path)
    except OSError:
        event_files.remove(new)
        raise
