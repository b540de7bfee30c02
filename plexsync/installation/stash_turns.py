"""Notices that two Stashes use one folder of the plugin: the address that the hook notes goes back and forth.

Ids of one are looked up in the other then, and no edit arrives as it should.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

from plexsync.configuration.data_folder import STASH_CONNECTION_FILE
from plexsync.storage.facts import Facts

#: Name of the fact that holds the latest addresses: a list of when each was first seen (epoch seconds), and itself.
FACT = "stash_turns"
#: Changes within as many seconds, from which on it is no Stash that has moved.
CHANGES, WITHIN = 3, 3600.0
#: Bytes of the file that are read: it has some eighty.
_MOST = 4096


class StashTurns:
    """Follows the file with Stash's address; used by one thread.

    :param facts: where the latest addresses are kept; the file is in the same folder.
    :param clock: epoch seconds.
    """

    def __init__(self, facts: Facts, clock: Callable[[], float] = time.time) -> None:
        self._facts = facts
        self._clock = clock
        self._path = f"{facts.folder}/{STASH_CONNECTION_FILE}"
        self._state: tuple[int, int] | None = None

    def look(self) -> None:
        """Note the address, where it is another than before. Costs one ``stat`` where the file is the same.

        :raises sqlite3.Error: it cannot be noted now; the next look tries again.
        """
        try:
            # Twice a second all day long: pathlib takes three times as long.
            found = os.stat(self._path)  # noqa: PTH116
        except OSError:
            return
        state = (found.st_ino, found.st_mtime_ns)
        if state != self._state:
            self._note(_address(self._path))
            self._state = state

    def _note(self, address: str | None) -> None:
        known = _known(self._facts)
        if address is not None and (not known or known[-1][1] != address):
            # One more than changes: the first has to be known, too.
            self._facts.put(FACT, json.dumps([*known, (self._clock(), address)][-CHANGES - 1 :]))


def in_turn(facts: Facts, now: float) -> list[str]:
    """The addresses between which it goes back and forth; none where it does not.

    :param now: epoch seconds.
    """
    known = _known(facts)
    changes = [address for at, address in known[1:] if abs(now - at) < WITHIN]
    addresses = [address for _, address in known]
    if len(changes) < CHANGES or addresses[-1] not in addresses[:-1]:
        return []
    return sorted(set(addresses))


def _address(path: str) -> str | None:
    """What the file holds; None where that is no address."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:  # noqa: PTH123
            seen = json.loads(file.read(_MOST))
        scheme, host, port = seen["scheme"], seen["host"], seen["port"]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    if scheme not in ("http", "https") or not isinstance(host, str) or type(port) is not int or not host.isprintable():
        return None
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"


def _known(facts: Facts) -> list[tuple[float, str]]:
    return [(float(at), str(address)) for at, address in json.loads(facts.get(FACT) or "[]")]
