"""The path map in force: the setting, else what was inferred from files that Stash and Plex both have.

Inferred once, when the index of Plex's files is there, and kept in the database. When scenes are found elsewhere than
it says, be it that something was mounted anew or that a folder came that it does not know, it is inferred again.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import NamedTuple, Protocol

from plexsync.errors import PlexSyncError
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.path_map import CLEAR_SUPPORT, Mount, agreement, infer
from plexsync.matching.paths import file_name, folded, map_path, path_key, stem_key
from plexsync.model import IndexedPart, SceneFile
from plexsync.stash import SceneFiles

log = logging.getLogger(__name__)

#: The fact that holds the inferred map.
FACT = "path_map"
#: Places in Stash's library that a sample is taken from, spread evenly, and scenes at each: enough that a root with a
#: hundredth of all files has some twenty in it, for a dozen requests whatever the size.
PLACES = 10
SCENES_PER_PLACE = 200
#: Scenes found elsewhere than the map says before it is inferred again: with fewer nothing could come of it.
BREACHES = CLEAR_SUPPORT
#: Seconds between two inferences. Doubled, up to a day, each time that nothing came of it: some files lie elsewhere.
INTERVAL = 600.0
LONGEST_INTERVAL = 86400.0
#: Files found elsewhere that are remembered as witnesses, the latest ones.
BREACHES_KEPT = 200


class FactStore(Protocol):
    """Where the inferred map is kept."""

    def get(self, key: str) -> str | None:
        """The fact's value, or None."""

    def put(self, key: str, value: str) -> None:
        """Note a fact, replacing what it was."""


class PathIndex(Protocol):
    """Where files of Plex are looked up."""

    def is_filled(self) -> bool:
        """Whether all of Plex's files were read once, and there are any."""

    def by_path(self, path: str) -> Sequence[IndexedPart]:
        """The parts at a path in comparable form."""

    def by_stem(self, stem: str) -> Sequence[IndexedPart]:
        """The parts whose file has this name without its ending, whatever its case."""

    def by_size(self, size: int) -> Sequence[IndexedPart]:
        """The parts of this size in bytes."""


class FileSource(Protocol):
    """What is asked of Stash."""

    def newest_scene_id(self) -> int:
        """The largest id of a scene; 0 where there is none."""

    def files(self, after: int, limit: int) -> tuple[tuple[SceneFiles, ...], int]:
        """Scenes with ids beyond one, ascending, and how many such scenes there are."""


class MappingInForce(NamedTuple):
    """A mount, with the files that spoke for and against it when it was inferred (None for a setting's).

    ``source`` is ``setting`` or ``inferred``.
    """

    stash: str
    plex: str
    support: int | None
    against: int | None
    source: str

    def __str__(self) -> str:
        if self.support is None or self.against is None:
            return f"{self.stash} in Stash is {self.plex} in Plex"
        return _told(Mount(self.stash, self.plex, self.support, self.against))


@dataclass(frozen=True, slots=True)
class Sample:
    """Scenes from all over Stash's library, and the pairs of (path in Stash, path in Plex) of files both have."""

    scenes: tuple[SceneFiles, ...]
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Inferred:
    """What was inferred. ``agree`` of the ``found`` files are in Plex where the mounts say."""

    mounts: tuple[Mount, ...]
    agree: int
    found: int
    at: float

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        return tuple((mount.stash, mount.plex) for mount in self.mounts)


class PathMapping:
    """Which folder of Stash is which of Plex. Safe to share between threads.

    :param setting: pairs of (prefix in Stash, prefix in Plex); None or empty to infer them.
    :param facts: where the inferred ones are kept.
    :param index: where files of Plex are looked up.
    :param stash: where scenes are read.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        setting: tuple[tuple[str, str], ...] | None,
        facts: FactStore,
        index: PathIndex,
        stash: FileSource,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setting = setting or ()
        self._facts = facts
        self._index = index
        self._stash = stash
        self._clock = clock
        self._inferring = threading.Lock()
        self._noting = threading.Lock()
        self._cached: tuple[str | None, _Inferred | None] = (None, None)
        #: Files found elsewhere than the map says, with where; and how many of them came since the last inference.
        self._breaches: dict[str, str] = {}
        self._fresh = 0
        self._interval = INTERVAL
        self._not_before = float("-inf")

    @property
    def in_force(self) -> tuple[tuple[str, str], ...]:
        """Pairs of (prefix in Stash, prefix in Plex); none where the paths are the same, or nothing is known."""
        if self._setting:
            return self._setting
        inferred = self._inferred()
        return inferred.pairs if inferred else ()

    def describe(self) -> list[MappingInForce]:
        """The mounts in force, with what they rest on."""
        if self._setting:
            return [MappingInForce(stash, plex, None, None, "setting") for stash, plex in self._setting]
        inferred = self._inferred()
        return [MappingInForce(*_row(mount), "inferred") for mount in inferred.mounts] if inferred else []

    def ensure(self, *, again: bool = False) -> None:
        """Infer the map where there is neither a setting nor an inferred one, and Plex's files are known.

        Whoever comes while another thread is at it waits for that one's result.

        :param again: infer it although there is one; not when another thread is at it.
        :raises PlexSyncError: Stash had to be asked, and could not be.
        """
        if not again and not self._needed():
            return
        if not self._inferring.acquire(blocking=not again):
            return
        try:
            if again or self._needed():
                self._infer()
        finally:
            self._inferring.release()

    def note(self, scene_file: str, plex_path: str) -> None:
        """Tell where a scene's file was found. Enough of them elsewhere than the map says make it be inferred again.

        Stash being away then is no concern of the scene's: it is tried again later.

        :param scene_file: the file's path in Stash.
        :param plex_path: the path in Plex of the file it was matched with.
        """
        if self._setting or file_name(scene_file).casefold() != file_name(plex_path).casefold():
            return
        if folded(map_path(scene_file, self.in_force)) == folded(plex_path) or not self._is_breach(
            path_key(scene_file), path_key(plex_path)
        ):
            return
        try:
            self.ensure(again=True)
        except PlexSyncError as error:
            self._not_before = self._clock() + self._interval
            log.warning("paths: files are found elsewhere than expected, but Stash could not be asked: %s", error)

    def sample(self) -> Sample:
        """Scenes from all over Stash's library, looked up in the index by file name and size.

        :raises PlexSyncError: Stash could not be asked.
        """
        scenes = tuple(_spread(self._stash))
        pairs = (
            (file.path, plex) for scene in scenes for file in scene.files for plex in sorted(self._places_of(file))
        )
        return Sample(scenes, tuple(pairs))

    def _needed(self) -> bool:
        return (
            not self._setting
            and self._inferred() is None
            and self._clock() >= self._not_before
            and self._index.is_filled()
        )

    def _is_breach(self, scene_file: str, plex_path: str) -> bool:
        """Remember a file found elsewhere; True when it is time to infer the map again."""
        with self._noting:
            self._fresh += self._breaches.pop(scene_file, None) != plex_path
            self._breaches[scene_file] = plex_path
            if len(self._breaches) > BREACHES_KEPT:
                del self._breaches[next(iter(self._breaches))]
            return self._fresh >= BREACHES and self._clock() >= self._not_before

    def _infer(self) -> None:
        before = self._inferred()
        sample = self.sample()
        with self._noting:
            breaches, self._fresh = list(self._breaches.items()), 0
        pairs = {*sample.pairs, *((file, plex) for file, plex in breaches if self._index.by_path(plex))}
        if not pairs:
            self._not_before = self._clock() + self._interval
            return
        mounts = tuple(infer(pairs))
        after = _Inferred(mounts, *agreement(pairs, [(mount.stash, mount.plex) for mount in mounts]), time.time())
        self._facts.put(FACT, json.dumps(asdict(after)))
        same = before is not None and set(before.pairs) == set(after.pairs)
        self._interval = min(2 * self._interval, LONGEST_INTERVAL) if same else INTERVAL
        # Not before it is stored: who comes meanwhile waits for it.
        self._not_before = self._clock() + self._interval
        _log_change(before, after)

    def _places_of(self, file: SceneFile) -> set[str]:
        if not file.size:
            return set()
        name = file_name(file.path).casefold()
        # Each answer is bounded, and a name or a size may be that of many: either finds what is rare in the other.
        parts = [*self._index.by_size(file.size), *self._index.by_stem(stem_key(file.path))]
        return {part.path for part in parts if part.size == file.size and file_name(part.path).casefold() == name}

    def _inferred(self) -> _Inferred | None:
        """What is stored. Another process may have stored it."""
        text = self._facts.get(FACT)
        known, inferred = self._cached
        if text != known:
            inferred = _read(text) if text else None
            self._cached = text, inferred
        return inferred


def _spread(stash: FileSource) -> Iterator[SceneFiles]:
    """All scenes of a small library; of a large one some from its beginning, its end, and places in between."""
    scenes, count = stash.files(0, SCENES_PER_PLACE)
    yield from scenes
    large = count > PLACES * SCENES_PER_PLACE
    # Ids are what can be jumped to. Where many are gone two places may meet: the later then goes on from the other.
    last_place = max(0, stash.newest_scene_id() - SCENES_PER_PLACE) if large else 0
    for place in range(1, PLACES):
        if not scenes or (not large and len(scenes) < SCENES_PER_PLACE):
            return
        scenes, _ = stash.files(max(scenes[-1].id, last_place * place // (PLACES - 1)), SCENES_PER_PLACE)
        yield from scenes


def _read(text: str) -> _Inferred | None:
    """What ``_infer`` stored; None where it is something else, so that it is inferred anew."""
    try:
        stored = json.loads(text)
        mounts = tuple(
            Mount(str(one["stash"]), str(one["plex"]), int(one["support"]), int(one["against"]))
            for one in stored["mounts"]
        )
        return _Inferred(mounts, int(stored["agree"]), int(stored["found"]), float(stored["at"]))
    except (ValueError, TypeError, KeyError) as error:
        log.warning("paths: what was inferred before cannot be read (%r), so it is done again", error)
        return None


def _log_change(before: _Inferred | None, after: _Inferred) -> None:
    """Say what is new; nothing where the map is what it was."""
    known = dict(before.pairs) if before else {}
    for mount in after.mounts:
        was = known.pop(mount.stash, None)
        if was != mount.plex:
            log.info("paths: %s%s", _told(mount), f"; until now it was {was}" if was else "")
    for stash, plex in known.items():
        log.info("paths: %s in Stash is no longer %s in Plex", stash, plex)
    if not after.mounts and (before is None or before.mounts):
        same = (
            "the same in Stash and Plex"
            if after.agree * 2 > after.found
            else "no folder of Stash is clearly one of Plex"
        )
        log.info("paths: %s (%s of %s files are under the same path)", same, f"{after.agree:,}", f"{after.found:,}")


def _told(mount: Mount) -> str:
    files = mount.support + mount.against
    return f"{mount.stash} in Stash is {mount.plex} in Plex ({mount.support:,} of {files:,} files agree)"


def _row(mount: Mount) -> tuple[str, str, int, int]:
    return mount.stash, mount.plex, mount.support, mount.against
