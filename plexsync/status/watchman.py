"""What somebody is to be told, judged from one look at the snapshot after another. Sends nothing itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from plexsync.durations import duration
from plexsync.status.senders import TellMessage
from plexsync.words import counted

#: The kinds of messages.
STOPPED, DOWN, DEAD_LETTERS, REVIEWS, SILENCE = "stopped", "down", "dead_letters", "reviews", "silence"
KINDS = (STOPPED, DOWN, DEAD_LETTERS, REVIEWS, SILENCE)
#: Seconds for which a service is down until that is told, between two words on dead letters and on reviews, and for
#: which the oldest edit has waited until that is told.
DOWN_FOR, LETTERS_EVERY, REVIEWS_EVERY, SILENT_FOR = 900.0, 3600.0, 86400.0, 3600.0
_NAMES = {"plex": "Plex", "stash": "Stash"}


class Watchman:
    """Judges what is news. What was told already is in ``told``, which can be kept over a restart.

    :param kinds: of what somebody wants to hear.
    :param told: what ``told`` was before.
    :param titles: gives the titles of the newest dead letters; None where no title is to be told.
    """

    def __init__(
        self,
        kinds: Collection[str],
        told: Mapping[str, Any] | None = None,
        titles: Callable[[], list[str]] | None = None,
    ) -> None:
        self._kinds = frozenset(kinds)
        self.told: dict[str, Any] = dict(told or {})
        self._titles = titles

    def look(self, known: Mapping[str, Any], now: float | None = None) -> list[TellMessage]:
        """What is to be told now.

        :param known: the snapshot.
        :param now: epoch seconds.
        """
        at = time.time() if now is None else now
        found = [*self._stopped(known), *self._services(known, at), *self._letters(known, at)]
        found += [*self._reviews(known, at), *self._silence(known)]
        return [one for one in found if one.kind in self._kinds]

    def _turned(self, name: str, *, is_so: bool) -> bool | None:
        """Whether something has begun (True), or what was told is over (False); None for no news."""
        was = self.told.get(name) is True
        self.told[name] = is_so
        return None if was == is_so else is_so

    def _stopped(self, known: Mapping[str, Any]) -> list[TellMessage]:
        turned = self._turned(STOPPED, is_so=isinstance(known.get("stopped"), str))
        if turned is None:
            return []
        if turned:
            text = "Plex or Stash refuses the token or key. Changes wait. See: ./huey_consumer.sh status"
            return [TellMessage(STOPPED, "PlexSync: nothing can be synced", text)]
        return [TellMessage(STOPPED, "PlexSync goes on", "The token or key is right again.", is_bad=False)]

    def _services(self, known: Mapping[str, Any], now: float) -> list[TellMessage]:
        found = []
        for service, name in _NAMES.items():
            state = known.get(service)
            if not isinstance(state, dict):
                continue
            since = _epoch(state.get("since"))
            is_up = state.get("up") is True
            has_lasted = since is not None and now - since >= DOWN_FOR
            key = f"{DOWN} {service}"
            if not is_up and not has_lasted and self.told.get(key) is not True:
                continue
            turned = self._turned(key, is_so=not is_up)
            if turned:
                text = f"{name} has been down for {duration(now - since) if since else '15 min'}. Changes wait."
                found.append(TellMessage(DOWN, f"PlexSync: {name} is down", text))
            elif turned is False:
                found.append(TellMessage(DOWN, f"PlexSync: {name} is back", f"{name} answers again.", is_bad=False))
        return found

    def _letters(self, known: Mapping[str, Any], now: float) -> list[TellMessage]:
        count = known.get("dead_letters")
        if type(count) is not int:
            return []
        before = self.told.get(DEAD_LETTERS)
        if type(before) is not int or count <= before:
            # Those that were there when it was looked at first are no news.
            self.told[DEAD_LETTERS] = count
            return []
        if not self._is_due(DEAD_LETTERS, LETTERS_EVERY, now):
            return []
        self.told[DEAD_LETTERS] = count
        more, titles = count - before, self._titles() if self._titles is not None else []
        text = (
            f"{counted(more, 'scene was', 'scenes were')} given up, {count} in all. See: ./huey_consumer.sh failed list"
        )
        return [TellMessage(DEAD_LETTERS, "PlexSync: scenes were given up", "\n".join([text, *titles[: min(more, 5)]]))]

    def _reviews(self, known: Mapping[str, Any], now: float) -> list[TellMessage]:
        scenes = known.get("scenes")
        count = scenes.get("review") if isinstance(scenes, dict) else None
        if type(count) is not int or not count or not self._is_due(REVIEWS, REVIEWS_EVERY, now):
            return []
        text = f"{counted(count, 'match waits', 'matches wait')} for you. See: ./huey_consumer.sh review list"
        return [TellMessage(REVIEWS, "PlexSync: matches to decide", text, is_bad=False)]

    def _silence(self, known: Mapping[str, Any]) -> list[TellMessage]:
        oldest = known.get("oldest_pending_s")
        waits = isinstance(oldest, int | float) and oldest > SILENT_FOR
        services = [known.get(name) for name in _NAMES]
        # What is told already explains why.
        explained = isinstance(known.get("stopped"), str) or any(
            isinstance(one, dict) and one.get("up") is not True for one in services
        )
        turned = self._turned(SILENCE, is_so=waits and not explained)
        if not turned:
            return []
        text = f"The oldest change has waited for {duration(float(oldest or 0))}, though Plex and Stash are up."
        return [TellMessage(SILENCE, "PlexSync is behind", text)]

    def _is_due(self, kind: str, every: float, now: float) -> bool:
        last = self.told.get(f"{kind} at")
        # One that is to come was noted before the clock was set back.
        if isinstance(last, int | float) and 0 <= now - last < every:
            return False
        self.told[f"{kind} at"] = now
        return True


def _epoch(moment: object) -> float | None:
    try:
        return datetime.fromisoformat(str(moment)).timestamp()
    except ValueError:
        return None
