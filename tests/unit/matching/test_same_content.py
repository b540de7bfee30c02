"""The hashes of files: in what form they come, of which it is worth asking, and what they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.content_hash import CHUNK, read_hash
from plexsync.matching.decision import Verdict, decide
from plexsync.matching.lookup import Settled
from plexsync.matching.match import find_matches
from plexsync.matching.same_content import worth_asking
from plexsync.model import IndexedPart, SceneFile
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

HASH, OTHER_HASH = "00f52aa3bd4025d4", "adb464543eaec254"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("65f52aa3bd4025d4", "65f52aa3bd4025d4"),
        ("65F52AA3BD4025D4", "65f52aa3bd4025d4"),
        ("f52aa3bd4025d4", HASH),
        (" 0xF52AA3BD4025D4 ", HASH),
        *((odd, "") for odd in ("", "0", "0" * 16, "z" * 16, "1" * 17, "-1", None, 12, ["a"])),
    ],
)
def test_a_hash_comes_in_capitals_without_its_zeros_or_not_at_all(value: object, text: str) -> None:
    assert read_hash(value) == text


@pytest.mark.parametrize(
    ("ours", "theirs", "worth"),
    [
        ((SIZE, HASH), (SIZE, ""), True),
        ((None, HASH), (SIZE, ""), True),
        ((SIZE, HASH), (None, ""), True),
        # The size is in it.
        ((SIZE, HASH), (SIZE + 1, ""), False),
        ((SIZE, ""), (SIZE, ""), False),
        ((SIZE, HASH), (SIZE, OTHER_HASH), False),
        ((CHUNK - 1, HASH), (CHUNK - 1, ""), False),
    ],
)
def test_plex_is_asked_only_where_its_hash_can_be_the_same(
    ours: tuple[int | None, str], theirs: tuple[int | None, str], worth: bool
) -> None:
    assert worth_asking([hashed(ours[0], ours[1])], [known(7, "/y/b.mp4", theirs[1], size=theirs[0])]) is worth


def test_the_same_hash_is_certain_whatever_the_name_and_whatever_is_not_known_beside_it() -> None:
    for size, seconds in ((SIZE, LONG), (SIZE, None), (None, None)):
        item = known(7, "/y/b.mp4", HASH, size=size, seconds=seconds, title="Something Else Altogether")
        (match,) = find_matches(
            scene(hashed(SIZE, HASH, seconds), title="Harbour Lights at Night"), (), MemoryIndex(item), Settled(known=7)
        )
        assert match.confidence == 99
        assert "same content, by its hash" in match.reasons


def test_another_hash_of_the_same_size_is_another_file() -> None:
    item = known(7, "/y/b.mp4", OTHER_HASH, seconds=None)
    found = find_matches(scene(hashed(SIZE, HASH, None)), (), MemoryIndex(item))
    assert decide(found, 90, 60).verdict is Verdict.NOT_FOUND
    without = find_matches(scene(hashed(SIZE, "", None)), (), MemoryIndex(item))
    assert decide(without, 90, 60).verdict is Verdict.REVIEW


def test_of_two_files_of_one_size_the_one_with_the_hash_is_taken() -> None:
    items = (known(7, "/y/a.mp4", OTHER_HASH), known(8, "/y/b.mp4", HASH))
    decision = decide(find_matches(scene(hashed(SIZE, HASH)), (), MemoryIndex(*items)), 90, 60)
    assert decision.verdict is Verdict.SYNC
    assert decision.match is not None
    assert decision.match.rating_key == 8


def test_copies_have_one_hash_and_the_first_is_taken() -> None:
    items = (known(7, "/y/a.mp4", HASH), known(8, "/z/b.mp4", HASH))
    found = find_matches(scene(hashed(SIZE, HASH)), (), MemoryIndex(*items))
    assert [match.rating_key for match in found] == [7, 8]
    assert "a copy of what item 7 has" in found[1].reasons


def test_the_hash_of_a_file_below_64_kib_says_nothing() -> None:
    item = known(7, "/y/b.mp4", HASH, size=CHUNK - 1, seconds=None)
    with_hash = find_matches(scene(hashed(CHUNK - 1, HASH, None)), (), MemoryIndex(item))
    without = find_matches(scene(hashed(CHUNK - 1, "", None)), (), MemoryIndex(item))
    assert with_hash == without


def test_another_hash_at_its_own_path_changes_nothing() -> None:
    """Programs write tags into a file's free room."""
    item = known(7, "/x/a.mp4", OTHER_HASH)
    (match,) = find_matches(scene(hashed(SIZE, HASH)), (), MemoryIndex(item))
    assert match.confidence == 100


def hashed(size: int | None, oshash: str, seconds: float | None = LONG) -> SceneFile:
    return replace(file("/x/a.mp4", size, seconds), oshash=oshash)


def known(
    key: int, path: str, oshash: str, size: int | None = SIZE, seconds: float | None = LONG, title: str = ""
) -> IndexedPart:
    return replace(part(key, path, size, seconds, title=title), oshash=oshash)
