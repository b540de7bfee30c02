"""Where the settings in force come from, for messages that name one.

A message says ``PLEXSYNC_PLEX_URL``, which is how documentation names the setting. Who is to correct it wants to know
where it stands: in the environment, in a file, on Stash's page. That is added where messages are shown.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping

from plexsync.imports.late import late_pattern

_NAME = late_pattern(r"\bPLEXSYNC_[A-Z_]+\b")


class Origins:
    """Adds to messages where the settings that they name come from. Safe to share between threads."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._later: Callable[[], object] | None = None
        self._lock = threading.Lock()

    def learn(self, known: Mapping[str, str]) -> None:
        """Settings were read.

        :param known: what to say of each, by its variable: ``{"PLEXSYNC_PLEX_URL": "now plex_url in a.toml"}``.
        """
        with self._lock:
            self._known.update(known)

    def learn_when_needed(self, read: Callable[[], object]) -> None:
        """As ``learn``, when a message names a setting: most processes show none that does.

        :param read: calls ``learn``. What was learned before it is called stands.
        """
        with self._lock:
            self._later = read

    def with_origins(self, text: str) -> str:
        """A message, with where a setting comes from behind its first mention.

        Not where its value, or something else about it, stands there already.
        """
        if "PLEXSYNC_" not in text:
            return text
        self._learn_now()
        with self._lock:
            known = dict(self._known)
        for name in dict.fromkeys(_NAME.findall(text)):
            if name in known:
                text = re.sub(rf"\b{name}\b(?!=| ?\()", lambda found: f"{found[0]} ({known[found[0]]})", text, count=1)
        return text

    def _learn_now(self) -> None:
        with self._lock:
            read, self._later = self._later, None
            before = dict(self._known)
        if read is not None:
            read()
            self.learn(before)


#: Of this process.
origins = Origins()
