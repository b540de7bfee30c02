"""Starts the consumer where none runs: from the hook, from an operation, or because a person asked.

It starts only what it started before, or where no consumer ever ran: one that a person or a service runs is theirs.
The started process holds ``autostart.lock`` for its life, so no two are under way at once, however many hooks there
are; what it says goes to ``consumer.log``, away from Stash's pipes. Loaded only where the consumer's sign of life is
old, on any Python from 3.9 (see ``plexsync.inbox.event_files``).
"""

# ruff: noqa: PTH105, PTH111, PTH118

import os
import sys
import time

from plexsync.inbox import consumer_record, event_files, event_reading, remote
from plexsync.inbox.consumer_record import ASKED, CONSUMER_LOCK, STASH, STOPPED, ConsumerRecord

#: The files in the data folder: what a started process holds locked, with what is known of the start in it, and what
#: a consumer says that was started from here.
START_LOCK, LOG_FILE = "autostart.lock", "consumer.log"
#: Seconds between two starts, twice as many after each further one that failed, and at most.
APART, APART_AT_MOST = 60.0, 3600.0
#: Seconds to wait for one who only looks whether a lock is held.
MOMENT = 0.5
#: Bytes of the log after which it is put aside as ``consumer.log.1``.
MAX_LOG = 1024 * 1024
#: What starts it, in the plugin's folder, and what runs that: the folder may be one from which no program may start.
SCRIPT, SHELL = "huey_consumer.sh", ("/bin/sh",)
#: The setting, and what says no.
SETTING = "PLEXSYNC_AUTOSTART"
NO = ("false", "no", "off", "0")
#: Where programs are, if the environment does not say.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LastStart:
    """The last start from here.

    :param at: when it was (epoch seconds).
    :param log_from: where in the log its words begin (bytes).
    :param failures: how many starts failed in a row before it.
    """

    def __init__(self, at: float, log_from: int, failures: int) -> None:
        self.at = at
        self.log_from = log_from
        self.failures = failures


def see_to(folder: str) -> bool:
    """Start the consumer where one is to be started by itself; whether this has been done.

    :param folder: the data folder.
    :raises OSError: it should have been, and could not be.
    """
    if not is_wanted(folder) or is_held(os.path.join(folder, CONSUMER_LOCK)):
        return False
    return start(folder)


def start(folder: str, *, asked: bool = False) -> bool:
    """Start the consumer; whether this has been done. It has not where a start is under way, or was just tried.

    :param folder: the data folder.
    :param asked: a person asked for it: how long ago the last start was does not matter.
    :raises OSError: it cannot be started.
    """
    path = os.path.join(folder, START_LOCK)
    descriptor = _locked(path, MOMENT if asked else 0.0)
    if descriptor is None:
        return False
    try:
        last = last_start(folder)
        failures = 0
        if last is not None:
            failures = last.failures + 1 if has_failed(last, consumer_record.read(folder)) else 0
            if not asked and 0 <= time.time() - last.at < _apart(failures):
                return False
        log = _open_log(folder)
        try:
            content = '{"at": %r, "log_from": %d, "failures": %d}\n' % (time.time(), os.fstat(log).st_size, failures)  # noqa: UP031 - no f-string has braces of JSON
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, content.encode("ascii"), 0)
            _launch(folder, descriptor, log)
        finally:
            os.close(log)
    finally:
        # The started process has it, too: it stays locked.
        os.close(descriptor)
    return True


def _apart(failures: int) -> float:
    """Seconds to the next start after so many that failed in a row."""
    return float(min(APART * 2.0 ** min(max(0, failures - 1), 10), APART_AT_MOST))


def is_wanted(folder: str) -> bool:
    """Whether a consumer that does not run is to be started by itself.

    :param folder: the data folder.
    """
    if os.environ.get(SETTING, "").strip().lower() in NO:
        return False
    if remote.is_noted(folder):
        return False
    record = consumer_record.read(folder)
    if record is None:
        if os.path.lexists(os.path.join(folder, CONSUMER_LOCK)):
            # A consumer ran here before there was such a record: it was a person's, or a service's.
            return False
    elif not _is_ours_to_start(record):
        return False
    return bool(os.environ.get(SETTING, "").strip()) or not _is_switched_off(folder)


def _is_ours_to_start(record: ConsumerRecord) -> bool:
    if record.started_by != STASH or not record.allowed:
        return False
    if record.state != STOPPED:
        return True
    # A signal comes from a person, for as long as Stash goes on; else it came with the end of Stash, or the machine's.
    return record.why != ASKED and record.stash != consumer_record.stash_process()


def last_start(folder: str) -> "LastStart | None":
    """What is known of the last start from here; None where there was none.

    :param folder: the data folder.
    """
    noted = consumer_record.read_object(os.path.join(folder, START_LOCK)) or {}
    at, log_from, failures = noted.get("at"), noted.get("log_from"), noted.get("failures")
    if type(at) not in (int, float) or type(log_from) is not int or type(failures) is not int:
        return None
    return LastStart(at, max(0, log_from), max(0, failures))  # type: ignore[arg-type]  # looked at above


def has_failed(last: LastStart, record: "ConsumerRecord | None") -> bool:
    """Whether a start that is not under way any more has led to no consumer.

    :param record: what is noted of the last consumer.
    """
    return record is None or record.at < last.at or record.state == consumer_record.FAILED


def has_died(folder: str) -> bool:
    """Whether the last consumer ran on this machine, and was killed: its lock tells at once, long before its silence.

    :param folder: the data folder.
    """
    record = consumer_record.read(folder)
    if record is None or record.state != consumer_record.RUNNING:
        return False
    if not record.boot or record.boot != consumer_record.boot():
        # A lock cannot be seen from another machine that shares the folder.
        return False
    return is_held(os.path.join(folder, CONSUMER_LOCK)) is False


def is_under_way(folder: str) -> bool:
    """Whether what was started from here is alive, be it that it still sets up what it needs.

    :param folder: the data folder.
    """
    return is_held(os.path.join(folder, START_LOCK)) is True


def is_held(path: str) -> "bool | None":
    """Whether a process holds a lock; None where that cannot be seen.

    :param path: the lock's file.
    """
    try:
        import fcntl
    except ImportError:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | _flags("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK"))
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return True if _is_taken(error) else None
    finally:
        os.close(descriptor)
    return False


def _is_switched_off(folder: str) -> bool:
    """Whether the file of settings says no. Read roughly: the consumer reads it properly, and says what is wrong."""
    chosen = os.environ.get("PLEXSYNC_CONFIG", "").strip()
    path = os.path.join(event_files.PLUGIN, os.path.expanduser(chosen)) if chosen else f"{folder}/plexsync.toml"
    try:
        text = (event_reading.read_bounded(path, event_reading.MAX_BYTES) or b"").decode("utf-8-sig", "replace")
    except OSError:
        return False
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if line.lstrip().startswith("["):
            return False
        if name.strip().strip("\"'").lower() == "autostart":
            return value.partition("#")[0].strip().strip("\"'").lower() in NO
    return False


def _locked(path: str, patience: float) -> "int | None":
    """The descriptor of the lock's file, locked; None where another process has it, and keeps it so many seconds."""
    import fcntl

    flags = os.O_RDWR | os.O_CREAT | _flags("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK")
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        try:
            # Makes the folder.
            os.close(event_files.create(path))
        except FileExistsError:
            # Another hook was quicker.
            return None
        descriptor = os.open(path, flags, 0o600)
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            # On a file system without locks the time of the last start keeps most second ones away.
            if not _is_taken(error):
                return descriptor
            if time.monotonic() >= until:
                os.close(descriptor)
                return None
            time.sleep(MOMENT / 20)
        else:
            return descriptor


def _is_taken(error: OSError) -> bool:
    import errno

    return error.errno in (errno.EWOULDBLOCK, errno.EACCES)


def _open_log(folder: str) -> int:
    path = os.path.join(folder, LOG_FILE)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _flags("O_CLOEXEC", "O_NOFOLLOW", "O_NONBLOCK")
    log = os.open(path, flags, 0o600)
    if os.fstat(log).st_size > MAX_LOG:
        os.close(log)
        os.replace(path, f"{path}.1")
        log = os.open(path, flags, 0o600)
    os.set_blocking(log, True)
    return log


def _launch(folder: str, lock: int, log: int) -> None:
    """Start the script in a session of its own, with nothing of Stash's but the environment. Returns at once.

    :param folder: the data folder that it is to work on.
    :param lock: the descriptor that the started process is to keep.
    :param log: where its words go.
    """
    environment = _environment()
    if folder != event_files.data_folder():
        # That of a further instance.
        environment["PLEXSYNC_DATA_DIR"] = folder
    if os.fork():
        return
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for taken, descriptor in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(taken, descriptor)
        os.set_inheritable(lock, True)
        os.chdir(event_files.PLUGIN)
        _usual_signals()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        os.write(2, f"--- {stamp} Stash starts the consumer\n".encode("ascii"))
        os.execve(SHELL[0], [*SHELL, os.path.join(event_files.PLUGIN, SCRIPT)], environment)  # noqa: S606 - our own words
    except OSError as error:
        os.write(2, f"{SHELL[0]} cannot be started: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(127)


def _environment() -> "dict[str, str]":
    """Stash's, without what is meant for its own Python; the one that runs here is tried first for the consumer."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment.setdefault("PATH", _PATH)
    environment[consumer_record.STARTED_BY] = STASH
    environment[consumer_record.STASH_PROCESS] = consumer_record.stash_process()
    own = os.environ.get("PYTHON") or (sys.executable if sys.executable and " " not in sys.executable else "")
    environment["PYTHON"] = f"{own} python3 python3.14 python3.13 python3.12 python3.11".strip()
    return environment


def _usual_signals() -> None:
    """Undo what Python has set for itself: a program that is run finds every signal as it expects it."""
    import signal

    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


def _flags(*names: str) -> int:
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


def words_of(folder: str, last: LastStart) -> "list[str]":
    """The last lines of what a start said, for a person: at most 12, each of printable letters.

    :param folder: the data folder.
    """
    try:
        descriptor = os.open(os.path.join(folder, LOG_FILE), os.O_RDONLY | _flags("O_NOFOLLOW", "O_NONBLOCK"))
    except OSError:
        return []
    try:
        size = os.fstat(descriptor).st_size
        raw = os.pread(descriptor, 8192, max(0, min(last.log_from, size), size - 8192))
    finally:
        os.close(descriptor)
    lines = [event_files.printable(line.strip()) for line in raw.decode("utf-8", "replace").splitlines()]
    return [line[:500] for line in lines if line and not line.startswith("--- ")][-12:]
