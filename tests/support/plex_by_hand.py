"""Plex asked with plain ``requests``, so that what a test sends and gets stands in the test."""

from __future__ import annotations

from typing import Any

import requests

from plexsync.demo.plex import SimulatedPlex

#: Seconds.
TIMEOUT = 5


class PlexByHand(requests.Session):
    """A session with all the headers of a good client, whose paths are relative to the server."""

    def __init__(self, plex: SimulatedPlex) -> None:
        super().__init__()
        self.plex = plex
        self.headers.update(
            {"X-Plex-Token": plex.token, "X-Plex-Client-Identifier": "by hand", "Accept": "application/json"}
        )

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", TIMEOUT)
        return super().request(method, self.plex.url + url, *args, **kwargs)

    def container(self, path: str, **params: Any) -> dict[str, Any]:
        """What a successful answer holds."""
        answer = self.get(path, params=params)
        assert answer.status_code == 200, answer.text
        held: dict[str, Any] = answer.json()["MediaContainer"]
        return held

    def listing(self, section: int, **params: Any) -> dict[str, Any]:
        """A page of a section's films; ``start`` and ``size`` in items."""
        for short in ("start", "size"):
            if short in params:
                params[f"X-Plex-Container-{short.title()}"] = params.pop(short)
        return self.container(f"/library/sections/{section}/all", type=1, **params)

    def titles(self, section: int, **params: Any) -> list[str]:
        """The titles on a page of a section's films."""
        return [shown["title"] for shown in self.listing(section, **params).get("Metadata", [])]

    def whole(self, rating_key: int) -> dict[str, Any]:
        """One item with all there is to it."""
        (shown,) = self.container(f"/library/metadata/{rating_key}")["Metadata"]
        item: dict[str, Any] = shown
        return item

    def edit(self, section: int, rating_key: int | str, **params: str | int) -> requests.Response:
        """An edit; in the names ``__`` stands for a dot."""
        named = {name.replace("__", "."): value for name, value in params.items()}
        return self.edit_with(section, rating_key, named)

    def edit_with(self, section: int, rating_key: int | str, params: dict[str, str | int]) -> requests.Response:
        """An edit with the parameters as they stand in the query."""
        return self.put(f"/library/sections/{section}/all", params={"type": 1, "id": rating_key, **params})

    def rate(self, rating_key: int, rating: str) -> requests.Response:
        """A rating by the user."""
        wanted = {"identifier": "com.plexapp.plugins.library", "key": str(rating_key), "rating": rating}
        return self.put("/:/rate", params=wanted)
