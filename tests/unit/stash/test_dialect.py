"""What a Stash says that it does not know, and what it is asked for instead."""

from __future__ import annotations

import pytest

from plexsync.model import Field
from plexsync.stash.dialect import OPTIONAL, VIDEO, Dialect, not_known
from plexsync.stash.failures import StashFault


@pytest.mark.parametrize(
    ("message", "path", "name"),
    [
        ('Cannot query field "groups" on type "Scene".', (), "Scene.groups"),
        ("Cannot query field 'urls' on type 'Scene'. Did you mean 'url'?", (), "Scene.urls"),
        ('Unknown argument "ids" on field "Query.findScenes".', (), "Query.findScenes(ids)"),
        ('Unknown argument "ids" on field "Query.findScenes". Did you mean "scene_ids"?', (), "Query.findScenes(ids)"),
        ('Field "groups" is not defined by type "SceneFilterType".', (), "SceneFilterType.groups"),
        (
            "Expected value of type 'SceneFilterType' not to include unknown field 'groups', found: { groups: 1 }.",
            (),
            "SceneFilterType.groups",
        ),
        ("unknown field", ("variable", "where", "groups"), "SceneFilterType.groups"),
        ('Unknown type "GroupFilterType".', (), "GroupFilterType"),
        ("no operation provided", (), ""),
        ("unknown field", (), ""),
    ],
)
def test_what_is_not_known_is_told_by_its_name(message: str, path: tuple[str, ...], name: str) -> None:
    assert not_known(StashFault(message, path)) == name


def refused(dialect: Dialect, *names: str) -> Dialect | None:
    faults = []
    for name in names:
        kind, _, field = name.partition(".")
        faults.append(StashFault(f'Cannot query field "{field}" on type "{kind}".'))
    return dialect.without(faults)


def test_groups_are_movies_before_they_are_nothing() -> None:
    movies = refused(Dialect(), "Scene.groups", "Query.findGroups")
    assert movies == Dialect("movies")
    assert movies.unread == frozenset()
    none = refused(movies, "Scene.movies")
    assert none == Dialect("")
    assert none.unread == {Field.GROUPS}
    assert refused(none, "Scene.groups") is None


def test_what_scenes_can_do_without_is_left_out_together() -> None:
    bare = refused(Dialect(), "Scene.urls", "Scene.groups", "Scene.rating100", "Performer.image_path")
    assert bare == Dialect("movies", frozenset({"Scene.urls", "Scene.rating100", "Performer.image_path"}))
    assert bare.unread == {Field.RATING}
    assert bare.text == (
        "does not know groups: its movies are taken for them, Performer.image_path, Scene.rating100, Scene.urls "
        "(rating in Plex stays as it is)"
    )


@pytest.mark.parametrize("name", ["Scene.id", "Scene.title", "Scene.files", "Query.findScenes", "Query.somethingElse"])
def test_what_they_cannot_do_without_is_never_left_out(name: str) -> None:
    assert refused(Dialect(), "Scene.groups", name) is None


def test_a_refusal_that_says_nothing_leaves_nothing_out() -> None:
    assert Dialect().without([StashFault("no")]) is None


def test_a_row_is_completed_with_nothing_and_nothing_of_it_is_cleared() -> None:
    barest = Dialect("", frozenset(OPTIONAL))
    row = {"id": "1", "title": "A title", "files": [{"path": "/a"}], "organized": False, "updated_at": ""}
    whole = barest.complete(row)
    assert (whole["groups"], whole["tags"], whole["studio"], whole["paths"]) == ([], [], None, {"screenshot": None})
    assert whole["files"] == [{"path": "/a", **dict.fromkeys(("size", "duration", *VIDEO))}]
    assert barest.unread == set(Field) - {Field.TITLE, Field.CONTENT_RATING, Field.SORT_TITLE}
    assert Dialect("movies").complete({"movies": [{"movie": {"id": "1", "name": "x"}}, None]}) == {
        "groups": [{"group": {"id": "1", "name": "x"}}, None]
    }
