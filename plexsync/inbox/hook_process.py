"""The hook as a process: read the event, lay a message into the inbox, remember where Stash is, answer, be gone.

Stash runs it inside the user's mutation and waits for it. It takes no lock and opens no connection, and whatever it
fails at ends in one line of JSON that a person can act on. Imported on any Python from 3.9, for which every import
counts: see ``plexsync.inbox.event_files``.
"""

# pathlib takes longer to import than all the rest of the hook.
# ruff: noqa: PTH105, PTH112, PTH116, PTH118

import os
import time

from plexsync.inbox import event_files
from plexsync.inbox.hook_input import NotFromStash, edited_together, event, is_call, parse, server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Bytes of input that are read. A cover image in it can have many megabytes.
MAX_INPUT = 256 * 1024 * 1024
#: The consumer's sign of life in the data folder, and the seconds after which one that gave none counts as gone: see
#: ``plexsync.inbox.request_files``, which the hook does not load.
STATUS_FILE, GONE_AFTER = "status.json", 40.0
#: The mark of what was said last in Stash's log of a consumer that cannot be started.
START_SHOWN_FILE = "autostart.shown"
#: The file in the data folder that names further instances: see ``plexsync.inbox.instances``, loaded only where it is.
INSTANCES_FILE = "instances.json"
#: The file in the data folder that tells the consumer where Stash is.
CONNECTION_FILE = "stash_connection.json"

#: The file in the data folder in which the consumer leaves a word for Stash's log, and the mark of what was passed on:
#: its time of change is that of the word.
NOTICE_FILE = "notice.json"
NOTICE_SHOWN_FILE = "notice.shown"
#: Seconds between two such words at least: thousands of scenes can fail at once, each with a hook of its own after it.
NOTICE_INTERVAL = 3600

#: Scene ids in one message, so that none comes near ``event_reading.MAX_BYTES``.
_SCENES_PER_MESSAGE = 20_000
#: Ids of performers and the like in one message: as many as one question to Stash may name.
_RELATED_PER_MESSAGE = 1000
#: What a pipe holds on Linux: more is never there to be read at once.
_CHUNK = 64 * 1024


class NotQueued(Exception):
    """The message could not be laid into the inbox. The text says why, and what to do."""


def main() -> int:
    """Handle the event on standard input, and answer on standard output.

    :returns: the exit code: 0 when the event is queued, or is none that matters, and Stash was told so; else 1. What a
        page asks, and a task, always has an answer, and ends with 0: Stash would drop it else.
    """
    try:
        payload = parse(_read_input())
        if is_call(payload):
            from plexsync.inbox.calls import carry_out

            return carry_out(payload)
        key, text = "output", handle(payload)
    except (NotFromStash, NotQueued) as error:
        key, text = "error", str(error)
    except Exception as error:  # noqa: BLE001 - Stash gets an answer, whatever happened
        key, text = "error", f"PlexSync failed: {type(error).__name__}: {error}"
    try:
        event_files.write_all(1, f'{{"{key}": {quoted(text)}}}\n'.encode("ascii"))
    except OSError as error:
        log("w", f"Stash did not take the answer ({error.strerror}), which was: {text}")
        return 1
    return 0 if key == "output" else 1


def handle(payload: "dict[str, Any]") -> str:
    """Queue what the event asks for.

    :param payload: what Stash sent.
    :returns: what was done, for a person.
    :raises NotFromStash: it is not what Stash sends; nothing is queued.
    :raises NotQueued: the message could not be laid.
    """
    name, target = event(payload)
    if target is None:
        return f"ignored {name}: it changes nothing that Plex shows"
    kind, target_id = target
    folder = event_files.data_folder()
    together = edited_together(payload)
    try:
        event_id = _lay(folder, name, kind, target_id, together)
    except OSError as error:
        from plexsync.inbox.hook_fault import explain

        raise NotQueued(f"{kind} {target_id} was not queued: {explain(error, folder)}") from error
    log("i", f"queued {kind} {target_id} ({name}) as event {event_id}")
    remember(folder, payload)
    _pass_on(folder)
    see_to_consumers(folder)
    return f"queued {kind} {target_id}" + (f" and the {len(together) - 1} edited with it" if together else "")


def _lay(folder: str, event: str, kind: str, target_id: int, together: "list[int]") -> str:
    """Lay the event's messages; the event's short id, with which the id of each of them begins.

    A scene of an edit of several has a message of its own too: the one of all waits for the other hooks.

    :param folder: the data folder.
    :param together: what ``edited_together`` found.
    :raises OSError: one could not be laid.
    """
    if kind == event_files.SCENE:
        messages = [event_files.message(target_id, event)]
        messages += [event_files.message_of_many(some, event) for some in _parts(together, _SCENES_PER_MESSAGE)]
    else:
        parts = _parts(together or [target_id], _RELATED_PER_MESSAGE)
        messages = [event_files.message_of_related(kind, some, event) for some in parts]
    event_id: str = messages[0]["id"][: event_files.SHORT_ID]
    place, laid = os.path.join(folder, event_files.FOLDER), []
    for message in messages:
        message["id"] = event_id + message["id"][event_files.SHORT_ID :]
        laid.append((event_files.put(place, message), message))
    if os.path.lexists(os.path.join(folder, INSTANCES_FILE)):
        from plexsync.inbox.instances import lay_for_others

        lay_for_others(folder, laid, lambda name, error: _say_not_laid(name, event_id, error))
    return event_id


def _say_not_laid(instance: str, event_id: str, error: OSError) -> None:
    """Say that an instance did not get an event. It finds out by itself, when it next asks Stash what has changed."""
    why = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
    log("e", f"event {event_id} was not queued for the instance {instance} ({why})")


def _parts(ids: "list[int]", size: int) -> "list[list[int]]":
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _read_input() -> bytes:
    """All of standard input.

    :raises NotFromStash: it is closed, or larger than ``MAX_INPUT``.
    """
    chunks: list[bytes] = []
    size = 0
    while size <= MAX_INPUT:
        try:
            chunk = os.read(0, _CHUNK)
        except OSError as error:
            raise NotFromStash(
                f"standard input cannot be read ({error.strerror}): Stash sends the event there"
            ) from None
        if not chunk:
            return b"".join(chunks)
        chunks.append(chunk)
        size += len(chunk)
    raise NotFromStash(f"the input is larger than {MAX_INPUT // 1024**2} MiB")


def remember(folder: str, payload: "dict[str, Any]") -> None:
    """Note where Stash is, when that has changed. The event is queued by then: failing here is worth a warning only."""
    try:
        scheme, host, port = server(payload)
        content = f'{{"scheme": "{scheme}", "host": "{host}", "port": {port}}}\n'.encode("ascii")
        path = os.path.join(folder, CONNECTION_FILE)
        if _content(path) == content:
            return
        replace(path, content)
        if os.path.lexists(os.path.join(folder, INSTANCES_FILE)):
            from plexsync.inbox.instances import others

            for place in others(folder).values():
                if os.path.isdir(place):
                    replace(os.path.join(place, CONNECTION_FILE), content)
    except (NotFromStash, OSError) as error:
        log("w", f"Stash's address was not noted ({error}). If the consumer lacks it, set PLEXSYNC_STASH_URL")


def see_to_consumers(folder: str) -> None:
    """As ``see_to_consumer``, for each instance.

    :param folder: the main data folder.
    """
    see_to_consumer(folder)
    if os.path.lexists(os.path.join(folder, INSTANCES_FILE)):
        from plexsync.inbox.instances import others

        for place in others(folder).values():
            if os.path.isdir(place):
                see_to_consumer(place)


def see_to_consumer(folder: str) -> None:
    """Start the consumer where none runs and one should. Costs two looks at files where one runs."""
    status = _status(os.path.join(folder, STATUS_FILE))
    is_fresh = status is not None and abs(time.time() - status.st_mtime) < GONE_AFTER
    if is_fresh and not event_files.is_deserted(folder):
        return
    try:
        from plexsync.inbox import autostart

        if is_fresh and not autostart.has_died(folder):
            return
        if autostart.see_to(folder):
            log("i", "no consumer runs: it is being started")
            return
        _say_why_not(folder)
    except OSError as error:
        log("w", f"the consumer could not be started: {error}")


def _say_why_not(folder: str) -> None:
    """Say in Stash's log why the consumer does not start, once an hour at most."""
    from plexsync.inbox import autostart, consumer_record

    last = autostart.last_start(folder)
    if last is None or not autostart.is_wanted(folder) or autostart.is_under_way(folder):
        return
    if not autostart.has_failed(last, consumer_record.read(folder)):
        return
    if is_due(os.path.join(folder, START_SHOWN_FILE), int(last.at * 1e9)):
        from plexsync.inbox.life import why_it_failed

        log("e", " ".join(why_it_failed(folder, last)))


def _pass_on(folder: str) -> None:
    """Pass the consumer's notice on to Stash's log, once. Nothing that goes wrong here is worth a word."""
    path = os.path.join(folder, NOTICE_FILE)
    notice = _status(path)
    if notice is None:
        return
    try:
        if is_due(os.path.join(folder, NOTICE_SHOWN_FILE), notice.st_mtime_ns):
            text = parse(_content(path)).get("text")
            if isinstance(text, str):
                log("w", text[:500])
    except (OSError, NotFromStash):
        return


def is_due(mark: str, news: int) -> bool:
    """Whether the notice is to be passed on now; if so, this process alone is the one to do it.

    :param news: when there was something new (nanoseconds).
    """
    shown = _status(mark)
    if shown is not None:
        # After the clock was set back, times from before it lie ahead: they count for nothing.
        now = time.time()
        if news <= shown.st_mtime_ns <= now * 1e9 or 0 <= now - shown.st_ctime < NOTICE_INTERVAL:
            return False
        event_files.remove(mark)
    os.close(event_files.create(mark))
    os.utime(mark, ns=(news, news))
    return True


def _status(path: str) -> "os.stat_result | None":
    """What the system knows of a file; None where there is none."""
    try:
        return os.stat(path)
    except OSError:
        return None


def _content(path: str) -> bytes:
    """The first bytes of a file; none where it cannot be read. Never waits, not even on a named pipe."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return b""
    try:
        return os.read(descriptor, _CHUNK)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def replace(path: str, content: bytes) -> None:
    """Put a new file (0600) in the place of an old one, at once. Not synced: it would be written again.

    :raises OSError: it could not be; the old one is as it was.
    """
    new = f"{path}.{os.getpid()}-{os.urandom(4).hex()}"
    descriptor = event_files.create(new)
    try:
        try:
            event_files.write_all(descriptor, content)
        finally:
            os.close(descriptor)
        os.replace(new, path)
    except OSError:
        event_files.remove(new)
        raise


def log(level: str, text: str) -> None:
    """Write a line to Stash's log. Nothing in the text makes it two, or one of another level.

    :param level: Stash's letter: t(race), d(ebug), i(nfo), w(arning) or e(rror).
    """
    try:
        event_files.write_all(2, f"\x01{level}\x02{event_files.printable(text)}\n".encode())
    except OSError:
        # Nobody listens: there is nowhere else to say it.
        return


def quoted(text: str) -> str:
    """The text as a JSON string in ASCII. Stash logs what it reads there, so it is as it can be shown."""
    text = event_files.printable(text)
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    import json

    return json.dumps(text)
