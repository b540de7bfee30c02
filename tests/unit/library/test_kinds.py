"""Kinds of libraries: what can hold scenes is chosen by values, and nothing else knows what a movie is."""

from __future__ import annotations

import ast

from plexsync.library.kinds import MOVIES, LibraryKind, used, used_names
from plexsync.model import Section
from tests.support.places import ROOT

SHOWS = LibraryKind("show", "2", "agent Some")
SECTIONS = [Section(1, "A", "movie"), Section(2, "B", "show"), Section(3, "C", "artist"), Section(4, "D", "movie")]


def test_sections_are_chosen_by_their_kind() -> None:
    assert [one.id for one in used(SECTIONS)] == [1, 4]
    assert [one.id for one in used(SECTIONS, (MOVIES, SHOWS))] == [1, 2, 4]
    assert used_names((MOVIES, SHOWS)) == "movie or show"


def test_nothing_but_its_value_says_what_a_movie_is() -> None:
    # The simulated Plex has ideas of its own, and Stash once called its groups so.
    product = [
        path for path in (ROOT / "plexsync").rglob("*.py") if "demo" not in path.parts and path.parent.name != "stash"
    ]
    naming = {
        path.name
        for path in product
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value == MOVIES.name
    }
    assert naming == {"kinds.py"}
