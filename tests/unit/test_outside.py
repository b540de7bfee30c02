"""Words from outside are shown so that they can be read, and do nothing."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.outside import ACCENTS, LONGEST, exact, isolated, shown, shown_lines, without_odd

#: Characters with categories C (control, format, surrogate) and Z (separators), and all others now and then.
ODD = st.characters(categories=["Cc", "Cf", "Cs", "Zl", "Zp"])
TEXTS = st.text(st.one_of(ODD, st.characters(), st.sampled_from("aא1‍️👩🏴 \u0301\u200c")), max_size=60)
#: What may be there in the end although it is not to be seen: in its place only.
NEEDED = "\u200c\u200d" + "".join(map(chr, range(0xFE00, 0xFE10)))
DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@pytest.mark.parametrize(
    "text",
    [
        "Plain words, 100 % of them",
        "Ça va: déjà vu – “quoted” …",
        "שלום עולם",
        "مرحبا بالعالم",
        "می‌خواهم",  # Persian needs the non-joiner
        "क्‍ष",  # and Devanagari the joiner
        "👩‍👩‍👧 👨🏽‍💻 🏳️‍🌈 ❤️ 1️⃣ 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "©️ e\u0301 Zalgo\u0301\u0302",
        "葛\U000e0100城市",
        "東京 2024",
        "a\u00a0b",
        "C:\\new\\x1b",
    ],
)
def test_what_people_write_stays_as_it_is(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x1b[2J\x1b]0;title\x07", r"\x1b[2J\x1b]0;title\x07"),
        ("\x9b31m \x85 \x7f \x00", r"\x9b31m \x85 \x7f \x00"),
        ("ab\u2028c\u2029", r"ab\u2028c\u2029"),
        ("evil\u202egpj.exe", r"evil\u202egpj.exe"),
        ("\u2066a\u2069 \u200fb\u061c", r"\u2066a\u2069 \u200fb\u061c"),
        ("ad\u200bmin \u200dx\u200c ze\u2060ro\ufeff", r"ad\u200bmin \u200dx\u200c ze\u2060ro\ufeff"),
        ("hi\U000e0068\U000e0069", r"hi\U000e0068\U000e0069"),
        ("a\ufe0f\ufe0f", r"a\ufe0f\ufe0f"),
        ("caf\udce9 \ud800", r"caf\xe9 \ud800"),
        ("so\xadft \uffff \u3164", r"so\xadft \uffff \u3164"),
    ],
)
def test_what_does_something_or_hides_is_written_as_an_escape(text: str, told: str) -> None:
    assert shown(text) == told


def test_accents_that_pile_up_are_left_out() -> None:
    assert shown("z" + "\u0301" * 500 + "algo") == "z" + "\u0301" * ACCENTS + "algo"


def test_a_text_without_end_has_one() -> None:
    told = shown("x" * 1_000_000)
    assert told == "x" * LONGEST + f"... ({1_000_000 - LONGEST} characters more)"


def test_of_several_lines_each_is_shown_by_itself() -> None:
    assert shown_lines("a\n\tb\x1b\r\nc") == "a\n\tb\\x1b\\r\nc"


@given(TEXTS)
def test_nothing_shown_moves_a_terminal_begins_a_line_or_turns_it(text: str) -> None:
    told = shown(text)
    for one in told:
        assert unicodedata.category(one) not in ("Cc", "Cs", "Zl", "Zp"), ascii(one)
        assert one not in DIRECTIONS
        if unicodedata.category(one) == "Cf" and one not in NEEDED:
            # Signs that are seen, though they are called format characters; and the tags of a flag.
            assert one in "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2" or (
                0xE0030 <= ord(one) <= 0xE007F or 0x110BD <= ord(one) <= 0x110CD or 0x13430 <= ord(one) <= 0x1343F
            ), ascii(one)
    told.encode("utf-8")
    assert len(told.splitlines()) <= 1


@given(TEXTS)
def test_what_is_shown_can_be_shown_again(text: str) -> None:
    assert shown(shown(text)) == shown(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=60))
def test_letters_digits_and_signs_stay(text: str) -> None:
    told = shown(text)
    assert told == text or any(one in "\u115f\u1160\u3164\uffa0\ufffc" for one in text)


@given(TEXTS)
def test_an_invisible_character_never_stands_alone_or_twice(text: str) -> None:
    told = shown(text)
    for place, one in enumerate(told):
        if one in NEEDED:
            assert place > 0
            before = told[place - 1]
            assert ord(before) > 0x2FF or before in "0123456789#*\xa9\xae"
            assert one != before


@given(st.recursive(st.none() | TEXTS, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)))
def test_json_stays_exact_and_moves_no_terminal(value: object) -> None:
    document = exact(json.dumps(value, indent=2, ensure_ascii=False))
    assert json.loads(document) == value
    assert all(unicodedata.category(one) not in ("Cc", "Cs", "Zl", "Zp") or one == "\n" for one in document)
    assert not set(DIRECTIONS) & set(document)


@given(TEXTS)
def test_what_is_left_without_the_odd_says_where_it_stood(text: str) -> None:
    plain, places = without_odd(text)
    assert [text[place] for place in places] == list(plain)


def test_what_runs_from_right_to_left_takes_nothing_along() -> None:
    assert isolated("scene 5: שלום 12 עולם: 3 done") == "scene 5: \u2068שלום 12 עולם\u2069: 3 done"
    assert isolated("nothing of it") == "nothing of it"
