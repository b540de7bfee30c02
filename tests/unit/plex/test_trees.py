"""The hashes of files out of the tree of items: what is none of it is passed over."""

from __future__ import annotations

from typing import Any

import pytest

from plexsync.plex.trees import PartHash, part_hashes

HASH = "0000000000000abc"


def tree(**part: Any) -> dict[str, Any]:
    parts = [{"file": "/media/a.mp4", "openSubtitleHash": HASH} | part]
    return {"MetadataItem": [{"id": 7, "MediaItem": [{"MediaPart": parts}]}]}


@pytest.mark.parametrize(
    ("part", "read"),
    [
        ({}, PartHash("/media/a.mp4", HASH)),
        ({"file": "/media/a\0.mp4"}, PartHash("/media/a\ufffd.mp4", HASH)),
        ({"file": "/media/\ud800.mp4"}, PartHash("/media/?.mp4", HASH)),
        ({"openSubtitleHash": " 0xABC "}, PartHash("/media/a.mp4", HASH)),
        *(({"file": odd}, PartHash("", HASH)) for odd in (None, 5, ["/a"], {})),
        *(
            ({"openSubtitleHash": odd}, PartHash("/media/a.mp4", ""))
            for odd in (None, 5, "", "0", "x", "1" * 17, [HASH])
        ),
    ],
)
def test_a_file_is_read_with_its_hash_as_far_as_both_are_there(part: dict[str, Any], read: PartHash) -> None:
    assert part_hashes(tree(**part)) == {7: (read,)}


@pytest.mark.parametrize("odd", [None, 5, "x", {}, [], [None], [5], [[]]])
def test_what_is_no_tree_has_no_files(odd: Any) -> None:
    for container in (
        {"MetadataItem": odd},
        {"MetadataItem": [{"id": odd}]},
        {"MetadataItem": [{"id": 7, "MediaItem": odd}]},
        {"MetadataItem": [{"id": 7, "MediaItem": [{"MediaPart": odd}]}]},
    ):
        assert not any(part_hashes(container).values())


def test_a_tree_is_looked_through_to_its_depth_and_no_further() -> None:
    within = tree()
    for _ in range(2000):
        within = {"MetadataItem": [{"id": 8, **within}]}
    assert part_hashes(within) == {8: ()}
