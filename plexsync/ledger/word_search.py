"""The full-text search over titles and file names: the items that share the rarest of some words.

Each item has one row in ``item_words``, its number the rating key, with the words of its title and of its files' names,
each once. How many items hold a word is counted up to ``MOST_READ``, so that a word that is everywhere (the studio's
name, "scene") costs no more than a rare one.
"""

from __future__ import annotations

import heapq
import math
import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence

from plexsync.matching.titles import words as words_of
from plexsync.storage.many_values import marks, portions

#: Items that are read and ranked for one search at most: 2,000 rows take SQLite about 3 ms. A word that more items
#: hold than that is common; common words decide only among items that share rare ones.
MOST_READ = 2000
#: Items that are found at most.
MOST_FOUND = 50
#: Words that are asked for at most: a title may be a whole sentence, and its first words say enough.
MOST_ASKED = 24
#: Where all words are common: as many of them are asked for together.
MOST_TOGETHER = 8
#: Items that hold all of some words are counted up to this many.
MOST_HOLDING = 200


def words_held(title: str, stems: Iterable[str]) -> str:
    """What is searched of an item: the words of its title and of its files' names, each once.

    :param stems: the names without their endings, in their own case: capitals may be all that parts their words.
    """
    found = dict.fromkeys(words_of(title))
    for one in stems:
        found.update(dict.fromkeys(words_of(one)))
    return " ".join(found)


def keep_words(db: sqlite3.Connection, held: Mapping[int, str], *, known: Container[int]) -> None:
    """Write what is searched of items, unless it stands there already. Works inside the caller's transaction.

    :param held: the words by rating key, as ``words_held`` gives them.
    :param known: the items that were written before.
    """
    before: dict[int, str] = {}
    for some in portions(key for key in held if key in known):
        before.update(
            map(tuple, db.execute(f"select rowid, words from item_words where rowid in ({marks(some)})", some))
        )
    # To replace is to look for it first: what is new is only added.
    db.executemany(
        "insert into item_words (rowid, words) values (?, ?)", [one for one in held.items() if one[0] not in known]
    )
    db.executemany(
        "insert or replace into item_words (rowid, words) values (?, ?)",
        [(key, words) for key, words in held.items() if key in known and before.get(key) != words],
    )


def best_items(db: sqlite3.Connection, words: Sequence[str]) -> list[int]:
    """The rating keys of the items that share the rarest of these words, the best first, ``MOST_FOUND`` at most.

    :param words: as ``plexsync.matching.titles.words`` gives them.
    """
    asked = [word for word in dict.fromkeys(words) if word.isascii() and word.isalnum()][:MOST_ASKED]
    counts = {word: count for word in asked if (count := _count(db, word))}
    rows = _read(db, counts)
    # The fewer items hold a word, the more it says; as in BM25, by the logarithm of their share.
    weights = {word: math.log(1 + 2 * MOST_READ / count) for word, count in counts.items()}

    def rank(row: tuple[int, str]) -> tuple[float, int, int]:
        held = row[1].split(" ")
        shared = [weights[word] for word in held if word in weights]
        # What else an item is called speaks against it, where all else is equal.
        return -math.fsum(shared), len(held) - len(shared), row[0]

    return [row[0] for row in heapq.nsmallest(MOST_FOUND, rows, key=rank)]


def count_holding(db: sqlite3.Connection, words: Sequence[str]) -> int:
    """How many items hold all of these words; ``MOST_HOLDING`` at most.

    :param words: as for ``best_items``; of more than ``MOST_TOGETHER`` the first ones.
    """
    asked = [word for word in dict.fromkeys(words) if word.isascii() and word.isalnum()][:MOST_TOGETHER]
    if not asked:
        return MOST_HOLDING
    counted = "select count(*) from (select 1 from item_words where item_words match ? limit ?) as held"
    return int(db.execute(counted, (_all(asked), MOST_HOLDING)).fetchone()[0])


def beginning_with(db: sqlite3.Connection, words: Sequence[str], limit: int) -> list[int]:
    """The rating keys of items that hold all of these words, the last one as a beginning.

    :param words: as for ``best_items``; one at least.
    :param limit: items at most.
    """
    asked = [word for word in words if word.isascii() and word.isalnum()][-MOST_TOGETHER:]
    if not asked:
        return []
    *whole, last = asked
    expression = _all([*whole, f"{last}*"])
    rows = db.execute(
        "select rowid from item_words where item_words match ? order by rowid limit ?", (expression, limit)
    )
    return [row[0] for row in rows]


def _count(db: sqlite3.Connection, word: str) -> int:
    """How many items hold the word; one more than ``MOST_READ`` for any larger number."""
    counted = "select count(*) from (select 1 from item_word_places where term = ? limit ?) as held"
    return int(db.execute(counted, (word, MOST_READ + 1)).fetchone()[0])


def _read(db: sqlite3.Connection, counts: dict[str, int]) -> list[tuple[int, str]]:
    chosen: list[str] = []
    room = MOST_READ
    for word, count in sorted(counts.items(), key=lambda one: one[1]):
        if count > room:
            break
        room -= count
        chosen.append(word)
    if chosen:
        return _matching(db, _any(chosen))
    # In no item more than in thousands of others: only those that hold all of them are worth a look, or all but one.
    together = list(counts)[:MOST_TOGETHER]
    if not together:
        return []
    found = _matching(db, _all(together))
    if found or len(together) < 3:
        return found
    return _matching(db, _any(f"({_all([one for one in together if one != left_out])})" for left_out in together))


def _matching(db: sqlite3.Connection, expression: str) -> list[tuple[int, str]]:
    # In the order in which SQLite's search gives them anyway.
    held = "select rowid, words from item_words where item_words match ? order by rowid limit ?"
    rows = db.execute(held, (expression, MOST_READ))
    return [(row[0], row[1]) for row in rows]


def _any(expressions: Iterable[str]) -> str:
    return " OR ".join(expressions)


def _all(words: Iterable[str]) -> str:
    return " AND ".join(words)
