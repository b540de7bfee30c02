"""The client: what PlexSync asks of Stash."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from plexsync.breaker import Guard
from plexsync.errors import PictureFailed
from plexsync.model import Picture, Scene
from plexsync.stash import answers, document
from plexsync.stash.answers import SceneFiles, UnreadScenes
from plexsync.stash.changes import Changes, PartKind
from plexsync.stash.failures import QueryFailed
from plexsync.stash.pictures import NoPicture, address, read_picture

#: Scenes read in one call. More would make answers of many megabytes where descriptions are long.
SCENES_PER_CALL = 200
#: Scenes read in one call when all are gone through, at most: whoever asks for more gets them in several.
SCENES_PER_PAGE = 250

#: Changes listed in one call: two short fields each, about 60 bytes.
CHANGES_PER_CALL = 1000
#: The largest number that GraphQL's Int holds, which is what Stash's criterion for ids takes.
_LARGEST_ID = 2**31 - 1
#: Stash's name of the criterion for each kind.
_CRITERIA: dict[PartKind, str] = {"performer": "performers", "studio": "studios", "tag": "tags", "group": "groups"}

#: What Stash says of a query by ids when one of them is unknown (its SceneStore.FindMany).
_UNKNOWN_ID = re.compile(r"scene with id \d+ not found")


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
        from plexsync.stash.refusals import Stash

        #: HTTP requests so far, by the method that made them.
        self.calls: Counter[str] = Counter()
        self._calls_lock = threading.Lock()
        self._breaker = breaker
        stash = Stash(url, api_key)
        self._base = stash.base
        self._connection = Connection(stash, connect_timeout, read_timeout, verify)

    def scenes(self, ids: Sequence[int]) -> dict[int, Scene]:
        """Scenes as they are now, by id. Ids that Stash does not know (any more) are not in it.

        :param ids: any number, in any order; asked for in chunks of ``SCENES_PER_CALL``.
        :raises StashUnavailable: no answer, or not a healthy one.
        :raises PermanentError: also as ``AccessDenied``.
        """
        wanted = list(dict.fromkeys(ids))
        found: dict[int, Scene] = {}
        for start in range(0, len(wanted), SCENES_PER_CALL):
            chunk = wanted[start : start + SCENES_PER_CALL]
            with self._guarded():
                found |= {scene.id: scene for scene in self._chunk(chunk)}
        return found

    def scenes_after(self, scene_id: int, limit: int = SCENES_PER_CALL) -> tuple[Scene, ...]:
        """The next scenes with ids above ``scene_id``, ascending; fewer than ``limit`` only where these are the last.

        Going on with the last one's id until there are fewer is a walk through all scenes that neither skips one that
        is there all the time nor shows one twice, whatever comes and goes meanwhile.

        :param scene_id: from 0.
        :param limit: from 1; asked for in requests of ``SCENES_PER_PAGE``.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        return self._walk("scenes_after", {}, scene_id, limit)

    def unread_scenes_after(self, scene_id: int, limit: int = SCENES_PER_PAGE) -> UnreadScenes:
        """As ``scenes_after``, for whoever wants to ask for the next scenes before these are read. One request.

        :param scene_id: from 0.
        :param limit: 1 to ``SCENES_PER_PAGE``.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        criteria = {"id": {"value": min(scene_id, _LARGEST_ID), "modifier": "GREATER_THAN"}}
        with self._guarded():
            return answers.unread_scenes(
                self._query("scenes_after", document.SCENES_WHERE, {"where": criteria, "limit": limit})
            )

    def scenes_with(
        self, kind: PartKind, part_id: int, *more_ids: int, after: int = 0, limit: int = SCENES_PER_CALL
    ) -> tuple[Scene, ...]:
        """As ``scenes_after``, only scenes that have a performer, studio, tag or group themselves.

        What they have through a child of it (a studio's daughter, a tag below it) does not count. Something that Stash
        does not know (any more) has no scenes.

        :param more_ids: of others of the kind: scenes that have any of them.
        :param after: the last id that is known already.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        has: dict[str, Any] = {"value": [str(one) for one in (part_id, *more_ids)], "modifier": "INCLUDES"}
        if kind != "performer":
            has["depth"] = 0
        return self._walk("scenes_with", {_CRITERIA[kind]: has}, after, limit)

    def scene_count(self) -> int:
        """How many scenes there are.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_scene_count(self._query("scene_count", document.SCENE_COUNT))

    def changes(self, since: str, after: int = 0, limit: int = CHANGES_PER_CALL) -> Changes:
        """What was changed or made after a moment: a page of scenes, and with the first one all else. One request.

        ``changes.Watermark`` says what ``since`` has to be so that no change slips through.

        :param since: a stamp of Stash's, as it wrote it; later is what is greater as a text. ``""`` is before all.
        :param after: only scenes with larger ids: 0 for the first page, else the last id of the page before.
        :param limit: scenes on a page, from 1.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        if after >= _LARGEST_ID:
            return Changes(())
        variables = {
            "moment": {"value": since, "modifier": "GREATER_THAN"},
            "after": after,
            "limit": limit,
            "parts": after == 0,
        }
        with self._guarded():
            scenes, parts = answers.read_changes(self._query("changes", document.CHANGES, variables))
        return Changes(scenes, parts, more=len(scenes) >= limit)

    def last_change(self) -> str:
        """The last stamp there is, by its text, of a scene or of anything else; ``""`` in an empty Stash. One request.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        first = {"page": 1, "per_page": 1, "sort": "updated_at", "direction": "DESC"}
        with self._guarded():
            return Changes(
                *answers.read_changes(self._query("last_change", document.LAST_CHANGES, {"first": first}))
            ).newest

    def scene_ids_page(self, page: int, per_page: int) -> tuple[tuple[int, ...], int]:
        """One page of the ids of all scenes, ascending, and how many scenes there are in all.

        :param page: from 1.
        :param per_page: from 1; Stash takes any size.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_scene_ids(
                self._query("scene_ids_page", document.SCENE_IDS, {"page": page, "per_page": per_page})
            )

    def scene_ids_after(self, scene_id: int, limit: int) -> tuple[tuple[int, ...], int]:
        """The next ids above ``scene_id``, ascending, and how many scenes with larger ids there are in all.

        Going on with the last one until there are fewer than ``limit`` skips none that is there all the time, whatever
        comes and goes meanwhile.

        :param scene_id: from 0.
        :param limit: from 1; Stash takes any.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        if scene_id >= _LARGEST_ID:
            return (), 0
        with self._guarded():
            return answers.read_scene_ids(
                self._query("scene_ids_after", document.SCENE_IDS_AFTER, {"after": scene_id, "limit": limit})
            )

    def newest_scene_id(self) -> int:
        """The largest id of a scene; 0 where there is none.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            ids, _ = answers.read_scene_ids(self._query("newest_scene_id", document.NEWEST_SCENE))
        return max(ids, default=0)

    def files(self, after: int, limit: int) -> tuple[tuple[SceneFiles, ...], int]:
        """The scenes with ids beyond one, ascending, with no more than their files; and how many such scenes there are.

        :param after: an id, or 0 for the first.
        :param limit: scenes at most, from 1.
        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_scene_files(
                self._query("files", document.SCENE_FILES, {"after": after, "limit": limit})
            )

    def plugin_settings(self) -> dict[str, object]:
        """What was typed into PlexSync's settings in Stash, by name; only what was ever set is there.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_plugin_settings(self._query("plugin_settings", document.PLUGIN_SETTINGS))

    def version(self) -> str:
        """Stash's version, ``v0.29.3``; ``""`` for a build without one.

        :raises StashUnavailable: as ``scenes``.
        :raises PermanentError: as ``scenes``.
        """
        with self._guarded():
            return answers.read_version(self._query("version", document.VERSION))

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
            self._query("version", document.VERSION)

    def _walk(self, name: str, where: Mapping[str, Any], after: int, limit: int) -> tuple[Scene, ...]:
        found: list[Scene] = []
        while len(found) < limit and after < _LARGEST_ID:
            wanted = min(limit - len(found), SCENES_PER_PAGE)
            criteria = {**where, "id": {"value": after, "modifier": "GREATER_THAN"}}
            with self._guarded():
                variables = {"where": criteria, "limit": wanted}
                page = answers.read_scenes(self._query(name, document.SCENES_WHERE, variables))
            found += page
            if len(page) < wanted:
                break
            after = page[-1].id
        return tuple(found)

    def _chunk(self, ids: list[int]) -> list[Scene]:
        try:
            data = self._query("scenes", document.SCENES, {"ids": [str(scene_id) for scene_id in ids]})
        except QueryFailed as error:
            if not _UNKNOWN_ID.search(error.reason):
                raise
            variables = {f"id{n}": str(scene_id) for n, scene_id in enumerate(ids)}
            one_by_one = document.scenes_one_by_one(len(ids))
            return answers.read_scenes_one_by_one(self._query("scenes", one_by_one, variables))
        return answers.read_scenes(data)

    def _query(self, name: str, text: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        self._count(name)
        return self._connection.query(text, variables)

    def _count(self, name: str) -> None:
        with self._calls_lock:
            self.calls[name] += 1
