"""An item that a self-test of the simulated Plex is made with, and how it is seen that it is as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from plexsync.demo import pictures
from plexsync.demo.plex import SimulatedPlex
from plexsync.plex import PlexEndpoint
from plexsync.plex.probing import ProbingClient
from plexsync.plex.traits import FACT
from plexsync.self_test import SelfTest, SelfTestAnswer
from tests.support.sync_bench import SyncBench, sync_bench

GENRES = ["Drama", "Noir, dark", "Zoë & Co. + 100%"]
CAST = ["Zed", "Ann, B."]
POSTER, OTHER_POSTER = pictures.png(1, 2, 3), pictures.png(4, 5, 6)


def held(plex: SimulatedPlex, key: int) -> dict[str, Any]:
    """All that an item holds, but for the times that move with every write."""
    item = plex.item(key)
    found = {one.name: getattr(item, one.name) for one in fields(item)}
    for name in ("updated_at", "thumb", "art"):
        del found[name]
    for kind in ("posters", "arts"):
        found[kind] = plex.pictures(key, kind)  # type: ignore[arg-type]  # both are its values
        found[f"selected {kind}"] = plex.selected_picture(key, kind)  # type: ignore[arg-type]  # both are its values
    return found


class SelfTestBench:
    """A server with an item that has something of everything, and another one beside it."""

    def __init__(self, bench: SyncBench) -> None:
        self.bench, self.plex = bench, bench.plex
        _, self.key = bench.add("the item.mp4", year=1998, genre=GENRES, actor=CAST, originallyAvailableAt="1998-05-05")
        self.plex.edit_as_person(self.key, lock=False, summary="A summary", studio="A studio", titleSort="item, the")
        self.plex.edit_as_person(self.key, genre=GENRES)
        self.plex.rate_as_person(self.key, 6.0)
        self.plex.upload_as_person(self.key, "posters", OTHER_POSTER)
        self.plex.upload_as_person(self.key, "posters", POSTER)
        self.answers: list[SelfTestAnswer] = []
        self.client = self._client()

    def _client(self) -> ProbingClient:
        memory = self.bench.app.ledger.facts
        return ProbingClient(PlexEndpoint(self.plex.url, self.plex.token, "test"), memory=memory)

    @property
    def traits(self) -> dict[str, str]:
        """What is kept of the server, as another process reads it."""
        with self._client() as another:
            return another.traits.known()

    def forget(self) -> None:
        """Nothing is known of the server any more."""
        self.bench.app.ledger.facts.drop(FACT)
        self.client.close()
        self.client = self._client()

    def test(self) -> SelfTest:
        """A self-test, whose answers come to ``answers``."""
        tools = self.client, self.bench.app.ledger, self.bench.settings.data_dir
        return SelfTest(*tools, self.answers.append, again_after=0.0)

    def run(self) -> dict[str, SelfTestAnswer]:
        """Make a self-test; its answers by name."""
        self.answers.clear()
        test = self.test()
        test.run(test.look(self.key))
        return {one.name: one for one in self.answers}

    def held(self) -> Mapping[str, Any]:
        """All that the item holds."""
        return held(self.plex, self.key)

    def close(self) -> None:
        """Close what is open."""
        self.client.close()


@contextmanager
def self_test_bench(folder: Path, **behaviour: Any) -> Iterator[SelfTestBench]:
    """A bench whose servers run.

    :param behaviour: switches of the simulated Plex.
    """
    with sync_bench(folder) as bench:
        for name, value in behaviour.items():
            assert hasattr(bench.plex.behaviour, name)
            setattr(bench.plex.behaviour, name, value)
        one = SelfTestBench(bench)
        try:
            yield one
        finally:
            one.close()
