"""Which kind of evidence a reason speaks of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from plexsync.matching.kinds import KINDS, kind_of, kinds_of
from plexsync.matching.match import find_matches
from tests.support.matching_index import MemoryIndex, file, part, scene


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("same path", "path"),
        ("same path but for case", "path"),
        ("same content, by its hash", "content"),
        ("same size (734003217 bytes)", "size"),
        ("same duration", "length"),
        ("durations 0.7 s apart", "length"),
        ("same file name 'tape 7', which 2 items have", "file name"),
        ("same folder '/media/a'", "folder"),
        ("both in 'Studio/2019'", "folder"),
        ("one of 12 files in the folder 'Blue', the only one about as long", "folder"),
        ("same frame rate (29.97)", "streams"),
        ("same pictures", "streams"),
        ("another frame rate (25 in Stash, 29.97 in Plex)", None),
        ("other pictures (1280x720 h264 in Stash, 1280x720 hevc in Plex)", None),
        ("same words in the title and in the item's file name 'x'", "words"),
        ("title 80 % like the item's title 'x'", "words"),
        ("file name 80 % like the item's title 'x'", "words"),
        ("same code 'WANX-931'", "code"),
        ("same edition 'unrated'", "words"),
        ("another edition ('unrated' in Stash, 'extended' in Plex)", None),
        ("others than the scene's people in its name: 'ann miller'", None),
        ("same number 7", "code"),
        ("same id tmdb:12", "id"),
        ("same date 2020-01-02", "date"),
        ("both of 2020", "date"),
        ("same studio 'Blue'", "studio"),
        ("studio 'Blue' in its name", "studio"),
        ("Ann and Bea in its name", "performers"),
        ("Plex's agent made item 7 from scene 1", "agent"),
        ("the scene's addresses name item 7", "address"),
        ("another size (1 bytes in Stash, 2 in Plex)", None),
        ("another date (2020-01-02 in Stash, 2021-01-02 in Plex)", None),
        ("another item is likely too", None),
        ("durations 60 s apart", None),
        ("its file is called otherwise: 'x'", None),
        ("of such studio, day and people there are several", None),
        ("called otherwise", None),
        ("in another folder", None),
        ("number 2 only in Plex", None),
        ("'trailer' only in Plex", None),
        ("item 8 in Plex has it too", None),
        ("Plex's agent made the item from scene 9", None),
        ("chosen by a person", None),
    ],
)
def test_it_is_told_by_the_reasons_words(reason: str, kind: str | None) -> None:
    assert kind_of(reason) == kind


def test_all_that_speaks_for_a_real_match_is_of_a_known_kind() -> None:
    ours = scene(
        file("/data/Blue/harbour lights.mp4"),
        title="Harbour Lights",
        date="2020-01-02",
        studio="Blue",
        performers=("Ann Lee",),
        urls=("http://plex:32400/library/metadata/7",),
    )
    theirs = part(7, "/media/Blue/harbour lights ann lee.mkv", title="Harbour Lights", date="2020-01-02", studio="Blue")
    index = MemoryIndex(replace(theirs, stash_scene=1), part(8, "/media/x/harbour lights.mp4", 1))
    (best, *_) = find_matches(ours, (), index)
    kinds = kinds_of(best.reasons)
    assert {"size", "length", "date"} <= set(kinds)
    assert list(kinds) == [kind for kind in KINDS if kind in kinds]
    unknown = [one for one in best.reasons if kind_of(one) is None and not one.startswith(("another ", "item "))]
    assert unknown == []
