"""The requests the simulated Plex understands, once the token has been found right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from plexsync.demo.http.exchange import Request, Response
from plexsync.demo.plex import pictures as plex_pictures
from plexsync.demo.plex.answers import Shown, answer, listed_item, section, tree, trimmed, whole_item, without_files
from plexsync.demo.plex.behaviour import Behaviour
from plexsync.demo.plex.browsing import (
    COLLECTION_TYPE,
    choices_of,
    collection_filters,
    collections_of,
    filters_of,
    members_of,
)
from plexsync.demo.plex.edits import ItemEdit
from plexsync.demo.plex.items import TAG_LISTS, StoredItem
from plexsync.demo.plex.library import ITEM_TYPES, PlexRefused, SimulatedLibrary
from plexsync.demo.plex.shown import media_type
from plexsync.demo.plex.writer import DatabaseBusy, SingleWriter

#: What ``/:/rate`` wants to be told.
LIBRARY_IDENTIFIER = "com.plexapp.plugins.library"
#: ``/:/rate``: this takes the rating away.
NO_RATING = -1.0

Handler = Callable[..., Response]
T = TypeVar("T")


class PlexApi:
    """Carries requests out on a library.

    :param library: what is read and changed.
    :param behaviour: how; read anew for each request.
    :param writer: whose turn each write waits for.
    :param count: told ``reads``, ``writes``, ``uploads`` and ``scans`` as they are done.
    :param violate: told, in a sentence, of everything that a good client does not do.
    """

    def __init__(
        self,
        library: SimulatedLibrary,
        behaviour: Behaviour,
        writer: SingleWriter,
        count: Callable[[str], None],
        violate: Callable[[str], None],
    ) -> None:
        self._library = library
        self._behaviour = behaviour
        self._writer = writer
        self._count = count
        self._violate = violate
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(pattern), handler)
            for method, pattern, handler in (
                ("GET", r"/library/sections", self._show_sections),
                ("GET", r"/library", self._show_sections),
                ("GET", r"/butler", self._show_tasks),
                ("GET", r"/accounts", self._show_accounts),
                ("GET", r"/hubs/search", self._search),
                ("GET", r"/library/sections/(\d+)/all", self._show_listing),
                ("GET", r"/library/sections/(\d+)/collections", self._show_collections),
                ("GET", rf"/library/sections/(\d+)/({'|'.join(TAG_LISTS)})", self._show_choices),
                ("GET", r"/library/collections/(\d+)/(?:children|items)", self._show_members),
                ("PUT", r"/library/sections/(\d+)/all", self._edit_in_section),
                ("GET", r"/library/sections/(\d+)/refresh", self._scan),
                ("POST", r"/library/sections/(\d+)/refresh", self._scan),
                ("GET", r"/library/metadata/(\d+(?:,\d+)*)", self._show_items),
                ("GET", r"/library/metadata/(\d+(?:,\d+)*)/tree", self._show_trees),
                ("PUT", r"/library/metadata/(\d+(?:,\d+)*)", self._edit_items),
                ("PUT", r"/library/metadata/(\d+)/refresh", self._refresh_item),
                ("PUT", r"/library/metadata/(\d+)/analyze", self._analyze),
                ("GET", r"/library/metadata/(\d+)/(posters|arts)", self._show_pictures),
                ("POST", r"/library/metadata/(\d+)/(posters|arts)", self._upload),
                ("PUT", r"/library/metadata/(\d+)/(poster|art)", self._choose_picture),
                ("GET", r"/library/metadata/(\d+)/file", self._show_file),
                ("GET", r"/library/metadata/(\d+)/(thumb|art)/\d+", self._show_selected),
                ("PUT", r"/:/rate", self._rate),
            )
        ]

    def handle(self, request: Request) -> Response:
        """The answer to a request, an error page where it cannot be carried out."""
        try:
            for method, pattern, handler in self._routes:
                if method == request.method and (found := pattern.fullmatch(request.path.rstrip("/"))):
                    return handler(request, *found.groups())
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        except PlexRefused as refused:
            return Response.html(str(refused), refused.status)
        except DatabaseBusy:
            return Response.html("500 Internal Server Error: database is busy", HTTPStatus.INTERNAL_SERVER_ERROR)

    # --- Reading -----------------------------------------------------------------------------------------------------

    def _show_sections(self, request: Request) -> Response:
        with self._library.lock:
            shown = [section(each) for each in self._library.sections.values()]
        return self._read(request, {"size": len(shown), "title1": "Plex Library", "Directory": shown})

    def _show_listing(self, request: Request, section_id: str) -> Response:
        without = [*self._excluded(request), *self._behaviour.listings_without]
        with self._library.lock:
            place = self._library.section(int(section_id))
            if request.param("type") == COLLECTION_TYPE:
                return self._show_collections(request, section_id)
            found = place.listing(request.param("sort") or "", request.params)
            if request.param("type") not in (None, str(ITEM_TYPES.get(place.type))):
                found = []
            content = self._page(request, found, lambda item: trimmed(listed_item(item, place.type), without))
            content |= {"librarySectionID": place.id, "librarySectionTitle": place.title}
            if request.param("includeMeta") == "1":
                content["Meta"] = filters_of(place)
        return self._read(request, content)

    def _page(self, request: Request, found: Sequence[T], show: Callable[[T], Shown]) -> dict[str, Any]:
        """The page of a list that a request asks for."""
        start, asked = _paging(request, "Start"), _paging(request, "Size")
        if self._behaviour.paging_required and (start is None or asked is None):
            raise PlexRefused(HTTPStatus.BAD_REQUEST)
        begin = _number(start or "0")
        size = len(found) if asked is None else _number(asked)
        if self._behaviour.page_cap is not None:
            size = min(size, self._behaviour.page_cap)
        shown = [show(one) for one in found[begin : begin + size]]
        covers = begin == 0 and size >= len(found)
        return {
            "size": len(shown),
            "totalSize": None if covers and self._behaviour.total_size == "absent" else len(found),
            "offset": begin,
            "Metadata": shown,
        }

    def _show_items(self, request: Request, keys: str) -> Response:
        without = self._excluded(request)
        if request.param("skipRefresh") != "1":
            self._count("analyses")
        with self._library.lock:
            wanted = dict.fromkeys(int(key) for key in keys.split(","))
            found = [self._library.items[key] for key in wanted if key in self._library.items]
            if not found:
                raise PlexRefused(HTTPStatus.NOT_FOUND)
            cut_short = len(wanted) > 1 and not self._behaviour.group_reads_whole
            places = [self._library.section(item.section_id) for item in found]
            shown = [
                trimmed(listed_item(item, place.type) if cut_short else whole_item(item, place), without)
                for item, place in zip(found, places, strict=True)
            ]
        content = {
            "size": len(shown),
            "totalSize": len(shown),
            "offset": 0,
            "librarySectionID": places[0].id,
            "librarySectionTitle": places[0].title,
            "Metadata": shown,
        }
        return self._read(request, content)

    def _show_trees(self, request: Request, keys: str) -> Response:
        if self._behaviour.hashes == "no trees":
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        with self._library.lock:
            found = [self._library.items[key] for key in map(int, keys.split(",")) if key in self._library.items]
            shown = [tree(item, with_hashes=self._behaviour.hashes == "shown") for item in found]
        if not shown:
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        self._count("trees")
        return self._read(request, {"size": len(shown), "MetadataItem": shown})

    def _show_collections(self, request: Request, section_id: str) -> Response:
        with self._library.lock:
            place = self._library.section(int(section_id))
            content = self._page(request, collections_of(place, request.param("title") or ""), lambda one: one)
            content["librarySectionID"] = place.id
            if request.param("includeMeta") == "1":
                content["Meta"] = {"Type": [collection_filters(place)]}
        return self._read(request, content)

    def _show_members(self, request: Request, key: str) -> Response:
        with self._library.lock:
            members = members_of(self._library.items.values(), int(key))
            if not members:
                raise PlexRefused(HTTPStatus.NOT_FOUND)
            content = self._page(request, members, lambda item: listed_item(item, "movie"))
            content["librarySectionID"] = members[0].section_id
        return self._read(request, content)

    def _show_choices(self, request: Request, section_id: str, kind: str) -> Response:
        with self._library.lock:
            shown = choices_of(self._library.section(int(section_id)), kind)
        return self._read(request, {"size": len(shown), "Directory": shown})

    def _search(self, request: Request) -> Response:
        wanted = (request.param("query") or "").casefold()
        with self._library.lock:
            found = [item for item in self._library.items.values() if wanted in item.texts["title"].casefold()]
            shown = [listed_item(item, "movie") for item in found]
        hub = {"type": "movie", "hubIdentifier": "movie", "title": "Movies", "size": len(shown), "Metadata": shown}
        return self._read(request, {"size": 1, "Hub": [hub]})

    def _show_tasks(self, request: Request) -> Response:
        task = {"name": "BackupDatabase", "title": "Backup Database", "enabled": True, "interval": 3}
        return self._read(request, {"ButlerTasks": {"ButlerTask": [task]}})

    def _show_accounts(self, request: Request) -> Response:
        accounts = [{"id": 0, "key": "/accounts/0", "name": ""}, {"id": 1, "key": "/accounts/1", "name": "owner"}]
        return self._read(request, {"size": 2, "identifier": "com.plexapp.system.accounts", "Account": accounts})

    def _show_pictures(self, request: Request, key: str, kind: str) -> Response:
        with self._library.lock:
            shown = plex_pictures.listed(self._library.item(int(key)), kind)
        return self._read(request, {"size": len(shown), "Metadata": shown})

    def _show_file(self, request: Request, key: str) -> Response:
        with self._library.lock:
            picture = plex_pictures.by_address(self._library.item(int(key)), request.param("url") or "")
        self._count("reads")
        return Response(200, picture.data, picture.media_type)

    def _show_selected(self, _request: Request, key: str, shown_as: str) -> Response:
        with self._library.lock:
            chosen = self._library.item(int(key)).selected.get(shown_as)
        if chosen is None:
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        self._count("reads")
        return Response(200, chosen[0].data, chosen[0].media_type)

    def _read(self, request: Request, content: dict[str, Any]) -> Response:
        self._count("reads")
        if not self._behaviour.files_shown:
            content = without_files(content)
        return answer(content, as_json=wants_json(request))

    def _excluded(self, request: Request) -> list[str]:
        if not self._behaviour.honours_excludes:
            return []
        asked = [request.param("excludeElements") or "", request.param("excludeFields") or ""]
        return ",".join(asked).split(",")

    # --- Writing -----------------------------------------------------------------------------------------------------

    def _edit_in_section(self, request: Request, section_id: str) -> Response:
        keys = request.param("id")
        if not keys:
            self._violate("an edit without id would change every item of the section")
            raise PlexRefused(HTTPStatus.BAD_REQUEST)
        with self._library.lock:
            place = self._library.section(int(section_id))
        item_type = request.param("type")
        if item_type is None:
            self._violate("an edit of a section's items does not say their type")
        elif item_type != str(ITEM_TYPES.get(place.type)):
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        return self._edit(request, keys, lambda item: item.section_id == place.id)

    def _edit_items(self, request: Request, keys: str) -> Response:
        return self._edit(request, keys, lambda _item: True)

    def _edit(self, request: Request, keys: str, belongs: Callable[[StoredItem], bool]) -> Response:
        edit = ItemEdit.read(request.params, self._behaviour)
        for name in edit.not_understood:
            self._violate(f"an edit has a parameter Plex does not know: {name}")
        if any("apikey" in thumb.lower() for thumb in edit.thumbs()):
            self._violate("a picture address for the viewers' devices holds an API key")

        def change() -> None:
            items = [self._library.item(_number(key)) for key in keys.split(",")]
            if not all(belongs(item) for item in items):
                raise PlexRefused(HTTPStatus.NOT_FOUND)
            for item in items:
                edit.apply(item, self._library.tags, self._behaviour)
                self._library.touch(item, retitled=edit.retitles)

        return self._write(change)

    def _rate(self, request: Request) -> Response:
        if request.param("identifier") != LIBRARY_IDENTIFIER:
            raise PlexRefused(HTTPStatus.NOT_FOUND)
        key = _number(request.param("key") or "")
        rating = _rating(request.param("rating") or "", self._behaviour.rating_step)

        def change() -> None:
            self._library.item(key).user_rating = rating

        return self._write(change)

    def _upload(self, request: Request, key: str, kind: str) -> Response:
        url = request.param("url")
        if url and "apikey" in url.lower():
            self._violate("a picture address that Plex is to fetch holds an API key")
        data = plex_pictures.fetch(url) if url else request.body
        # python-plexapi names no type, a browser that of the file: a wrong one no client sends.
        called, shown = request.header("Content-Type"), media_type(data)
        if not url and called and shown and called != shown:
            self._violate(f"a picture is called {called} and its bytes say {shown}")
        if self._behaviour.upload_max is not None and len(data) > self._behaviour.upload_max:
            raise PlexRefused(HTTPStatus.INTERNAL_SERVER_ERROR)

        def change() -> None:
            item = self._library.item(int(key))
            now, way = self._library.now(), self._behaviour
            named = {"dedupe": way.dedupe_pictures, "by_sha1": way.uploads_by_sha1}
            plex_pictures.upload(item, kind, data, now, lock=way.uploads_lock, **named)
            self._library.touch(item, retitled=False)

        done = self._write(change)
        self._count("uploads")
        return done

    def _choose_picture(self, request: Request, key: str, shown_as: str) -> Response:
        folder = {"poster": "posters", "art": "arts"}[shown_as]

        def change() -> None:
            item = self._library.item(int(key))
            chosen = plex_pictures.by_address(item, request.param("url") or "")
            plex_pictures.choose(item, folder, chosen.data, self._library.now(), lock=self._behaviour.uploads_lock)
            self._library.touch(item, retitled=False)

        return self._write(change)

    def _refresh_item(self, _request: Request, key: str) -> Response:
        return self._write(lambda: self._library.refresh(self._library.item(int(key))))

    def _analyze(self, _request: Request, key: str) -> Response:
        done = self._write(lambda: self._library.analyze(self._library.item(int(key))))
        self._count("analyzed")
        return done

    def _scan(self, request: Request, section_id: str) -> Response:
        if request.method not in self._behaviour.scans_by:
            raise PlexRefused(HTTPStatus(self._behaviour.scan_refusal))
        with self._library.lock:
            place = self._library.section(int(section_id))
            self._library.request_scan(place, request.param("path") or "", self._behaviour.scan_delay)
        self._count("scans")
        return Response(200)

    def _write(self, change: Callable[[], None]) -> Response:
        with self._writer.turn(), self._library.lock:
            change()
        self._count("writes")
        return Response(200)


def wants_json(request: Request) -> bool:
    """Whether the answer is to be JSON; it is XML otherwise."""
    return "application/json" in (request.header("Accept") or "")


def _paging(request: Request, what: str) -> str | None:
    name = f"X-Plex-Container-{what}"
    return request.param(name) or request.header(name)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    return int(text)


def _rating(text: str, step: float | None) -> float | None:
    try:
        rating = float(text)
    except ValueError:
        raise PlexRefused(HTTPStatus.BAD_REQUEST) from None
    if rating == NO_RATING:
        return None
    if not 0 <= rating <= 10:
        raise PlexRefused(HTTPStatus.BAD_REQUEST)
    return rating if step is None else math.floor(rating / step + 0.5) * step
