"""The part of Stash's GraphQL schema that the simulated Stash answers; names and types are Stash's own."""

from __future__ import annotations

from functools import lru_cache

from graphql import GraphQLSchema, build_schema

SDL = """
scalar Time
scalar Int64
scalar PluginConfigMap
scalar Map
scalar BoolMap
scalar Any

type Query {
  findScene(id: ID, checksum: String): Scene
  findScenes(
    scene_filter: SceneFilterType
    scene_ids: [Int!]
    ids: [ID!]
    filter: FindFilterType
  ): FindScenesResultType!
  findPerformers(
    performer_filter: PerformerFilterType
    filter: FindFilterType
    ids: [ID!]
  ): FindPerformersResultType!
  findStudios(studio_filter: StudioFilterType, filter: FindFilterType, ids: [ID!]): FindStudiosResultType!
  findTags(tag_filter: TagFilterType, filter: FindFilterType, ids: [ID!]): FindTagsResultType!
  findGroups(group_filter: GroupFilterType, filter: FindFilterType, ids: [ID!]): FindGroupsResultType!
  findMovies(movie_filter: MovieFilterType, filter: FindFilterType, ids: [ID!]): FindMoviesResultType!
  configuration: ConfigResult!
  plugins: [Plugin!]
  jobQueue: [Job!]
  findJob(input: FindJobInput!): Job
  version: Version!
}

type Mutation {
  sceneCreate(input: SceneCreateInput!): Scene
  sceneUpdate(input: SceneUpdateInput!): Scene
  bulkSceneUpdate(input: BulkSceneUpdateInput!): [Scene!]
  scenesUpdate(input: [SceneUpdateInput!]!): [Scene]
  sceneDestroy(input: SceneDestroyInput!): Boolean!
  scenesDestroy(input: ScenesDestroyInput!): Boolean!
  sceneMerge(input: SceneMergeInput!): Scene
  sceneAssignFile(input: AssignSceneFileInput!): Boolean!
  performerCreate(input: PerformerCreateInput!): Performer
  performerUpdate(input: PerformerUpdateInput!): Performer
  performerDestroy(input: PerformerDestroyInput!): Boolean!
  performersDestroy(ids: [ID!]!): Boolean!
  performerMerge(input: PerformerMergeInput!): Performer!
  studioCreate(input: StudioCreateInput!): Studio
  studioUpdate(input: StudioUpdateInput!): Studio
  studioDestroy(input: StudioDestroyInput!): Boolean!
  studiosDestroy(ids: [ID!]!): Boolean!
  tagCreate(input: TagCreateInput!): Tag
  tagUpdate(input: TagUpdateInput!): Tag
  tagDestroy(input: TagDestroyInput!): Boolean!
  tagsDestroy(ids: [ID!]!): Boolean!
  tagsMerge(input: TagsMergeInput!): Tag
  groupCreate(input: GroupCreateInput!): Group
  groupUpdate(input: GroupUpdateInput!): Group
  groupDestroy(input: GroupDestroyInput!): Boolean!
  groupsDestroy(ids: [ID!]!): Boolean!
  runPluginTask(plugin_id: ID!, task_name: String, description: String, args_map: Map): ID!
  runPluginOperation(plugin_id: ID!, args: Map): Any
  configurePlugin(plugin_id: ID!, input: Map!): Map!
  setPluginsEnabled(enabledMap: BoolMap!): Boolean!
  stopJob(job_id: ID!): Boolean!
  stopAllJobs: Boolean!
}

type Scene {
  id: ID!
  title: String
  code: String
  details: String
  director: String
  urls: [String!]!
  date: String
  rating100: Int
  organized: Boolean!
  created_at: Time!
  updated_at: Time!
  files: [VideoFile!]!
  paths: ScenePathsType!
  studio: Studio
  groups: [SceneGroup!]!
  movies: [SceneMovie!]!
  tags: [Tag!]!
  performers: [Performer!]!
  stash_ids: [StashID!]!
}

type StashID { endpoint: String! stash_id: String! updated_at: Time! }

type VideoFile {
  id: ID!
  path: String!
  basename: String!
  size: Int64!
  fingerprints: [Fingerprint!]!
  width: Int!
  height: Int!
  duration: Float!
  video_codec: String!
  audio_codec: String!
  frame_rate: Float!
  bit_rate: Int!
}

type Fingerprint { type: String! value: String! }

type ScenePathsType { screenshot: String }
type SceneGroup { group: Group! scene_index: Int }
type SceneMovie { movie: Movie! scene_index: Int }
type Studio { id: ID! name: String! parent_studio: Studio created_at: Time! updated_at: Time! }
type Performer {
  id: ID!
  name: String!
  disambiguation: String
  image_path: String
  created_at: Time!
  updated_at: Time!
}
type Tag { id: ID! name: String! created_at: Time! updated_at: Time! }
type Group { id: ID! name: String! created_at: Time! updated_at: Time! }
type Movie { id: ID! name: String! created_at: Time! updated_at: Time! }
type Version { version: String hash: String! build_time: String! }
type ConfigResult { general: ConfigGeneralResult! plugins(include: [ID!]): PluginConfigMap! }
type ConfigGeneralResult { apiKey: String! pluginsPath: String! }
type Plugin {
  id: ID!
  name: String!
  version: String
  enabled: Boolean!
  tasks: [PluginTask!]
  hooks: [PluginHook!]
}
type PluginTask { name: String! description: String }
type PluginHook { name: String! description: String hooks: [String!] }

enum JobStatus { READY RUNNING FINISHED STOPPING CANCELLED FAILED }
type Job {
  id: ID!
  status: JobStatus!
  subTasks: [String!]
  description: String!
  progress: Float
  startTime: Time
  endTime: Time
  addTime: Time!
  error: String
}
input FindJobInput { id: ID! }

type FindScenesResultType { count: Int! duration: Float! filesize: Float! scenes: [Scene!]! }
type FindPerformersResultType { count: Int! performers: [Performer!]! }
type FindStudiosResultType { count: Int! studios: [Studio!]! }
type FindTagsResultType { count: Int! tags: [Tag!]! }
type FindGroupsResultType { count: Int! groups: [Group!]! }
type FindMoviesResultType { count: Int! movies: [Movie!]! }

enum SortDirectionEnum { ASC DESC }
input FindFilterType { q: String page: Int per_page: Int sort: String direction: SortDirectionEnum }

enum CriterionModifier {
  EQUALS NOT_EQUALS GREATER_THAN LESS_THAN IS_NULL NOT_NULL INCLUDES_ALL INCLUDES EXCLUDES MATCHES_REGEX
  NOT_MATCHES_REGEX BETWEEN NOT_BETWEEN
}
input IntCriterionInput { value: Int! value2: Int modifier: CriterionModifier! }
input TimestampCriterionInput { value: String! value2: String modifier: CriterionModifier! }
input MultiCriterionInput { value: [ID!] modifier: CriterionModifier! excludes: [ID!] }
input HierarchicalMultiCriterionInput { value: [ID!] modifier: CriterionModifier! depth: Int excludes: [ID!] }
input StringCriterionInput { value: String! modifier: CriterionModifier! }
input SceneFilterType {
  AND: SceneFilterType
  OR: SceneFilterType
  id: IntCriterionInput
  title: StringCriterionInput
  path: StringCriterionInput
  duration: IntCriterionInput
  performers: MultiCriterionInput
  studios: HierarchicalMultiCriterionInput
  tags: HierarchicalMultiCriterionInput
  groups: HierarchicalMultiCriterionInput
  movies: MultiCriterionInput
  created_at: TimestampCriterionInput
  updated_at: TimestampCriterionInput
}

input PerformerFilterType { created_at: TimestampCriterionInput updated_at: TimestampCriterionInput }
input StudioFilterType { created_at: TimestampCriterionInput updated_at: TimestampCriterionInput }
input TagFilterType { created_at: TimestampCriterionInput updated_at: TimestampCriterionInput }
input GroupFilterType { created_at: TimestampCriterionInput updated_at: TimestampCriterionInput }
input MovieFilterType { created_at: TimestampCriterionInput updated_at: TimestampCriterionInput }

input SceneGroupInput { group_id: ID! scene_index: Int }
input SceneCreateInput {
  title: String
  code: String
  details: String
  director: String
  urls: [String!]
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: [ID!]
  groups: [SceneGroupInput!]
  tag_ids: [ID!]
  cover_image: String
}
input SceneUpdateInput {
  clientMutationId: String
  id: ID!
  title: String
  code: String
  details: String
  director: String
  urls: [String!]
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: [ID!]
  groups: [SceneGroupInput!]
  tag_ids: [ID!]
  cover_image: String
}
enum BulkUpdateIdMode { SET ADD REMOVE }
input BulkUpdateIds { ids: [ID!] mode: BulkUpdateIdMode! }
input BulkUpdateStrings { values: [String!] mode: BulkUpdateIdMode! }
input BulkSceneUpdateInput {
  clientMutationId: String
  ids: [ID!]
  title: String
  code: String
  details: String
  director: String
  urls: BulkUpdateStrings
  date: String
  rating100: Int
  organized: Boolean
  studio_id: ID
  performer_ids: BulkUpdateIds
  tag_ids: BulkUpdateIds
  group_ids: BulkUpdateIds
}
input SceneDestroyInput { id: ID! delete_file: Boolean delete_generated: Boolean }
input ScenesDestroyInput { ids: [ID!]! delete_file: Boolean delete_generated: Boolean }
input SceneMergeInput { source: [ID!]! destination: ID! values: SceneUpdateInput }
input AssignSceneFileInput { scene_id: ID! file_id: ID! }
input PerformerMergeInput { source: [ID!]! destination: ID! values: PerformerUpdateInput }
input PerformerDestroyInput { id: ID! }
input StudioDestroyInput { id: ID! }
input TagsMergeInput { source: [ID!]! destination: ID! }
input TagDestroyInput { id: ID! }
input GroupDestroyInput { id: ID! }
input PerformerCreateInput { name: String! disambiguation: String image: String }
input PerformerUpdateInput { id: ID! name: String disambiguation: String image: String }
input StudioCreateInput { name: String! parent_id: ID }
input StudioUpdateInput { id: ID! name: String parent_id: ID }
input TagCreateInput { name: String! }
input TagUpdateInput { id: ID! name: String }
input GroupCreateInput { name: String! }
input GroupUpdateInput { id: ID! name: String }
"""

SCHEMA: GraphQLSchema = build_schema(SDL)


@lru_cache(maxsize=20)
def schema_without(names: frozenset[str]) -> GraphQLSchema:
    """The schema of a Stash that does not know these, as ``Type.field`` or ``Type.field(argument)``."""
    schema = build_schema(SDL)
    for name in names:
        kind, _, field = name.rstrip(")").partition(".")
        field, _, argument = field.partition("(")
        fields = schema.type_map[kind].fields  # type: ignore[attr-defined]  # an object, or an input
        if argument:
            del fields[field].args[argument]
        else:
            del fields[field]
    return schema
