"""All ways in which scenes that want the same items can end, by the order in which they come."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from plexsync.ledger import State
from plexsync.model import Part
from tests.support.several_items import SeveralItems
from tests.support.sync_bench import SIZE

#: Seconds: no two of these are each other's.
LENGTHS = (1500.25, 1740.5)


class File(NamedTuple):
    """A file of a scene, or of an item: its path below the mount, bytes, seconds, and what they are called."""

    path: str
    size: int = SIZE
    length: float = LENGTHS[0]
    title: str = ""


class Ending(NamedTuple):
    """How it ends: of each scene its state and its item, and what each item shows, both by their places."""

    scenes: tuple[tuple[str, int | None], ...]
    items: tuple[str, ...]


def endings_of(
    bench: SeveralItems, scenes: Sequence[File], items: Sequence[File], *, in_passing: bool = True
) -> set[Ending]:
    """All ways it can end, for the same servers.

    :param in_passing: whether an item may have shown a scene that it does not stay with.
    """
    orders = itertools.permutations(range(len(scenes)))
    return {ending(bench, order, scenes, items, in_passing=in_passing) for order in orders}


def ending(
    bench: SeveralItems,
    order: Sequence[int],
    scenes: Sequence[File],
    items: Sequence[File],
    *,
    in_passing: bool = True,
) -> Ending:
    """Sync scenes, one after the other, and what follows from that, for a PlexSync that has never seen any."""
    met: set[tuple[int, int]] = set()
    with tempfile.TemporaryDirectory(dir=bench.settings.data_dir.parent) as folder:
        bench.restart(data_dir=Path(folder))
        ids = [
            bench.stash.add_scene(
                one.title or f"Scene {place}", f"/data/{one.path}", size=one.size, duration=one.length
            )
            for place, one in enumerate(scenes)
        ]
        keys = [
            bench.plex.add_item(
                bench.section, one.title or "guess", [Part(f"/media/{one.path}", one.size, round(one.length * 1000))]
            )
            for one in items
        ]
        bench.app.library.refresh()
        for place in order:
            bench.try_sync(ids[place])
            met |= {(key, owner) for key, owner in bench.owners().items() if owner in ids}
            # What was written to it is known of an item by now.
            bench.new_index()
            bench.app.library.refresh()
        bench.settle()
        owners = bench.owners()
        if not in_passing:
            assert {(key, owner) for key, owner in met if owners.get(key) != owner} == set()
        records = [bench.record(one) for one in ids]
        assert {one.rating_key for one in records if one.state is State.SYNCED} <= set(owners)
        shown = []
        for key in keys:
            owner = owners.get(key)
            title = bench.plex.item(key).title
            if owner is not None and owner in ids and bench.record(owner).state is State.SYNCED:
                assert title == (scenes[ids.index(owner)].title or f"Scene {ids.index(owner)}")
            shown.append(title)
        # The next ones find the servers as these have.
        for scene in ids:
            bench.stash.mutate("sceneDestroy", id=scene)
        for key in keys:
            bench.plex.remove_item(key)
        return Ending(
            tuple((str(one.state), keys.index(one.rating_key) if one.rating_key in keys else None) for one in records),
            tuple(shown),
        )
