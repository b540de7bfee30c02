"""The consumer without a folder that it shares with Stash's machine: it fetches the hook's messages there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from plexsync.fetching.courier import CallPace, Courier
from plexsync.fetching.known_as import consumer_word, fetches, for_instance
from plexsync.stash import StashClient

if TYPE_CHECKING:
    from plexsync.app import App
    from plexsync.queue.storage import QueueStorage
    from settings import Settings


def courier(app: Callable[[], App], storage: QueueStorage) -> Courier | None:
    """Who fetches, already at work; None where the settings do not ask for it.

    :param app: gives the app of the settings in force.
    :param storage: takes the messages.
    """
    if not fetches(app().settings.inbox):
        return None
    found = Courier(
        app().settings.data_dir,
        Caller(lambda: app().settings),
        storage.take_in,
        consumer=consumer_word(app().ledger.facts),
        host=socket.gethostname(),
        pace=lambda: CallPace(app().settings.inbox_wait, app().settings.inbox_pause),
    )
    found.start()
    return found


class Caller:
    """Runs operations of the plugin in Stash, as the settings in force have it. Safe to share between threads.

    :param settings: gives them.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._made_for: object = None
        self._client: StashClient | None = None

    def __call__(self, args: Mapping[str, object]) -> object:
        """What the operation answers.

        :raises PlexSyncError: as ``StashClient.operate``.
        """
        return self._current().operate({**args, **for_instance(self._settings().inbox)})

    def _current(self) -> StashClient:
        one = self._settings()
        # An answer may have to wait for something to come.
        patience = one.read_timeout + one.inbox_wait
        wanted = (one.stash_url, one.stash_api_key, one.connect_timeout, patience, one.stash_verify_tls)
        with self._lock:
            if self._client is None or wanted != self._made_for:
                if self._client is not None:
                    self._client.close()
                self._client, self._made_for = StashClient(*wanted), wanted
            return self._client
