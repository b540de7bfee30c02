"""Words that are like another one, or that a person's name lends to another title: they are no title's own."""

from __future__ import annotations

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.shared_words import is_slip_of_letters
from plexsync.model import Scene
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

AUTO, REVIEW = 90, 60
OTHER = SIZE // 3
LONG = 1511.02


def wanted(title: str, *, day: str = "") -> Scene:
    path = f"/x/Blue Lake - {title}.mp4"
    return scene(file(path, SIZE, LONG), title=title, studio="Blue Lake", performers=("Olive York",), date=day)


def sure(ours: Scene, name: str) -> int:
    found = find_matches(ours, (), MemoryIndex(part(7, f"/y/{name}.mkv", OTHER, LONG + 0.04)))
    return found[0].confidence if found else 0


@pytest.mark.parametrize(
    ("one", "other", "is_all", "is_slip"),
    [
        ("quiet", "quito", True, False),
        ("star", "sara", True, False),
        ("star", "satr", False, True),
        ("star", "sstar", False, True),
        ("quiet", "qiet", False, True),
        ("lake", "late", False, False),
        ("lake", "late", True, True),
        ("harbour", "harbuor", False, True),
        ("garden", "garage", True, False),
        ("harbour", "hrabuor", False, True),
    ],
)
def test_short_words_that_are_alike_are_others_as_often(one: str, other: str, is_all: bool, is_slip: bool) -> None:
    assert is_slip_of_letters(one, other, is_all=is_all) is is_slip


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Quiet Harbour Lights", "Quito Harbour Lights"),
        ("Blue Star Lantern", "Blue Sara Lantern"),
        ("Secretary Theatre Lantern", "Secretary Lantern Star"),
        ("Orchard Massage at the Library", "Orchard Massage at the Elevator"),
        ("Orchard Massage at the Elevator", "Orchard Massage at the Library"),
    ],
)
@pytest.mark.parametrize("day", ["", "2020-02-03"])
def test_another_short_word_is_another_film(title: str, other: str, day: str) -> None:
    written = f" {day} " if day else " "
    assert sure(wanted(title, day=day), f"Blue Lake{written}{other}") < AUTO
    assert sure(wanted(title, day=day), f"Blue Lake{written}{title}") >= AUTO


@pytest.mark.parametrize("name", ["Qiuet Harbour Lights", "Quiett Harbour Lights", "Quet Harbour Lights"])
def test_a_short_word_with_a_slip_is_the_same(name: str) -> None:
    assert sure(wanted("Quiet Harbour Lights"), name) >= AUTO


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Desert Orchard With Olive", "Desert Orchard With Massage - Olive York"),
        ("Desert Orchard With Olive", "Olive York - Desert Orchard With Massage"),
        ("Desert Orchard With Olive", "BlueLake.20.02.03.Olive.York.Desert.Orchard.With.Massage.XXX.1080p"),
        ("Olive Takes the Desert Orchard", "Nora Takes the Desert Orchard - Olive York"),
    ],
)
def test_a_persons_name_lends_no_word_to_a_title_in_which_another_stands_there(title: str, other: str) -> None:
    assert sure(wanted(title), other) < AUTO
    for name in (f"{title} - Olive York", f"Olive York - {title}", f"BlueLake.20.02.03.Olive.York.{title}.XXX"):
        assert sure(wanted(title), name) >= AUTO


@pytest.mark.parametrize(
    "name", ["Desert Orchard - Olive York", "Olive York Desert Orchard Massage", "Olive - Desert Orchard"]
)
def test_a_name_beside_a_title_replaces_none_of_its_words(name: str) -> None:
    assert sure(wanted("Desert Orchard"), name) >= AUTO


def test_another_letter_of_a_short_word_is_a_slip_where_all_else_of_the_title_is_there() -> None:
    assert sure(wanted("Eager Postcard (Washing Jens)"), "Olive York - Eager Poistcard (Washing Jenn)") >= AUTO
