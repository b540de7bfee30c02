"""What Stash's answers have to look like: one struct for each kind of entry, its fields under Stash's names.

Nothing is taken for what it is not: "12" and 12.7 are no 12, and 1 is not true. What is not asked for is no fault, and
no value. Ids are texts of digits, and texts may be null: ``answers`` sees to both, as it makes values of the entries.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

from msgspec import Meta, Raw, Struct, defstruct

from plexsync.fields import SCENE_TEXTS

#: The largest Int64, which is what Stash's sizes are and what SQLite can hold.
INT64_MAX = 2**63 - 1

Text = str | None
Seconds = Annotated[int, Meta(ge=0)] | Annotated[float, Meta(ge=0, le=sys.float_info.max)]


class FileEntry(Struct):
    """A scene's file."""

    path: Annotated[str, Meta(min_length=1)]
    size: Annotated[int, Meta(ge=0, le=INT64_MAX)] | None
    duration: Seconds | None
    # No file is refused for what its video is like.
    width: Any = None
    height: Any = None
    frame_rate: Any = None
    video_codec: Any = None
    audio_codec: Any = None
    bit_rate: Any = None
    fingerprints: Any = None


class NamedEntry(Struct):
    """A tag, a studio or a group."""

    id: str
    name: str


class PerformerEntry(NamedEntry):
    """A performer."""

    image_path: Text
    disambiguation: Text = ""


class GroupEntry(Struct):
    """A scene's place in a group."""

    group: NamedEntry


class PathsEntry(Struct):
    """Where a scene's pictures are."""

    screenshot: Text


class _SceneEntry(Struct, kw_only=True):
    """A scene, but for its texts. ``created_at`` may be anything: not to know it is no reason to do without."""

    id: str
    rating100: Annotated[int, Meta(ge=0, le=100)] | None
    organized: bool
    urls: list[Text]
    created_at: Any = ""
    stash_ids: Any = None
    updated_at: Text
    files: list[FileEntry]
    paths: PathsEntry
    studio: NamedEntry | None
    performers: list[PerformerEntry]
    tags: list[NamedEntry]
    groups: list[GroupEntry]


#: A scene, with the texts that the table of fields is made of.
SceneEntry = defstruct("SceneEntry", [(name, Text) for name in SCENE_TEXTS], bases=(_SceneEntry,), kw_only=True)


class SceneRows(Struct):
    """The rows of a query of scenes."""

    scenes: list[Any]


class RowsAnswer(Struct):
    """An answer to one."""

    findScenes: SceneRows


class IdAlone(Struct):
    """A row of which only the id is wanted."""

    id: Any = None


class _RowsAsTheyCome(Struct, forbid_unknown_fields=True):
    scenes: list[Raw]


class _ScenesAsTheyCome(Struct, forbid_unknown_fields=True):
    findScenes: _RowsAsTheyCome


class RowsApart(Struct, forbid_unknown_fields=True):
    """An answer to a query of scenes and nothing else, of which nothing failed; the rows are left as they came."""

    data: _ScenesAsTheyCome


class SceneTotal(Struct):
    """How many scenes there are."""

    count: Annotated[int, Meta(ge=0)]


class CountAnswer(Struct):
    """An answer that tells it."""

    findScenes: SceneTotal


class PluginSettings(Struct):
    """What is set of plugins, by their ids."""

    plugins: dict[str, Any]


class SettingsAnswer(Struct):
    """An answer with it."""

    configuration: PluginSettings


class VersionName(Struct):
    """The version; a build may have none."""

    version: Text


class VersionAnswer(Struct):
    """An answer with it."""

    version: VersionName
