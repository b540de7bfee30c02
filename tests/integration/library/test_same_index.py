"""However quickly the index is filled, what stands in it is the same: an odd library, against what was found of it."""

from __future__ import annotations

import hashlib
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from plexsync.ledger import Ledger
from plexsync.ledger.renewal import renew
from plexsync.model import ListedItem, Part
from plexsync.storage.database import FILLING_CACHE_KIB, WRITER_CACHE_KIB
from tests.support.listed_plex import BEGAN, ListedPlex, Refresher
from tests.support.plans import is_postgres

#: What titles and paths are made of: releases' tags, accents in both forms, other scripts, doubled slashes.
WORDS = (
    *(
        "Beach",
        "Day",
        "The",
        "A",
        "and",
        "part",
        "Pt",
        "02",
        "007",
        "[XC]",
        "x265-GRP",
        "WEB-DL",
        "web",
        "rip",
        "h.264",
    ),
    *(
        "blu-ray",
        "1080p",
        "60fps",
        "1920x1080",
        "S01E02",
        "BlueLake",
        "don't",
        "Ärger",
        "A\u030angstro\u0308m",
        "\ufb01lm",
    ),
    *("Straße", "Привет", "日本", "İstanbul", "4k", "hd", "proper", "10bit"),
)
FOLDERS = ("/media/", "/media//", "D:\\films\\", "D:/films/", "\\\\NAS\\share\\", "//nas/share//", "/Ärger/e\u0301/")
ENDINGS = (".mp4", ".MKV", "", ".longending", ".m2ts", ".", "/")
TABLES = (
    "select rating_key, section_id, title, studio, date, year, stash_scene, pass from item order by rating_key",
    "select rating_key, file, folded_path, stem, size, duration_ms from part order by rowid",
    "select rowid, words from item_words order by rowid",
    "select term, doc from item_word_places order by term, doc",
    "select section_id, pass, pass_position, added_until, updated_until from section",
    "select section_id, mark, rating_key, name, fault, twice, pass from odd_item order by mark",
)


def odd_library(seed: int, size: int) -> Iterator[ListedItem]:
    chance = random.Random(seed)

    def text(most: int) -> str:
        return "".join(chance.choice(WORDS) + chance.choice(" ._-") for _ in range(chance.randrange(most)))

    for key in range(1, size + 1):
        files = [
            chance.choice(FOLDERS) + text(6) + chance.choice(ENDINGS) for _ in range(chance.choice((0, 1, 1, 1, 2)))
        ]
        parts = [Part(file, chance.choice((None, 0, key, 2**40)), chance.choice((None, 1000))) for file in files]
        guid = chance.choice(("", f"plex://movie/stash-{key}", "plex://movie/5d77"))
        studio, date, year = text(2), chance.choice(("", "2024-02-29")), chance.choice((None, 1999))
        moment = BEGAN + key // 3
        yield ListedItem(key, 1, text(7), moment, moment, (*parts, *parts[:1]), studio, date, year, guid=guid)


def digest(ledger: Ledger) -> str:
    with ledger.database.read() as db:
        rows = [repr([tuple(row) for row in db.execute(select)]) for select in TABLES]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16]


def test_what_stands_in_the_index_is_what_always_did(ledger: Ledger) -> None:
    items = list(odd_library(1, 1700))
    plex = ListedPlex(items)
    plex.odd = {40: True, 700: False}
    refresher = Refresher(plex, ledger)
    refresher.refresh()
    filled = digest(ledger)
    # Some change, some exchange their files, some leave, and others come.
    others = {one.rating_key: one for one in odd_library(2, 1800)}
    for item in items[::7]:
        plex.put(replace(item, title=others[item.rating_key].title, parts=others[item.rating_key].parts))
    for first, second in zip(items[3::50], items[4::50], strict=False):
        plex.put(replace(first, parts=second.parts), replace(second, parts=first.parts))
    plex.remove(*range(1000, 1030))
    plex.put(*(others[key] for key in range(1701, 1801)))
    plex.odd = {}
    refresher.age(10**9)
    refresher.refresh()
    assert (filled, digest(ledger)) == ("646c828307bc278c", "161b3b93b668ce4b")


def test_more_of_the_file_is_kept_in_memory_while_everything_is_read(ledger: Ledger) -> None:
    if is_postgres(ledger.database):
        pytest.skip("the server sees to its memory itself")
    kept: list[int] = []

    def look(_request: int) -> None:
        with ledger.database.writer() as db:
            kept.append(-int(db.execute("pragma cache_size").fetchone()[0]))

    plex = ListedPlex(odd_library(4, 30))
    plex.before = look
    Refresher(plex, ledger).refresh()
    look(0)
    *before, reading, after = kept
    assert (reading, {*before, after}) == (FILLING_CACHE_KIB, {WRITER_CACHE_KIB})


class Counting:
    """A connection that counts what the program asks of it, and not what SQLite makes of that."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        self.calls += 1
        return getattr(self._connection, name)


def test_a_page_takes_as_many_statements_whatever_is_on_it(ledger: Ledger) -> None:
    before = list(odd_library(3, 500))
    after = [replace(item, title=f"{item.title} changed", parts=item.parts[:1]) for item in before]
    with ledger.database.write() as db:
        db.execute("insert into section (section_id, title, locations) values (1, 'Scenes', '[]')")
        for items in (before, after):
            few, many = Counting(db), Counting(db)
            renew(few, items[:50], 1)  # type: ignore[arg-type]
            renew(many, items[50:], 1)  # type: ignore[arg-type]
            assert few.calls == many.calls <= 12
