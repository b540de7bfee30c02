"""Stash's tasks: each asks the consumer to do something, and shows in Stash how far it is.

The work is the consumer's. A task only watches the snapshot: when Stash kills it, the work goes on, and it ends by
itself when another job waits in Stash, which runs one at a time. On any Python from 3.9, see
``plexsync.inbox.event_files``.
"""

import time

from plexsync.inbox import request_files
from plexsync.inbox.event_files import shown
from plexsync.inbox.hook_input import NotFromStash, parse
from plexsync.inbox.hook_process import log, quoted
from plexsync.inbox.job_queue import JobQueue
from plexsync.inbox.life import ALIVE, CANNOT_START, NEEDS_SETTINGS, RUNNING, SETTING_UP, life
from plexsync.inbox.operations import answer_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: Seconds between two looks, each with a line of progress: some get lost on the way.
LOOK = 0.5
#: Seconds between two notes that somebody watches.
WATCH_AGAIN = 5.0
#: Seconds to wait for the work to show in the snapshot, or for its end once it shows no more.
SHOWS_WITHIN = 3.0
#: Seconds without a consumer after which nothing is waited for any more.
GONE_FOR = 30.0
#: Seconds for a consumer to start, an environment to be made on a slow disk included, and to stop.
STARTS_WITHIN, STOPS_WITHIN = 1200.0, 120.0
#: Seconds for which the last line is left to Stash, which may drop it at the process's end.
LINGER = 0.3
GOES_ON = "Another job waits in Stash, so this one ends. It goes on in the background: see PlexSync's page."

#: What tasks ask for: the operation, its arguments, and the row of the snapshot's ``now`` that shows the work.
WORK: "dict[str, tuple[str, dict[str, Any], str]]" = {
    "sync_all": ("sync", {"all": True}, "everything"),
    "sync_recent": ("sync_recent", {"hours": 24}, "queue"),
    "compare": ("reconcile", {}, "reconcile"),
    "preview": ("preview", {}, "preview"),
    "retry_failed": ("retry", {"all": True}, "queue"),
    "report": ("report", {}, ""),
}
#: The names of all tasks, in the order of the manifest.
TASKS = (*(name for name in WORK if name != "report"), "show_status", "report", "start", "restart", "stop")


class Failed(Exception):
    """What was asked for was not done. The text says why."""


def run(folder: str, name: object, payload: "dict[str, Any]") -> bytes:
    """Carry a task out, and watch it; the output as JSON.

    :param folder: the data folder.
    :param name: the task's.
    :param payload: what Stash sent.
    """
    watcher = Watcher(folder, JobQueue(payload))
    others: dict[str, Callable[[], str]] = {
        "show_status": watcher.show_status,
        "start": lambda: watcher.start("start"),
        "restart": lambda: watcher.start("restart"),
        "stop": watcher.stop,
    }
    try:
        if isinstance(name, str) and name in WORK:
            text = watcher.work(*WORK[name])
        elif isinstance(name, str) and name in others:
            text = others[name]()
        else:
            raise Failed(f"PlexSync has no task {shown(name)}: reload the plugins in Stash")
        log("i", text)
    except Failed as failure:
        text = str(failure)
        log("e", text)
    time.sleep(LINGER)
    return quoted(text).encode("ascii")


class GivesWay(Exception):
    """Another job waits."""


class Watcher:
    """Watches the snapshot for a task.

    :param folder: the data folder.
    :param queue: knows whether another job waits in Stash.
    """

    def __init__(self, folder: str, queue: JobQueue) -> None:
        self._folder = folder
        self._queue = queue
        self._watched_at = float("-inf")

    def work(self, mode: str, args: "dict[str, Any]", row: str) -> str:
        """Ask for work, and watch it; returns what came of it.

        :param mode: of an action.
        :param row: the id of its row in ``now``; empty where it is done at once.
        :raises Failed: it was not done.
        """
        began = time.time()
        result = self._asked(mode, args)
        text = _words(result)
        if result.get("count") == 0:
            # There is nothing to be seen of it.
            return text
        try:
            waited = self._until_alive()
            return self._followed(row, began + waited, text) if row else text
        except GivesWay:
            return f"{text} {GOES_ON}"

    def start(self, mode: str) -> str:
        """Start, or restart, and watch until it runs.

        :raises Failed: it does not.
        """
        before = self._snapshot().get("pid"), self._snapshot().get("since")
        text = _words(self._asked(mode, {}))
        deadline = time.monotonic() + STARTS_WITHIN
        shown_text = ""
        try:
            while time.monotonic() < deadline:
                snapshot = self._snapshot()
                now = life(self._folder, snapshot or None)
                is_another = mode == "start" or (snapshot.get("pid"), snapshot.get("since")) != before
                if now["state"] in ALIVE and is_another:
                    return _told(now)
                if now["state"] == CANNOT_START:
                    raise Failed(_told(now))
                if now["state"] == SETTING_UP and now["text"] != shown_text:
                    shown_text = now["text"]
                    log("i", shown_text)
                self._pause(None)
        except GivesWay:
            return f"{text} {GOES_ON}"
        raise Failed(f"The consumer has not started within {STARTS_WITHIN / 60:.0f} minutes.")

    def stop(self) -> str:
        """Stop, and watch until it has ended.

        :raises Failed: it has not.
        """
        text = _words(self._asked("stop", {}))
        deadline = time.monotonic() + STOPS_WITHIN
        try:
            while life(self._folder, self._snapshot() or None)["state"] in ALIVE:
                if time.monotonic() > deadline:
                    raise Failed("The consumer has not stopped yet: it ends once what runs is finished.")
                self._pause(None)
        except GivesWay:
            return f"{text} {GOES_ON}"
        return "The consumer is stopped, and stays so until you start it."

    def show_status(self) -> str:
        """How it stands.

        :raises Failed: no consumer runs.
        """
        answer_to(self._folder, {"mode": "status"}, {})
        snapshot = self._snapshot()
        now = life(self._folder, snapshot or None)
        for finding in _rows(snapshot, "findings"):
            log("w", f"{finding.get('text')} {finding.get('remedy') or ''}".strip())
        if now["state"] != RUNNING:
            raise Failed(_told(now))
        return f"{now['text']} {_counts(snapshot)}".strip()

    def _asked(self, mode: str, args: "dict[str, Any]") -> "dict[str, Any]":
        """Ask for something; returns the result: ``text``, ``count`` where something is counted, ``file``.

        :raises Failed: it was refused.
        """
        try:
            answer = parse(answer_to(self._folder, {"mode": mode, **args}, {}))
        except NotFromStash:
            raise Failed("The consumer's answer cannot be read.") from None
        result, error = answer.get("result"), answer.get("error")
        if isinstance(result, dict):
            return result
        if isinstance(error, dict):
            if error.get("kind") == request_files.TIMEOUT:
                return {"text": str(error.get("text"))}
            raise Failed(f"{error.get('text')} {error.get('remedy') or ''}".strip())
        raise Failed("The consumer's answer cannot be read.")

    def _until_alive(self) -> float:
        """Wait for a consumer that is being set up; returns the seconds.

        :raises Failed: none runs, or will.
        """
        began = time.monotonic()
        told = ""
        while True:
            now = life(self._folder, self._snapshot() or None)
            if now["state"] == NEEDS_SETTINGS:
                raise Failed(f"{_told(now)} What you asked for is done once they are right.")
            if now["state"] in ALIVE:
                return time.monotonic() - began
            if now["state"] != SETTING_UP:
                raise Failed(f"{_told(now)} What you asked for is noted, and done once the consumer runs.")
            if now["text"] != told:
                told = now["text"]
                log("i", told)
            self._pause(None)

    def _followed(self, row_id: str, since: float, text: str) -> str:
        """Watch a row of ``now`` until it has gone; returns what came of it.

        :param since: what ended before that (epoch seconds) is not meant.
        :param text: what the consumer has answered.
        :raises Failed: it ended badly, or the consumer has.
        """
        has_shown, last_seen, alive_at = False, time.monotonic(), time.monotonic()
        share: float | None = None
        while True:
            now, snapshot = time.monotonic(), self._snapshot()
            row = next((one for one in _rows(snapshot, "now") if one.get("id") == row_id), None)
            ended = _ended(snapshot, row_id, since)
            if row is not None:
                has_shown, last_seen = True, now
                share = _share(row)
            elif ended is not None:
                came = str(ended.get("text") or "")
                if ended.get("ok") is False:
                    raise Failed(came or "It failed: see PlexSync's page.")
                return came or text
            elif now - last_seen > SHOWS_WITHIN:
                # Of what goes through the queue nobody says what came of it: the page shows each scene.
                return f"{text} All done." if has_shown else text
            if life(self._folder, snapshot or None)["state"] in ALIVE:
                alive_at = now
            elif now - alive_at > GONE_FOR:
                raise Failed("The consumer has ended. It goes on with this when it runs again.")
            self._pause(share)

    def _pause(self, share: "float | None") -> None:
        """Show progress, and wait a moment.

        :param share: 0 to 1; None where it is not known.
        :raises GivesWay: another job waits.
        """
        if share is not None:
            log("p", f"{share:.4f}")
        if time.monotonic() - self._watched_at > WATCH_AGAIN:
            self._watched_at = time.monotonic()
            try:
                request_files.watch(self._folder)
            except OSError as error:
                log("d", f"the snapshot is looked at less often: {error}")
        if self._queue.another_waits():
            raise GivesWay
        time.sleep(LOOK)

    def _snapshot(self) -> "dict[str, Any]":
        try:
            return parse(request_files.status(self._folder))
        except NotFromStash:
            return {}


def _words(result: "dict[str, Any]") -> str:
    """What an action comes to, in words."""
    text, file = result.get("text"), result.get("file")
    return str(text) if text else f"It is in {file}." if file else "It is begun."


def _told(now: "dict[str, Any]") -> str:
    return f"{now['text']} {now['remedy'] or ''}".strip()


def _rows(snapshot: "dict[str, Any]", name: str) -> "list[dict[str, Any]]":
    rows = snapshot.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _share(row: "dict[str, Any]") -> "float | None":
    done, of = row.get("done"), row.get("of")
    if not isinstance(done, (int, float)) or not isinstance(of, (int, float)) or not of:
        return None
    return min(1.0, max(0.0, done / of))


def _ended(snapshot: "dict[str, Any]", row_id: str, since: float) -> "dict[str, Any] | None":
    """The last entry of ``done`` for a row, if it is not older than the task: whole seconds are all it tells."""
    found = None
    for row in _rows(snapshot, "done"):
        if row.get("id") == row_id and (at := _seconds(row.get("at"))) is not None and at >= since - 1.0:
            found = row
    return found


def _seconds(at: object) -> "float | None":
    """The time (epoch seconds) in a text such as ``2026-11-27T02:35:07Z``, with any zone and fraction."""
    from datetime import datetime

    if not isinstance(at, str):
        return None
    try:
        return datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None


def _counts(snapshot: "dict[str, Any]") -> str:
    """How many scenes are in which state, and how many wait."""
    scenes, queue = snapshot.get("scenes"), snapshot.get("queue")
    parts = []
    if isinstance(scenes, dict):
        parts += [f"{state.replace('_', ' ')}: {count}" for state, count in scenes.items() if type(count) is int]
    if isinstance(queue, dict) and type(queue.get("pending")) is int:
        parts.append(f"in the queue: {queue['pending']}")
    return f"Scenes {', '.join(parts)}." if parts else ""
