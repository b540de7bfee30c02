"""The GraphQL documents sent to Stash. Each is whole by itself: stashapi's own fragments do not fit every Stash."""

from __future__ import annotations

_SCENE_PARTS = """
fragment SceneParts on Scene {
  id title details director date rating100 organized urls updated_at
  files { path size duration }
  paths { screenshot }
  studio { id name }
  performers { id name image_path }
  tags { id name }
  groups { group { id name } }
}
"""

#: Scenes by id. Stash fails the whole query when one id is unknown or stands there twice, and takes an empty list for
#: "every scene".
SCENES = "query Scenes($ids: [ID!]) { findScenes(ids: $ids) { scenes { ...SceneParts } } }" + _SCENE_PARTS

#: One page of the ids of all scenes. Sorted by id, so that scenes made meanwhile land on the last page.
SCENE_IDS = """
query SceneIds($page: Int, $per_page: Int) {
  findScenes(filter: {page: $page, per_page: $per_page, sort: "id", direction: ASC}) { count scenes { id } }
}
"""

#: The next ids beyond one, and how many there are beyond it.
SCENE_IDS_AFTER = """
query SceneIdsAfter($after: Int!, $limit: Int!) {
  findScenes(
    scene_filter: {id: {value: $after, modifier: GREATER_THAN}}
    filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}
  ) { count scenes { id } }
}
"""

#: The first scenes that meet a filter, ascending by id. The filter of the next query names the id of the last one, a
#: place that does not shift when scenes go meanwhile, as a page's number does. How many there are is not asked for: it
#: would be a second query in Stash.
SCENES_WHERE = (
    """
query ScenesWhere($where: SceneFilterType!, $limit: Int!) {
  findScenes(scene_filter: $where, filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}) {
    scenes { ...SceneParts }
  }
}
"""
    + _SCENE_PARTS
)

#: How many scenes there are. A page has to be looked up with it, so it is one of one scene.
SCENE_COUNT = "query SceneCount { findScenes(filter: {page: 1, per_page: 1}) { count } }"

#: What was changed or made since a moment. Only scenes can be asked for by id, so performers, studios, tags and groups
#: come all at once, and only where ``$parts`` is true.
CHANGES = """
query Changes($moment: TimestampCriterionInput!, $after: Int!, $limit: Int!, $parts: Boolean!) {
  findScenes(
    scene_filter: {updated_at: $moment, id: {value: $after, modifier: GREATER_THAN}}
    filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}
  ) { scenes { id updated_at } }
  findPerformers(performer_filter: {updated_at: $moment}, filter: {per_page: -1, sort: "id"}) @include(if: $parts) {
    performers { id updated_at }
  }
  findStudios(studio_filter: {updated_at: $moment}, filter: {per_page: -1, sort: "id"}) @include(if: $parts) {
    studios { id updated_at }
  }
  findTags(tag_filter: {updated_at: $moment}, filter: {per_page: -1, sort: "id"}) @include(if: $parts) {
    tags { id updated_at }
  }
  findGroups(group_filter: {updated_at: $moment}, filter: {per_page: -1, sort: "id"}) @include(if: $parts) {
    groups { id updated_at }
  }
}
"""

#: The one of each kind that was changed last, by the text of its time.
LAST_CHANGES = """
query LastChanges($first: FindFilterType!) {
  findScenes(filter: $first) { scenes { id updated_at } }
  findPerformers(filter: $first) { performers { id updated_at } }
  findStudios(filter: $first) { studios { id updated_at } }
  findTags(filter: $first) { tags { id updated_at } }
  findGroups(filter: $first) { groups { id updated_at } }
}
"""

#: The newest scene's id, and how many scenes there are.
NEWEST_SCENE = """
query NewestScene {
  findScenes(filter: {page: 1, per_page: 1, sort: "id", direction: DESC}) { count scenes { id } }
}
"""

#: The files of scenes beyond an id, and how many such scenes there are. By id and not by page: Stash finds its place at
#: once in a library of any size, and scenes that come or go meanwhile move nothing.
SCENE_FILES = """
query SceneFiles($after: Int!, $limit: Int!) {
  findScenes(
    scene_filter: {id: {value: $after, modifier: GREATER_THAN}}
    filter: {page: 1, per_page: $limit, sort: "id", direction: ASC}
  ) { count scenes { id files { path size duration } } }
}
"""

#: What was typed into the plugin's settings in Stash.
PLUGIN_SETTINGS = 'query PluginSettings { configuration { plugins(include: ["PlexSync"]) } }'

#: Stash's version.
VERSION = "query Version { version { version } }"


def scenes_one_by_one(count: int) -> str:
    """A document that asks for ``count`` scenes, each by itself: an unknown one is null, the others still come.

    :param count: how many; the variables are ``id0``, ``id1``, ..., the answer's keys ``scene0``, ``scene1``, ...
    """
    variables = ", ".join(f"$id{n}: ID!" for n in range(count))
    scenes = " ".join(f"scene{n}: findScene(id: $id{n}) {{ ...SceneParts }}" for n in range(count))
    return f"query ScenesOneByOne({variables}) {{ {scenes} }}{_SCENE_PARTS}"
