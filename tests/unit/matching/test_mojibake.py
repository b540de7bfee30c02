"""Names that were read in another encoding, and letters that became signs."""

from __future__ import annotations

import time

import pytest

from plexsync.matching.match import find_matches
from plexsync.matching.mojibake import has_lost, lettered_words, restored
from plexsync.matching.reading import read
from plexsync.matching.texts import Text
from plexsync.matching.titles import words
from tests.support.matching_index import SIZE, MemoryIndex, file, part, scene

LONG = 1511.02
RUSSIAN = "Летняя прогулка у реки"


def in_cp1252(text: str) -> str:
    """As programs show UTF-8 that they take for cp1252, without what is no sign of that."""
    return text.encode().decode("cp1252", "replace").replace("\ufffd", "")


@pytest.mark.parametrize(
    ("title", "theirs"),
    [
        (RUSSIAN, in_cp1252(RUSSIAN)),
        (RUSSIAN, RUSSIAN.encode().decode("latin-1")),
        (RUSSIAN, RUSSIAN.encode("cp1251").decode("latin-1")),
        ("Καλοκαίρι στο νησί", in_cp1252("Καλοκαίρι στο νησί")),
        ("Mädchen im Grünen", in_cp1252("Mädchen im Grünen")),
        ("Mädchen im Grünen", in_cp1252(in_cp1252("Mädchen im Grünen"))),
        ("Mädchen im Grünen", in_cp1252(in_cp1252(in_cp1252("Mädchen im Grünen")))),
        (RUSSIAN, RUSSIAN.encode().decode("latin-1").encode().decode("latin-1")),
        ("Mädchen im Grünen", "M_dchen im Gr_nen"),
        ("Mädchen im Grünen", "M??dchen im Gr??nen"),
        ("Mädchen im Grünen", "m_dchen_im_gr_nen_1080p"),
        ("Rødgrød på øen", "R_dgr_d pa _en"),
        ("Příliš žluťoučký kůň", "P__li_ _lu_ou_k_ k__"),
    ],
)
def test_a_name_is_known_again_whatever_became_of_its_letters(title: str, theirs: str) -> None:
    ours = scene(file(f"/x/Vivid - {title}.mp4", SIZE, LONG), title=title, studio="Vivid")
    found = find_matches(ours, (), MemoryIndex(part(7, f"/y/{theirs}.mkv", SIZE // 3, LONG + 0.04)))
    assert [match.rating_key for match in found if match.confidence >= 90] == [7]


@pytest.mark.parametrize("theirs", ["M_rchen im Gr_nen", "M_dchen am Gr_bchen", "M_d_hen in Wien"])
def test_other_words_with_signs_are_other_words(theirs: str) -> None:
    ours = scene(file("/x/Vivid - Mädchen im Grünen.mp4", SIZE, LONG), title="Mädchen im Grünen", studio="Vivid")
    found = find_matches(ours, (), MemoryIndex(part(7, f"/y/{theirs}.mkv", SIZE // 3, LONG + 0.04)))
    assert all(match.confidence < 90 for match in found)


@pytest.mark.parametrize(
    "text", ["Café–Bar", "Señorita Muñoz", "Été à la plage", "São Paulo – “Rio”", "naïve Ångström"]
)
def test_signs_of_western_languages_are_left_as_they_are(text: str) -> None:
    assert not any(sign in "".join(words(text)) for sign in "?_")
    assert "".join(words(text)).isascii()
    assert words(text)[0] in {"cafe", "senorita", "ete", "sao", "naive"}


def test_what_has_no_lost_letter_stays_as_it_is() -> None:
    own = [Text("Mädchen", read("Mädchen"), is_title=True)]
    for name in ("Madchen im Grunen", "madchen_2", "Blue_Lake"):
        text = Text(name, read(name), is_title=False)
        assert restored(text, own) is text


def test_no_name_takes_long() -> None:
    start = time.process_time()
    for word in ("a" + "ä" * 200 + "b", "aäbäcädäeäfäg" * 40):
        assert not has_lost("_" * 5000 + "a" + "_" * 5000, lettered_words(word))
    assert time.process_time() - start < 1
