"""The operation ``drain``: a consumer on another machine fetches what lies here, and brings what is to lie here.

It reaches this process through Stash's own API, with nothing but Stash's address and key. With each call it receives
events and requests, names those events that it holds safely by now, which are removed, and brings answers and its
snapshot. So an event is handed out at least once, whatever breaks off in between. A call may wait for something to
come, so that an edit is fetched at once although calls are seldom.

On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH104, PTH116, PTH118

import os
import sys
import time

from plexsync import __version__
from plexsync.inbox import arguments, autostart, consumer_record, event_files, event_reading, remote, request_files
from plexsync.inbox.event_reading import Unfinished, UnreadableEvent
from plexsync.inbox.hook_input import NotFromStash, parse
from plexsync.inbox.hook_process import NOTICE_FILE, log, replace
from plexsync.inbox.request_files import BUSY, fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The version of what is exchanged.
SCHEMA = 1
#: Events and requests in one answer, and bytes of events: one of ours has about 200.
MOST_EVENTS, MOST_REQUESTS, MOST_BYTES = 500, 20, 1024 * 1024
#: Seconds between two looks for something new: where the doorbell rings, and where there can be none.
LOOK_RUNG, LOOK = 2.0, 0.25


def drain(folder: str, given: "dict[str, Any]") -> bytes:
    """Take what was brought, hand out what lies here; the answer as JSON.

    Its ``result``: ``schema``, ``version`` (PlexSync's), ``now`` (epoch seconds by this machine's clock), ``events``
    (each with ``file``, the name to acknowledge it by, and ``text``, one character per byte; ``fault`` where it holds
    no message), ``requests`` (``file``, ``text``), ``more`` and ``watched``.

    :param folder: the data folder.
    :param given: what was sent, as ``arguments`` has checked it.
    :raises OSError: something cannot be read or written.
    """
    if (refused := _refused(folder, given)) is not None:
        return _encoded(refused)
    known = remote.read(folder)
    remote.note(folder, known, given["consumer"], given.get("host", ""), leaves=given.get("leaves", False))
    _take(folder, given)
    if given.get("leaves"):
        return _answer(folder, [], [], more=False)
    stuck: set[str] = set()
    events, more = _events(folder, stuck)
    requests = _requests(folder, stuck)
    if (wait := given.get("wait", 0)) and not (events or requests):
        _wait(folder, wait, stuck, is_watched=given.get("watched", False))
        # It is still there: the lock on what is here is the time of its last call.
        remote.note(folder, remote.read(folder), given["consumer"], given.get("host", ""), leaves=False)
        events, more = _events(folder, stuck)
        requests = _requests(folder, stuck)
    return _answer(folder, events, requests, more=more)


def _refused(folder: str, given: "dict[str, Any]") -> "dict[str, Any] | None":
    """Why nothing is handed out: another consumer takes what lies here. None where all is well."""
    known = remote.read(folder)
    if known is not None and known.consumer != given["consumer"] and known.is_there:
        text = f"A consumer on {event_files.printable(known.host) or 'another machine'} already fetches from this Stash"
        return fault(BUSY, f"{text}, {known.silent:.0f} s ago.", "Stop one of the two.")
    if not autostart.is_held(os.path.join(folder, consumer_record.CONSUMER_LOCK)):
        return None
    record = consumer_record.read(folder)
    if record is None or not record.is_ours:
        text = "A consumer runs on Stash's machine, on the folder that is to be fetched from."
        return fault(BUSY, text, "Stop one of the two.")
    # The one that Stash started gives way to one that a person has set up.
    consumer_record.stay_stopped(folder)
    request_files.lay(folder, "stop", {}, durable=True)
    return fault(BUSY, "The consumer that Stash has started is being stopped.", "Call again in a moment.")


# --- What is brought -------------------------------------------------------------------------------------------------


def _take(folder: str, given: "dict[str, Any]") -> None:
    """Remove what is acknowledged, and put answers and snapshot where whoever waits for them looks.

    What cannot be is told in Stash's log, and keeps nothing else back.
    """
    for name in given.get("ack", ()):
        _try(f"the inbox's file {name} cannot be removed", lambda: event_files.remove(_in(folder, name)))  # noqa: B023 - called at once
    for one in given.get("answers", ()):
        _try("an answer cannot be put down", lambda: _put_answer(folder, one["file"], one["text"]))  # noqa: B023 - as above
    status, notice = given.get("status"), given.get("notice")
    if status is not None:
        _try("the snapshot cannot be stored", lambda: _put(folder, request_files.STATUS_FILE, status))
    if notice is not None:
        _try("a notice cannot be put down", lambda: _put(folder, NOTICE_FILE, notice))


def _try(what: str, act: "Callable[[], object]") -> None:
    try:
        act()
    except OSError as error:
        log("w", f"{what}: {error.strerror}")


def _in(folder: str, name: str) -> str:
    return os.path.join(folder, event_files.FOLDER, name)


def _put_answer(folder: str, name: str, text: str) -> None:
    path = os.path.join(folder, request_files.FOLDER, name)
    # Who gave up waiting has removed the request.
    if os.path.lexists(path):
        replace(path[: -len(request_files.REQUEST)] + request_files.ANSWER, text.encode("latin-1"))
        event_files.remove(path)


def _put(folder: str, name: str, text: str) -> None:
    """Write a file of JSON that was brought; an empty one is removed."""
    path, content = os.path.join(folder, name), text.encode("utf-8", "replace")
    if not content:
        event_files.remove(path)
        return
    try:
        parse(content)
    except NotFromStash:
        log("w", f"the consumer sent no JSON for {name}")
        return
    replace(path, content)


# --- What is handed out ----------------------------------------------------------------------------------------------


def _events(folder: str, stuck: "set[str]") -> "tuple[list[dict[str, str]], bool]":
    """The oldest messages, and whether there are more.

    :param stuck: the paths of files that cannot be read, which are passed over; those that are found are added.
    """
    inbox = os.path.join(folder, event_files.FOLDER)
    found: list[dict[str, str]] = []
    size = 0
    for name in event_reading.waiting(inbox, sys.maxsize):
        path = _in(folder, name)
        if path in stuck:
            continue
        if len(found) == MOST_EVENTS:
            return found, True
        try:
            name = _nameable(inbox, name)
            one = {"file": name, "text": event_reading.content(_in(folder, name)).decode("latin-1")}
        except Unfinished:
            continue
        except FileNotFoundError:
            continue
        except UnreadableEvent as error:
            reason = event_files.printable(error.reason)
            one = {"file": name, "text": error.raw.decode("latin-1"), "fault": reason}
        except OSError as error:
            shown = event_files.printable(name)
            log("e", f"the inbox's file {shown} cannot be read ({error.strerror}): let Stash's user read it")
            stuck.add(path)
            continue
        size += len(one["text"])
        if found and size > MOST_BYTES:
            return found, True
        found.append(one)
    return found, False


def _nameable(inbox: str, name: str) -> str:
    """The name by which a file can be acknowledged; one that has none is given one.

    :raises OSError: it cannot be.
    """
    if _can_be_named(name):
        return name
    better = event_files.new_name()
    os.rename(os.path.join(inbox, name), os.path.join(inbox, better))
    return better


def _can_be_named(name: str) -> bool:
    """Whether a name comes back as it was sent: what is no character, Stash puts another one in the place of."""
    return name.isascii() and name.isprintable() and arguments.is_file_name(name)


def _requests(folder: str, stuck: "set[str]") -> "list[dict[str, str]]":
    """The oldest requests that nobody has answered.

    :param stuck: as for ``_events``.
    """
    place = os.path.join(folder, request_files.FOLDER)
    _remove_old_answers(folder, place)
    found: list[dict[str, str]] = []
    for name in event_reading.waiting(place, sys.maxsize):
        path = os.path.join(place, name)
        if path in stuck:
            continue
        if len(found) == MOST_REQUESTS:
            break
        try:
            raw = event_reading.read_bounded(path, request_files.MAX_REQUEST) if _can_be_named(name) else None
        except FileNotFoundError:
            continue
        except OSError:
            raw = None
        if raw is None:
            # It is none of ours: what lays requests gives them names, and keeps them small.
            stuck.add(path)
            continue
        found.append({"file": name, "text": raw.decode("latin-1")})
    return found


def _remove_old_answers(folder: str, place: str) -> None:
    """Remove answers that nobody fetched: whoever asked was killed.

    What time it is, a file says that was touched just now: the disk's clock may be another one than this machine's.
    """
    try:
        now = os.stat(os.path.join(folder, remote.REMOTE_FILE)).st_mtime
        with os.scandir(place) as entries:
            answers = [one for one in entries if one.name.endswith(request_files.ANSWER)]
        for one in answers:
            found = one.stat(follow_symlinks=False)
            if one.is_file(follow_symlinks=False) and now - found.st_mtime > request_files.ANSWER_LIFE:
                event_files.remove(one.path)
    except OSError:
        # There is no folder yet; or what cannot be removed is in nobody's way.
        return


def _answer(folder: str, events: "list[dict[str, str]]", requests: "list[dict[str, str]]", *, more: bool) -> bytes:
    # json takes longer to load than all else here, and mostly there is nothing.
    rest = (
        f'"schema": {SCHEMA}, "version": "{__version__}", "now": {time.time()!r}, '
        f'"more": {str(more).lower()}, "watched": {str(_is_watched(folder)).lower()}'
    )
    lists = b'"events": ' + _encoded(events) + b', "requests": ' + _encoded(requests)
    return b'{"ok": true, "result": {' + lists + b", " + rest.encode("ascii") + b"}}"


def _encoded(value: object) -> bytes:
    if not value:
        return b"[]"
    import json

    return json.dumps(value).encode("ascii")


# --- Waiting ---------------------------------------------------------------------------------------------------------


def _wait(folder: str, seconds: float, stuck: "set[str]", *, is_watched: bool) -> None:
    """Wait for something to hand out, so long at most.

    :param stuck: the paths of files that cannot be.
    :param is_watched: the consumer knows that somebody looks at the page.
    """
    until = time.monotonic() + seconds
    bell = _bell(folder)
    try:
        while not _has_news(folder, stuck, is_watched=is_watched):
            left = until - time.monotonic()
            if left <= 0:
                return
            if bell is None:
                time.sleep(min(LOOK, left))
            else:
                _heard(bell, min(LOOK_RUNG, left))
    finally:
        if bell is not None:
            os.close(bell)


def _has_news(folder: str, stuck: "set[str]", *, is_watched: bool) -> bool:
    for name in (event_files.FOLDER, request_files.FOLDER):
        place = os.path.join(folder, name)
        if any(os.path.join(place, one) not in stuck for one in event_reading.waiting(place, len(stuck) + 1)):
            return True
    return not is_watched and _is_watched(folder)


def _is_watched(folder: str) -> bool:
    try:
        looked = os.stat(os.path.join(folder, request_files.WATCHED_FILE)).st_mtime
    except OSError:
        return False
    return abs(time.time() - looked) < request_files.WATCHES_FOR


def _bell(folder: str) -> "int | None":
    """The doorbell, open; made where it is not there. None where there can be none."""
    path = os.path.join(folder, event_files.DOORBELL)
    # For writing, too: else it would seem rung for ever once the first who rang has gone.
    flags = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        if not os.path.lexists(path):
            os.mkfifo(path, 0o600)
        descriptor = os.open(path, flags)
    except (OSError, AttributeError):
        return None
    # A named pipe, without importing ``stat``: something else may stand in its place.
    if os.fstat(descriptor).st_mode & 0o170000 == 0o010000:
        return descriptor
    os.close(descriptor)
    return None


def _heard(bell: int, seconds: float) -> None:
    import select

    if select.select([bell], [], [], seconds)[0]:
        try:
            os.read(bell, 4096)
        except OSError:
            # Another process of ours was quicker.
            return
