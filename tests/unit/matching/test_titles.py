"""Titles and file names in one comparable form, and what can be read from them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.matching.reading import Reading, read
from plexsync.matching.titles import is_foreign, plain, plain_words, words

#: What names are made of: words, numbers, articles, tags, and tags only in the company of others.
TOKENS = (
    *("Beach", "The", "a", "and", "Part", "Studio21", "S01E02", "p2p", "007", "0", "BlueLake", "a1b"),
    *("1080p", "x264", "1920x1080", "60fps", "WEB", "rip", "180", "lr", "hd", "4k", "h 265", "mp4"),
)
RELEASE = "[XC] The.Beach_Day.Pt.02.2023-05-17.1080p.x265-GRP"


@pytest.mark.parametrize(
    ("what", "text", "found"),
    [
        ("separators", "beach_day.two-three", "beach day two three"),
        ("capitals without separators", "BeachDayTwo", "beach day two"),
        ("capitals with separators", "The McDonald Tape", "mcdonald tape"),
        ("digits that touch", "Beach2Day S01E02", "beach 2 day s 1 e 2"),
        ("leading zeros", "MVI_0042", "mvi 42"),
        ("articles and ands", "A Day & the Night and an Hour", "day night hour"),
        ("a letter after part", "Part A", "part a"),
        ("apostrophes", "Don’t Stop, Jack's `Life`", "dont stop jacks life"),
        ("resolutions and codecs", "Beach Day 1080p HEVC 10bit 60fps 1920x1080", "beach day"),
        ("tags that are cut in two", "Beach.Day.WEB-DL.H.264", "beach day"),
        ("a group after a tag", "Beach.Day.1080p.x265-GRP", "beach day"),
        ("no group without a tag", "beach-day", "beach day"),
        ("a group in brackets", "[XC] Beach Day [1F3A9C22]", "beach day"),
        ("words in brackets", "Beach Day [Part 2] (remastered)", "beach day part 2 remastered"),
        ("words that are tags only beside others", "Web of Lies", "web of lies"),
        ("nothing but a tag", "4K", "4 k"),
        ("nothing but an article", "The", "the"),
        ("nothing but brackets", "[REC]", "rec"),
        ("accents", "Ärger im Büro, für Zoë", "arger im buro fur zoe"),
        ("accents of their own", "A\u0308rger", "arger"),
        ("full width", "Ｂｅａｃｈ　Ｄａｙ", "beach day"),
        ("ligatures", "ﬁne", "fine"),
        ("Cyrillic", "Привет, объект", "privet obekt"),
        ("Chinese", "北京之夜", "bei jing zhi ye"),
        ("Korean", "한국어 제목", "hangugeo jemog"),
        ("emoji", "😀", ""),
        ("half a character", "\ud800Beach", "beach"),
        ("nothing", "", ""),
    ],
)
def test_words_are_the_same_however_they_are_written(what: str, text: str, found: str) -> None:
    assert words(text) == found.split()


@given(st.text())
def test_any_text_gives_words_of_plain_letters_and_digits(text: str) -> None:
    found = words(text)
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in found)


@given(st.lists(st.sampled_from(TOKENS)), st.sampled_from(". _"))
def test_the_words_of_a_name_without_a_group_are_those_of_the_long_way(tokens: list[str], between: str) -> None:
    text = plain(between.join(tokens))
    # With a hyphen a group is looked for; there is none in front.
    assert plain_words(text) == plain_words(f"- {text}")


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("Beach", False),
        ("Größe “X” 😀 Đặng", False),
        ("北京", True),
        ("Привет", True),
        ("한국어", True),
        ("かな", True),
    ],
)
def test_letters_of_other_scripts_are_told_from_accents(text: str, foreign: bool) -> None:
    assert is_foreign(text) is foreign


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-17 Beach",
        "Beach 2023.05.17",
        "Beach 2023_5_17",
        "20230517 Beach",
        "VID_20230517_123456 Beach",
        "17.05.2023 Beach",
        "05/17/2023 Beach",
        "17052023 Beach",
        "17 May 2023 Beach",
        "17th of May 2023 Beach",
        "May 17, 2023 Beach",
        "2023 May 17 Beach",
        "Studio.23.05.17.Beach",
        "05/17/23 Beach",
        "17.05.23 Beach",
        "Beach 230517",
    ],
)
def test_a_day_is_read_in_many_forms(text: str) -> None:
    reading = read(text)
    assert "2023-05-17" in reading.dates
    assert "beach" in reading.words
    assert reading.numbers == ()


def test_where_the_order_is_open_day_and_month_are_read_either_way() -> None:
    assert read("04.05.2023").dates == {"2023-05-04", "2023-04-05"}


@pytest.mark.parametrize(
    ("text", "day", "numbers"),
    [
        ("Luxe21.23.10.26.Aria.Monroe", "2023-10-26", (21,)),
        ("Luxe21.10.05.26.Aria.Monroe", "2010-05-26", (21,)),
        ("Studio 21.23.10.26 Aria Monroe", "2023-10-26", (21,)),
        ("Luxe23.10.26.Aria.Monroe", "2023-10-26", ()),
        ("luxe231026_aria_monroe", "2023-10-26", ()),
    ],
)
def test_a_day_behind_a_name_that_ends_in_digits(text: str, day: str, numbers: tuple[int, ...]) -> None:
    assert day in read(text).dates
    assert read(text).numbers == numbers


@pytest.mark.parametrize("text", ["2023-13-45", "99.99.99", "31.02.2023", "1080p", "3 4 5"])
def test_what_is_no_day_is_none(text: str) -> None:
    assert read(text).dates == frozenset()


@pytest.mark.parametrize(
    ("text", "certain"), [("2023-05-17", True), ("17 May 2023", True), ("23.05.17", False), ("230517", False)]
)
def test_a_day_is_certain_with_a_whole_year(text: str, certain: bool) -> None:
    assert read(text).dated is certain


@pytest.mark.parametrize(
    "text",
    [
        "Beach Day 2",
        "Beach Day Part 2",
        "Beach Day, Part Two",
        "Beach.Day.pt.02",
        "Beach Day II",
        "Beach Day II (2021)",
        "Beach Day Vol. 2",
        "Beach Day Volume II",
        "Beach Day #2",
        "Beach Day E02",
        "Beach Day - Scene 2",
        "Beach Day Teil 2",
        "Beach Day Part B",
        "2nd Beach Day",
    ],
)
def test_numbers_of_parts_are_the_same_however_they_are_written(text: str) -> None:
    reading = read(text)
    assert (reading.words, reading.numbers) == (("beach", "day"), (2,))


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        (RELEASE, Reading(("beach", "day"), (2,), frozenset({"2023-05-17"}), dated=True)),
        ("Beach Day (2021)", Reading(("beach", "day"), year=2021)),
        ("Last Season (2021)", Reading(("last", "season"), year=2021)),
        ("Blade 2049 3", Reading(("blade",), (3,), year=2049)),
        ("Show S01E02", Reading(("show",), (1, 2))),
        ("ID 1234567", Reading(("id", "1234567"))),
        ("Part One", Reading((), (1,))),
        ("One Part", Reading(("one", "part"))),
        ("", Reading(())),
    ],
)
def test_a_text_is_taken_apart(text: str, reading: Reading) -> None:
    assert read(text) == reading


@given(st.text(st.sampled_from("ab01 .-/XIV2023may")))
def test_any_text_can_be_read(text: str) -> None:
    assert all(len(day) == len("2023-05-17") for day in read(text).dates)
