"""Which items a scene may belong to, by its files: how sure, in what order, and why."""

from __future__ import annotations

import pytest

from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart, Scene, SceneFile
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

MAP = (("/data", "/media"),)
OTHER = SIZE // 3
AUTO, REVIEW = 90, 60


def found(scene: Scene, *parts: IndexedPart, settled: Settled | None = None) -> list[Match]:
    return find_matches(scene, MAP, MemoryIndex(*parts), settled or Settled())


def confidence(scene: Scene, *parts: IndexedPart, key: int = 7) -> int:
    return next((match.confidence for match in found(scene, *parts) if match.rating_key == key), 0)


# --- By path ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "ours", "theirs", "sure"),
    [
        ("all agree", file("/data/a.mp4"), part(7, "/media/a.mp4"), 100),
        ("nothing else is known", file("/data/a.mp4", None, None), part(7, "/media/a.mp4", None, None), 100),
        ("another size", file("/data/a.mp4"), part(7, "/media/a.mp4", OTHER), 95),
        ("another duration", file("/data/a.mp4"), part(7, "/media/a.mp4", SIZE, LONG + 60), 95),
        ("both differ", file("/data/a.mp4"), part(7, "/media/a.mp4", OTHER, LONG + 60), 80),
        ("another case", file("/data/A.mp4"), part(7, "/media/a.mp4"), 97),
        ("another case and size", file("/data/A.MP4"), part(7, "/media/a.mp4", OTHER), 92),
        ("another form of é", file("/data/cafe\u0301.mp4"), part(7, "/media/caf\u00e9.mp4"), 100),
        ("not mapped", file("/else/a.mp4"), part(7, "/else/a.mp4"), 100),
    ],
)
def test_a_path_is_as_sure_as_what_is_known_of_the_file(
    what: str, ours: SceneFile, theirs: IndexedPart, sure: int
) -> None:
    assert confidence(scene(ours), theirs) == sure


def test_where_the_path_is_sure_nothing_else_is_looked_up() -> None:
    index = MemoryIndex(part(7, "/media/a.mp4"), part(8, "/media/copy/a.mp4"))
    matches = find_matches(scene(file("/data/a.mp4"), title="A"), MAP, index)
    assert [match.rating_key for match in matches] == [7]
    assert index.searches == 0


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (file("/data/a.mp4"), part(7, "/media/a.mp4", title="A")),
        (file("/data/a.mp4", None, None), part(7, "/media/a.mp4", None, None)),
        (file("/data/a.mp4", SIZE, None), part(7, "/media/a.mp4")),
        (file("/data/a.mp4"), part(7, "/media/a.mp4", SIZE, LONG + 0.7)),
        (file("/data/a.mp4"), part(7, "/media/a.mp4", SIZE, LONG + 1.4)),
    ],
)
def test_the_short_way_to_a_certain_match_comes_to_what_the_long_one_does(
    ours: SceneFile, theirs: IndexedPart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plexsync.matching.match.certain_at_its_path", lambda *_given: None)
    (long,) = found(scene(ours), theirs)
    monkeypatch.undo()
    monkeypatch.setattr("plexsync.matching.match.Judge", None)
    (short,) = found(scene(ours), theirs)
    assert (short, short.weight, short.confidence) == (long, long.weight, 100)


def test_both_items_with_the_path_are_found_in_the_order_of_the_index() -> None:
    matches = found(scene(file("/data/a.mp4")), part(7, "/media/a.mp4"), part(8, "/media/a.mp4", section=2))
    assert [(match.rating_key, match.confidence) for match in matches] == [(7, 100), (8, 100)]


def test_a_video_that_moved_is_found_although_another_took_its_path() -> None:
    taken = part(7, "/media/a/beach day.mp4", OTHER, LONG + 60)
    moved = part(8, "/media/b/beach day.mp4")
    matches = found(scene(file("/data/a/beach day.mp4")), taken, moved)
    assert matches[0].rating_key == 8
    assert matches[0].confidence >= AUTO
    assert matches[1].confidence < REVIEW


def test_reasons_say_in_words_what_was_seen() -> None:
    (match,) = found(scene(file("/data/a.mp4")), part(7, "/media/a.mp4", OTHER))
    told = f"another size ({SIZE} bytes in Stash, {OTHER} in Plex)"
    assert match.reasons == ("same path", told, "same duration")
    assert (match.path, match.file) == ("/media/a.mp4", "/data/a.mp4")


# --- By name, size, duration and folder -------------------------------------------------------------------------------

NAME = "Sunset Films - 2023-05-17 - The Beach Day"


@pytest.mark.parametrize(
    ("what", "ours", "theirs"),
    [
        ("name, size and duration", file("/x/beach day.mp4"), part(7, "/y/beach day.mp4")),
        ("name and size", file("/x/beach day.mp4", SIZE, None), part(7, "/y/beach day.mp4")),
        ("size and duration of a renamed file", file("/x/beach day.mp4"), part(7, "/y/00042.mp4")),
        ("generic name, size and duration", file("/x/video.mp4"), part(7, "/y/video.mp4")),
        ("re-encoded in its folder", file("/data/x/beach day.mp4"), part(7, "/media/x/beach day.mkv", OTHER)),
        ("re-encoded, 0.3 s longer", file("/data/x/beach day.mp4"), part(7, "/media/x/beach day.mkv", OTHER, 1500.3)),
        ("re-encoded below another mount", file(f"/a/x/{NAME}.mp4"), part(7, f"/b/x/{NAME}.mkv", OTHER)),
        (
            "a long name and a folder",
            file(f"/a/lake/{NAME}.mp4", None, None),
            part(7, f"/b/lake/{NAME}.mp4", None, None),
        ),
        ("name of another case", file("/x/Beach Day.MP4"), part(7, "/y/beach day.mp4")),
    ],
)
def test_a_file_is_known_again_by(what: str, ours: SceneFile, theirs: IndexedPart) -> None:
    assert AUTO <= confidence(scene(ours), theirs) < 100


@pytest.mark.parametrize(
    ("what", "ours", "theirs"),
    [
        ("size alone", file("/x/beach day.mp4", SIZE, None), part(7, "/y/00042.mp4")),
        ("a short name and the duration", file("/x/beach day.mp4"), part(7, "/y/beach day.mkv", OTHER)),
        (
            "a name and nothing else",
            file("/a/x/night at sea with Ingrid.mp4", None, None),
            part(7, "/b/y/night at sea with Ingrid.mkv", None, None),
        ),
    ],
)
def test_a_person_is_asked_about(what: str, ours: SceneFile, theirs: IndexedPart) -> None:
    assert REVIEW <= confidence(scene(ours), theirs) < AUTO


@pytest.mark.parametrize(
    ("what", "ours", "theirs"),
    [
        ("name alone, other content", file("/x/beach day.mp4"), part(7, "/y/beach day.mp4", OTHER, LONG + 60)),
        ("long name, other content", file(f"/x/{NAME}.mp4"), part(7, f"/y/x/{NAME}.mp4", OTHER, LONG - 60)),
        ("a generic name alone", file("/x/video.mp4", None, None), part(7, "/y/video.mp4", None, None)),
        ("a generic name and duration", file("/x/1.mp4", None), part(7, "/y/1.mp4")),
        ("a duration alone", file("/x/a.mp4", OTHER), part(7, "/y/b.mp4")),
        ("same size by chance", file("/x/a.mp4"), part(7, "/y/b.mp4", SIZE, LONG + 60)),
        ("another file altogether", file("/x/a.mp4", OTHER, 200.0), part(7, "/y/b.mp4")),
    ],
)
def test_nobody_is_bothered_with(what: str, ours: SceneFile, theirs: IndexedPart) -> None:
    assert confidence(scene(ours), theirs) < REVIEW


@pytest.mark.parametrize("title", ["", "beach day", NAME])
def test_another_size_and_duration_rule_a_name_out_however_long_it_is_and_whatever_plex_made_of_it(title: str) -> None:
    ours = scene(file(f"/a/x/{NAME}.mp4"), title=title)
    assert confidence(ours, part(7, f"/b/x/{NAME}.mp4", OTHER, LONG + 60, title=title or NAME)) < AUTO


def test_a_name_that_many_have_is_weaker_than_a_rare_one() -> None:
    ours = scene(file(f"/x/{NAME}.mp4", OTHER, None))
    alone = part(7, f"/y/{NAME}.mp4")
    others = [part(key, f"/z{key}/{NAME}.mp4", SIZE + key, LONG + key * 60) for key in range(10, 60)]
    assert confidence(ours, alone, *others) < confidence(ours, alone)


@pytest.mark.parametrize(("ours", "theirs"), [(SIZE, 4_000_000_000), (SIZE, 4 * 1024**3)])
def test_a_rounded_size_says_less_than_an_odd_one(ours: int, theirs: int) -> None:
    odd = confidence(scene(file("/x/a.mp4", ours, None)), part(7, "/y/b.mp4", ours, None))
    rounded = confidence(scene(file("/x/a.mp4", theirs, None)), part(7, "/y/b.mp4", theirs, None))
    assert rounded < REVIEW <= odd


def test_a_short_clips_duration_says_less_than_a_long_films() -> None:
    short = confidence(scene(file("/x/beach day.mp4", 1, 20.0)), part(7, "/y/beach day.mp4", 2, 20.0))
    long = confidence(scene(file("/x/beach day.mp4", 1, 2000.0)), part(7, "/y/beach day.mp4", 2, 2000.0))
    assert short < long


# --- Rivals -----------------------------------------------------------------------------------------------------------


def test_of_two_copies_the_one_in_the_folder_of_that_name_is_taken() -> None:
    copies = part(8, "/y/hills/beach.mp4"), part(7, "/y/lake/beach.mp4")
    matches = found(scene(file("/x/lake/beach.mp4")), *copies)
    assert [match.rating_key for match in matches] == [7, 8]
    assert matches[0].confidence >= AUTO
    assert "a copy of what item 7 has" in matches[1].reasons


def test_of_two_copies_the_known_one_is_kept() -> None:
    copies = part(8, "/y/hills/beach.mp4"), part(7, "/y/lake/beach.mp4")
    matches = found(scene(file("/x/inbox/beach.mp4")), *copies, settled=Settled(known=7))
    assert matches[0].rating_key == 7


def test_two_videos_that_nothing_tells_apart_are_a_persons_choice() -> None:
    alike = part(8, f"/y/hills/{NAME}.mp4", OTHER), part(7, f"/y/lake/{NAME}.mp4", OTHER + 1)
    matches = found(scene(file(f"/x/inbox/{NAME}.mp4")), *alike)
    assert [match.confidence for match in matches] == [REVIEW, REVIEW]
    assert "another item is likely too" in matches[0].reasons


def test_copies_of_one_file_in_one_item_are_no_rivals() -> None:
    matches = found(scene(file("/x/c/beach day.mp4")), part(7, "/y/b/beach day.mp4"), part(7, "/y/a/beach day.mp4"))
    assert len(matches) == 1
    assert matches[0].confidence >= AUTO


def test_in_folders_of_files_with_equal_names_size_and_duration_decide() -> None:
    parts = [part(key, f"/y/{key}/video.mp4", SIZE + key, LONG + key) for key in range(1, 40)]
    matches = found(scene(file("/x/moved/video.mp4", SIZE + 7, LONG + 7)), *parts)
    assert matches[0].rating_key == 7
    assert matches[0].confidence >= AUTO
    assert matches[1].confidence < REVIEW


# --- Several files ----------------------------------------------------------------------------------------------------


def test_any_file_of_a_scene_can_match_and_the_surest_comes_first() -> None:
    ours = scene(file("/x/a.mp4", 10_000_019, 60.0), file("/data/b.mp4"))
    matches = found(ours, part(7, "/y/a.mp4", 10_000_019, 60.0), part(8, "/media/b.mp4"))
    assert matches[0].rating_key == 8
    assert matches[0].file == "/data/b.mp4"


def test_of_two_items_that_hold_a_file_each_that_of_the_primary_file_comes_first() -> None:
    ours = scene(file("/data/b.mp4", None, None), file("/data/a.mp4"))
    matches = found(ours, part(7, "/media/a.mp4"), part(8, "/media/b.mp4"))
    assert [(match.rating_key, match.confidence) for match in matches] == [(8, 100), (7, 100)]


def test_any_version_of_an_item_can_match() -> None:
    matches = found(scene(file("/data/b.mp4")), part(7, "/media/a.mp4", OTHER, 60.0), part(7, "/media/b.mp4"))
    assert [(match.rating_key, match.path, match.confidence) for match in matches] == [(7, "/media/b.mp4", 100)]


def test_a_second_pair_of_files_that_agrees_adds_to_the_first() -> None:
    ours = scene(file("/x/1.mp4", SIZE, None), file("/x/2.mp4", OTHER, None))
    both = confidence(ours, part(7, "/y/a.mp4", SIZE, None), part(7, "/y/b.mp4", OTHER, None))
    assert both > confidence(ours, part(7, "/y/a.mp4", SIZE, None))


def test_a_scene_without_files_and_title_matches_nothing() -> None:
    assert found(scene(), part(7, "/a.mp4")) == []


# --- What was settled -------------------------------------------------------------------------------------------------


def test_the_item_a_person_chose_comes_first_whatever_the_paths_say() -> None:
    matches = found(
        scene(file("/data/a.mp4")), part(7, "/media/a.mp4"), part(8, "/media/z.mp4"), settled=Settled(pinned=8)
    )
    assert [(match.rating_key, match.reasons) for match in matches[:1]] == [(8, ("chosen by a person",))]
    assert matches[0].confidence == 100
    assert matches[1].confidence <= REVIEW


def test_a_chosen_item_that_plex_no_longer_has_is_passed_over() -> None:
    matches = found(scene(file("/data/a.mp4")), part(7, "/media/a.mp4"), settled=Settled(pinned=8))
    assert [match.rating_key for match in matches] == [7]


def test_an_item_that_a_person_ruled_out_is_left_out() -> None:
    settled = Settled(vetoed=frozenset({7}))
    matches = found(scene(file("/data/a.mp4")), part(7, "/media/a.mp4"), part(8, "/media/a.mp4"), settled=settled)
    assert [match.rating_key for match in matches] == [8]


def test_the_known_item_stays_among_equals() -> None:
    parts = part(7, "/media/a.mp4"), part(8, "/media/a.mp4", section=2)
    matches = found(scene(file("/data/a.mp4")), *parts, settled=Settled(known=8))
    assert [match.rating_key for match in matches] == [8, 7]


def test_a_better_match_comes_before_the_known_item() -> None:
    parts = part(7, "/y/a.mp4", OTHER), part(8, "/media/a.mp4")
    matches = found(scene(file("/data/a.mp4")), *parts, settled=Settled(known=7))
    assert matches[0].rating_key == 8


# --- A rating key among the addresses ---------------------------------------------------------------------------------

ADDRESSES = (
    "http://plex:32400/library/metadata/7",
    "https://nas.home:32400/library/metadata/7/children",
    "https://app.plex.tv/desktop/#!/server/0a1b2c/details?key=%2Flibrary%2Fmetadata%2F7",
    "http://plex:32400/web/index.html#!/server/0a1b/details?key=/library/metadata/7&context=x",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_in_plex_leads_to_the_item_when_the_file_agrees_in_something(address: str) -> None:
    matches = found(scene(file("/x/a.mp4", OTHER), urls=(address,)), part(7, "/y/b.mp4"))
    assert [match.rating_key for match in matches] == [7]
    assert matches[0].confidence >= AUTO
    assert "the scene's addresses name item 7" in matches[0].reasons


def test_an_address_leads_to_the_item_of_a_file_that_was_given_quite_another_name() -> None:
    ours, theirs = file("/x/Sunset Films - The Beach Day.mp4", OTHER), part(7, "/y/Harbour at Midnight.mp4")
    assert confidence(scene(ours, urls=ADDRESSES[:1]), theirs) >= AUTO
    assert confidence(scene(ours), theirs) < REVIEW


@pytest.mark.parametrize("ours", [(), (file("/x/a.mp4", None, None),)])
def test_an_address_with_nothing_to_corroborate_it_is_for_review(ours: tuple[SceneFile, ...]) -> None:
    sure = confidence(scene(*ours, urls=ADDRESSES[:1]), part(7, "/y/b.mp4"))
    assert REVIEW <= sure < AUTO


def test_a_stale_address_of_another_video_is_ruled_out() -> None:
    stale = scene(file("/x/a.mp4", OTHER, 60.0), urls=ADDRESSES[:1])
    assert confidence(stale, part(7, "/y/b.mp4")) < REVIEW


@pytest.mark.parametrize("address", ["https://example.com/7", "http://plex/library/sections/7", "metadata/7"])
def test_other_addresses_say_nothing(address: str) -> None:
    assert found(scene(file("/x/a.mp4", OTHER, 60.0), urls=(address,)), part(7, "/y/b.mp4")) == []
