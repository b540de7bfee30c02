"""A client for finding out what a server does: single parameters, whole items as they come, and pictures by name.

Syncing needs none of it. The self-test writes parameter by parameter, so that each answer is about one thing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from plexsync.model import Field
from plexsync.plex import answers
from plexsync.plex.answers import HeldPicture
from plexsync.plex.client import PlexClient, edit_scope
from plexsync.plex.edits import encode
from plexsync.plex.names import PICTURE_ELEMENTS
from plexsync.plex.reads import paging


class ProbingClient(PlexClient):
    """A ``PlexClient`` with what the self-test asks besides."""

    def entries(self, rating_keys: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Items as Plex shows them in one answer, by rating key.

        :raises ItemGone: Plex has none of them.
        """
        path = f"/library/metadata/{','.join(map(str, rating_keys))}"
        with self._reading():
            answer = self._transport.send("GET", path, "skipRefresh=1", headers=paging(0, len(rating_keys)))
            return answers.read_entries(answer)

    def put(self, section_id: int, rating_key: int, parameters: Sequence[tuple[str, str]]) -> None:
        """Write parameters to one item, in one request.

        :param parameters: names and values, not encoded yet.
        :raises ItemGone: there is no such item, or no such section.
        """
        query = encode([*edit_scope([rating_key]), *parameters])
        self._write("edit", f"/library/sections/{section_id}/all", query)

    def pictures(self, rating_key: int, field: Field) -> tuple[HeldPicture, ...]:
        """The pictures that an item has, with the one that it shows.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :raises PictureFailed: Plex is well and does not list them.
        """
        return self._held(rating_key, field)

    def picture_bytes(self, rating_key: int, picture: HeldPicture) -> bytes | None:
        """A picture that an item has; None where Plex does not hand it out.

        :raises PictureFailed: Plex is well and does not send it.
        """
        return self._fetched(rating_key, picture.path)

    def choose(self, rating_key: int, field: Field, name: str) -> None:
        """Let an item show one of the pictures that it has.

        :param field: ``POSTER`` or ``BACKGROUND``.
        :param name: the picture's, as ``pictures`` tells it.
        """
        path = f"/library/metadata/{rating_key}/{PICTURE_ELEMENTS[field]}"
        self._write("choose", path, encode([("url", name)]))
