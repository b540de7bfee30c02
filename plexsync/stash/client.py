"""The client: what PlexSync asks of Stash."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from plexsync.errors import PictureFailed, StashUnavailable
from plexsync.http.breaker import Guard
from plexsync.model import Picture
from plexsync.stash import answers, document, plugins
from plexsync.stash.alike import Alike
from plexsync.stash.answers import SceneFiles
from plexsync.stash.asking import Asker
from plexsync.stash.changed import ChangesReader
from plexsync.stash.changes import Changes, EntityKind
from plexsync.stash.dialect import Dialect
from plexsync.stash.failures import QueryFailed
from plexsync.stash.pages import FoundScenes, ScenePage, UnreadScenes
from plexsync.stash.pictures import Glimpse, NoPicture, address, read_picture
from plexsync.stash.plugins import PluginPage
from plexsync.stash.reading import SCENES_PER_CALL, SCENES_PER_PAGE, SceneReader
from plexsync.stash.walking import LARGEST_ID, SceneQuery, Walked, Where

__all__ = ["CHANGES_PER_CALL", "SCENES_PER_CALL", "SCENES_PER_PAGE", "StashClient"]

#: Changes listed in one call: two short fields each, about 60 bytes.
CHANGES_PER_CALL = 1000
#: Stash's name of the criterion for each kind.
_CRITERIA: dict[EntityKind, str] = {"performer": "performers", "studio": "studios", "tag": "tags", "group": "groups"}
#: Scenes that were made last, of which one at least is taken to be readable.
_NEWEST_LOOKED_AT = 5


class StashClient:
    """Reads from one Stash. Safe to share between threads; nothing is sent before the first call.

    :param url: ``http://host:port``, maybe with a path behind a proxy.
    :param api_key: from Stash's settings, or None where no login is set there. Sent as a header, to ``url`` only.
    :param connect_timeout: seconds until a connection must stand.
    :param read_timeout: seconds to wait for the next bytes of an answer; three times that for a whole one.
    :param verify: check the TLS certificate against the known authorities (True) or those in a file; False: trust any.
    :param breaker: guards every call, which then may raise ``CircuitOpen`` too; None for none.
    :raises PermanentError: the address is none.
    :raises AccessDenied: the key holds characters that no key has.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        connect_timeout: float = 3.05,
        read_timeout: float = 10.0,
        verify: bool | str = True,
        breaker: Guard | None = None,
    ) -> None:
        # Importing requests and stashapi costs 130 to 170 ms: only whoever talks to Stash pays.
        from plexsync.stash.connection import Connection
        from plexsync.stash.refusals import StashServer

        #: HTTP requests so far, by the method that made them.
        self.calls: Counter[str] = Counter()
        self._calls_lock = threading.Lock()
        self._breaker = breaker
        stash = StashServer(url, api_key)
        self._base = stash.base
        self._connection = Connection(stash, connect_timeout, read_timeout, verify)
        self._asker = Asker(self._connection, str(stash), self._count)
        self._reader = SceneReader(self._asker)
        self._changes = ChangesReader(self._asker, self._reader)

    def scenes(self, ids: Sequence[int]) -> FoundScenes:
        """Scenes as they are now, by id. Ids that Stash does not know (any more) are not in it.

        A scene that Stash cannot read keeps no other from coming: asking the result for it raises ``SceneUnreadable``.

        :param ids: any number, in any order; asked for in chunks of ``SCENES_PER_CALL``.
        :raises StashUnavailable: no answer, or not a healthy one; or Stash fails at whatever it is asked.
        :raises PermanentError: also as ``AccessDenied``.
        """
        wanted = list(dict.fromkeys(ids))
        if not wanted:
            return FoundScenes()
        with self._guarded():
            return self._reader.by_ids(wanted)

    def scenes_after(self, scene_id: int, limit: int = SCENES_PER_CALL) -> ScenePage:
        """The next scenes with ids above ``scene_id``, ascending, those that cannot be read among them.

        Going on with the page's ``last`` while there are ``more`` is a walk through all scenes that neither skips one
        that is there all the time nor shows one twice, whatever comes and goes meanwhile.

        :param scene_id: from 0.
        :param limit: from 1; asked for in requests of ``SCENES_PER_PAGE``.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        return self._walk("scenes_after", {}, scene_id, limit).read()

    def unread_scenes_after(self, scene_id: int, limit: int = SCENES_PER_PAGE) -> UnreadScenes:
        """As ``scenes_after``, for whoever wants to ask for the next scenes before these are read. One request.

        The rows are as they came, as a rule, so that those which are known need not be read at all.

        :param scene_id: from 0.
        :param limit: 1 to ``SCENES_PER_PAGE``.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        return self._walk("scenes_after", {}, scene_id, limit, rows_apart=True)

    def scenes_with(
        self, kind: EntityKind, part_id: int, *more_ids: int, after: int = 0, limit: int = SCENES_PER_CALL
    ) -> ScenePage:
        """As ``scenes_after``, only scenes that have a performer, studio, tag or group themselves.

        What they have through a child of it (a studio's daughter, a tag below it) does not count. Something that Stash
        does not know (any more) has no scenes.

        :param more_ids: of others of the kind: scenes that have any of them.
        :param after: the last id that is known already.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        wanted = [str(one) for one in (part_id, *more_ids)]
        if document.names_of(kind, self._asker.dialect) is None:
            return ScenePage(())
        return self._walk("scenes_with", partial(_having, kind, wanted), after, limit).read()

    def scenes_like(self, alike: Alike, limit: int = SCENES_PER_CALL) -> ScenePage:
        """The first scenes that have something in common with a file, by their ids. One request, as a rule.

        :param alike: what: any of it.
        :param limit: scenes at most; the page's ``more`` says whether there may be others.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        return self._walk("scenes_like", alike.where(), 0, limit).read()

    def scene_count(self) -> int:
        """How many scenes there are.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_scene_count(self._asker.ask("scene_count", document.SCENE_COUNT).whole)

    def changes(self, since: str, after: int = 0, limit: int = CHANGES_PER_CALL) -> Changes:
        """What was changed or made after a moment: a page of scenes, and with the first one all else. One request.

        ``changes.Watermark`` says what ``since`` has to be so that no change slips through.

        :param since: a stamp of Stash's, as it wrote it; later is what is greater as a text. ``""`` is before all.
        :param after: only scenes with larger ids: 0 for the first page, else the last id of the page before.
        :param limit: scenes on a page, from 1.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        if after >= LARGEST_ID:
            return Changes(())
        with self._guarded():
            return self._changes.after(since, after, limit)

    def part_ids(self, kind: EntityKind) -> tuple[int, ...]:
        """The ids of all performers, studios, tags or groups.

        :raises StashUnavailable: as ``scenes``; also where one of them cannot be read.
        :raises PermanentError: as ``scenes``.
        """
        if document.names_of(kind, self._asker.dialect) is None:
            return ()
        with self._guarded():
            return self._changes.ids(kind)

    def last_change(self) -> str:
        """The last stamp there is, by its text, of a scene or of anything else; ``""`` in an empty Stash. One request.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return self._changes.newest()

    def scene_ids_after(self, scene_id: int, limit: int) -> tuple[tuple[int, ...], int]:
        """The next ids above ``scene_id``, ascending, and how many scenes with larger ids there are in all.

        Going on with the last one until there are fewer than ``limit`` skips none that is there all the time, whatever
        comes and goes meanwhile.

        :param scene_id: from 0.
        :param limit: from 1; Stash takes any.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            walked = self._reader.walk(
                SceneQuery("scene_ids_after", document.SCENE_IDS_AFTER, {}), scene_id, limit, limit
            )
            return _with_unreadable(walked), self._total(walked, scene_id)

    def newest_scene_id(self) -> int:
        """The largest id of a scene; 0 where there is none.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            error: QueryFailed | None = None
            for page in range(1, _NEWEST_LOOKED_AT + 1):
                answer = self._asker.ask("newest_scene_id", document.NEWEST_SCENE, {"page": page})
                error = answer.error
                if error is None:
                    newest = max(_ids_of(answer.whole) or (), default=0)
                    # Beyond it there are only those that could not be read.
                    while page > 1 and (following := self._reader.next_id({}, newest)) is not None:
                        newest = following
                    return newest
            raise error or StashUnavailable("Stash does not tell its newest scene")

    def files(self, after: int, limit: int) -> tuple[tuple[SceneFiles, ...], int]:
        """The scenes with ids beyond one, ascending, with no more than their files; and how many such scenes there are.

        Those that cannot be read are in it without any.

        :param after: an id, or 0 for the first.
        :param limit: scenes at most, from 1.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            walked = self._reader.walk(SceneQuery("files", document.files_where, {}), after, limit, limit)
            files = {error.scene_id: SceneFiles(error.scene_id, ()) for error in walked.unreadable}
            files |= {one.id: one for row in walked.rows if (one := answers.read_files(row, walked.dialect))}
            return tuple(files[one] for one in sorted(files)), self._total(walked, after)

    def plugin_settings(self) -> dict[str, object]:
        """What was typed into PlexSync's settings in Stash, by name; only what was ever set is there.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return plugins.ask_for_settings(self._asker)

    def operate(self, args: Mapping[str, Any]) -> object:
        """What an operation of the plugin in Stash answers: its ``output``. It may have the time it takes to wait.

        :param args: its arguments, as JSON can hold them, ``mode`` among them.
        :raises QueryFailed: Stash cannot run it, or it says that it failed.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``; also where Stash is older than 0.25, and has no operations.
        """
        with self._guarded():
            self._count("operate")
            return self._connection.query(document.OPERATE, {"args": dict(args)}).get("runPluginOperation")

    def plugin_page(self, *, with_folder: bool = False) -> PluginPage:
        """What was typed into PlexSync's settings in Stash, and which plugins Stash has loaded. One request.

        :param with_folder: also the folder in which it looks for plugins.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return plugins.ask(self._asker, with_folder=with_folder)

    def version(self) -> str:
        """Stash's version, ``v0.29.3``; ``""`` for a build without one.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return self._asker.version()

    def check(self) -> str:
        """Ask what every synchronisation needs: Stash's version, which is returned, and a scene. Three requests.

        :raises StashUnavailable: as ``scenes``; also where Stash is up, and fails at whatever it is asked.
        :raises PermanentError: as ``scenes``; as ``StashTooOld`` where this Stash does not know what is needed.
        """
        with self._guarded():
            version = self._asker.version()
            try:
                walked = self._reader.walk(SceneQuery("check", document.scenes_where, {}, needed=True), 0, 1)
                # Another document: a version may know the one and not the other.
                self._reader.by_ids([walked.last or 1])
            except QueryFailed as error:
                # As such it would tell the breaker that all is well.
                raise StashUnavailable(str(error)) from error
            return version

    @property
    def shortcomings(self) -> str:
        """What this version of Stash does not know of what is asked of it, for a person; ``""`` for nothing."""
        return self._asker.dialect.text

    def picture(self, url: str, etag: str | None = None) -> Picture | NoPicture | None:
        """A picture, fetched from Stash and from nowhere else.

        :param url: as Stash gave it; only its path and query count, see ``pictures.address``.
        :param etag: of the picture that is known already.
        :returns: None where it is still the one with ``etag``; ``NoPicture`` where there is none to show.
        :raises PictureFailed: it cannot be had, and Stash is well otherwise: it was asked.
        :raises StashUnavailable: Stash is not well.
        :raises AccessDenied: Stash wants another key or a login for all else, too.
        """
        with self._guarded():
            try:
                return self._picture(url, etag)
            except PictureFailed as error:
                if not (error.absent or error.refused):
                    self._prove_well()
                raise

    def glimpse(self, url: str, etag: str | None = None) -> Glimpse:
        """A look at a picture that is not fetched: whether it is still the one with an ETag.

        That it cannot be had says nothing of how Stash is; whoever needs more of it asks for more.

        :param url: as ``picture``.
        :param etag: of the picture that is known already.
        :raises PictureFailed: it cannot be had.
        """
        self._count("glimpse")
        response = self._connection.get(address(self._base, url), "image/*", etag, start_only=True)
        if response.status_code != 304:
            kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if not kind.startswith("image/") or kind == "image/svg+xml":
                raise PictureFailed(f"Stash answered with {kind or 'something'} where a picture was due")
            etag = response.headers.get("ETag")
        try:
            at = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
        except ValueError:
            at = time.time()
        return Glimpse(etag, at)

    def close(self) -> None:
        """Close the idle connections; a later call opens new ones."""
        self._connection.close()

    def _guarded(self) -> AbstractContextManager[None]:
        """One call to Stash with the checking of its answer."""
        return self._breaker.request() if self._breaker else nullcontext()

    def _picture(self, url: str, etag: str | None) -> Picture | NoPicture | None:
        self._count("picture")
        response = self._connection.get(address(self._base, url), "image/*", etag)
        if response.status_code == 304:
            return None
        return read_picture(response.content, response.headers.get("Content-Type", ""), response.headers.get("ETag"))

    def _prove_well(self) -> None:
        """Whether a picture failed by itself, or Stash with it: only the latter counts against Stash.

        :raises PlexSyncError: as any other query.
        """
        # An error that Stash itself words proves that it is up.
        with suppress(QueryFailed):
            self._asker.version()

    def _walk(self, name: str, where: Where, after: int, limit: int, *, rows_apart: bool = False) -> UnreadScenes:
        with self._guarded():
            query = SceneQuery(name, document.scenes_where, where, needed=not where, rows_apart=rows_apart)
            walked = self._reader.walk(query, after, limit)
        return UnreadScenes(
            walked.rows, walked.unreadable, walked.faults, walked.dialect, walked.last, more=walked.more
        )

    def _total(self, walked: Walked, after: int) -> int:
        return self._reader.count({}, after) if walked.count is None else walked.count

    def _count(self, name: str) -> None:
        with self._calls_lock:
            self.calls[name] += 1


def _having(kind: EntityKind, wanted: list[str], dialect: Dialect) -> dict[str, Any]:
    """The filter of scenes that have any of these themselves."""
    has: dict[str, Any] = {"value": wanted, "modifier": "INCLUDES"}
    if kind == "group" and dialect.groups == "movies":
        return {"movies": has}
    if kind != "performer":
        has["depth"] = 0
    return {_CRITERIA[kind]: has}


def _ids_of(data: Mapping[str, Any]) -> tuple[int, ...] | None:
    """The ids of an answer's scenes; None where one of them is none."""
    ids = [answers.id_of(row) for row in answers.rows_of(data)]
    found = tuple(one for one in ids if one is not None)
    return found if len(found) == len(ids) else None


def _with_unreadable(walked: Walked) -> tuple[int, ...]:
    """All ids of a walk: also a scene that cannot be read is to be tried, and found out about, by itself."""
    ids = [answers.id_of(row) or 0 for row in walked.rows]
    return tuple(sorted([*ids, *(error.scene_id for error in walked.unreadable)]))
