"""The consumer on another machine that fetches what lies in this data folder: who it is, and when it called last.

Noted by the operation ``drain`` (``plexsync.inbox.drain``). While it is noted, no consumer is started here: two would
share the events. On any Python from 3.9, see ``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH116, PTH118

import os
import time

from plexsync.inbox import event_files
from plexsync.inbox.consumer_record import read_object
from plexsync.inbox.hook_process import replace
from plexsync.inbox.request_files import GONE_AFTER

#: The file in the data folder. Its time of change is that of the last call.
REMOTE_FILE = "remote.json"
#: Seconds of silence after which a person may start a consumer here in its place.
GIVEN_UP_AFTER = 3600.0


class RemoteConsumer:
    """What is noted of it.

    :param consumer: the word by which it is known: random, made once.
    :param host: the name of its machine, for a person.
    :param leaves: whether it has said that it stops.
    :param silent: seconds since it called last.
    """

    def __init__(self, consumer: str, host: str, silent: float, *, leaves: bool) -> None:
        self.consumer = consumer
        self.host = host
        self.silent = silent
        self.leaves = leaves

    @property
    def is_there(self) -> bool:
        """Whether it has called lately, and goes on."""
        return not self.leaves and self.silent < GONE_AFTER


def read(folder: str) -> "RemoteConsumer | None":
    """What is noted; None where nothing is, or nothing that can be read.

    :param folder: the data folder.
    """
    path = os.path.join(folder, REMOTE_FILE)
    try:
        called = os.stat(path).st_mtime
    except OSError:
        return None
    noted = read_object(path) or {}
    consumer, host = noted.get("consumer"), noted.get("host")
    if not isinstance(consumer, str) or not isinstance(host, str):
        return None
    # After the clock was set back, times from before it lie ahead.
    return RemoteConsumer(consumer, host, abs(time.time() - called), leaves=noted.get("leaves") is True)


def is_noted(folder: str) -> bool:
    """Whether a consumer on another machine fetches from here, or has, and nobody has started one here since.

    :param folder: the data folder.
    """
    return os.path.lexists(os.path.join(folder, REMOTE_FILE))


def note(folder: str, known: "RemoteConsumer | None", consumer: str, host: str, *, leaves: bool) -> None:
    """Note that it has just called.

    :param folder: the data folder.
    :param known: what is noted already.
    :raises OSError: that cannot be noted.
    """
    path = os.path.join(folder, REMOTE_FILE)
    if known is not None and (known.consumer, known.host, known.leaves) == (consumer, host, leaves):
        os.utime(path)
        return
    import json

    replace(path, json.dumps({"schema": 1, "consumer": consumer, "host": host, "leaves": leaves}).encode("ascii"))


def forget(folder: str) -> None:
    """A person has started a consumer here: it works from now on.

    :param folder: the data folder.
    """
    event_files.remove(os.path.join(folder, REMOTE_FILE))
