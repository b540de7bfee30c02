"""Stash's answers, checked and turned into values of ours. What does not fit is refused by the name of its field."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TypeVar, cast

import msgspec

from plexsync.errors import StashUnavailable
from plexsync.fields import SCENE_TEXTS
from plexsync.http.documents import read_json, read_rows
from plexsync.http.entries import OddEntry, read_entry
from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import streams
from plexsync.matching.content_hash import read_hash
from plexsync.model import Performer, Scene, SceneFile
from plexsync.stash import entries
from plexsync.stash.changes import Changed, Total
from plexsync.stash.checks import can_be_stored, id_in, is_stamp, stamp_of
from plexsync.stash.dialect import Dialect

T = TypeVar("T")
#: Ids of which the number is kept: those of tags and performers come again with every scene.
IDS_KEPT = 10_000

_ID_ALONE = msgspec.json.Decoder(entries.IdAlone)
_ROWS_APART = msgspec.json.Decoder(entries.RowsApart)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SceneFiles:
    """A scene's id and its files, the primary first."""

    id: int
    files: tuple[SceneFile, ...]


def read_scene(row: Any) -> Scene:
    """A scene out of a row of an answer.

    :raises OddEntry: it is none.
    """
    entry: Any = read_entry(row, entries.SceneEntry)
    studio = entry.studio
    texts: dict[str, Any] = {name: getattr(entry, name) or "" for name in SCENE_TEXTS}
    if not "".join(texts.values()).isascii():
        texts = {name: _text(text, name) for name, text in texts.items()}
    return Scene(
        id=_id(entry.id),
        **texts,
        rating100=entry.rating100,
        organized=entry.organized,
        urls=tuple([_text(url, "urls") for url in entry.urls]),
        files=tuple([_file(file) for file in entry.files]),
        studio=_text(studio.name, "studio") if studio else "",
        studio_id=_id(studio.id) if studio else None,
        performers=tuple([_performer(performer) for performer in entry.performers]),
        tags=tuple([_text(tag.name, "tags") for tag in entry.tags]),
        tag_ids=tuple([_id(tag.id) for tag in entry.tags]),
        groups=tuple([_text(one.group.name, "groups") for one in entry.groups]),
        group_ids=tuple([_id(one.group.id) for one in entry.groups]),
        screenshot_url=_text(entry.paths.screenshot, "screenshot") or None,
        created_at=stamp_of(entry.created_at),
        updated_at=_text(entry.updated_at, "updated_at"),
        stash_ids=_stash_ids(entry.stash_ids),
    )


#: What a scene has several of, and its studio and pictures, each by itself: reading one raises where it is none.
READERS: Mapping[str, Callable[[Any], object]] = {
    "performers": lambda value: _performer(read_entry(value, entries.PerformerEntry)),
    "tags": lambda value: _named(read_entry(value, entries.NamedEntry)),
    "groups": lambda value: _named(read_entry(value, entries.GroupEntry).group),
    "files": lambda value: _file(read_entry(value, entries.FileEntry)),
    "urls": lambda value: _text(read_entry(value, cast(type[str], entries.Text)), ""),
    "studio": lambda value: _named(read_entry(value, entries.NamedEntry)),
    "paths": lambda value: _text(read_entry(value, entries.PathsEntry).screenshot, "screenshot"),
}


def fault_of(name: str, value: Any) -> str:
    """What is wrong with one of a scene's performers, tags, ... or with its studio or pictures; empty for nothing."""
    try:
        READERS[name](value)
    except OddEntry as odd:
        return told(odd)
    return ""


def told(odd: OddEntry) -> str:
    """What is wrong with an entry, with the path of its field: ``files[1].size is not a number of bytes``."""
    path = ""
    for step in odd.path:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return f"{path} {_said(odd)}".strip()


def _said(odd: OddEntry) -> str:
    wanted = odd.wanted.removesuffix(" | null")
    if not wanted:
        return odd.text
    if wanted == "array":
        return "is not a list"
    if wanted == "object":
        return "is not an object"
    if "of length" in odd.text:
        return "is empty"
    return _SAID.get(str(odd.path[-1]) if odd.path else "", "is not a text")


_NO_CHARACTERS = "holds invalid characters"
_SAID = {
    "size": "is not a number of bytes",
    "duration": "is not a number of seconds",
    "rating100": "is not a number from 0 to 100",
    "organized": "is neither true nor false",
    "count": "is not a count",
    "id": "is not an id",
}


def picture_of(address: str) -> str | None:
    """The address of a performer's picture, or None.

    Stash gives every performer an address, and marks those behind which there is only its own placeholder.
    """
    return None if not address or "default=true" in address else address


def _performer(entry: entries.PerformerEntry) -> Performer:
    number, name = _named(entry)
    picture = picture_of(_text(entry.image_path, "image_path"))
    return Performer(number, name, picture, _text(entry.disambiguation, "disambiguation"))


def _named(entry: entries.NamedEntry) -> tuple[int, str]:
    return _id(entry.id), _text(entry.name, "name")


def _file(entry: entries.FileEntry) -> SceneFile:
    return SceneFile(
        _text(entry.path, "path"),
        entry.size,
        _seconds(entry.duration),
        width=streams.pixels(entry.width),
        height=streams.pixels(entry.height),
        frame_rate=streams.frames_per_second(entry.frame_rate),
        video_codec=streams.codec(entry.video_codec),
        audio_codec=streams.codec(entry.audio_codec),
        bit_rate=streams.bits(entry.bit_rate),
        oshash=_oshash(entry.fingerprints),
    )


def _seconds(duration: float | None) -> float | None:
    """A file's length; None also for one that no file has, which is no reason to do without the file."""
    return duration if duration is not None and duration * 1000 <= streams.MOST_MILLISECONDS else None


def _stash_ids(rows: Any) -> tuple[str, ...]:
    """What stash-boxes know a scene by; what is no such id is left out."""
    ids = [row.get("stash_id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple([one for one in ids if isinstance(one, str) and one.isascii()])


def _oshash(fingerprints: Any) -> str:
    """The hash among a file's fingerprints; ``""`` where there is none."""
    for one in fingerprints if isinstance(fingerprints, list) else ():
        if isinstance(one, dict) and one.get("type") == "oshash":
            return read_hash(one.get("value"))
    return ""


def _text(value: str | None, name: str) -> str:
    if not value:
        return ""
    if not (value.isascii() or can_be_stored(value)):
        raise OddEntry((name,) if name else (), _NO_CHARACTERS)
    return value


@lru_cache(IDS_KEPT)
def _id(value: str) -> int:
    number = id_in(value)
    if number is None:
        raise OddEntry(("id",), "is not an id")
    return number


def rows_of(data: Mapping[str, Any]) -> list[Any]:
    """The rows of an answer to a query of scenes, as they came.

    :raises StashUnavailable: it holds none.
    """
    return _read(data, entries.RowsAnswer).findScenes.scenes


def read_scene_count(data: Mapping[str, Any]) -> int:
    """How many scenes there are, from an answer with their ``count``.

    :raises StashUnavailable: a field is missing or is not what it should be.
    """
    return _read(data, entries.CountAnswer).findScenes.count


def id_of(row: Any) -> int | None:
    """The id that a row tells, or None. The row may be one that is still to be read."""
    if type(row) is msgspec.Raw:
        try:
            return id_in(_ID_ALONE.decode(row).id)
        except msgspec.DecodeError:
            return None
    return id_in(row.get("id")) if isinstance(row, dict) else None


def read_apart(body: bytes) -> Any:
    """An answer to a query of scenes, its rows still to be read; as ``read_json`` where it is another one.

    :raises ValueError: as ``read_json``.
    """
    answer = read_rows(body, _ROWS_APART)
    return read_json(body) if answer is None else {"data": {"findScenes": {"scenes": answer.data.findScenes.scenes}}}


def read_changed(rows: Iterable[Any]) -> tuple[Changed, ...]:
    """What was changed. What has no id is left out; a time that is none is ``""``, which is before all others."""
    found = []
    for row in rows:
        row_id = id_of(row)
        if row_id is None:
            log.debug("Stash gives no id for something that was changed")
            continue
        stamp = row.get("updated_at")
        found.append(Changed(row_id, stamp if is_stamp(stamp) else ""))
    return tuple(found)


def read_total(found: Any, listed: str) -> Total | None:
    """What there is of something; None where that is not told.

    :param found: a query's part of an answer, with the newest one listed.
    :param listed: the name of the list, ``tags``.
    """
    if (
        not isinstance(found, dict)
        or type(count := found.get("count")) is not int
        or type(found.get(listed)) is not list
    ):
        return None
    newest = [id_of(row) for row in found[listed]]
    return None if None in newest else Total(count, max((one for one in newest if one), default=0))


def read_listed(data: Mapping[str, Any], query: str, listed: str) -> list[Any]:
    """The rows of another query of an answer.

    :param query: its name, ``findTags``.
    :param listed: the name of its list, ``tags``.
    :raises StashUnavailable: there are none.
    """
    found = data.get(query)
    rows = found.get(listed) if isinstance(found, dict) else None
    if type(rows) is not list:
        raise StashUnavailable(f"Stash's answer is not what it should be: {query}.{listed} is not a list")
    return rows


def read_files(row: Any, dialect: Dialect) -> SceneFiles | None:
    """A scene's id and its files; None where the id is none. What is no file is left out."""
    row_id = id_of(row)
    if row_id is None:
        return None
    files = []
    rows = dialect.complete(row).get("files")
    for one in rows if isinstance(rows, list) else ():
        with suppress(OddEntry):
            files.append(_file(read_entry(one, entries.FileEntry)))
    return SceneFiles(row_id, tuple(files))


def read_plugin_settings(data: Mapping[str, Any]) -> dict[str, object]:
    """PlexSync's settings from an answer to ``document.PLUGIN_SETTINGS``; none where nobody ever set one.

    :raises StashUnavailable: as ``read_scene_count``.
    """
    found = _read(data, entries.SettingsAnswer).configuration.plugins.get("PlexSync")
    if found is not None and not isinstance(found, dict):
        raise _not_as_it_should_be(OddEntry(("configuration", "plugins", "PlexSync"), "is not a map"))
    return found or {}


def read_version(data: Mapping[str, Any]) -> str:
    """The version from an answer to ``document.VERSION``; ``""`` for a build without one.

    :raises StashUnavailable: as ``read_scene_count``.
    """
    version = _read(data, entries.VersionAnswer).version.version or ""
    if not can_be_stored(version):
        raise _not_as_it_should_be(OddEntry(("version",), _NO_CHARACTERS))
    return version


def _read(data: Any, kind: type[T]) -> T:
    try:
        return read_entry(data, kind)
    except OddEntry as odd:
        raise _not_as_it_should_be(odd) from None


def _not_as_it_should_be(odd: OddEntry) -> StashUnavailable:
    return StashUnavailable(f"Stash's answer is not what it should be: {told(odd)}")
