"""A scene as Stash has it becomes what Plex should show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.configuration.template import Template
from plexsync.fields import TEMPLATED_FIELDS
from plexsync.metadata import desired
from plexsync.metadata.text import encoded_length
from plexsync.model import Desired, Field, Performer, Scene, SceneFile, Tag
from tests.support.rules import RULES

FULL = Scene(
    id=7,
    title="The Title",
    details="First line.\r\n\r\nSecond line.",
    director="Anna Lee, Bob Ray",
    date="2023-05-17",
    rating100=85,
    files=(SceneFile("/data/the.title.mp4", 1, 1.0),),
    studio="Studio One",
    performers=(
        Performer(1, "Zoe", "http://stash:9999/performer/1/image?t=1"),
        Performer(2, "Adam"),
    ),
    tags=("Outdoor", "Action"),
    groups=("Second Group", "First Group"),
    screenshot_url="http://stash:9999/scene/7/screenshot?t=5",
)


def names(tags: tuple[Tag, ...]) -> list[str]:
    return [tag.name for tag in tags]


def test_a_full_scene_is_carried_field_by_field() -> None:
    assert desired(FULL, replace(RULES, content_rating="XXX")) == Desired(
        texts={
            Field.TITLE: "The Title",
            Field.SUMMARY: "First line.\n\nSecond line.",
            Field.STUDIO: "Studio One",
            Field.DATE: "2023-05-17",
            Field.CONTENT_RATING: "XXX",
        },
        tags={
            Field.PERFORMERS: (Tag("Zoe", "http://stash:9999/performer/1/image?t=1"), Tag("Adam")),
            Field.TAGS: (Tag("Outdoor"), Tag("Action")),
            Field.DIRECTOR: (Tag("Anna Lee"), Tag("Bob Ray")),
            Field.GROUPS: (Tag("Second Group"), Tag("First Group"), Tag("Studio One")),
        },
        rating=8.5,
        pictures={
            Field.POSTER: "http://stash:9999/scene/7/screenshot?t=5",
            Field.BACKGROUND: "http://stash:9999/scene/7/screenshot?t=5",
        },
        selected=frozenset(Field),
        notes=(),
    )


def test_a_freshly_scanned_scene_shows_its_file_name_and_is_empty_otherwise() -> None:
    result = desired(Scene(id=1, files=(SceneFile("/data/My.Scene_2.mp4"),)), RULES)
    assert result.texts == {Field.TITLE: "My Scene 2", Field.SUMMARY: "", Field.STUDIO: "", Field.DATE: ""}
    assert result.tags == dict.fromkeys((Field.PERFORMERS, Field.TAGS, Field.DIRECTOR, Field.GROUPS), ())
    assert (result.rating, result.pictures, result.notes) == (None, {}, ())
    assert Field.RATING in result.selected


@pytest.mark.parametrize("field", list(Field))
def test_a_field_that_is_not_selected_is_in_no_value(field: Field) -> None:
    result = desired(FULL, replace(RULES, selected=frozenset(Field) - {field}, content_rating="XXX"))
    assert field not in {*result.texts, *result.tags, *result.pictures}
    assert field not in result.selected
    if field is Field.RATING:
        assert result.rating is None


@pytest.mark.parametrize("field", list(Field))
def test_a_field_selected_alone_stands_alone(field: Field) -> None:
    templates = tuple((one, Template.parse("{title}")) for one in TEMPLATED_FIELDS)
    result = desired(FULL, replace(RULES, selected=frozenset({field}), content_rating="XXX", templates=templates))
    assert {*result.texts, *result.tags, *result.pictures} == {field} - {Field.RATING}
    assert (result.rating is not None) == (field is Field.RATING)


def test_nothing_selected_gives_nothing_and_no_notes() -> None:
    odd = replace(FULL, title="", files=(), date="soon", rating100=900)
    assert desired(odd, replace(RULES, selected=frozenset())) == Desired({}, {}, None, {}, frozenset())


# --- Title ---


@pytest.mark.parametrize("title", ["", "  ", "\x00", "\u200b"])
def test_a_title_with_nothing_readable_falls_back_to_the_primary_file(title: str) -> None:
    scene = replace(FULL, title=title, files=(SceneFile("/a/First_File.mp4"), SceneFile("/a/Second.mp4")))
    assert desired(scene, RULES).texts[Field.TITLE] == "First File"


@pytest.mark.parametrize("files", [(), (SceneFile(""),), (SceneFile("/a/\x01.mp4"),)])
def test_without_title_and_file_the_title_is_left_alone_and_a_note_says_so(files: tuple[SceneFile, ...]) -> None:
    result = desired(replace(FULL, title="", files=files), RULES)
    assert Field.TITLE not in result.texts
    assert result.notes == ("The title is left alone: the scene has neither a title nor a file with a readable name.",)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Café Noir", "Cafe Noir"),
        ("Привет", "Privet"),
        ("日本", "Ri Ben"),
        ("Plain", "Plain"),
        ("Party 🎉", "Party"),
        ("🎉", "🎉"),
    ],
)
def test_ascii_titles_are_spelled_in_ascii_where_that_leaves_anything(title: str, expected: str) -> None:
    rules = replace(RULES, ascii_titles=True)
    assert desired(replace(FULL, title=title), rules).texts[Field.TITLE] == expected
    assert desired(replace(FULL, title="", files=(SceneFile(f"/{title}.mp4"),)), rules).texts[Field.TITLE] == expected


def test_ascii_titles_concern_the_title_alone() -> None:
    scene = replace(FULL, title="Café", details="Café", studio="Café", tags=("Café",))
    result = desired(scene, replace(RULES, ascii_titles=True))
    assert result.texts[Field.SUMMARY] == result.texts[Field.STUDIO] == names(result.tags[Field.TAGS])[0] == "Café"


@pytest.mark.parametrize(
    "title",
    [
        "x" * 300,
        "日" * 300,
        "😀" * 300,
        "ش" * 300,
        "Comma, 'quote' \"double\" & ampersand; <b>markup</b> 100% #1 a=b?c+d",
        "👨‍👩‍👧‍👦 and 👩🏽‍🚀 ❤️",
        "مشهد باللغة العربية",
        "시네마",
    ],
)
def test_a_title_in_any_script_survives_whole(title: str) -> None:
    result = desired(replace(FULL, title=title), RULES)
    assert result.texts[Field.TITLE] == title
    assert result.notes == ()


def test_a_title_too_long_is_cut_and_a_note_says_so() -> None:
    result = desired(replace(FULL, title="word " * 150), RULES)
    assert len(result.texts[Field.TITLE]) <= 500
    assert result.texts[Field.TITLE].endswith("word…")
    assert result.notes == ("The title is cut from 749 to 500 characters to fit into one request.",)


def test_a_summary_is_carried_whole() -> None:
    result = desired(replace(FULL, details="日本語 " * 2000), RULES)
    assert result.texts[Field.SUMMARY] == ("日本語 " * 2000).strip()
    assert result.notes == ()


def test_a_summary_beyond_all_measure_is_cut_and_a_note_says_so() -> None:
    result = desired(replace(FULL, details="日本語です。" * 2000), RULES)
    assert encoded_length(result.texts[Field.SUMMARY]) <= 60_000
    assert result.texts[Field.SUMMARY].endswith("です。 …")
    assert len(result.notes) == 1
    assert result.notes[0].startswith("The summary is cut from 12000 to ")


# --- Date ---


@pytest.mark.parametrize(("date", "shown"), [("2023-05", "2023-05-01"), ("2023", "2023-01-01")])
def test_a_date_that_is_not_whole_is_padded_and_a_note_says_so(date: str, shown: str) -> None:
    result = desired(replace(FULL, date=date), RULES)
    assert result.texts[Field.DATE] == shown
    assert result.notes == (f"The date {date} is not a whole one: Plex shows {shown}.",)


@pytest.mark.parametrize("date", ["2024-13-40", "0001-01-01", "soon", "2023-02-29", "x" * 5000])
def test_a_date_that_is_none_is_left_out_and_not_cleared(date: str) -> None:
    result = desired(replace(FULL, date=date), RULES)
    assert Field.DATE not in result.texts
    assert len(result.notes) == 1
    assert result.notes[0].startswith("The date '")
    assert len(result.notes[0]) < 200


def test_no_date_is_an_empty_one() -> None:
    result = desired(replace(FULL, date=" "), RULES)
    assert result.texts[Field.DATE] == ""
    assert result.notes == ()


# --- Rating and content rating ---


@pytest.mark.parametrize(
    ("rating100", "rating"), [(None, None), (0, 0.0), (1, 0.1), (33, 3.3), (57, 5.7), (85, 8.5), (99, 9.9), (100, 10.0)]
)
def test_a_rating_of_a_hundred_becomes_one_of_ten(rating100: int | None, rating: float | None) -> None:
    result = desired(replace(FULL, rating100=rating100), RULES)
    assert result.rating == rating
    assert Field.RATING in result.selected


@pytest.mark.parametrize("rating100", [-1, 101, 10**9])
def test_a_rating_out_of_range_is_left_out_rather_than_cleared(rating100: int) -> None:
    result = desired(replace(FULL, rating100=rating100), RULES)
    assert result.rating is None
    assert result.selected == frozenset(Field) - {Field.RATING}
    assert result.notes == (f"The rating {rating100} is left out: it is not within 0 to 100.",)


@pytest.mark.parametrize("content_rating", ["", "  ", "\x00"])
def test_without_a_content_rating_set_plexs_own_is_left_alone(content_rating: str) -> None:
    assert Field.CONTENT_RATING not in desired(FULL, replace(RULES, content_rating=content_rating)).texts


# --- Names ---


@pytest.mark.parametrize(
    "name",
    [
        "A, B",
        'The "Quoted"',
        "Tom & Jerry",
        "it's",
        "a+b=c?d#e/f\\g%h",
        "👩‍❤️‍👩",
        "שלום",
        "日本語",
        "x̧̂",
        "-1",
        "x" * 300,
        "😀" * 300,
    ],
)
def test_a_name_survives_whole_in_every_list(name: str) -> None:
    scene = replace(FULL, performers=(Performer(1, name),), tags=(name,), groups=(name,), studio="")
    result = desired(scene, RULES)
    for field in (Field.PERFORMERS, Field.TAGS, Field.GROUPS):
        assert names(result.tags[field]) == [name]


def test_names_that_differ_in_case_alone_appear_once() -> None:
    scene = replace(FULL, tags=("Action", "ACTION", "Cafe\u0301", "CAFÉ"), groups=("studio one", "G"))
    result = desired(scene, RULES)
    # As far as is known Plex tells names apart that differ in the case of other letters than those of ASCII.
    assert names(result.tags[Field.TAGS]) == ["Action", "Café", "CAFÉ"]
    assert names(result.tags[Field.GROUPS]) == ["studio one", "G"]
    assert result.notes == (
        "Of tags whose names differ in case alone Plex shows one.",
        "Of collections whose names differ in case alone Plex shows one.",
    )


def test_names_that_only_fold_alike_are_different_names() -> None:
    result = desired(replace(FULL, tags=("Masse", "Maße", "ﬁona", "fiona", "жанна", "Жанна")), RULES)
    assert names(result.tags[Field.TAGS]) == ["Masse", "Maße", "ﬁona", "fiona", "жанна", "Жанна"]


# --- Performers of one name ---


def cast(*performers: Performer) -> tuple[list[str], tuple[str, ...]]:
    result = desired(replace(FULL, performers=performers), RULES)
    return names(result.tags[Field.PERFORMERS]), result.notes


def test_two_performers_of_one_name_are_told_apart_as_stash_does() -> None:
    jane, other = Performer(1, "Jane Doe", disambiguation="1990"), Performer(2, "jane doe", disambiguation=" 2 ")
    shown, notes = cast(jane, Performer(3, "Zoe", disambiguation="not needed"), other)
    assert shown == ["Jane Doe (1990)", "Zoe", "jane doe (2)"]
    assert notes == ('2 performers are named "Jane Doe": Plex shows them as "Jane Doe (1990)", "jane doe (2)".',)


def test_a_disambiguation_that_is_not_needed_is_not_shown() -> None:
    assert cast(Performer(1, "Jane Doe", disambiguation="1990"), Performer(2, "Zoe")) == (["Jane Doe", "Zoe"], ())


def test_one_disambiguation_tells_two_apart() -> None:
    shown, notes = cast(Performer(1, "Jane Doe"), Performer(2, "Jane Doe", disambiguation="2"))
    assert shown == ["Jane Doe", "Jane Doe (2)"]
    assert len(notes) == 1


def test_performers_that_stash_does_not_tell_apart_are_one_and_a_note_says_so() -> None:
    third = Performer(3, "Jane Doe", disambiguation="3")
    shown, (note,) = cast(Performer(1, "Jane Doe"), Performer(2, "Jane Doe"), third)
    assert shown == ["Jane Doe", "Jane Doe (3)"]
    assert note.startswith('3 performers are named "Jane Doe", and Plex shows 2 of them: give each a disambiguation')


def test_a_name_with_nothing_readable_is_left_out_and_a_note_says_so() -> None:
    result = desired(replace(FULL, tags=("\u200b", "Action", "\ud800")), RULES)
    assert names(result.tags[Field.TAGS]) == ["Action"]
    assert result.notes == ("A tag is left out: its name holds nothing readable.",) * 2


def test_a_name_too_long_is_cut_and_a_note_says_so() -> None:
    result = desired(replace(FULL, groups=("x" * 301,)), RULES)
    assert result.tags[Field.GROUPS][0].name == "x" * 299 + "…"
    assert result.notes == ("The name of a collection is cut from 301 to 300 characters to fit into one request.",)


def test_a_scene_without_studio_has_no_collection_of_it() -> None:
    assert names(desired(replace(FULL, studio=" "), RULES).tags[Field.GROUPS]) == ["Second Group", "First Group"]


# --- Pictures ---


def with_picture(url: str | None) -> Scene:
    return replace(FULL, performers=(Performer(1, "Zoe", url),))


@pytest.mark.parametrize(
    ("url", "public_url", "thumb"),
    [
        ("http://stash:9999/performer/1/image?t=1&apikey=K", None, "http://stash:9999/performer/1/image?t=1"),
        ("http://stash:9999/performer/1/image?ApiKey=K", "https://s.example", "https://s.example/performer/1/image"),
        ("http://127.0.0.1:9999/performer/1/image", "https://s.example", "https://s.example/performer/1/image"),
        (None, None, None),
        ("", None, None),
    ],
)
def test_a_performers_picture_is_named_as_viewers_reach_it(
    url: str | None, public_url: str | None, thumb: str | None
) -> None:
    result = desired(with_picture(url), replace(RULES, public_url=public_url))
    assert result.tags[Field.PERFORMERS] == (Tag("Zoe", thumb),)
    assert result.notes == ()


@pytest.mark.parametrize(
    "url", ["http://localhost:9999/p/1", "http://0.0.0.0:9999/p/1", "nonsense://x", f"http://stash:9999/{'é' * 400}"]
)
def test_a_picture_viewers_cannot_reach_is_left_out_and_one_note_says_so(url: str) -> None:
    scene = replace(FULL, performers=(Performer(1, "Zoe", url), Performer(2, "Adam", url)))
    result = desired(scene, RULES)
    assert result.tags[Field.PERFORMERS] == (Tag("Zoe"), Tag("Adam"))
    assert len(result.notes) == 1
    assert "set the public address of Stash" in result.notes[0]


def test_performers_pictures_are_named_only_where_that_is_set() -> None:
    result = desired(FULL, replace(RULES, show_performer_pictures=False))
    assert [tag.thumb for tag in result.tags[Field.PERFORMERS]] == [None, None]


def test_the_screenshots_address_holds_no_key() -> None:
    scene = replace(FULL, screenshot_url="http://stash:9999/scene/7/screenshot?t=5&apikey=SECRET")
    assert set(desired(scene, RULES).pictures.values()) == {"http://stash:9999/scene/7/screenshot?t=5"}


def test_a_screenshot_at_no_address_is_left_out_and_a_note_says_so() -> None:
    result = desired(replace(FULL, screenshot_url="file:///etc/passwd"), RULES)
    assert result.pictures == {}
    assert result.notes == ("The picture is left out: what Stash gave is not an address.",)


# --- Anything at all ---

ANY = st.text(st.characters(codec=None), max_size=30)


@settings(database=None, deadline=None)
@given(
    st.builds(
        Scene,
        id=st.just(1),
        title=ANY,
        details=ANY,
        director=ANY,
        date=ANY | st.sampled_from(["2023", "2023-05", "2023-02-30"]),
        rating100=st.none() | st.integers(-5, 105),
        files=st.lists(st.builds(SceneFile, path=ANY), max_size=2).map(tuple),
        studio=ANY,
        performers=st.lists(st.builds(Performer, id=st.just(1), name=ANY, image_url=st.none() | ANY), max_size=3).map(
            tuple
        ),
        tags=st.lists(ANY, max_size=4).map(tuple),
        groups=st.lists(ANY, max_size=2).map(tuple),
        screenshot_url=st.none() | ANY,
    ),
    st.booleans(),
)
def test_whatever_stash_holds_comes_out_valid(scene: Scene, ascii_titles: bool) -> None:
    result = desired(scene, replace(RULES, ascii_titles=ascii_titles))
    assert result.texts.get(Field.TITLE) != ""
    for text in result.texts.values():
        assert text.encode().decode() == text
