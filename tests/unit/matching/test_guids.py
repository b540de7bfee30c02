"""Which scene an item's guid names, and what that says."""

from __future__ import annotations

import pytest

from plexsync.matching.guids import stash_scene
from plexsync.matching.lookup import Match, Settled
from plexsync.matching.match import find_matches
from plexsync.model import IndexedPart
from tests.support.matching_index import LONG, SIZE, MemoryIndex, file, part, scene

OTHER = SIZE + 1


@pytest.mark.parametrize(
    ("guid", "scene_id"),
    [
        ("com.plexapp.agents.stashplexagent://45?lang=en", 45),
        ("com.plexapp.agents.stashplexagent://45", 45),
        ("plex://movie/stash-video-45", 45),
        ("plex://movie/stash-45", 45),
        ("tv.plex.agents.custom.stash2plex://scene/45", 45),
        ("tv.plex.agents.custom.stash2plex://scene-45", 45),
        ("tv.plex.agents.custom.stash://movie/stash-scene-45", 45),
        ("tv.plex.agents.stash2plex://movie/45", 45),
        ("TV.PLEX.AGENTS.CUSTOM.STASH://movie/2147483647", 2147483647),
    ],
)
def test_agents_that_read_stash_name_the_scene_in_the_guid(guid: str, scene_id: int) -> None:
    assert stash_scene(guid) == scene_id


@pytest.mark.parametrize(
    "guid",
    [
        "",
        "local://45",
        "com.plexapp.agents.none://45?lang=xn",
        "tv.plex.agents.none://45",
        "com.plexapp.agents.imdb://tt0000045?lang=en",
        "plex://movie/5d7768ba96b655001fdc0408",
        "plex://movie/stash-video-",
        "plex://movie/stash-video-0045",
        "tv.plex.agents.custom.tmdb://movie/45",
        # StashDB's identifiers are UUIDs: the digits they end in are no scene's id.
        "tv.plex.agents.custom.stash://scene/0b1c9a4e-92c4-4a5e-9d0c-3f6a2f000045",
        "tv.plex.agents.custom.stash://2147483648",
        "tv.plex.agents.custom.stash://99999999999999999999",
    ],
)
def test_other_guids_name_none(guid: str) -> None:
    assert stash_scene(guid) is None


# --- as evidence, for scene 1 ----------------------------------------------------------------------------------------


def test_an_item_that_an_agent_made_from_the_scene_is_the_scenes() -> None:
    (match,) = found(part(7, "/y/renamed and converted.mp4", OTHER, made_from=1))
    assert (match.rating_key, match.confidence >= 90) == (7, True)
    assert "Plex's agent made item 7 from scene 1" in match.reasons


def test_it_is_enough_where_nothing_else_is_known_of_the_file() -> None:
    (match,) = found(part(7, "/y/b.mp4", None, None, made_from=1))
    assert match.confidence == 90


def test_a_stash_that_was_made_anew_and_gives_out_its_ids_again_misleads_nobody() -> None:
    """Scene 1 is another video now: its file says so."""
    assert [
        one.confidence for one in found(part(7, "/y/b.mp4", OTHER, LONG + 300, made_from=1)) if one.confidence
    ] == []


def test_another_duration_sends_it_to_a_person_at_the_most() -> None:
    (match,) = found(part(7, "/y/b.mp4", None, LONG + 300, made_from=1))
    assert match.confidence < 60


def test_an_item_made_from_another_scene_gains_nothing_by_it() -> None:
    assert found(part(7, "/y/b.mp4", OTHER, made_from=2)) == []


def test_a_file_at_its_own_path_counts_more() -> None:
    at_place = part(8, "/x/a.mp4", SIZE, made_from=2)
    assert found(part(7, "/y/b.mp4", OTHER, made_from=1), at_place)[0].rating_key == 8


def test_the_agents_old_title_does_not_contradict() -> None:
    item = part(7, "/y/0001.mp4", OTHER, title="Something Else Altogether, The Movie", made_from=1)
    (match,) = find_matches(
        scene(file("/x/Harbour Lights at Night.mp4"), title="Harbour Lights at Night"), (), MemoryIndex(item)
    )
    assert match.confidence >= 90


def test_what_a_person_ruled_out_stays_so() -> None:
    item = part(7, "/y/b.mp4", OTHER, made_from=1)
    settled = Settled(vetoed=frozenset({7}))
    assert find_matches(scene(file("/x/a.mp4")), (), MemoryIndex(item), settled) == []


def found(*items: IndexedPart) -> list[Match]:
    return find_matches(scene(file("/x/a.mp4")), (), MemoryIndex(*items))
