"""A scene without a title shows its file's name, made readable and nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata.text import single_line
from plexsync.metadata.titles import stem, title_from


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/media/a/Scene.mp4", "Scene"),
        ("Scene.mp4", "Scene"),
        ("/media/a.b/Scene", "Scene"),
        ("/media/Scene.part.one.m2ts", "Scene.part.one"),
        ("/media/Vol.2", "Vol.2"),
        ("/media/Episode feat. Anna Lee", "Episode feat. Anna Lee"),
        ("/media/.mp4", ".mp4"),
        ("/media/.hidden.mkv", ".hidden"),
        ("/media/back\\slash.mp4", "back\\slash"),
        ("D:\\Videos\\My Scene.mkv", "My Scene"),
        ("d:/Videos/My Scene.mkv", "My Scene"),
        ("\\\\nas\\share\\My Scene.avi", "My Scene"),
        ("/media/日本.mp4", "日本"),
        ("/media/", ""),
        ("", ""),
    ],
)
def test_the_stem_is_the_file_name_without_its_ending(path: str, expected: str) -> None:
    assert stem(path) == expected


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("My Scene", "My Scene"),
        ("My   Scene ", "My Scene"),
        ("My_Scene", "My Scene"),
        ("My.Scene", "My Scene"),
        ("My_Scene.Part_2", "My Scene Part 2"),
        ("__My..Scene__", "My Scene"),
        ("Wait...What", "Wait What"),
        ("my-scene-name", "my-scene-name"),
        ("With space_and.dots", "With space_and.dots"),
        ("Studio.23.05.17.Anna.Lee.The.Title", "Studio 23.05.17 Anna Lee The Title"),
        ("Studio.2023.05.17.Title", "Studio 2023.05.17 Title"),
        ("Studio.17.05.2023.Title", "Studio 17.05.2023 Title"),
        ("Version.2.5.Final", "Version 2.5 Final"),
        ("Scene_v1.5", "Scene v1.5"),
        ("Movie.2023.1080p.WEB", "Movie 2023 1080p WEB"),
        ("Scene.2.2160p", "Scene 2 2160p"),
        ("Movie.2.4k", "Movie 2 4k"),
        ("Sound.5.1.Mix", "Sound 5.1 Mix"),
        ("J.R.R.Tolkien", "J.R.R. Tolkien"),
        ("Made.in.the.U.S.A", "Made in the U.S.A"),
        ("The.U.S.A.in.May", "The U.S.A. in May"),
        ("Anna.B.Lee", "Anna B Lee"),
        ("É.Ü.Müller", "É.Ü. Müller"),
        ("Movie.1080p.H.264-GROUP", "Movie 1080p H 264-GROUP"),
        ("日本語_タイトル", "日本語 タイトル"),
        ("عنوان_المشهد", "عنوان المشهد"),
        ("👨‍👩‍👧‍👦_family", "👨‍👩‍👧‍👦 family"),
        ("___", "___"),
        ("12345", "12345"),
        # Marks that media servers read from names.
        ("My Film {edition-Director's Cut}", "My Film"),
        ("My Film (2020) {edition-Uncut} {imdb-tt0123456}", "My Film (2020)"),
        ("{imdb-tt0123456} My Film", "My Film"),
        ("My Film {tmdb-603} (1999)", "My Film (1999)"),
        ("My Film - {tvdb-12}", "My Film"),
        ("My Film [imdbid-tt0123456]", "My Film"),
        ("My Film [tmdbid=603]", "My Film"),
        ("My Film (tmdb-603)", "My Film"),
        ("My Film {TMDB-603}", "My Film"),
        ("My Film{Edition-Vol. 2}", "My Film"),
        ("My.Film.{edition-Director's Cut}.1080p", "My Film 1080p"),
        ("My_Film_{imdb-tt0123456}", "My Film"),
        ("{tmdb-603}.My.Film.", "My Film"),
        ("My Film {edition-} x", "My Film x"),
        ("{edition-Uncut}", "{edition-Uncut}"),
        ("-My Film- {edition-Uncut}", "-My Film"),
        # Nothing else in brackets, and the number of a part: that is what tells two files of one film apart.
        ("My Film {uncut}", "My Film {uncut}"),
        ("My Film {edition}", "My Film {edition}"),
        ("My Film [XC]", "My Film [XC]"),
        ("My Film [imdb]", "My Film [imdb]"),
        ("My Film - pt1", "My Film - pt1"),
        ("My Film cd2", "My Film cd2"),
    ],
)
def test_a_file_name_becomes_a_readable_title(name: str, title: str) -> None:
    assert title_from(f"/media/{name}.mp4") == title


def test_bytes_of_a_name_that_are_no_text_are_left_out() -> None:
    assert title_from("/media/caf\udce9_noir.mp4") == "caf noir"


@pytest.mark.parametrize("path", ["", "/media/", "/media/\u200b.mp4", "/media/\x01\x02.mp4"])
def test_a_name_with_nothing_readable_gives_no_title(path: str) -> None:
    assert title_from(path) == ""


@settings(database=None, deadline=None)
@given(st.text(max_size=40))
def test_a_title_from_any_name_is_clean(name: str) -> None:
    title = title_from(f"/media/{name}")
    assert single_line(title) == title
