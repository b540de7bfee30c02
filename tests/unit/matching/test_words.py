"""Which items a scene may belong to, by what they are called; date, studio, performers and duration are witnesses."""

from __future__ import annotations

import pytest

from plexsync.matching.lookup import Settled
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

AUTO, REVIEW = 90, 60
TITLE = "The Long Summer of Ingrid"
DAY = "2023-05-17"
OTHER = SIZE // 3
OURS = file("/x/0a1b2c3d.mp4")


def confidence(scene: Scene, *parts: IndexedPart, key: int = 7, known: int | None = None) -> int:
    matches = find_matches(scene, (), MemoryIndex(*parts), Settled(known=known))
    return next((match.confidence for match in matches if match.rating_key == key), 0)


def theirs(title: str, name: str = "9f8e7d", seconds: float | None = LONG, **facts: str) -> IndexedPart:
    return part(7, f"/y/{name}.mkv", OTHER, seconds, title=title, **facts)


def test_a_title_alone_never_reaches_the_automatic_bar() -> None:
    alone = confidence(scene(title=TITLE * 3), part(7, "/y/9f8e7d.mkv", None, None, title=TITLE * 3))
    assert REVIEW <= alone < AUTO


@pytest.mark.parametrize(
    ("what", "ours", "item"),
    [
        ("duration", scene(OURS, title=TITLE), theirs("Long Summer of Ingrid")),
        ("date", scene(title=TITLE, date=DAY), theirs(TITLE, seconds=None, date=DAY)),
        ("date in the name", scene(title=TITLE, date=DAY), theirs("", f"{TITLE} 17.05.2023", None)),
        ("swapped date", scene(OURS, title=TITLE, date="2023-05-04"), theirs(TITLE, date="2023-04-05")),
        (
            "all there is",
            scene(OURS, title=TITLE, date=DAY, studio="Blue Lake", performers=("Jane Doe",)),
            theirs("", "BlueLake.23.05.17.Jane.Doe.The.Long.Summer.of.Ingrid.XXX.1080p.MP4-GRP"),
        ),
        ("the file's name for a title", scene(file(f"/x/{TITLE}.mp4")), theirs("", f"[Blue Lake] {TITLE} [720p]")),
        ("a cut name", scene(file(f"/a/x/{TITLE} and the Sea.mp4")), theirs("", f"{TITLE} and the S")),
        ("a misspelt title", scene(OURS, title=TITLE, date=DAY), theirs("Long Sumer of Ingird", date=DAY)),
        ("Cyrillic", scene(OURS, title="Случайная зима и осень"), theirs("Sluchaynaya zima i osen")),
        ("Chinese", scene(OURS, title="北京的最后音乐", date=DAY), theirs("Beijing de zuihou yinyue", date=DAY)),
    ],
)
def test_a_title_is_confirmed_by(what: str, ours: Scene, item: IndexedPart) -> None:
    assert confidence(ours, item) >= AUTO


@pytest.mark.parametrize(
    ("what", "ours", "item"),
    [
        ("another duration", scene(OURS, title=TITLE), theirs(TITLE, seconds=LONG + 60)),
        ("another date", scene(title=TITLE, date=DAY), theirs(TITLE, seconds=None, date="2019-01-01")),
        ("another year", scene(title=f"{TITLE} (2015)"), theirs(f"{TITLE} (2021)", seconds=None)),
        ("another part", scene(OURS, title=f"{TITLE} Part 2"), theirs(f"{TITLE} pt. 3")),
        ("a sequel", scene(OURS, title=TITLE), theirs(f"{TITLE} II")),
        ("a trailer", scene(title=TITLE), theirs(TITLE, f"{TITLE} Trailer", None)),
        (
            "another title of the same people and day",
            scene(file(f"/x/Blue Lake - {DAY} - Jane Doe - Rough Escape.mp4")),
            theirs("", f"Blue Lake - {DAY} - Jane Doe - Endless Daydream"),
        ),
        ("a shared word", scene(OURS, title="Summer Evening"), theirs("Summer Morning")),
    ],
)
def test_a_title_is_contradicted_by(what: str, ours: Scene, item: IndexedPart) -> None:
    assert confidence(ours, item) < REVIEW


def test_parts_of_a_series_are_told_apart_even_where_they_are_as_long_and_of_one_day() -> None:
    ours = scene(OURS, title=f"{TITLE} Part 3", date=DAY, studio="Blue Lake")
    first = theirs(f"{TITLE} Part 1", date=DAY, studio="Blue Lake")
    assert confidence(ours, first) < AUTO


def test_a_trailer_is_not_its_scene_although_people_and_day_agree() -> None:
    name = f"Blue Lake - {DAY} - Jane Doe and Ann Roe - {TITLE}"
    ours = scene(file(f"/a/lake/{name}.mp4"), title=TITLE, date=DAY, studio="Blue Lake", performers=("Jane Doe",))
    trailer = part(7, f"/b/lake/{name} Trailer.mp4", None, None, title=TITLE, date=DAY, studio="Blue Lake")
    assert confidence(ours, trailer) < REVIEW


def test_the_right_part_wins_over_the_others() -> None:
    parts = [
        part(key, f"/y/{key:x}c.mkv", OTHER, LONG + 100 * key, title=f"{TITLE} - Part {key}") for key in range(1, 9)
    ]
    ours = scene(file("/x/0a1b.mp4", SIZE, LONG + 300), title=f"{TITLE}, pt. III")
    matches = find_matches(ours, (), MemoryIndex(*parts))
    assert matches[0].rating_key == 3
    assert matches[0].confidence >= AUTO
    assert all(match.confidence < REVIEW for match in matches[1:])


@pytest.mark.parametrize("witness", ["studio", "performer"])
def test_studio_and_performers_add_to_a_title(witness: str) -> None:
    plain = scene(title=TITLE, studio="Blue Lake", performers=("Jane Doe",))
    name = {"studio": f"bluelake {TITLE}", "performer": f"Jane Doe - {TITLE}"}[witness]
    item = part(7, f"/y/{name}.mkv", None, None)
    bare = part(7, f"/y/{TITLE}.mkv", None, None)
    assert confidence(plain, item) > confidence(plain, bare)


def test_a_performer_in_the_very_title_is_no_second_witness() -> None:
    ours = scene(title="Jane Doe by the Window", performers=("Jane Doe",))
    item = part(7, "/y/9f.mkv", None, None, title="Jane Doe by the Window")
    (match,) = find_matches(ours, (), MemoryIndex(item))
    assert not any("Jane Doe in its name" in reason for reason in match.reasons)


def test_our_own_title_studio_and_date_confirm_nothing() -> None:
    ours = scene(title=TITLE, date=DAY, studio="Blue Lake")
    item = theirs(TITLE, seconds=None, date=DAY, studio="Blue Lake")
    assert confidence(ours, item) >= AUTO
    assert confidence(ours, item, known=7) < REVIEW


def test_a_date_that_plex_took_from_the_file_contradicts_nothing() -> None:
    item = theirs(TITLE, TITLE, date="2024-12-24")
    assert confidence(scene(OURS, title=TITLE, date=DAY), item) >= AUTO


def test_words_are_not_searched_for_where_a_file_is_sure() -> None:
    index = MemoryIndex(part(7, "/y/beach day.mp4"), part(8, "/z/other.mp4", OTHER, title=TITLE))
    matches = find_matches(scene(file("/x/beach day.mp4"), title=TITLE), (), index)
    assert matches[0].rating_key == 7
    assert index.searches == 0


def test_a_video_that_is_not_there_is_not_taken_for_its_neighbours() -> None:
    ours = scene(OURS, title=TITLE, date=DAY, studio="Blue Lake", performers=("Jane Doe",))
    parts = [
        part(
            key,
            f"/y/BlueLake.23.05.{17 + key}.Jane.Doe.{name}.1080p.mkv",
            OTHER + key,
            LONG + key * 7,
            title=name,
            studio="Blue Lake",
        )
        for key, name in enumerate(("Long Winter", "Summer Rain", "The Ingrid Tapes", "A Long Walk"), 1)
    ]
    assert all(match.confidence < REVIEW for match in find_matches(ours, (), MemoryIndex(*parts)))
