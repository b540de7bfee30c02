"""Whether another job waits in Stash: a task that only watches gives way to it, as Stash runs one job at a time.

Stash is asked at the address where it listens on this machine, with the cookie that it gave to the task for that. On
any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

import time

from plexsync.inbox import own_stash
from plexsync.inbox.hook_input import NotFromStash, server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: Seconds between two questions, and failures in a row after which Stash is asked no more.
APART, MOST_FAILURES = 3.0, 3
_QUESTION = b'{"query": "{ jobQueue { status } }"}'


class JobQueue:
    """Asks Stash, every few seconds at most.

    :param payload: what Stash sent.
    """

    def __init__(self, payload: "dict[str, Any]") -> None:
        try:
            self._server: tuple[str, str, int] | None = server(payload)
        except NotFromStash:
            self._server = None
        self._cookie = _cookie(payload)
        self._asked_at = time.monotonic()
        self._failures = 0

    def another_waits(self) -> bool:
        """Whether a job waits behind the one that runs. False where that cannot be told, or was just asked."""
        if self._server is None or self._failures >= MOST_FAILURES or time.monotonic() - self._asked_at < APART:
            return False
        try:
            jobs = _jobs(self._server, self._cookie)
        except (OSError, own_stash.AccessRefused):
            self._failures += 1
            return False
        finally:
            self._asked_at = time.monotonic()
        self._failures = 0
        return any(isinstance(job, dict) and job.get("status") == "READY" for job in jobs)


def _jobs(address: "tuple[str, str, int]", cookie: str) -> "list[Any]":
    """What waits and runs.

    :raises own_stash.AccessRefused: the cookie is not taken.
    :raises OSError: Stash does not answer, or not as it should.
    """
    body = own_stash.ask(address, _QUESTION, {"Cookie": cookie} if cookie else {})
    data = body.get("data")
    jobs = data.get("jobQueue") if isinstance(data, dict) else None
    return jobs if isinstance(jobs, list) else []


def _cookie(payload: "dict[str, Any]") -> str:
    """The header's value; empty where Stash sent none, or none that could stand in a header."""
    connection = payload.get("server_connection")
    cookie = connection.get("SessionCookie") if isinstance(connection, dict) else None
    if not isinstance(cookie, dict):
        return ""
    name, value = cookie.get("Name"), cookie.get("Value")
    if not isinstance(name, str) or not isinstance(value, str) or not name or not value:
        return ""
    text = f"{name}={value}"
    return text if text.isascii() and text.isprintable() and ";" not in text and len(text) < 4096 else ""
