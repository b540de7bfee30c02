"""What is found by words is the same, whether SQLite's full-text search or PostgreSQL's looks for it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from plexsync.ledger import Ledger
from plexsync.matching.titles import words
from plexsync.model import ListedItem, Part
from plexsync.storage.database import Database
from tests.support import postgres_server
from tests.support.spaces import new_space

#: Some are in nearly every title, and most in few; with what may upset a search: signs, quotes, other scripts,
#: capitals, words that are operators, and one that is longer than an index takes.
COMMON = ("the", "scene", "Night", "part")
RARE = [one + more for one in ("har", "ol", "win", "été", "Ли") for more in ("bour", "ter", "iver", "ять", "7")]
ODD = (
    *("AND", "OR", "NOT", "O'Brien", '"quoted"', "a&b", "x|y", "c++", "50%", "back\\slash", "*star*", "né"),
    *(":*", "w" * 3000),
)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, Ledger]]:
    """The same generated library in a SQLite file and in PostgreSQL."""
    chance = random.Random(4711)
    items = []
    for key in range(1, 1201):
        title = " ".join(
            [*chance.sample(COMMON, chance.randint(1, 4)), *chance.sample(RARE, chance.randint(0, 3))]
            + (chance.sample(ODD, 1) if key % 7 == 0 else [])
        )
        part = Part(f"/media/{title[:80].replace('/', '')} {key}.mp4", key, 1000)
        items.append(ListedItem(key, 1, title, added_at=key, updated_at=key, parts=(part,)))
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    file = Database(tmp_path_factory.mktemp("file") / "plexsync.db")
    with new_space(server, tmp_path_factory.mktemp("space")) as space:
        ledgers = Ledger(file), Ledger(space)
        for ledger in ledgers:
            for at in range(0, len(items), 500):
                ledger.index.put(items[at : at + 500])
        yield ledgers
    file.close()


@pytest.mark.sqlite
def test_every_search_finds_the_same_in_the_same_order(both: tuple[Ledger, Ledger]) -> None:
    file, space = both
    chance = random.Random(815)
    asked = [*COMMON, *RARE, *ODD, "har", "wi", "O'Br", "50", "night harbour", "NOT harbour", "ter*", "(", "' or 1=1"]
    asked += [" ".join(chance.sample([*COMMON, *RARE, *ODD[:-2]], chance.randint(2, 9))) for _ in range(60)]
    found = {text: [one.rating_key for one in file.items.search(text)] for text in asked}
    assert sum(map(bool, found.values())) > 60
    assert {text: [one.rating_key for one in space.items.search(text)] for text in asked} == found
    for text in asked:
        assert [one.rating_key for one in space.index.by_words(words(text))] == [
            one.rating_key for one in file.index.by_words(words(text))
        ]


@pytest.mark.sqlite
def test_words_of_items_that_change_or_go_are_searched_as_they_are_then(both: tuple[Ledger, Ledger]) -> None:
    for ledger in both:
        ledger.index.put([ListedItem(5, 1, "quite another", 5, 5, (Part("/media/q.mp4", 5, 1000),))])
        ledger.index.drop(6)
    for text in ("quite another", "harbour", "scene", "q"):
        file, space = ([one.rating_key for one in ledger.items.search(text)] for ledger in both)
        assert file == space
        assert 6 not in space
    assert both[1].items.search("quite another")[0].rating_key == 5
