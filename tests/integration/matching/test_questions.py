"""How much matching asks the library index, counted in statements."""

from __future__ import annotations

import pytest

from plexsync.ledger import Ledger
from plexsync.matching.match import find_matches
from plexsync.model import ListedItem, Part, Performer, Scene, SceneFile, Section
from plexsync.storage.database import Database
from tests.support.sql_seen import statements_of

#: By path, agent, name and size; what was written to those; by title and by name (how many hold the words, which ones,
#: what these hold, and their files, each); by length, and how common that is; what was written to all; how many hold
#: the words of title and name.
MOST_QUESTIONS = 18
PATH_MAP = (("/data", "/media"),)


@pytest.fixture
def filled(ledger: Ledger) -> Ledger:
    ledger.index.keep_sections([Section(1, "Scenes", "movie", locations=("/media",))])
    ledger.index.put(
        [
            ListedItem(
                key,
                1,
                f"Harbour Lights of Winter {key}",
                added_at=key,
                updated_at=key,
                parts=(Part(f"/media/Acme/harbour-lights-{key}.mp4", 1_000_000_000 + key, 1_500_000),),
            )
            for key in range(1, 60)
        ]
    )
    return ledger


def scene(path: str) -> Scene:
    return Scene(
        5,
        "Harbour Lights of Winter 7",
        date="2023-05-17",
        studio="Acme",
        performers=(Performer(1, "Jane Doe"),),
        files=(SceneFile(path, 1_000_000_007, 1500.0),),
    )


def statements(database: Database, ledger: Ledger, path: str) -> list[str]:
    """What is asked for a scene, once the size of the library is known."""
    find_matches(scene("/data/nothing.mp4"), PATH_MAP, ledger.index)
    with statements_of(database) as said:
        matches = find_matches(scene(path), PATH_MAP, ledger.index)
    assert matches[0].rating_key == 7
    # What SQLite's search asks of its own tables is in capitals, or a comment.
    return [one for one in said if one.startswith("select")]


def test_a_file_at_its_path_takes_one_question(database: Database, filled: Ledger) -> None:
    (asked,) = statements(database, filled, "/data/Acme/harbour-lights-7.mp4")
    assert "where part.folded_path = " in asked


def test_a_search_takes_a_bounded_number_of_questions(database: Database, filled: Ledger) -> None:
    assert len(statements(database, filled, "/data/Acme/other name of winter.mp4")) <= MOST_QUESTIONS
