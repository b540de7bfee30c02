"""What one version of Stash knows of GraphQL, learned from what it refuses.

Every document is written for the newest Stash. Where Stash says that it does not know a field, the document is asked
again without it, if scenes can do without: what Plex shows in that field then stays as it is. Before v0.27 what is a
group now was a movie, with the same parts.

Checked against the schemas of all releases from v0.16.0 to v0.30.1: v0.25 and v0.26 know all but groups, v0.24 and
older ones lack ``ids`` of ``findScenes``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from plexsync.fields import SCENE_TEXTS, Field
from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.stash.failures import StashFault

#: The oldest Stash that works, and the oldest that lacks nothing.
OLDEST, COMPLETE = "v0.25", "v0.27"

#: What the fields in Plex are made of, by Stash's names.
_MADE_OF = tuple(dict.fromkeys(field.row.stash for field in Field if field.row.stash))
#: Fields of a scene by Stash's names, each with the fields in Plex that are made of it.
SHOWN_IN: Mapping[str, frozenset[Field]] = {
    **{name: frozenset(field for field in Field if field.row.stash == name) for name in _MADE_OF},
    **dict.fromkeys(("urls", "created_at"), frozenset()),
}
#: Lists in Plex that hold it among others: the studio is a collection, too.
PART_OF: Mapping[str, frozenset[Field]] = {
    name: fields for name in _MADE_OF if (fields := frozenset(field for field in Field if name in field.row.also))
}
#: What is asked of a file beside path, size and length. It stands with these in Stash's own row of the file.
VIDEO = ("width", "height", "frame_rate", "video_codec", "audio_codec", "bit_rate", "fingerprints")
#: What scenes can do without, as ``Type.field``, with the field of a scene that then is not known (None for none).
OPTIONAL: Mapping[str, str | None] = {
    **{f"Scene.{name}": name for name in SHOWN_IN if name not in ("title", "groups")},
    "Scene.stash_ids": None,
    "ScenePathsType.screenshot": "paths",
    "Performer.disambiguation": None,
    "Performer.image_path": None,
    "VideoFile.size": None,
    "VideoFile.duration": None,
    **{f"VideoFile.{name}": None for name in VIDEO},
}
#: What there is of groups, under either name.
_OF_GROUPS = frozenset(
    f"{kind}.{field}"
    for kind, fields in {
        "Scene": ("groups", "movies"),
        "SceneGroup": ("group",),
        "SceneMovie": ("movie",),
        "Query": ("findGroups", "findMovies"),
        "SceneFilterType": ("groups", "movies"),
        "FindGroupsResultType": ("groups",),
        "FindMoviesResultType": ("movies",),
    }.items()
    for field in fields
)
#: Types of inputs that only groups need.
_INPUTS_OF_GROUPS = ("GroupFilterType", "MovieFilterType")
#: What stands in for a field of a scene that was not asked for.
_NOTHING: Mapping[str, Any] = {
    **dict.fromkeys((*SCENE_TEXTS, "created_at"), ""),
    **dict.fromkeys(("rating100", "studio"), None),
    **{name: [] for name in ("urls", "performers", "tags", "groups")},
    "paths": {"screenshot": None},
}

#: How Stash's GraphQL library, and others, name what they do not know.
_NAMED = (
    late_pattern(r"Cannot query field [\"'](?P<field>\w+)[\"'] on type [\"'](?P<kind>\w+)[\"']"),
    late_pattern(r"Field [\"'](?P<field>\w+)[\"'] is not defined by type [\"'](?P<kind>\w+)[\"']"),
    late_pattern(r"of type [\"'](?P<kind>\w+)!?[\"'] not to include unknown field [\"'](?P<field>\w+)[\"']"),
    late_pattern(r"Unknown argument [\"'](?P<argument>\w+)[\"'] on field [\"'](?P<kind>\w+)\.(?P<field>\w+)[\"']"),
    late_pattern(r"Unknown type [\"'](?P<kind>\w+)[\"']"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is asked of a Stash.

    :param groups: the name under which it knows groups; ``""`` where it does not know them at all.
    :param lacks: what else it does not know, as ``Scene.urls``.
    """

    groups: Literal["groups", "movies", ""] = "groups"
    lacks: frozenset[str] = frozenset()

    def without(self, faults: Sequence[StashFault]) -> Dialect | None:
        """What to ask instead, after Stash has refused a document; None where nothing can be left out for it."""
        if needed(faults):
            return None
        groups, lacks = self.groups, set(self.lacks)
        for name in map(not_known, faults):
            if name in OPTIONAL:
                lacks.add(name)
            else:
                # One step for all that there is of groups: it came together.
                groups = "movies" if self.groups == "groups" else ""
        following = Dialect(groups, frozenset(lacks))
        return None if following == self else following

    def knows(self, name: str) -> bool:
        """Whether something may be asked for, as ``Scene.urls``."""
        return name not in self.lacks

    @property
    def unknown(self) -> frozenset[str]:
        """The fields of a scene, by Stash's names, of which nothing is known."""
        names = {OPTIONAL[name] for name in self.lacks} | (set() if self.groups else {"groups"})
        return frozenset(name for name in names if name is not None)

    @property
    def unread(self) -> frozenset[Field]:
        """The fields of Plex's of which nothing is known in any scene, so that they are left as they are."""
        return frozenset(field for name in self.unknown for field in SHOWN_IN[name])

    @property
    def is_whole(self) -> bool:
        """Whether nothing has to be left out or named otherwise."""
        return self == _WHOLE

    @property
    def text(self) -> str:
        """What it does not know and what comes of that, for a person; ``""`` for nothing."""
        told = []
        if self.groups == "movies":
            told.append("groups: its movies are taken for them")
        elif not self.groups:
            told.append("groups")
        told += sorted(self.lacks)
        left = sorted(self.unread)
        end = f" ({', '.join(left)} in Plex {'stays' if len(left) == 1 else 'stay'} as it is)" if left else ""
        return f"does not know {', '.join(told)}{end}" if told else ""

    def complete(self, row: Any) -> Any:
        """A scene of an answer as the newest Stash would give it: what was not asked for is empty."""
        if self.is_whole or not isinstance(row, dict):
            return row
        row = dict(row)
        if self.groups == "movies" and isinstance(movies := row.pop("movies", None), list):
            row["groups"] = [
                {"group": one["movie"]} if isinstance(one, dict) and "movie" in one else one for one in movies
            ]
        elif not self.groups:
            row["groups"] = []
        for name in self.lacks:
            field = OPTIONAL[name]
            if field is not None:
                row[field] = _NOTHING[field]
        for kind, part in (name.split(".") for name, field in OPTIONAL.items() if field is None):
            if kind not in ("Performer", "VideoFile"):
                continue
            name = "performers" if kind == "Performer" else "files"
            if not self.knows(f"{kind}.{part}") and isinstance(row.get(name), list):
                row[name] = [one | {part: None} if isinstance(one, dict) else one for one in row[name]]
        return row


_WHOLE = Dialect()


def needed(faults: Sequence[StashFault]) -> list[StashFault]:
    """Those of them that are about something which cannot be left out."""
    optional = {*OPTIONAL, *_OF_GROUPS, *_INPUTS_OF_GROUPS}
    return [fault for fault in faults if not_known(fault) not in optional]


def not_known(fault: StashFault) -> str:
    """What Stash does not know: ``Scene.groups``, ``Query.findScenes(ids)``, a type; ``""`` where that is not told."""
    for pattern in _NAMED:
        if match := pattern.search(fault.message):
            found = match.groupdict()
            name = found["kind"] + (f".{found['field']}" if found.get("field") else "")
            return name + (f"({found['argument']})" if found.get("argument") else "")
    if "unknown field" in fault.message and len(fault.path) > 2 and fault.path[0] == "variable":
        # ``variable.where.groups``: of the inputs only this one has varying fields.
        return f"SceneFilterType.{fault.path[2]}"
    return ""
