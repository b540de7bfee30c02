"""Texts are cleaned of what no screen can show and cut to what a request can carry, without harm to any script."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.fields import LINE_CHARACTERS
from plexsync.metadata import text as cleaning
from plexsync.metadata.text import (
    ELLIPSIS,
    ENCODED_BYTES,
    NAME_CHARACTERS,
    encoded_length,
    paragraphs,
    shorten,
    shorten_between_sentences,
    single_line,
)

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

UNTOUCHED = [
    "A plain title",
    "Tom & Jerry, \"the\" 'best' <b>100%</b>; a/b\\c #1?",
    "&amp; stays as it is",
    FAMILY,
    f"{FLAG} 🇩🇪 ❤️ 👍🏽",
    "می‌خواهم",
    "क्‍ष and क्‌ष",
    "\u05e9\u05dc\u05d5\u05dd \u200f(\u05d0)\u200e",
    "\u2067\u05e9\u05dc\u05d5\u05dd\u2069 in isolates",
    "日本語のタイトル",
    "x̧̧̂ too many accents",
    "Ω 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0010fffd",
    "soft\u00adhyphen",
    "ไทย\u200bไทย",
]


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_any_script_needs_is_left_untouched(text: str) -> None:
    assert single_line(text) == text
    assert paragraphs(text) == text


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("", ""),
        ("   \t\r\n ", ""),
        ("  both ends  ", "both ends"),
        ("a  b\t\tc", "a b c"),
        ("a\u00a0b\u3000c\u2003d", "a b c d"),
        ("a\r\nb\nc\rd\u2028e\u2029f\x85g\x0bh\x0ci", "a b c d e f g h i"),
        ("nul\x00 bell\x07 esc\x1b[0m del\x7f", "nul bell esc[0m del"),
        ("c1 \x80\x9b\x9f end", "c1 end"),
        ("separators\x1c\x1d\x1e\x1f", "separators"),
        ("\ufeffmark", "mark"),
        ("over\u202eedirnev\u202dok", "overedirnevok"),
        ("e\u0301", "é"),
        ("\u1100\u1161\u11a8", "각"),
        ("Å", "Å"),
        ("lone \ud83d high", "lone high"),
        ("lone \ude00 low", "lone low"),
        ("\ud83d\ude00 pair", "😀 pair"),
        ("\ud83d\ud83d\ude00", "😀"),
        ("bytes \udcff\udc80 of a file name", "bytes of a file name"),
        ("non\ufffe\uffff\ufdd0\ufdef\U0001fffe\U0010ffffcharacters", "noncharacters"),
        ("e\x00\u0301", "é"),
        ("\u200bAnna\u200b \u2060", "Anna"),
        ("\u200b\u200d\u2060\ufe0f", ""),
        ("\u3164", ""),
        ("\x00\x01", ""),
    ],
)
def test_what_no_screen_can_show_is_gone(raw: str, clean: str) -> None:
    assert single_line(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("one\ntwo", "one\ntwo"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("one\n\n\n\n\ntwo", "one\n\ntwo"),
        ("one\r\n\r\n\r\ntwo", "one\n\ntwo"),
        ("one\n \t \n\u00a0\ntwo", "one\n\ntwo"),
        ("  one  \n  two  ", "one\ntwo"),
        ("\n\n one \n\n", "one"),
        ("tab\tbed   text", "tab bed text"),
        ("<p>left</p>\n<br/>", "<p>left</p>\n<br/>"),
        (" \n\r\n\t", ""),
    ],
)
def test_paragraphs_keep_their_line_breaks(raw: str, clean: str) -> None:
    assert paragraphs(raw) == clean


@pytest.mark.parametrize("characters", [1, 2, 299, 300])
@pytest.mark.parametrize("unit", ["x", "é", "日", "😀", "ش", "&"])
def test_a_name_of_300_characters_survives_whole_and_fits_even_when_encoded_twice(unit: str, characters: int) -> None:
    name = unit * characters
    assert shorten(name, NAME_CHARACTERS) == name
    assert len(quote(quote(name, safe=""), safe="")) <= ENCODED_BYTES


@pytest.mark.parametrize("unit", ["x", "日", "😀"])
def test_the_longest_line_always_fits_a_request(unit: str) -> None:
    assert encoded_length(shorten(unit * 10_000, LINE_CHARACTERS)) <= ENCODED_BYTES
    assert shorten(unit * LINE_CHARACTERS, LINE_CHARACTERS) == unit * LINE_CHARACTERS


def test_a_long_text_is_cut_between_words() -> None:
    short = shorten("word " * 200 + "end", 53)
    assert short == "word " * 9 + "word" + ELLIPSIS
    assert len(short) <= 53


def test_a_text_whose_limit_falls_on_a_words_end_keeps_that_word() -> None:
    assert shorten("abcd efgh ijkl", 10) == "abcd efgh…"


def test_a_text_cut_within_a_word_ends_with_the_word_before() -> None:
    assert shorten("abcd efgh ijkl", 9) == "abcd…"


def test_a_text_without_spaces_is_cut_between_graphemes() -> None:
    assert shorten("日" * 20, 10) == "日" * 9 + "…"
    assert shorten("日" * 20, 2) == "日…"


def test_a_long_last_word_does_not_take_half_the_text_with_it() -> None:
    assert shorten("ab " + "x" * 50, 20) == "ab " + "x" * 16 + "…"


def test_no_space_is_left_before_the_ellipsis() -> None:
    assert shorten("one two\n\nthree four", 10) == "one two…"
    assert shorten("a\n\nbcdef", 4) == "a…"


@pytest.mark.parametrize("limit", range(1, 40))
def test_an_emoji_family_is_never_torn_apart(limit: int) -> None:
    short = shorten(FAMILY * 6, limit)
    assert short == FAMILY * ((limit - 1) // len(FAMILY)) + "…"


def test_a_letter_keeps_all_its_accents_or_goes_with_them() -> None:
    assert shorten("ab" + "x" + "\u0301" * 20, 12) == "ab…"


def test_a_text_is_bounded_by_its_encoded_bytes() -> None:
    short = shorten("日本 " * 1000, 10_000)
    assert ENCODED_BYTES - 30 < encoded_length(short) <= ENCODED_BYTES
    assert short.endswith("本…")


def test_a_text_of_exactly_the_bound_stays_whole() -> None:
    assert shorten("x" * ENCODED_BYTES, 10_000) == "x" * ENCODED_BYTES
    assert len(shorten("x" * (ENCODED_BYTES + 1), 10_000)) < ENCODED_BYTES


@pytest.mark.parametrize(
    ("text", "room", "short"),
    [
        ("One. Two.", 40, "One. Two."),
        ("One is here. Two is here. Three.", 40, "One is here. …"),
        ('"Really?" she said. No more of it here.', 50, '"Really?" she said. …'),
        ("Costs 3.50 today. And tomorrow, who knows?", 44, "Costs 3.50 today. …"),
        ("一つ目です。二つ目です。三つ目です。", 130, "一つ目です。二つ目です。 …"),
        ("A line\nAnother line that goes on", 30, "A line …"),
        # A sentence that leaves less than half of what fits is none to cut behind.
        ("Oh. This goes on and on and on without an end", 50, "Oh. This goes on and on…"),
        ("no sentence at all in here", 30, "no sentence at…"),
    ],
)
def test_a_long_text_is_cut_behind_a_sentence(text: str, room: int, short: str) -> None:
    assert shorten_between_sentences(text, room) == short
    assert encoded_length(short) <= room


@pytest.mark.parametrize(("text", "length"), [("", 0), ("a", 1), (" ", 3), ("&", 3), ("é", 6), ("日", 9), ("😀", 12)])
def test_encoded_length_counts_the_bytes_of_the_request(text: str, length: int) -> None:
    assert encoded_length(text) == length


ODD = st.text(
    st.one_of(
        st.characters(codec=None),
        st.sampled_from(" \t\n\r\x85\u2028\u200b\u200d\u200c\u2060\ufe0f\ufeff\u202e\u0301\ud83d\ude00\u0600👩👧🇩"),
    ),
    max_size=60,
)


@settings(database=None, deadline=None)
@given(ODD)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert single_line(single_line(text)) == single_line(text)
    assert paragraphs(paragraphs(text)) == paragraphs(text)
    assert single_line(paragraphs(text)) == single_line(text)


@settings(database=None, deadline=None)
@given(ODD)
def test_a_clean_line_is_composed_encodable_and_free_of_control_characters(text: str) -> None:
    clean = single_line(text)
    assert unicodedata.is_normalized("NFC", clean)
    assert clean.encode().decode() == clean
    assert not [character for character in clean if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}]
    assert clean == clean.strip()
    assert "  " not in clean


@settings(database=None, deadline=None)
@given(ODD.map(lambda text: text * 40), st.integers(1, 80))
def test_a_cut_text_is_within_its_limit_and_ends_on_a_whole_grapheme(text: str, limit: int) -> None:
    clean = paragraphs(text)
    short = shorten(clean, limit)
    assert len(short) <= limit
    assert shorten(short, limit) == short
    assert paragraphs(short) == short
    if short != clean:
        borders = {0, *(cluster.end() for cluster in regex.finditer(r"\X", clean))}
        assert short.endswith(ELLIPSIS)
        assert clean.startswith(short[:-1])
        assert len(short) - 1 in borders


@settings(database=None, deadline=None)
@given(ODD.map(lambda text: text * 200))
def test_a_cut_text_always_fits_a_request_and_is_cut_once(text: str) -> None:
    clean = paragraphs(text)
    short = shorten_between_sentences(clean)
    assert len(quote(short, safe="")) <= ENCODED_BYTES
    assert len(quote(shorten(clean, 10_000), safe="")) <= ENCODED_BYTES
    assert shorten_between_sentences(short) == short
    assert paragraphs(short) == short
    assert clean == short or clean.startswith(short.removesuffix(ELLIPSIS).rstrip())


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text(st.sampled_from(" \n\r\t.aZ~\x7f\u200bé"), max_size=12))
def test_what_is_clean_as_it_stands_would_be_left_so_by_cleaning(text: str) -> None:
    quickly = single_line(text), paragraphs(text)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_PLAIN", "_PLAIN_LINES"):
            patch.setattr(cleaning, name, re.compile("(?!)"))
        assert (single_line(text), paragraphs(text)) == quickly
