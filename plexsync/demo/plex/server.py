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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from plexsync.demo.http import DropConnection, Request, Response, SimulatedServer
from plexsync.demo.plex import pictures as plex_pictures
from plexsync.demo.plex import rebuild
from plexsync.demo.plex.answers import answer
from plexsync.demo.plex.api import PlexApi, wants_json
from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.browsing import server_information
from plexsync.demo.plex.items import PICTURES, PlexItem
from plexsync.demo.plex.library import SimulatedLibrary
from plexsync.demo.plex.shown import show_agents
from plexsync.demo.plex.tokens import TOKEN_EXPIRED, Requester, Tokens, owners_only
from plexsync.demo.plex.writer import SingleWriter
from plexsync.model import Part

#: The agent of sections that are filled by hand.
NO_AGENT = "tv.plex.agents.none"
#: The server's name among all servers.
MACHINE_IDENTIFIER = "simulated0000000000000000000000000000000"
PictureKind = Literal["posters", "arts"]


class SimulatedPlex(SimulatedServer):
    """A Plex server with no section; what it holds outlives a stop.

    ``violations`` are sentences about what clients did that a good client does not do. The counters have ``reads``,
    ``writes``, ``uploads``, ``scans``, ``denied`` (a token that is refused), ``analyses`` (items read without
    ``skipRefresh``) and ``too_long`` besides those of every simulated server.

    :param token: the owner's, which clients have to send as ``X-Plex-Token``.
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
        self.behaviour = behaviour or Behaviour()
        self._tokens = Tokens(token)
        self.violations: list[str] = []
        self.machine_identifier = MACHINE_IDENTIFIER
        self.version = "1.42.1.10060-simulated"
        #: What it holds, with a lock of its own.
        self.library = SimulatedLibrary(clock, self.behaviour)
        self._writer = SingleWriter(self.pause, self.behaviour)
        self._api = PlexApi(self.library, self.behaviour, self._writer, self.count, self.violations.append)

    def respond(self, request: Request) -> Response:
        """Refuse what is too long or has no token, and carry out the rest."""
        if request.line_bytes > self.behaviour.max_request_line:
            self.count("too_long")
            if self.behaviour.long_requests == "drop":
                raise DropConnection
            return _error(HTTPStatus.REQUEST_URI_TOO_LONG)
        if (starting := self._starting(request)) is not None:
            return starting
        if request.path == "/identity" and request.method == "GET":
            return answer({"size": 0, "claimed": True, **self._identity()}, as_json=wants_json(request))
        if (refused := self._refused(request)) is not None:
            self.count("denied")
            return _error(refused)
        self.library.settle()
        if request.path == "/" and request.method == "GET":
            return answer({**server_information(), **self._identity()}, as_json=wants_json(request))
        return self._api.handle(request)

    def _starting(self, request: Request) -> Response | None:
        """What a server says that is not there yet."""
        match self.behaviour.starting:
            case "503":
                return Response.html("503 Service Unavailable: maintenance", HTTPStatus.SERVICE_UNAVAILABLE)
            case "400" if request.path != "/identity":
                page = "400 Bad Request: Plex Media Server is still starting up"
                return Response.html(page, HTTPStatus.BAD_REQUEST)
            case _:
                return None

    def _identity(self) -> dict[str, str]:
        return {"machineIdentifier": self.machine_identifier, "version": self.version}

    def _refused(self, request: Request) -> int | None:
        """The status for a request that its sender may not make; None where it may."""
        if any(name.lower() == "x-plex-token" for name, _ in request.params):
            self.violations.append("a token stands in a query, where it ends up in logs")
            return HTTPStatus.UNAUTHORIZED
        if not request.header("X-Plex-Client-Identifier"):
            self.violations.append("a request has no X-Plex-Client-Identifier")
        match self._tokens.asker(request):
            case Requester.OWNER:
                return None
            case Requester.GUEST:
                return self.behaviour.not_owner if owners_only(request) else None
            case Requester.EXPIRED:
                return TOKEN_EXPIRED
            case _:
                return HTTPStatus.UNAUTHORIZED

    @property
    def token(self) -> str:
        """The owner's token."""
        return self._tokens.owner

    @property
    def peak_waiting(self) -> int:
        """The largest number of writes that ever waited for their turn at once."""
        return self._writer.peak_waiting

    def set_token(self, token: str) -> None:
        """Accept this token from now on as the owner's, and no other."""
        self._tokens.owner = token

    def wrong_token(self) -> str:
        """Make the clients' token wrong, as when it is revoked.

        :returns: the token that was right, to be set again.
        """
        before = self.token
        self.set_token(secrets.token_hex(10))
        return before

    def expire_token(self) -> str:
        """Let the owner's token run out, as a device token does after seven days.

        :returns: the token, to be set again.
        """
        before = self.wrong_token()
        self._tokens.expired.add(before)
        return before

    def share(self) -> str:
        """Share the server with a user.

        :returns: that user's token, which may read and rate, and no more.
        """
        token = secrets.token_hex(10)
        self._tokens.guests.add(token)
        return token

    # --- The library, from inside ------------------------------------------------------------------------------------

    def add_section(
        self,
        title: str,
        type: str = "movie",  # noqa: A002  # what Plex calls it
        locations: Iterable[str] = (),
        agent: str = NO_AGENT,
        scanner: str = "Plex Video Files",
    ) -> int:
        """A new section.

        :returns: its id.
        """
        return self.library.add_section(title, type, agent, locations, scanner)

    def add_item(
        self,
        section: int,
        title: str,
        files: Iterable[str | Part] = (),
        *,
        year: int | None = None,
        added_at: int | None = None,
        guid: str | None = None,
        **fields: str | Sequence[str],
    ) -> int:
        """A new item, as it is after a scan.

        :param files: paths, or parts with size and duration.
        :param added_at: epoch seconds; now where it is None.
        :param guid: what the agent found it to be; None for nothing.
        :param fields: texts (``summary="..."``) and tag lists (``genre=["Action"]``) by the names that edits use.
            The agent knows them: a refresh brings them back.
        :returns: its rating key.
        """
        known = {"title": title, **fields}
        with self.library.lock:
            item = self.library.add(section, _parts(files), known, added_at=added_at, year=year)
            item.guid = guid or item.guid
        return item.rating_key

    def add_unscanned(
        self, section: int, title: str, files: Iterable[str | Part], **fields: str | Sequence[str]
    ) -> None:
        """Files on the disk that Plex has not scanned yet: the next scan makes an item of them."""
        with self.library.lock:
            self.library.section(section).unscanned.append((_parts(files), {"title": title, **fields}))

    def scan(self, section: int, path: str = "") -> None:
        """Scan the files below ``path`` at once, as Plex does by itself from time to time."""
        with self.library.lock:
            self.library.request_scan(self.library.section(section), path, 0.0)

    def item(self, rating_key: int) -> PlexItem:
        """The item as it is now.

        :raises KeyError: there is none (any more).
        """
        self.library.settle()
        with self.library.lock:
            return PlexItem.of(self.library.items[rating_key])

    def items(self, section: int) -> list[PlexItem]:
        """All items of a section as they are now, in the order they came."""
        self.library.settle()
        with self.library.lock:
            return [PlexItem.of(item) for item in self.library.sections[section].items.values()]

    def replace_files(self, rating_key: int, parts: Sequence[Part], *, seen: bool = False) -> None:
        """Replace an item's files on the disk.

        :param seen: Plex has noticed it already; otherwise it does when it analyses the item.
        """
        with self.library.lock:
            item = self.library.items[rating_key]
            item.on_disk = tuple(parts)
            if seen:
                self.library.analyze(item)

    def set_hash(self, rating_key: int, file: str, oshash: str) -> None:
        """Let Plex have worked out the hash of an item's file."""
        with self.library.lock:
            self.library.items[rating_key].hashes[file] = oshash

    def remove_item(self, rating_key: int) -> None:
        """Take an item away, as when its files are gone."""
        self.library.remove(rating_key)

    def rekey(self, rating_key: int) -> int:
        """Lose an item and scan its files again: a new item that shows what the agent knows, under a new key.

        :returns: the new rating key.
        """
        with self.library.lock:
            old = self.library.remove(rating_key)
            return self.library.add(old.section_id, old.parts, old.agent, added_at=None, year=old.year).rating_key

    def rekey_all(self, keys: Mapping[int, int]) -> None:
        """Give items other rating keys, as a restored database has them; they keep what they hold. See ``rebuild``."""
        rebuild.rekey(self.library, keys)

    def make_anew(self, keys: Mapping[int, int] | None = None, *, uuids: bool = True) -> None:
        """Make the database anew: all files are scanned again, and nothing that anybody wrote is there any more.

        :param keys: the new rating key by the old one; None for the same.
        :param uuids: whether sections get new ones.
        """
        rebuild.make_anew(self.library, keys or {}, uuids=uuids)

    def back_up(self) -> bytes:
        """A copy of the database, for ``restore``."""
        return rebuild.back_up(self.library)

    def restore(self, backup: bytes) -> None:
        """Put a copy of the database in its place."""
        rebuild.restore(self.library, backup)

    def move_section(self, section: int, title: str) -> list[int]:
        """Remove a section and make it anew under another id; the new items' rating keys, in the order of the old."""
        return rebuild.move_section(self.library, section, title)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What is changed in the block does not move the sections' numbers: some servers tell nothing."""
        numbers = {one.id: one.content_changed_at for one in self.library.sections.values()}
        yield
        for section in self.library.sections.values():
            section.content_changed_at = numbers.get(section.id, section.content_changed_at)

    def merge(self, rating_key: int, into: int) -> None:
        """Make one item of two; the first one's rating key is gone."""
        rebuild.merge(self.library, rating_key, into)

    def split(self, rating_key: int) -> list[int]:
        """Split an item by its files; the rating keys of the new ones."""
        return rebuild.split(self.library, rating_key)

    def rename_file(self, rating_key: int, file: str, new: str, size: int | None = None) -> None:
        """Rename a file of an item, or encode it anew; the item keeps its rating key."""
        rebuild.rename(self.library, rating_key, file, new, size)

    def set_agent(self, rating_key: int, **fields: str | Sequence[str]) -> None:
        """Change what the agent knows of an item; a refresh writes it."""
        with self.library.lock:
            item = self.library.items[rating_key]
            item.agent = {**item.agent, **fields}

    def set_agent_picture(self, rating_key: int, kind: PictureKind, data: bytes) -> None:
        """Give the agent a picture for an item; it is shown at once where none is, else by a refresh."""
        with self.library.lock:
            item = self.library.items[rating_key]
            item.agent_pictures[kind] = data
            if PICTURES[kind] not in item.selected:
                show_agents(item, self.library.now())

    def edit_as_person(self, rating_key: int, *, lock: bool = True, **fields: str | Sequence[str]) -> None:
        """Edit an item as somebody does in the web app: texts and whole tag lists, locked from then on."""
        with self.library.lock:
            item = self.library.items[rating_key]
            self.library.tags.write(item, fields)
            if lock:
                item.locked.update(fields)
            self.library.touch(item, retitled=True)

    def unlock_as_person(self, rating_key: int, *fields: str) -> None:
        """Take the locks off fields (``title``, ``genre``, ``thumb``, ...), as somebody does with a click on them.

        :raises ValueError: one of them is not locked.
        """
        with self.library.lock:
            item = self.library.items[rating_key]
            if not item.locked.issuperset(fields):
                raise ValueError(f"only {', '.join(sorted(item.locked)) or 'nothing'} is locked")
            item.locked.difference_update(fields)
            self.library.touch(item, retitled=False)

    def refresh(self, rating_key: int) -> None:
        """Let the agent write what it knows over all that is not locked, as Plex does from time to time."""
        with self.library.lock:
            self.library.refresh(self.library.items[rating_key])

    def rate_as_person(self, rating_key: int, rating: float | None) -> None:
        """Rate an item 0 to 10, or take the rating away. It does not move ``updatedAt``."""
        with self.library.lock:
            self.library.items[rating_key].user_rating = rating

    def upload_as_person(self, rating_key: int, kind: PictureKind, data: bytes) -> None:
        """Give an item another picture as somebody does in the web app."""
        with self.library.lock:
            item = self.library.items[rating_key]
            now, way = self.library.now(), self.behaviour
            plex_pictures.upload(item, kind, data, now, dedupe=way.dedupe_pictures, by_sha1=way.uploads_by_sha1)
            self.library.touch(item, retitled=False)

    def choose_as_person(self, rating_key: int, kind: PictureKind, data: bytes) -> None:
        """Show another of an item's pictures, as somebody does in the web app.

        :raises ValueError: the item has no such picture.
        """
        with self.library.lock:
            item = self.library.items[rating_key]
            plex_pictures.choose(item, kind, data, self.library.now())
            self.library.touch(item, retitled=False)

    def delete_picture_as_person(self, rating_key: int, kind: PictureKind) -> None:
        """Delete the picture that an item shows: it shows none then.

        :raises ValueError: it shows none as it is.
        """
        with self.library.lock:
            item = self.library.items[rating_key]
            plex_pictures.delete_shown(item, kind)
            self.library.touch(item, retitled=False)

    def pictures(self, rating_key: int, kind: PictureKind) -> list[bytes]:
        """The bytes of all uploaded pictures of that kind, the oldest first."""
        with self.library.lock:
            held = self.library.items[rating_key].pictures.get(kind, [])
            return [picture.data for picture in held if picture.source == "upload"]

    def selected_picture(self, rating_key: int, kind: PictureKind) -> bytes | None:
        """The bytes of the picture that is shown, None where there is none."""
        with self.library.lock:
            chosen = self.library.items[rating_key].selected.get(PICTURES[kind])
            return chosen[0].data if chosen else None


def _error(status: int) -> Response:
    phrase = "Invalid Token" if status == TOKEN_EXPIRED else HTTPStatus(status).phrase
    return Response.html(f"{int(status)} {phrase}", status)


def _parts(files: Iterable[str | Part]) -> tuple[Part, ...]:
    return tuple(file if isinstance(file, Part) else Part(file) for file in files)
