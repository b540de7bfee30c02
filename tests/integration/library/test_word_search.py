"""The search by words gives what reading every item that holds one of the rare words would give, and reads few."""

from __future__ import annotations

import heapq
import math
import random
import re
from collections import Counter

import pytest

from plexsync.ledger import Ledger, word_search
from plexsync.ledger.word_search import MOST_FOUND, MOST_HOLDING, CommonWords, best_items, count_holding
from plexsync.model import ListedItem, Part
from plexsync.storage.database import Database
from tests.support.sql_seen import statements_of

#: Words from the commonest to the rarest.
WORDS = [f"{first}{last}" for last in "aeiou" for first in ("b", "d", "f", "g", "k", "l", "m", "n")]


def listed(key: int, title: str, *files: str) -> ListedItem:
    parts = tuple(Part(file, 10, 1000) for file in files)
    return ListedItem(key, 1, title, added_at=key, updated_at=key, parts=parts)


def titles(seed: int, count: int) -> dict[int, str]:
    """Titles of one to six words, most of them common."""
    chance = random.Random(seed)
    shares = [1 / (rank + 1) for rank in range(len(WORDS))]
    return {
        key: " ".join(dict.fromkeys(chance.choices(WORDS, shares, k=chance.randint(1, 6))))
        for key in range(1, count + 1)
    }


def read_all(held: dict[int, str], words: list[str], most: int, read: int) -> list[int]:
    """What is found where all items that hold one of the rarest words are read: by its definition."""
    counts = Counter(word for text in held.values() for word in text.split())
    asked = {word: min(counts[word], read + 1) for word in words if counts[word]}
    weights = {word: math.log(1 + 2 * read / count) for word, count in asked.items()}
    chosen: set[str] = set()
    room = read
    for word, count in sorted(asked.items(), key=lambda one: one[1]):
        if count > room:
            break
        room -= count
        chosen.add(word)
    ranked = []
    for key, text in held.items():
        own = text.split()
        if not chosen.isdisjoint(own):
            shared = [weights[word] for word in own if word in weights]
            ranked.append((-math.fsum(shared), len(own) - len(shared), key))
    return [key for _, _, key in heapq.nsmallest(most, ranked)]


@pytest.mark.parametrize("few_more", [0, 3, 100])
@pytest.mark.parametrize("most", [1, 5, 12, MOST_FOUND])
def test_what_is_found_is_what_reading_all_would_find(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch, most: int, few_more: int
) -> None:
    monkeypatch.setattr(word_search, "MOST_READ", 150)
    monkeypatch.setattr(word_search, "_FEW_MORE", few_more)
    held = titles(most, 500)
    ledger.index.put([listed(key, title, f"/media/{key}.mp4") for key, title in held.items()])
    held = {key: f"{title} {key}" for key, title in held.items()}
    chance = random.Random(few_more)
    found = 0
    with database.read() as db:
        for _ in range(60):
            words = chance.sample([*WORDS, "no", "where"], chance.randint(1, 7))
            wanted = read_all(held, words, most, 150)
            if wanted:
                found += 1
                assert best_items(db, words, most) == wanted, words
    assert found > 40


def test_items_that_hold_all_of_some_words_are_counted_the_same_whichever_are_known_to_be_common(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "MOST_READ", 60)
    monkeypatch.setattr(word_search, "_FEW_READ", 8)
    held = titles(3, 500)
    ledger.index.put([listed(key, title, f"/media/{key}.mp4") for key, title in held.items()])
    chance = random.Random(3)
    common = CommonWords()
    counts = []
    with database.read() as db:
        common.counts(db, WORDS)
        assert 0 < len(common.rarest(WORDS, len(WORDS))) < len(WORDS)
        for _ in range(200):
            words = chance.choices(WORDS[:20], k=chance.randint(1, 4))
            counts.append(sum(set(words) <= set(title.split()) for title in held.values()))
            assert count_holding(db, words, common) == min(counts[-1], MOST_HOLDING), words
    assert sum(map(bool, counts)) > 100


def test_what_a_few_items_hold_is_read_before_a_common_word_is_gone_through(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "MOST_READ", 20)
    ledger.index.put(
        [listed(key, f"harbour {'lights' if key < 4 else ''}", f"/media/{key}.mp4") for key in range(1, 60)]
    )
    ledger.index.put([listed(100, "lights", "/media/100.mp4")])
    ledger.index.by_words(["harbour", "lights"], 12)
    with statements_of(database) as said:
        assert ledger.index.holding(["harbour", "lights"]) == 3
    assert not any("harbour" in one for one in said)


def test_an_item_without_files_takes_nobodys_place(ledger: Ledger) -> None:
    ledger.index.put([listed(1, "harbour"), listed(2, "harbour"), listed(3, "harbour lights", "/media/3.mp4")])
    assert [part.rating_key for part in ledger.index.by_words(["harbour"], 2)] == [3]


def test_of_hundreds_that_share_one_word_only_those_that_share_more_are_read(
    database: Database, ledger: Ledger
) -> None:
    ledger.index.put([listed(key, f"harbour w{key}", f"/media/{key}.mp4") for key in range(1, 900)])
    ledger.index.put([listed(1000 + key, "harbour lights", f"/b/{key}.mp4") for key in range(12)])
    with statements_of(database) as said:
        found = ledger.index.by_words(["harbour", "lights"], 12)
    assert {part.rating_key for part in found} == {1000 + key for key in range(12)}
    read = [one for one in said if "words from item_words" in one]
    assert len(read) == 1
    assert len(set(re.findall(r"[0-9]+", read[0].partition(" in ")[2]))) == 12


def test_a_word_that_was_common_a_moment_ago_is_not_counted_again(
    database: Database, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "MOST_READ", 20)
    ledger.index.put(
        [listed(key, f"harbour {'lights' if key == 7 else ''}", f"/media/{key}.mp4") for key in range(1, 60)]
    )
    words = ["harbour", "lights", "nowhere"]
    before = ledger.index.by_words(words, 12)
    with statements_of(database) as said:
        assert ledger.index.by_words(words, 12) == before
    counted = "; ".join(one for one in said if "item_word_places" in one and one.startswith("select"))
    assert "'harbour'" not in counted
    assert "'lights'" in counted
    ledger.index.put([listed(100, "nowhere", "/media/100.mp4")])
    assert {part.rating_key for part in ledger.index.by_words(words, 12)} >= {7, 100}, "what was rare is counted anew"
