"""What is odd about texts and numbers comes to the same in a SQLite file and in PostgreSQL: kept, found, or refused."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from plexsync.ledger import Confirmation, Ledger, Result, State
from plexsync.matching.lookup import Match
from plexsync.matching.paths import folded, path_key, stem_key
from plexsync.model import ListedItem, Part, SceneFile
from plexsync.queue import open_queue
from plexsync.storage.database import Database
from tests.support import postgres_server
from tests.support.spaces import new_space

pytestmark = pytest.mark.sqlite

_chance = random.Random(7)
#: By chance, so that nothing makes them shorter: more than PostgreSQL takes for a row of an index, or for a document.
LONG, VERY_LONG = (
    "".join(chr(_chance.randint(0x4E00, 0x9FFF)) for _ in range(count)) + "ending" for count in (1500, 100_000)
)
MANY_WORDS = " ".join(f"{_chance.getrandbits(128):032x}" for _ in range(8000))
TEXTS = {
    "plain": "Beach Day",
    "a zero": "Beach\0Day",
    "half a character": "Beach \ud800 Day",
    "signs": "100 %s %% ? :x $1 \\x41 E'\\' -- /* ; ''",
    "long": LONG,
    "very long": VERY_LONG,
    "many words": MANY_WORDS,
    "cases": "İSTANBUL ß ẞ Ǆ ﬁ Σς Жанна \N{KELVIN SIGN}",
    "decomposed": "cafe\u0301 n\u0303o\u0308",
    "not assigned": "\U000e0fff \uffff \U0010ffff",
    "blanks": " \t\n\v\x1c\u2028\ufeff ",
}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ledger, Ledger]]:
    """A ledger in a file, and one in PostgreSQL."""
    try:
        server = postgres_server.shared()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    file = Database(tmp_path_factory.mktemp("file") / "plexsync.db")
    with new_space(server, tmp_path_factory.mktemp("space")) as space:
        yield Ledger(file), Ledger(space)
    file.close()


def doings(ledger: Ledger, text: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What the program does with a text of Stash's or Plex's, each with what comes of it."""
    # No path has a zero in it.
    path = f"/media/{text}/{text}.mp4".replace("\0", "0")
    match = Match(7, 1, 90, (text,), text, path, f"/data/{path}", hint=text)
    files = [SceneFile(path, 5, 1000)]
    yield "item", lambda: ledger.index.put([ListedItem(7, 1, text, 1, 1, (Part(path, 5, 1000),))])
    yield "item again", lambda: ledger.index.put([ListedItem(7, 1, text, 1, 2, (Part(path, 5, 1000),))])
    yield "path", lambda: [one.rating_key for one in ledger.index.by_path(path_key(path))]
    yield "stem", lambda: [one.rating_key for one in ledger.index.by_stem(stem_key(path))]
    yield "folder", lambda: ledger.index.in_folder(folded(f"/media/{text}"))
    yield "like", lambda: [one.rating_key for one in ledger.index.alike(files[0], path, 1)]
    yield "words", lambda: [one.rating_key for one in ledger.items.search(text)]
    yield "wanted", lambda: ledger.wanted_files.seek(3, files)
    yield "match", lambda: ledger.scenes.matched(3, match)
    yield "holders", lambda: ledger.scenes.holders_of_files([f"/data/{path}"], 4)
    yield "intent", lambda: ledger.scenes.note_intent(3, 7, "{}", text)
    yield (
        "written",
        lambda: ledger.scenes.confirm_write(
            3, 7, Confirmation(text, text, "f", [text], 1.0, Result.SYNCED, intended=text)
        ),
    )
    yield "record", lambda: replace(ledger.scenes.get(3), changed_at=0.0, synced_at=0.0, last_error_at=0.0)  # type: ignore[type-var]
    yield "listed", lambda: [one.title for one in ledger.listings.scenes(None, text[:200], None, 9)]
    yield "failed", lambda: ledger.scenes.set_state(3, State.FAILED, Result.FAILED, error=text, title=text)
    yield "history", lambda: [one.error for one in ledger.scenes.history(3)]


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_kept_and_found_alike(both: tuple[Ledger, Ledger], kind: str) -> None:
    for on_file, on_server in zip(doings(both[0], TEXTS[kind]), doings(both[1], TEXTS[kind]), strict=True):
        said = [came_of(what) for _, what in (on_file, on_server)]
        assert said[1] == said[0], on_file[0]


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 2**63, 2**200])
def test_a_number_is_kept_or_refused_alike(both: tuple[Ledger, Ledger], number: int) -> None:
    kept = []
    for ledger in both:
        try:
            ledger.index.put([ListedItem(9, 1, "Nine", 1, 1, (Part("/media/9.mp4", number, 1000),))])
            kept.append([one.size for one in ledger.index.of_item(9)])
        except (OverflowError, sqlite3.DataError):
            # Neither is taken for a database that cannot be used for the moment.
            kept.append(["refused"])
    assert kept[0] == kept[1]


def test_messages_that_ask_for_very_much_wait_and_become_one(both: tuple[Ledger, Ledger]) -> None:
    ids = random.Random(1).sample(range(10**9), 3000)
    for ledger in both:
        huey = open_queue(ledger.database)
        done: list[int] = []
        note = huey.task(coalesce=True, name="note")(lambda *args, done=done: done.append(len(args)))
        for asked in (ids, ids, ids[1:]):
            note(*asked)
        assert huey.pending_count() == 2
        while (one := huey.dequeue()) is not None:
            huey.work_on(one)
        assert done == [3000, 2999]
        huey.storage.close()


def came_of(what: Any) -> str:
    """What came of it, or the kind of error. A letter that PostgreSQL has not is another one there."""
    try:
        return (
            repr(what()).replace("\\x00", "\N{REPLACEMENT CHARACTER}").replace("\\u0000", "\N{REPLACEMENT CHARACTER}")
        )
    except Exception as error:  # noqa: BLE001 - whatever it is
        return type(error).__name__
