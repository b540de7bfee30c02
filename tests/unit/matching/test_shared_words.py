"""Words in one piece within others, and names that were cut off within a word."""

from __future__ import annotations

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.shared_words import aligned, cut_short_title
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO = 90
OTHER = SIZE // 3
LONG = 1511.02
OURS = scene(
    file("/x/Rogue Castings - 2019-03-01 - Olga Moretti - Treasure, Rose and the Flight.mp4", SIZE, LONG),
    title="Treasure, Rose and the Flight",
    studio="Rogue Castings",
    performers=("Olga Moretti",),
)


@pytest.mark.parametrize(
    "name",
    [
        "roguecastings-treasureroseandtheflight",
        "roguecastingstreasureroseandtheflight",
        "olgamoretti_treasureroseandtheflight_1080p",
        "treasureroseandtheflight",
    ],
)
def test_a_title_in_one_piece_is_found_where_it_stands(name: str) -> None:
    (match, *_) = find_matches(OURS, (), MemoryIndex(part(7, f"/y/{name}.mkv", OTHER, LONG + 0.1)))
    assert match.confidence >= AUTO
    assert "called otherwise" not in match.reasons


@pytest.mark.parametrize("name", ["roguecastings-lanternofthequietprairie", "roguecastings-treasureofthequietprairie"])
def test_another_title_in_one_piece_is_another_film(name: str) -> None:
    (match, *_) = find_matches(OURS, (), MemoryIndex(part(7, f"/y/{name}.mkv", OTHER, LONG + 0.1)))
    assert match.confidence < AUTO


def test_what_stands_before_and_after_in_the_piece_is_left() -> None:
    words = ["treasure", "rose", "flight"]
    shared, mine, yours = aligned(words, ["abctreasureroseandtheflightxyz"], frozenset(), foreign=False)
    assert [word for word, _ in shared] == words
    assert (mine, yours) == ([], ["abc", "xyz"])


@pytest.mark.parametrize("name", ["Olga Moretti - Treasure Rose Fli", "Rogue Castings - Treasure Rose Fl"])
def test_a_name_that_ends_within_a_word_of_the_title_is_cut_and_not_called_otherwise(name: str) -> None:
    (match, *_) = find_matches(OURS, (), MemoryIndex(part(7, f"/y/{name}.mkv", OTHER, LONG + 0.1)))
    assert "called otherwise" not in match.reasons
    assert match.confidence >= AUTO


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        (
            ["olga", "teacher", "detour", "holi"],
            ["studio", "teacher", "detour", "holiday", "rome"],
            ["teacher", "detour"],
        ),
        (["olga", "teacher", "detour", "x"], ["studio", "teacher", "detour", "holiday", "rome"], []),
        (["olga", "red", "holi"], ["studio", "red", "holiday"], []),
        (["olga", "detour", "teacher", "holi"], ["studio", "teacher", "detour", "holiday"], []),
        (["olga"], ["studio", "teacher", "detour", "holiday"], []),
    ],
)
def test_titles_are_cut_within_a_word_after_enough_whole_ones(
    left: list[str], right: list[str], found: list[str]
) -> None:
    assert list(cut_short_title(left, right, frozenset(("olga", "studio")))) == found


def test_a_film_of_the_day_with_other_people_and_no_title_of_its_own_is_a_persons_choice() -> None:
    ours = scene(
        file("/x/[Silver Vision] Nadia Moretti - Bonus (2007-05-04) [1080p].mp4", SIZE, LONG),
        title="Bonus",
        studio="Silver Vision",
        date="2007-05-04",
        performers=("Nadia Moretti",),
    )
    name = "[Silver Vision] Beatriz Lindqvist - Following the Perfect Proposal (2007-05-04) [2160p]"
    (match, *_) = find_matches(ours, (), MemoryIndex(part(7, f"/y/{name}.mkv", OTHER, LONG + 0.05)))
    assert match.confidence < AUTO


def test_without_a_length_titles_that_have_words_of_their_own_each_are_a_persons_choice() -> None:
    name = "BlueLake.09.10.09.Kim.Lindqvist.{}.the.{}.of.{}.with.Rosa.and.a.Rain.on.the.Way.Home"
    ours = scene(file(f"/x/Blue Lake/2009/{name.format('Drifting', 'White Riddle', 'Dublin')}.mp4", SIZE, None))
    item = part(7, f"/y/Blue Lake/2009/{name.format('Driving', 'Scarlet Attic', 'Dover')}.mkv", None, None)
    (match, *_) = find_matches(ours, (), MemoryIndex(item))
    assert match.confidence < AUTO


def test_of_studio_and_day_alone_a_length_half_a_second_off_is_a_persons_choice() -> None:
    ours = scene(
        file("/x/Blue Lake - 2010-05-25 - Rosa Moretti - The Brave Pool.mp4", SIZE, LONG),
        title="The Brave Pool",
        studio="Blue Lake",
        date="2010-05-25",
        performers=("Rosa Moretti",),
    )
    name = "Rosa Moretti (Blue Lake) 2010-05-25"
    for seconds, sure in ((0.1, True), (0.48, False)):
        (match, *_) = find_matches(ours, (), MemoryIndex(part(7, f"/y/{name}.mov", OTHER, LONG + seconds)))
        assert (match.confidence >= AUTO) == sure


def test_where_nothing_but_the_name_is_known_other_items_that_hold_it_are_looked_for() -> None:
    ours = scene(file("/data/2021/Charming Rehearsal (Chasing Daniel).mp4", None, None))
    same_name = part(7, "/media/Pixel Factory/Charming Rehearsal (Chasing Daniel).webm", OTHER, LONG)
    own = part(8, "/media/2021/27.08.2021 Charming Rehearsal (Chasing Daniel).mp4", OTHER + 1, LONG + 300)
    assert {match.rating_key for match in find_matches(ours, (), MemoryIndex(same_name, own))} == {7, 8}
