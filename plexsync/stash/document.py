"""The GraphQL documents sent to Stash. Each is whole by itself: stashapi's own fragments do not fit every Stash.

What differs from version to version is built for a ``Dialect``. Whatever reads one scene's row reads all of it, so a
scene that Stash cannot read fails a document that asks for nothing but its id.
"""

from __future__ import annotations

from functools import lru_cache

from plexsync.fields import SCENE_TEXTS
from plexsync.stash.changes import EntityKind
from plexsync.stash.dialect import VIDEO, Dialect

NEWEST = Dialect()

#: How many scenes meet a filter. No scene is read for it, so none can make it fail.
COUNT_WHERE = """
query CountWhere($where: SceneFilterType!) {
  findScenes(scene_filter: $where, filter: {page: 1, per_page: 0, sort: "id"}) { count }
}
"""

#: The first ids that meet a filter, and how many do.
SCENE_IDS_AFTER = """
query SceneIdsAfter($where: SceneFilterType!, $limit: Int!) {
  findScenes(scene_filter: $where, filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}) {
    count scenes { id }
  }
}
"""

#: The same with the time of each one's last change, and without how many there are.
STAMPS_WHERE = """
query StampsWhere($where: SceneFilterType!, $limit: Int!) {
  findScenes(scene_filter: $where, filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}) {
    scenes { id updated_at }
  }
}
"""

#: How many scenes there are.
SCENE_COUNT = 'query SceneCount { findScenes(filter: {page: 1, per_page: 0, sort: "id"}) { count } }'

#: One of the scenes that were made last: page 1 is the newest.
NEWEST_SCENE = """
query NewestScene($page: Int!) {
  findScenes(filter: {page: $page, per_page: 1, sort: "id", direction: DESC}) { count scenes { id } }
}
"""

#: What was typed into the plugin's settings in Stash.
PLUGIN_SETTINGS = 'query PluginSettings { configuration { plugins(include: ["PlexSync"]) } }'

#: The same with the plugins that Stash has loaded.
PLUGIN_PAGE = """
query PluginPage {
  configuration { plugins(include: ["PlexSync"]) }
  plugins { id name version enabled hooks { name hooks } }
}
"""

#: The same with the folder in which Stash looks for them: for people.
PLUGIN_PAGE_AND_FOLDER = PLUGIN_PAGE.replace("configuration {", "configuration { general { pluginsPath }")

#: Stash's version.
VERSION = "query Version { version { version } }"
#: An operation of the plugin itself, as its page asks for one.
OPERATE = 'mutation PlexSyncOperation($args: Map) { runPluginOperation(plugin_id: "PlexSync", args: $args) }'

#: Stash's names of what a scene is made of: of the query, of its filter, and of the list in its answer.
_PARTS: dict[EntityKind, tuple[str, str, str]] = {
    "performer": ("findPerformers", "performer_filter", "performers"),
    "studio": ("findStudios", "studio_filter", "studios"),
    "tag": ("findTags", "tag_filter", "tags"),
    "group": ("findGroups", "group_filter", "groups"),
}
#: Texts of a scene that it can do without. Without its title it would be called by its file's name.
_TEXTS = tuple(name for name in SCENE_TEXTS if name != "title")
_MOVIES = ("findMovies", "movie_filter", "movies")


def names_of(kind: EntityKind, dialect: Dialect) -> tuple[str, str, str] | None:
    """The names of a kind's query, of its filter, and of the list in its answer; None where Stash does not know it."""
    if kind != "group" or dialect.groups == "groups":
        return _PARTS[kind]
    return _MOVIES if dialect.groups else None


def kinds(dialect: Dialect) -> dict[EntityKind, tuple[str, str, str]]:
    """What a scene is made of that Stash knows, with ``names_of`` each."""
    return {kind: names for kind in _PARTS if (names := names_of(kind, dialect)) is not None}


@lru_cache(maxsize=64)
def scenes(parts: int = 1, dialect: Dialect = NEWEST) -> str:
    """Scenes by id, in several parts: each of those that meet a filter of ids, ascending.

    Not by ``findScenes(ids: ...)``: Stash fails the whole of that where it does not have one of them (any more), and
    writes an error into its own log. The parts are there because Stash's database takes no filter that is nested a
    hundredfold ("parser stack overflow").

    :param parts: how many; the variables are ``where0`` and ``limit0``, ..., the answer's keys ``part0``, ...
    """
    variables = ", ".join(f"$where{n}: SceneFilterType!, $limit{n}: Int!" for n in range(parts))
    found = "\n".join(
        f"  part{n}: findScenes(scene_filter: $where{n}, "
        f'filter: {{page: 1, per_page: $limit{n}, sort: "id", direction: ASC}}) {{ scenes {{ ...SceneParts }} }}'
        for n in range(parts)
    )
    return f"query Scenes({variables}) {{\n{found}\n}}\n{_scene_parts(dialect)}"


@lru_cache(maxsize=64)
def scenes_where(dialect: Dialect = NEWEST) -> str:
    """The first scenes that meet a filter, ascending by id.

    The filter of the next query names the id of the last one, a place that does not shift when scenes go meanwhile, as
    a page's number does. How many there are is not asked for: it would be a second query in Stash.
    """
    return """
query ScenesWhere($where: SceneFilterType!, $limit: Int!) {
  findScenes(scene_filter: $where, filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}) {
    scenes { ...SceneParts }
  }
}
""" + _scene_parts(dialect)


@lru_cache(maxsize=64)
def scenes_at(dialect: Dialect = NEWEST) -> str:
    """The scene at a place in the order of ids, from 1."""
    return """
query ScenesAt($page: Int!) {
  findScenes(filter: {page: $page, per_page: 1, sort: "id", direction: ASC}) { scenes { ...SceneParts } }
}
""" + _scene_parts(dialect)


@lru_cache(maxsize=64)
def files_where(dialect: Dialect = NEWEST) -> str:
    """The files of the first scenes that meet a filter, and how many do.

    By id and not by page: Stash finds its place at once in a library of any size, and scenes that come or go meanwhile
    move nothing.
    """
    return f"""
query SceneFiles($where: SceneFilterType!, $limit: Int!) {{
  findScenes(scene_filter: $where, filter: {{page: 1, per_page: $limit, sort: "id", direction: ASC}}) {{
    count scenes {{ id {_files(dialect)} }}
  }}
}}
"""


@lru_cache(maxsize=64)
def scenes_one_by_one(count: int, dialect: Dialect = NEWEST) -> str:
    """A document that asks for ``count`` scenes, each by itself: an unknown one is null, the others still come.

    :param count: how many; the variables are ``id0``, ``id1``, ..., the answer's keys ``scene0``, ``scene1``, ...
    """
    variables = ", ".join(f"$id{n}: ID!" for n in range(count))
    found = " ".join(f"scene{n}: findScene(id: $id{n}) {{ ...SceneParts }}" for n in range(count))
    name = "Scenes" if count == 1 else "ScenesOneByOne"
    return f"query {name}({variables}) {{ {found} }}{_scene_parts(dialect)}"


@lru_cache(maxsize=64)
def changes(dialect: Dialect = NEWEST) -> str:
    """What was changed or made since a moment.

    Only scenes can be asked for by id, so performers, studios, tags and groups come all at once, and only where
    ``$parts`` is true, with how many of each there are. Scenes come unless ``$scenes`` is false.
    """
    parts = "\n".join(
        f'  {query}({given}: {{updated_at: $moment}}, filter: {{per_page: -1, sort: "id"}}) @include(if: $parts) '
        f"{{ {listed} {{ id updated_at }} }}\n"
        f'  {kind}_total: {query}(filter: {{per_page: 1, sort: "id", direction: DESC}}) @include(if: $parts) '
        f"{{ count {listed} {{ id }} }}"
        for kind, (query, given, listed) in kinds(dialect).items()
    )
    return f"""
query Changes(
  $moment: TimestampCriterionInput!, $after: Int!, $limit: Int!, $parts: Boolean!, $scenes: Boolean = true
) {{
  findScenes(
    scene_filter: {{updated_at: $moment, id: {{value: $after, modifier: GREATER_THAN}}}}
    filter: {{page: 1, per_page: $limit, sort: "id", direction: ASC}}
  ) @include(if: $scenes) {{ scenes {{ id updated_at }} }}
{parts}
}}
"""


@lru_cache(maxsize=64)
def part_ids(kind: EntityKind, dialect: Dialect = NEWEST) -> str:
    """The ids of all of one kind; ``""`` where Stash does not know it."""
    names = names_of(kind, dialect)
    if names is None:
        return ""
    query, _, listed = names
    return f'query PartIds {{ {query}(filter: {{per_page: -1, sort: "id"}}) {{ {listed} {{ id }} }} }}'


@lru_cache(maxsize=64)
def changed_parts(kind: EntityKind, dialect: Dialect = NEWEST) -> str:
    """One page of what is of one kind and was changed since a moment, and how much there is; ``""`` for nothing.

    :param dialect: where it does not know the kind, there is nothing to ask.
    """
    names = names_of(kind, dialect)
    if names is None:
        return ""
    query, given, listed = names
    return f"""
query ChangedParts($moment: TimestampCriterionInput!, $page: Int!, $per_page: Int!) {{
  {query}(
    {given}: {{updated_at: $moment}}
    filter: {{page: $page, per_page: $per_page, sort: "id", direction: ASC}}
  ) {{ count {listed} {{ id updated_at }} }}
}}
"""


@lru_cache(maxsize=64)
def last_changes(dialect: Dialect = NEWEST) -> str:
    """The one of each kind that was changed last, by the text of its time."""
    parts = "\n".join(
        f"  {query}(filter: $first) {{ {listed} {{ id updated_at }} }}" for query, _, listed in kinds(dialect).values()
    )
    return f"""
query LastChanges($first: FindFilterType!) {{
  findScenes(filter: $first) {{ scenes {{ id updated_at }} }}
{parts}
}}
"""


@lru_cache(maxsize=64)
def last_change_of(kind: EntityKind | None, dialect: Dialect = NEWEST) -> str:
    """The same of one kind, None for scenes; ``""`` where Stash does not know it."""
    names = ("findScenes", "", "scenes") if kind is None else names_of(kind, dialect)
    if names is None:
        return ""
    query, _, listed = names
    return f"query LastChange($first: FindFilterType!) {{ {query}(filter: $first) {{ {listed} {{ id updated_at }} }} }}"


def _scene_parts(dialect: Dialect) -> str:
    optional = {
        " ".join((*_TEXTS, "rating100", "urls", "created_at")): "{}",
        "paths": "paths {{ screenshot }}",
        "studio": "studio {{ id name }}",
        "tags": "tags {{ id name }}",
        "stash_ids": "stash_ids {{ stash_id }}",
    }
    lines = ["id title organized updated_at"]
    for names, form in optional.items():
        known = [name for name in names.split() if dialect.knows(f"Scene.{name}")]
        lines += [form.format(" ".join(known))] if known else []
    lines.append(_files(dialect, VIDEO))
    if dialect.knows("Scene.performers"):
        known = [name for name in ("disambiguation", "image_path") if dialect.knows(f"Performer.{name}")]
        lines.append(f"performers {{ {' '.join(['id name', *known])} }}")
    if dialect.groups:
        lines.append(f"{dialect.groups} {{ {dialect.groups.removesuffix('s')} {{ id name }} }}")
    if not dialect.knows("ScenePathsType.screenshot"):
        lines = [line for line in lines if not line.startswith("paths")]
    return "\nfragment SceneParts on Scene {\n  " + "\n  ".join(lines) + "\n}\n"


def _files(dialect: Dialect, also: tuple[str, ...] = ()) -> str:
    known = [name for name in ("size", "duration", *also) if dialect.knows(f"VideoFile.{name}")]
    shown = ["fingerprints { type value }" if name == "fingerprints" else name for name in known]
    return f"files {{ {' '.join(['path', *shown])} }}"
