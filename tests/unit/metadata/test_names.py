"""Names that differ in case alone are one name."""

from __future__ import annotations

import pytest

from plexsync.metadata.names import fold, unique
from plexsync.model import Tag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Action", "action"),
        ("ACTION", "Action"),
        ("Élan", "e\u0301lan"),
        ("ÉLAN", "élan"),
        ("Ünter  den", "ünter den"),
        (" ends ", "ends"),
        ("Straße", "STRASSE"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Привет", "ПРИВЕТ"),
        ("\u200bAnna", "anna"),
    ],
)
def test_spellings_of_one_name_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Anna", "Ana"), ("Elan", "Élan"), ("A,B", "A B"), ("👩", "👨"), ("a-b", "a b")]
)
def test_different_names_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_the_first_spelling_of_a_name_wins_and_the_order_stays() -> None:
    tags = (Tag("Beta"), Tag("alpha", "http://a/1"), Tag("BETA"), Tag("Alpha"), Tag("Gamma"))
    assert unique(tags) == (Tag("Beta"), Tag("alpha", "http://a/1"), Tag("Gamma"))
