"""What the simulated Stash holds: scenes, files, performers, studios, tags, groups."""

from __future__ import annotations

import itertools
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any

from plexsync.demo.stash.index import SceneIndex

#: The zone of the simulated server at first: Stash writes times in its own, and this one is not UTC.
ZONE = timezone(timedelta(hours=2))
#: What can be changed in a scene, apart from its files and its cover.
SCENE_FIELDS = frozenset(
    {
        "title",
        "code",
        "details",
        "director",
        "urls",
        "date",
        "rating100",
        "organized",
        "studio",
        "performers",
        "tags",
        "groups",
        "stash_ids",
    }
)


class StashRefused(Exception):
    """A resolver's error: Stash answers it with status 200, among ``errors``."""


@dataclass
class SimulatedEntity:
    """A performer, studio, tag or group. ``parent`` is a studio's, ``picture`` and ``disambiguation`` a performer's."""

    id: int
    name: str
    created_at: str
    updated_at: str
    disambiguation: str = ""
    parent: int | None = None
    picture: bytes | None = None


@dataclass(frozen=True)
class VideoFile:
    """A file of a scene; ``size`` in bytes, ``duration`` in seconds.

    ``oshash``: by which its content is known; ``""`` where the scan did not work it out.
    """

    id: int
    path: str
    size: int
    duration: float
    width: int = 1920
    height: int = 1080
    frame_rate: float = 29.97
    video_codec: str = "h264"
    audio_codec: str = "aac"
    oshash: str = ""

    @property
    def bit_rate(self) -> int:
        """Of the whole file, in bits a second."""
        return round(self.size * 8 / self.duration) if self.duration else 0


@dataclass
class StashScene:
    """A scene as Stash's database holds it; what belongs to it stands here by id, the primary file first."""

    id: int
    created_at: str
    updated_at: str
    title: str | None = None
    code: str | None = None
    details: str | None = None
    director: str | None = None
    urls: list[str] = field(default_factory=list)
    date: str | None = None
    rating100: int | None = None
    organized: bool = False
    studio: int | None = None
    performers: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    files: list[VideoFile] = field(default_factory=list)
    cover: bytes | None = None
    stash_ids: list[str] = field(default_factory=list)


class StashLibrary:
    """All of it. Not safe to share between threads: the server holds its lock around each use.

    :param clock: seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        #: Tells the time, in seconds since the epoch.
        self.clock = clock
        self.zone: tzinfo = ZONE
        self.index = SceneIndex()
        self._ids: defaultdict[str, Iterator[int]] = defaultdict(lambda: itertools.count(1))
        self.scenes: dict[int, StashScene] = {}
        self.performers: dict[int, SimulatedEntity] = {}
        self.studios: dict[int, SimulatedEntity] = {}
        self.tags: dict[int, SimulatedEntity] = {}
        self.groups: dict[int, SimulatedEntity] = {}

    def now(self) -> str:
        """The time as Stash writes it: RFC 3339, whole seconds, its own zone, ``Z`` where that is UTC."""
        moment = datetime.fromtimestamp(int(self.clock()), UTC).astimezone(self.zone)
        return moment.isoformat().replace("+00:00", "Z")

    def next_id(self, kind: str) -> int:
        """The next id of a kind; none is ever given twice."""
        return next(self._ids[kind])

    def add(self, kind: str, name: str, **parts: Any) -> SimulatedEntity:
        """A new performer, studio, tag or group.

        :param kind: ``performers``, ``studios``, ``tags`` or ``groups``.
        :raises StashRefused: the name is empty or taken.
        """
        rows = self.rows(kind)
        self._check_name(kind, name, parts.get("disambiguation") or "")
        now = self.now()
        row = SimulatedEntity(self.next_id(kind), name, now, now, **parts)
        rows[row.id] = row
        return row

    def change(self, kind: str, row_id: int, **parts: Any) -> SimulatedEntity:
        """Change a performer, studio, tag or group. The scenes that have it keep their ``updated_at``.

        :raises StashRefused: there is none, or the new name is empty or taken.
        """
        row = self.existing_row(kind, row_id)
        name, told_by = parts.get("name", row.name), parts.get("disambiguation", row.disambiguation)
        if (name, told_by) != (row.name, row.disambiguation):
            self._check_name(kind, name, told_by or "", but=row)
        for part, value in parts.items():
            setattr(row, part, value)
        row.updated_at = self.now()
        return row

    def existing_row(self, kind: str, row_id: int) -> SimulatedEntity:
        """A performer, studio, tag or group.

        :raises StashRefused: there is none.
        """
        if row_id not in self.rows(kind):
            raise StashRefused(f"{kind.removesuffix('s')} with id {row_id} not found")
        return self.rows(kind)[row_id]

    def rows(self, kind: str) -> dict[int, SimulatedEntity]:
        """The table of a kind."""
        tables = {"performers": self.performers, "studios": self.studios, "tags": self.tags, "groups": self.groups}
        return tables[kind]

    def add_scene(self, files: list[VideoFile], cover: bytes | None = None, **parts: Any) -> StashScene:
        """A new scene.

        :param parts: of ``SCENE_FIELDS``.
        :raises StashRefused: it has neither title nor file, or names something that is not there.
        """
        if not files and not parts.get("title"):
            raise StashRefused("title must be set if scene has no files")
        self._check_parts(parts)
        now = self.now()
        scene = StashScene(self.next_id("scenes"), now, now, files=files, cover=cover, **parts)
        self.scenes[scene.id] = scene
        self.index.put(scene)
        return scene

    def edit(self, scene_id: int, cover: bytes | None = None, **parts: Any) -> StashScene:
        """Change a scene; its ``updated_at`` moves whether or not anything is different then.

        :raises StashRefused: as ``add_scene``, or there is no such scene.
        """
        scene = self.existing(scene_id)
        if "title" in parts and not parts["title"] and not scene.files:
            raise StashRefused("title must be set if scene has no files")
        self._check_parts(parts)
        self.index.take(scene)
        for name, value in parts.items():
            setattr(scene, name, value)
        if cover:
            scene.cover = cover
        scene.updated_at = self.now()
        self.index.put(scene)
        return scene

    def destroy_scenes(self, ids: Collection[int]) -> list[StashScene]:
        """Take scenes away with their files; returned as they were.

        :raises StashRefused: there is no such scene, and then none is taken.
        """
        gone = [self.existing(scene_id) for scene_id in ids]
        for scene in gone:
            self.index.take(scene)
            del self.scenes[scene.id]
        return gone

    def merge_scenes(self, sources: Collection[int], into: int, cover: bytes | None, **values: Any) -> StashScene:
        """Give the files of scenes to another one, change that, and take the scenes away.

        :raises StashRefused: as ``edit``, or the scene is to be merged into itself.
        """
        if into in sources:
            raise StashRefused("destination scene cannot be in source list")
        self.existing(into)
        given = [self.existing(scene_id) for scene_id in dict.fromkeys(sources)]
        scene = self.edit(into, cover, **values)
        scene.files += [file for source in given for file in source.files]
        self.destroy_scenes([source.id for source in given])
        return scene

    def move_file(self, file_id: int, path: str, size: int | None) -> None:
        """A scan finds a file under another name, or encoded anew: it stays its scene's. No ``updated_at`` moves."""
        for scene in self.scenes.values():
            for place, file in enumerate(scene.files):
                if file.id == file_id:
                    scene.files[place] = replace(file, path=path, size=file.size if size is None else size)

    def assign_file(self, scene_id: int, file_id: int) -> None:
        """Move a file to another scene. No ``updated_at`` moves.

        :raises StashRefused: there is no such scene or file, or the file is the first of its scene.
        """
        owner, file = self._file(file_id)
        if owner.files[0] is file:
            raise StashRefused("assigning file to scene: cannot reassign primary file")
        if scene_id not in self.scenes:
            raise StashRefused("assigning file to scene: inserting into scenes_files: FOREIGN KEY constraint failed")
        owner.files.remove(file)
        self.scenes[scene_id].files.append(file)

    def destroy_rows(self, kind: str, ids: Collection[int]) -> None:
        """Take performers, studios, tags or groups away, from scenes too. No scene's ``updated_at`` moves.

        :param kind: as ``add``.
        :raises StashRefused: one is not there, and then none is taken.
        """
        for row_id in ids:
            if row_id not in self.rows(kind):
                raise StashRefused(f"id {row_id} does not exist in {kind}")
        for row_id in dict.fromkeys(ids):
            self._replace(kind, row_id, None)
            del self.rows(kind)[row_id]
        if kind == "studios":
            for studio in self.studios.values():
                studio.parent = None if studio.parent in ids else studio.parent

    def merge_rows(self, kind: str, sources: Collection[int], into: int) -> None:
        """Put one performer or tag in the place of others, which are taken away. No scene's ``updated_at`` moves.

        :param kind: ``performers`` or ``tags``.
        :raises StashRefused: as ``destroy_rows``, or it is to be merged into itself.
        """
        if into in sources:
            raise StashRefused("cannot merge where source == destination")
        for row_id in sources:
            if row_id not in self.rows(kind):
                raise StashRefused(f"id {row_id} does not exist in {kind}")
        for row_id in sources:
            self._replace(kind, row_id, into)
        self.destroy_rows(kind, sources)

    def _replace(self, kind: str, row_id: int, other: int | None) -> None:
        for scene_id in self.index.having(kind, [row_id]):
            scene = self.scenes[scene_id]
            self.index.take(scene)
            if kind == "studios":
                scene.studio = other
            else:
                had: list[int] = getattr(scene, kind)
                kept = (other if one == row_id else one for one in had)
                setattr(scene, kind, list(dict.fromkeys(one for one in kept if one is not None)))
            self.index.put(scene)

    def _file(self, file_id: int) -> tuple[StashScene, VideoFile]:
        for scene in self.scenes.values():
            for file in scene.files:
                if file.id == file_id:
                    return scene, file
        raise StashRefused(f"assigning file to scene: getting file by id {file_id}: sql: no rows in result set")

    def existing(self, scene_id: int) -> StashScene:
        """A scene.

        :raises StashRefused: there is none.
        """
        if scene_id not in self.scenes:
            raise StashRefused(f"scene with id {scene_id} not found")
        return self.scenes[scene_id]

    def by_ids(self, ids: Collection[str]) -> list[StashScene]:
        """Scenes in the order of their ids.

        :raises StashRefused: one is unknown, stands there twice, or is no number; Stash answers nothing at all then.
        """
        if repeated := [text for text, times in Counter(ids).items() if times > 1]:
            raise StashRefused(f"validating ids: duplicate id found: {repeated[0]}")
        return [self.existing(number(text, "ids")) for text in ids]

    def _check_name(self, kind: str, name: str, disambiguation: str, but: SimulatedEntity | None = None) -> None:
        """Two performers may have one name where something tells them apart."""
        if not name:
            raise StashRefused("name must not be blank")
        taken = {
            (row.name.lower(), (row.disambiguation or "").lower()) for row in self.rows(kind).values() if row is not but
        }
        if (name.lower(), disambiguation.lower()) in taken:
            raise StashRefused(f"{kind.removesuffix('s')} with name '{name}' already exists")

    def _check_parts(self, parts: Mapping[str, Any]) -> None:
        if unknown := parts.keys() - SCENE_FIELDS:
            raise TypeError(f"a scene has no {', '.join(sorted(unknown))}")
        for kind in ("performers", "tags", "groups"):
            if not self.rows(kind).keys() >= set(parts.get(kind) or ()):
                raise StashRefused("FOREIGN KEY constraint failed")
        if parts.get("studio") is not None and parts["studio"] not in self.studios:
            raise StashRefused("FOREIGN KEY constraint failed")
        if parts.get("date"):
            _check_date(parts["date"])


def number(text: str, what: str) -> int:
    """An id as a number.

    :raises StashRefused: it is none.
    """
    try:
        return int(text)
    except ValueError as error:
        raise StashRefused(f"converting {what}: strconv.Atoi: parsing {text!r}: invalid syntax") from error


def _check_date(text: str) -> None:
    for form in ("%Y-%m-%d", "%Y-%m", "%Y"):
        try:
            datetime.strptime(text, form)
        except ValueError:
            continue
        return
    raise StashRefused(f"converting date: failed to parse date {text!r}")
