"""The full-text search over titles and file names: the items that share the rarest of some words.

Each item has one row in ``item_words``, its number the rating key, with the words of its title and of its files' names,
each once. How many items hold a word is counted up to ``MOST_READ``, so that a word that is everywhere (the studio's
name, "scene") costs no more than a rare one.
"""

from __future__ import annotations

import heapq
import math
import sqlite3
import time
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from plexsync.matching.titles import words as words_of
from plexsync.storage.many_values import VALUES_PER_STATEMENT, marks, portions

#: Items that are read and ranked for one search at most: 2,000 rows take SQLite about 3 ms. A word that more items
#: hold than that is common; common words decide only among items that share rare ones.
MOST_READ = 2000
#: Items that are found at most.
MOST_FOUND = 50
#: Words that are asked for at most: a title may be a whole sentence, and its first words say enough.
MOST_ASKED = 24
#: Where all words are common: as many of them are asked for together.
MOST_TOGETHER = 8
#: Items that hold all of some words are counted up to this many; of so few that hold so many of the rarest words, it is
#: read what else they hold.
MOST_HOLDING, _FEW_READ, _ENOUGH = 200, 60, 2
#: Items more than are wanted of which is read what they hold, rather than asked which of the common words they do.
_FEW_MORE = 100
#: Seconds for which a word is taken to be common, and words that are known to be.
_COMMON_FOR, _MOST_COMMON = 60.0, 2000
#: The share of ``MOST_READ`` from which the number of items that hold a word is taken for true for so many seconds.
_MANY, _MANY_FOR = 20, 10.0
#: Words that are asked for in one statement, and items of which is read what they hold.
_TOGETHER = 4
_SIZES = (16, 64, 128, VALUES_PER_STATEMENT)
#: By how much two sums of the same weights may differ.
_ROUNDING = 1e-9


def words_held(title: str, stems: Iterable[str]) -> str:
    """What is searched of an item: the words of its title and of its files' names, each once.

    :param stems: the names without their endings, in their own case: capitals may be all that parts their words.
    """
    # An item that no agent knows has its file's name for a title.
    texts = dict.fromkeys((title, *stems))
    return " ".join(dict.fromkeys([word for text in texts for word in words_of(text)]))


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


def best_items(
    db: sqlite3.Connection, words: Sequence[str], most: int = MOST_FOUND, common: CommonWords | None = None
) -> list[int]:
    """The rating keys of the items that share the rarest of these words, the best first.

    :param words: as ``plexsync.matching.titles.words`` gives them.
    :param most: items at most.
    :param common: knows common words from earlier searches; None to count them all.
    """
    asked = [word for word in dict.fromkeys(words) if word.isascii() and word.isalnum()][:MOST_ASKED]
    counts = _counts(db, asked) if common is None else common.counts(db, asked)
    # The fewer items hold a word, the more it says; as in BM25, by the logarithm of their share.
    weights = {word: math.log(1 + 2 * MOST_READ / count) for word, count in counts.items()}
    chosen = _chosen(counts)
    if chosen:
        rows = _held_by(db, _promising(db, chosen, weights, most))
    else:
        rows = _together(db, list(counts)[:MOST_TOGETHER])

    def rank(row: tuple[int, str]) -> tuple[float, int, int]:
        held = row[1].split(" ")
        shared = [weights[word] for word in held if word in weights]
        # What else an item is called speaks against it, where all else is equal.
        return -math.fsum(shared), len(held) - len(shared), row[0]

    return [row[0] for row in heapq.nsmallest(most, rows, key=rank)]


def count_holding(db: sqlite3.Connection, words: Sequence[str], common: CommonWords | None = None) -> int:
    """How many items hold all of these words; ``MOST_HOLDING`` at most.

    :param words: as for ``best_items``; of more than ``MOST_TOGETHER`` the first ones.
    :param common: knows common words from earlier searches; None where none is known.
    """
    asked = [word for word in dict.fromkeys(words) if word.isascii() and word.isalnum()][:MOST_TOGETHER]
    if not asked:
        return MOST_HOLDING
    rarest = common.rarest(asked, _ENOUGH) if common is not None else asked
    if 0 < len(rarest) < len(asked):
        # To go through the lists of all words takes longer than to read what a few items hold.
        expression, others = _all(rarest), {word for word in asked if word not in rarest}
        rows = db.execute("select rowid from item_words where item_words match ? limit ?", (expression, _FEW_READ + 1))
        keys = [row[0] for row in rows.fetchall()]
        if len(keys) <= _FEW_READ:
            return sum(others.issubset(held.split(" ")) for _, held in _held_by(db, keys))
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


class CommonWords:
    """The words that many items were found to hold lately: about as many will in a moment.

    To count these is what most of the counting costs.
    """

    def __init__(self) -> None:
        #: How many items hold a word, and until when that is taken for true (monotonic seconds).
        self._known: dict[str, tuple[int, float]] = {}

    def counts(self, db: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
        """How many items hold each of these words, without those that none does; ``MOST_READ`` and one at most."""
        now = time.monotonic()
        known = self._known
        held = {word: one[0] for word in words if (one := known.get(word)) is not None and one[1] > now}
        found = _counts(db, [word for word in words if word not in held])
        if len(known) > _MOST_COMMON:
            known.clear()
        for word, count in found.items():
            if count > MOST_READ:
                known[word] = count, now + _COMMON_FOR
            elif count * _MANY > MOST_READ:
                known[word] = count, now + _MANY_FOR
        held |= found
        return {word: held[word] for word in words if word in held}

    def rarest(self, words: Iterable[str], most: int) -> list[str]:
        """As many of some words, the rarest first, without those that are known to be common.

        Of which nothing is known is taken for rare: what was searched for lately is known if many items hold it.
        """
        now = time.monotonic()
        known = self._known
        counts = {word: one[0] if (one := known.get(word)) is not None and one[1] > now else 0 for word in words}
        return sorted((word for word, count in counts.items() if count <= MOST_READ), key=counts.__getitem__)[:most]


def _counts(db: sqlite3.Connection, words: Sequence[str]) -> dict[str, int]:
    """How many items hold each of these words, without those that none does; ``MOST_READ`` and one at most."""
    counted = "(select count(*) from (select 1 from item_word_places where term = ? limit ?) as held)"
    found: dict[str, int] = {}
    for some in _few_at_a_time(words):
        asked = f"select {', '.join([counted] * len(some))}"
        row = db.execute(asked, [value for word in some for value in (word, MOST_READ + 1)]).fetchone()
        found.update((word, count) for word, count in zip(some, row, strict=True) if count)
    return found


def _few_at_a_time(values: Sequence[str]) -> Iterator[list[str]]:
    """Four at a time, and the rest one by one: each other number would be one more statement that is kept prepared."""
    whole = len(values) - len(values) % _TOGETHER
    yield from (list(values[start : start + _TOGETHER]) for start in range(0, whole, _TOGETHER))
    yield from ([value] for value in values[whole:])


def _chosen(counts: Mapping[str, int]) -> list[str]:
    """The rarest words, as many as hold no more than ``MOST_READ`` items together."""
    chosen: list[str] = []
    room = MOST_READ
    for word, count in sorted(counts.items(), key=lambda one: one[1]):
        if count > room:
            break
        room -= count
        chosen.append(word)
    return chosen


def _promising(db: sqlite3.Connection, chosen: Sequence[str], weights: Mapping[str, float], most: int) -> list[int]:
    """The items among which the best are, of those that hold one of the chosen words.

    Which items hold a word stands in the search's own lists, which are quick to read; what else they hold is read only
    of those that are left here. Once so many share rarer words that none with only the words that are left can be
    among the best, these are looked for among the former alone.

    :param chosen: rare words, the rarest first.
    :param weights: of these and of the common words.
    """
    sums: dict[int, float] = {}
    left = [*chosen, *(word for word in weights if word not in chosen)]
    open_ones = math.fsum(weights.values())
    place, least = 0, -math.inf
    while place < len(chosen) and least <= open_ones + _ROUNDING:
        # The rarest ones hardly ever are enough.
        some = chosen[place : place + _TOGETHER] if not place else chosen[place : place + 1]
        for word, keys in zip(some, _holders(db, some), strict=True):
            _add_up(sums, keys, weights[word])
            open_ones -= weights[word]
        place += len(some)
        least = heapq.nlargest(most, sums.values())[-1] if len(sums) >= most else -math.inf
    rare = _any(chosen[:place])
    promising = _best_of(sums, most, open_ones)
    # As long as more than two words are open, nearly all items may still be among the best.
    for word in left[place:]:
        if len(promising) <= most + _FEW_MORE:
            break
        _add_up(sums, _holders(db, [f"({rare}) AND {word}"])[0], weights[word])
        open_ones -= weights[word]
        promising = _best_of(sums, most, open_ones)
    return promising


def _holders(db: sqlite3.Connection, expressions: Sequence[str]) -> list[list[int]]:
    """For each of the expressions the rating keys of the items that it finds."""
    # They are many: as one text they are made, and read, several times as quickly as row by row.
    held = "(select group_concat(rowid) from item_words where item_words match ?)"
    row = db.execute(f"select {', '.join([held] * len(expressions))}", expressions).fetchone()
    return [list(map(int, keys.split(","))) if keys else [] for keys in row]


def _add_up(sums: dict[int, float], keys: Sequence[int], weight: float) -> None:
    """Add what a word weighs to the sums of the items that hold it."""
    added = dict.fromkeys(keys, weight)
    for key in sums.keys() & added.keys():
        added[key] += sums[key]
    sums.update(added)


def _best_of(sums: Mapping[int, float], most: int, open_ones: float) -> list[int]:
    """The items that may be among the best, by the sums of their weights.

    :param open_ones: what may be added to each.
    """
    if len(sums) <= most:
        return list(sums)
    # Sums differ in their last digits by the order in which they were added up.
    least = heapq.nlargest(most, sums.values())[-1] - open_ones - _ROUNDING
    return [key for key, one in sums.items() if one >= least]


def _together(db: sqlite3.Connection, words: Sequence[str]) -> list[tuple[int, str]]:
    """Items by common words alone, with the words that they hold.

    In no item more than in thousands of others: only those that hold all of them are worth a look, or all but one.
    """
    if not words:
        return []
    found = _matching(db, _all(words))
    if found or len(words) < 3:
        return found
    return _matching(db, _any(f"({_all([one for one in words if one != left_out])})" for left_out in words))


def _held_by(db: sqlite3.Connection, rating_keys: Iterable[int]) -> list[tuple[int, str]]:
    """Items with the words that they hold."""
    asked = "select rowid, words from item_words where rowid in ({})"
    return [
        (row[0], row[1])
        for some in map(_filled, portions(sorted(rating_keys)))
        for row in db.execute(asked.format(marks(some)), some).fetchall()
    ]


def _filled(keys: list[int]) -> list[int]:
    """As many as stand in one of a few statements: the last one comes several times."""
    size = next(one for one in _SIZES if one >= len(keys))
    return [*keys, *keys[-1:] * (size - len(keys))]


def _matching(db: sqlite3.Connection, expression: str) -> list[tuple[int, str]]:
    # In the order in which SQLite's search gives them anyway.
    held = "select rowid, words from item_words where item_words match ? order by rowid limit ?"
    rows = db.execute(held, (expression, MOST_READ))
    return [(row[0], row[1]) for row in rows]


def _any(expressions: Iterable[str]) -> str:
    return " OR ".join(expressions)


def _all(words: Iterable[str]) -> str:
    return " AND ".join(words)
