"""A text of several directors is several names, and a name with a comma in it is one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata.directors import directors
from plexsync.metadata.text import single_line


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ()),
        ("  ", ()),
        (",;,", ()),
        ("Anna Lee", ("Anna Lee",)),
        ("Anna Lee, Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Anna Lee,Bob Ray,", ("Anna Lee", "Bob Ray")),
        ("Anna Lee; Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Lee, Anna; Ray, Bob", ("Lee, Anna", "Ray, Bob")),
        ("Sammy Davis, Jr.", ("Sammy Davis, Jr.",)),
        ("Sammy Davis, Jr., Anna Lee", ("Sammy Davis, Jr.", "Anna Lee")),
        ("John Roe, III, Ann Poe, Ph.D.", ("John Roe, III", "Ann Poe, Ph.D.")),
        ("Jr., Anna", ("Jr., Anna",)),
        ("Anna & Bob", ("Anna & Bob",)),
        ("Anna and Bob", ("Anna and Bob",)),
        # One person, the family name first.
        ("Lynch, David", ("Lynch, David",)),
        ("Lynch,David", ("Lynch, David",)),
        ("Lynch, David Keith", ("Lynch, David Keith",)),
        ("von Trier, Lars", ("von Trier, Lars",)),
        ("van der Berg, Jan Peter", ("van der Berg, Jan Peter",)),
        ("García Márquez, Gabriel", ("García Márquez, Gabriel",)),
        ("Smith, J. R.", ("Smith, J. R.",)),
        ("Smith Jones, J. R.", ("Smith Jones, J. R.",)),
        ("Davis, Sammy, Jr.", ("Davis, Sammy, Jr.",)),
        ("Davis, Jr., Sammy", ("Davis, Jr., Sammy",)),
        ("Nguyễn, Văn", ("Nguyễn, Văn",)),
        ("Тарковский, Андрей", ("Тарковский, Андрей",)),
        # Whose, nobody can tell: left as it is.
        ("Kubrick, Lynch", ("Kubrick, Lynch",)),
        ("Lynch, David, Fincher, David", ("Lynch, David, Fincher, David",)),
        ("Lynch, David Keith, Fincher, David Leo", ("Lynch, David Keith, Fincher, David Leo",)),
        ("Axel, Bea, Carl", ("Axel, Bea, Carl",)),
        ("Madonna, Guy Ritchie", ("Madonna, Guy Ritchie",)),
        # Several people.
        ("David Lynch, Stanley Kubrick", ("David Lynch", "Stanley Kubrick")),
        ("Lars von Trier, Brian De Palma", ("Lars von Trier", "Brian De Palma")),
        ("J. Smith, K. Jones", ("J. Smith", "K. Jones")),
        ("J.J. Abrams, M. Night Shyamalan", ("J.J. Abrams", "M. Night Shyamalan")),
        ("Anna Lee, Madonna, Bob Ray", ("Anna Lee", "Madonna", "Bob Ray")),
        ("Anna Lee, Bob Ray, Madonna", ("Anna Lee", "Bob Ray", "Madonna")),
        ("Андрей Тарковский, Сергей Бондарчук", ("Андрей Тарковский", "Сергей Бондарчук")),
        ("Anna Lee & Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Anna Lee and Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Anna Lee, Bob Ray and Carl Poe", ("Anna Lee", "Bob Ray", "Carl Poe")),
        ("Anna Lee, Bob Ray, and Carl Poe", ("Anna Lee", "Bob Ray", "Carl Poe")),
        ("Anna Lee, Bob Ray & Carl Poe", ("Anna Lee", "Bob Ray", "Carl Poe")),
        ("Anna Lee / Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Anna / Bob", ("Anna", "Bob")),
        ("Anna Lee/Bob Ray", ("Anna Lee", "Bob Ray")),
        ("Anna | Bob", ("Anna", "Bob")),
        ("Anna Lee\nBob", ("Anna Lee", "Bob")),
        ("Lynch, David; Kubrick, Stanley", ("Lynch, David", "Kubrick, Stanley")),
        ("Lynch, David / Kubrick, Stanley", ("Lynch, David", "Kubrick, Stanley")),
        ("Anna Lee; Bob Ray & Carl Poe", ("Anna Lee", "Bob Ray", "Carl Poe")),
        ("宮崎駿, 高畑勲", ("宮崎駿", "高畑勲")),
        ("봉준호, 박찬욱", ("봉준호", "박찬욱")),
        # How a duo or a company is billed.
        ("Joel & Ethan Coen", ("Joel & Ethan Coen",)),
        ("Smith & Sons", ("Smith & Sons",)),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("AC/DC", ("AC/DC",)),
        ("Anderson", ("Anderson",)),
        ("山田、鈴木", ("山田", "鈴木")),
        ("山田；鈴木", ("山田", "鈴木")),
        ("أحمد، علي", ("أحمد", "علي")),
        ("  Anna \t Lee ,\u200b", ("Anna Lee",)),
    ],
)
def test_directors_are_separated_where_the_text_separates_them(text: str, names: tuple[str, ...]) -> None:
    assert directors(text) == names


@settings(database=None, deadline=None)
@given(st.lists(st.sampled_from(["Anna", "Lee", "J.", "von", ",", ";", "/", "&", "and", "Jr.", "山田", "\n", " "])))
def test_whatever_the_text_no_letter_of_it_is_lost_and_every_name_is_clean(words: list[str]) -> None:
    text = " ".join(words)
    names = directors(text)
    assert all(name and single_line(name) == name for name in names)
    kept = [word for word in words if word in ("Anna", "Lee", "山田")]
    assert [word for name in names for word in name.replace(",", " ").split() if word in kept] == kept
