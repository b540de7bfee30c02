"""Every document sent to Stash, and the simulated Stash's schema, hold against Stash's own schema."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from plexsync.demo.stash.schema import SCHEMA
from plexsync.stash import document
from plexsync.stash.dialect import OPTIONAL, Dialect
from tests.support.places import ROOT

REFERENCE = Path(os.environ.get("PLEXSYNC_REFERENCE") or ROOT.parent / "shared" / "reference")

#: Every way in which Stash may be asked: of the newest version, of one that has movies, of one that has neither, and of
#: one that lacks whatever scenes can do without.
DIALECTS = {
    "newest": Dialect(),
    "movies": Dialect("movies"),
    "no groups": Dialect(""),
    "barest": Dialect("", frozenset(OPTIONAL)),
}
BUILT: dict[str, Callable[[Dialect], str]] = {
    "scenes": lambda dialect: document.scenes(2, dialect),
    "scenes_where": document.scenes_where,
    "scenes_at": document.scenes_at,
    "files_where": document.files_where,
    "changes": document.changes,
    "last_changes": document.last_changes,
    "one_by_one": lambda dialect: document.scenes_one_by_one(2, dialect),
    **{
        f"changed {kind}s": lambda dialect, kind=kind: document.changed_parts(kind, dialect)
        for kind in ("performer", "studio", "tag", "group")
    },
    **{
        f"last {kind or 'scene'}": lambda dialect, kind=kind: document.last_change_of(kind, dialect)
        for kind in (None, "performer", "studio", "tag", "group")
    },
}
DOCUMENTS = {
    "scenes": document.scenes(2),
    "stamps_where": document.STAMPS_WHERE,
    "count_where": document.COUNT_WHERE,
    "scene_ids_after": document.SCENE_IDS_AFTER,
    "scenes_where": document.scenes_where(),
    "scene_count": document.SCENE_COUNT,
    "changes": document.changes(),
    "last_changes": document.last_changes(),
    "newest_scene": document.NEWEST_SCENE,
    "scene_files": document.files_where(),
    "plugin_settings": document.PLUGIN_SETTINGS,
    "plugin_page": document.PLUGIN_PAGE,
    "version": document.VERSION,
    "one_by_one": document.scenes_one_by_one(1),
    "two_by_one": document.scenes_one_by_one(2),
    **{
        f"{name} ({kind})": text
        for name, build in BUILT.items()
        for kind, dialect in DIALECTS.items()
        if (text := build(dialect))
    },
}
SIMULATED_TYPES = [
    kind
    for name, kind in SCHEMA.type_map.items()
    if isinstance(kind, GraphQLObjectType | GraphQLInputObjectType | GraphQLEnumType) and not name.startswith("__")
]


@pytest.fixture(scope="module")
def stash() -> GraphQLSchema:
    """Stash's schema as its source has it."""
    folder = REFERENCE / "stash-graphql"
    if not (folder / "schema.graphql").is_file():
        pytest.skip(f"Stash's schema is not at {folder} (set PLEXSYNC_REFERENCE to the folder above stash-graphql)")
    files = [folder / "schema.graphql", *sorted((folder / "types").glob("*.graphql"))]
    return build_schema("\n".join(file.read_text(encoding="utf-8") for file in files))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_stash_accepts_the_document(stash: GraphQLSchema, name: str) -> None:
    assert validate(stash, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_simulated_stash_accepts_the_document(name: str) -> None:
    assert validate(SCHEMA, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_defines_every_fragment_that_it_uses(name: str) -> None:
    used = set(re.findall(r"\.\.\.(\w+)", DOCUMENTS[name]))
    assert used <= set(re.findall(r"fragment (\w+) on", DOCUMENTS[name]))


def test_a_field_that_stash_does_not_have_is_noticed(stash: GraphQLSchema) -> None:
    wrong = document.scenes(2).replace("rating100", "rating")
    assert "Cannot query field 'rating'" in validate(stash, parse(wrong))[0].message


@pytest.mark.parametrize("name", BUILT)
def test_of_what_a_version_lacks_nothing_is_asked(name: str) -> None:
    text = BUILT[name](DIALECTS["barest"])
    assert not re.search(r"\b(groups?|movies?|findGroups|findMovies)\b", text)
    assert not re.search(r"\b(details|urls|rating100|screenshot|image_path|size|duration)\b", text)
    assert not re.search(r"\b(groups?|findGroups)\b", BUILT[name](DIALECTS["movies"]))


@pytest.mark.parametrize("simulated", SIMULATED_TYPES, ids=lambda kind: kind.name)
def test_the_simulated_type_is_a_part_of_stashs_own(stash: GraphQLSchema, simulated: GraphQLNamedType) -> None:
    assert _members(simulated).items() <= _members(stash.type_map[simulated.name]).items()


def _members(kind: GraphQLNamedType) -> dict[str, str]:
    """Fields, arguments and values with their types, as texts."""
    if isinstance(kind, GraphQLEnumType):
        return dict.fromkeys(kind.values, "value")
    assert isinstance(kind, GraphQLObjectType | GraphQLInputObjectType)
    members = {name: str(field.type) for name, field in kind.fields.items()}
    if isinstance(kind, GraphQLObjectType):
        for name, field in kind.fields.items():
            members |= {f"{name}({argument})": str(given.type) for argument, given in field.args.items()}
    return members


def test_a_document_is_made_once() -> None:
    assert document.scenes_one_by_one(1) is document.scenes_one_by_one(1)
    assert document.scenes(2) is document.scenes(2)
