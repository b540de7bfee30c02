"""A simulated Plex Media Server over real HTTP, strict about what clients may do.

with SimulatedPlex() as plex:
    movies = plex.add_section("Movies", locations=["/media"])
    key = plex.add_item(movies, "A film", files=["/media/a.mkv"], genre=["Action"])
    ...
    assert plex.item(key).names("genre") == ["Action", "Drama"]
    assert not plex.violations
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from plexsync.demo.http import DropConnection, Request, Response, SimulatedServer
from plexsync.demo.plex import pictures as plex_pictures
from plexsync.demo.plex.answers import answer
from plexsync.demo.plex.api import PlexApi, wants_json
from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.items import PICTURES, PlexItem
from plexsync.demo.plex.library import Library
from plexsync.demo.plex.writer import SingleWriter
from plexsync.model import Part

#: The agent of sections that are filled by hand.
NO_AGENT = "tv.plex.agents.none"
PictureKind = Literal["posters", "arts"]


class SimulatedPlex(SimulatedServer):
    """A Plex server with no section; what it holds outlives a stop.

    ``violations`` are sentences about what clients did that a good client does not do. The counters have ``reads``,
    ``writes``, ``uploads``, ``scans``, ``denied`` (401) and ``too_long`` besides those of every simulated server.

    :param token: what clients have to send as ``X-Plex-Token``.
    :param behaviour: what differs between servers; ``plex.behaviour`` may be changed later.
    :param clock: the time in epoch seconds, for ``addedAt``, ``updatedAt`` and scans.
    :param port: see ``SimulatedServer``, as for the rest.
    """

    def __init__(
        self,
        *,
        token: str = "simulated-plex-token",
        behaviour: Behaviour | None = None,
        clock: Callable[[], float] = time.time,
        port: int = 0,
        idle_timeout: float = 20.0,
        cert_file: Path | None = None,
        key_file: Path | None = None,
    ) -> None:
        super().__init__(port=port, idle_timeout=idle_timeout, cert_file=cert_file, key_file=key_file)
        self.token = token
        self.behaviour = behaviour or Behaviour()
        self.violations: list[str] = []
        self._library = Library(clock, self.behaviour)
        self._writer = SingleWriter(self.pause, self.behaviour)
        self._api = PlexApi(self._library, self.behaviour, self._writer, self.count, self.violations.append)

    def respond(self, request: Request) -> Response:
        """Refuse what is too long or has no token, and carry out the rest."""
        if request.line_bytes > self.behaviour.max_request_line:
            self.count("too_long")
            if self.behaviour.long_requests == "drop":
                raise DropConnection
            return _error(HTTPStatus.REQUEST_URI_TOO_LONG)
        if request.path == "/identity" and request.method == "GET":
            return answer(_IDENTITY, as_json=wants_json(request))
        if not self._may(request):
            self.count("denied")
            return _error(HTTPStatus.UNAUTHORIZED)
        self._library.settle()
        return self._api.handle(request)

    def _may(self, request: Request) -> bool:
        if any(name.lower() == "x-plex-token" for name, _ in request.params):
            self.violations.append("a token stands in a query, where it ends up in logs")
            return False
        if not request.header("X-Plex-Client-Identifier"):
            self.violations.append("a request has no X-Plex-Client-Identifier")
        sent = request.header("X-Plex-Token") or ""
        return secrets.compare_digest(sent.encode(), self.token.encode())

    @property
    def peak_waiting(self) -> int:
        """The largest number of writes that ever waited for their turn at once."""
        return self._writer.peak_waiting

    def set_token(self, token: str) -> None:
        """Accept this token from now on and no other."""
        self.token = token

    def wrong_token(self) -> str:
        """Make the clients' token wrong, as when it is revoked.

        :returns: the token that was right, to be set again.
        """
        before, self.token = self.token, secrets.token_hex(10)
        return before

    # --- The library, from inside ------------------------------------------------------------------------------------

    def add_section(
        self,
        title: str,
        type: str = "movie",  # noqa: A002  # what Plex calls it
        locations: Iterable[str] = (),
        agent: str = NO_AGENT,
    ) -> int:
        """A new section.

        :returns: its id.
        """
        return self._library.add_section(title, type, agent, locations)

    def add_item(
        self,
        section: int,
        title: str,
        files: Iterable[str | Part] = (),
        *,
        year: int | None = None,
        added_at: int | None = None,
        **fields: str | Sequence[str],
    ) -> int:
        """A new item, as it is after a scan.

        :param files: paths, or parts with size and duration.
        :param added_at: epoch seconds; now where it is None.
        :param fields: texts (``summary="..."``) and tag lists (``genre=["Action"]``) by the names that edits use.
            The agent knows them: a refresh brings them back.
        :returns: its rating key.
        """
        known = {"title": title, **fields}
        return self._library.add(section, _parts(files), known, added_at=added_at, year=year).rating_key

    def add_unscanned(
        self, section: int, title: str, files: Iterable[str | Part], **fields: str | Sequence[str]
    ) -> None:
        """Files on the disk that Plex has not scanned yet: the next scan makes an item of them."""
        with self._library.lock:
            self._library.section(section).unscanned.append((_parts(files), {"title": title, **fields}))

    def scan(self, section: int, path: str = "") -> None:
        """Scan the files below ``path`` at once, as Plex does by itself from time to time."""
        with self._library.lock:
            self._library.request_scan(self._library.section(section), path, 0.0)

    def item(self, rating_key: int) -> PlexItem:
        """The item as it is now.

        :raises KeyError: there is none (any more).
        """
        self._library.settle()
        with self._library.lock:
            return PlexItem.of(self._library.items[rating_key])

    def items(self, section: int) -> list[PlexItem]:
        """All items of a section as they are now, in the order they came."""
        self._library.settle()
        with self._library.lock:
            return [PlexItem.of(item) for item in self._library.sections[section].items.values()]

    def remove_item(self, rating_key: int) -> None:
        """Take an item away, as when its files are gone."""
        self._library.remove(rating_key)

    def rekey(self, rating_key: int) -> int:
        """Lose an item and scan its files again: a new item that shows what the agent knows, under a new key.

        :returns: the new rating key.
        """
        with self._library.lock:
            old = self._library.remove(rating_key)
            return self._library.add(old.section_id, old.parts, old.agent, added_at=None, year=old.year).rating_key

    def set_agent(self, rating_key: int, **fields: str | Sequence[str]) -> None:
        """Change what the agent knows of an item; a refresh writes it."""
        with self._library.lock:
            item = self._library.items[rating_key]
            item.agent = {**item.agent, **fields}

    def edit_as_person(self, rating_key: int, *, lock: bool = True, **fields: str | Sequence[str]) -> None:
        """Edit an item as somebody does in the web app: texts and whole tag lists, locked from then on."""
        with self._library.lock:
            item = self._library.items[rating_key]
            self._library.tags.write(item, fields)
            if lock:
                item.locked.update(fields)
            self._library.touch(item, retitled=True)

    def unlock_as_person(self, rating_key: int, *fields: str) -> None:
        """Take the locks off fields (``title``, ``genre``, ``thumb``, ...), as somebody does with a click on them.

        :raises ValueError: one of them is not locked.
        """
        with self._library.lock:
            item = self._library.items[rating_key]
            if not item.locked.issuperset(fields):
                raise ValueError(f"only {', '.join(sorted(item.locked)) or 'nothing'} is locked")
            item.locked.difference_update(fields)
            self._library.touch(item, retitled=False)

    def refresh(self, rating_key: int) -> None:
        """Let the agent write what it knows over all that is not locked, as Plex does from time to time."""
        with self._library.lock:
            self._library.refresh(self._library.items[rating_key])

    def rate_as_person(self, rating_key: int, rating: float | None) -> None:
        """Rate an item 0 to 10, or take the rating away. It does not move ``updatedAt``."""
        with self._library.lock:
            self._library.items[rating_key].user_rating = rating

    def upload_as_person(self, rating_key: int, kind: PictureKind, data: bytes) -> None:
        """Give an item another picture as somebody does in the web app."""
        with self._library.lock:
            item = self._library.items[rating_key]
            plex_pictures.upload(item, kind, data, self._library.now(), dedupe=self.behaviour.dedupe_pictures)
            self._library.touch(item, retitled=False)

    def choose_as_person(self, rating_key: int, kind: PictureKind, data: bytes) -> None:
        """Show another of an item's pictures, as somebody does in the web app.

        :raises ValueError: the item has no such picture.
        """
        with self._library.lock:
            item = self._library.items[rating_key]
            plex_pictures.choose(item, kind, data, self._library.now())
            self._library.touch(item, retitled=False)

    def delete_picture_as_person(self, rating_key: int, kind: PictureKind) -> None:
        """Delete the picture that an item shows: it shows none then.

        :raises ValueError: it shows none as it is.
        """
        with self._library.lock:
            item = self._library.items[rating_key]
            plex_pictures.delete_shown(item, kind)
            self._library.touch(item, retitled=False)

    def pictures(self, rating_key: int, kind: PictureKind) -> list[bytes]:
        """The bytes of all uploaded pictures of that kind, the oldest first."""
        with self._library.lock:
            return [picture.data for picture in self._library.items[rating_key].pictures.get(kind, [])]

    def selected_picture(self, rating_key: int, kind: PictureKind) -> bytes | None:
        """The bytes of the picture that is shown, None where there is none."""
        with self._library.lock:
            chosen = self._library.items[rating_key].selected.get(PICTURES[kind])
            return chosen[0].data if chosen else None


_IDENTITY = {
    "size": 0,
    "claimed": True,
    "machineIdentifier": "simulated0000000000000000000000000000000",
    "version": "1.42.1.10060-simulated",
}


def _error(status: HTTPStatus) -> Response:
    return Response.html(f"{status.value} {status.phrase}", status)


def _parts(files: Iterable[str | Part]) -> tuple[Part, ...]:
    return tuple(file if isinstance(file, Part) else Part(file) for file in files)
