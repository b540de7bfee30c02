"""Whatever a server says of a video, a hash or a guid, it is read as something that can be kept, or as nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from plexsync.matching import streams
from plexsync.matching.content_hash import read_hash
from plexsync.matching.guids import external_id, scene_ids, stash_scene
from plexsync.model import Scene
from plexsync.plex.trees import part_hashes

VALUES = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)
NAMES = some.sampled_from(["MetadataItem", "MediaItem", "MediaPart", "id", "file", "openSubtitleHash"])
TREES = some.recursive(
    VALUES, lambda inner: some.lists(inner, max_size=3) | some.dictionaries(NAMES, inner, max_size=4), max_leaves=12
)
SCHEMES = some.sampled_from(
    ["imdb://", "com.plexapp.agents.themoviedb://", "com.plexapp.agents.phoenixadult://", "x://https://", "x://", ""]
)
AGENTS_WORDS = some.builds(lambda scheme, rest: scheme + rest, SCHEMES, some.text(max_size=200))


@settings(max_examples=50)
@given(VALUES)
def test_what_a_video_is_like(value: Any) -> None:
    assert 0 <= streams.pixels(value) <= streams.MOST_PIXELS
    assert 0 <= streams.bits(value, 1000) <= streams.MOST_BITS
    assert 0 <= streams.frames_per_second(value) <= streams.MOST_FRAMES
    assert " " not in streams.codec(value)
    assert streams.height_of_class(value) in (0, 480, 576, 720, 1080, 1440, 2160, 4320)
    assert len(read_hash(value)) in (0, 16)


@settings(max_examples=50)
@given(AGENTS_WORDS)
def test_what_a_guid_names(guid: str) -> None:
    found = external_id(guid)
    assert found == "" or found.partition(":")[0] in ("imdb", "tmdb", "uuid", "url")
    number = stash_scene(guid)
    assert number is None or number > 0


@settings(max_examples=50)
@given(some.lists(some.text(max_size=100) | some.builds("https://{}".format, some.text(max_size=100)), max_size=4))
def test_what_addresses_name(urls: list[str]) -> None:
    assert all(":" in one for one in scene_ids(Scene(1, urls=tuple(urls), stash_ids=tuple(urls))))


@settings(max_examples=50)
@given(some.dictionaries(NAMES, TREES, max_size=3))
def test_what_a_tree_holds(tree: dict[str, Any]) -> None:
    for key, parts in part_hashes(tree).items():
        assert key >= 0
        for part in parts:
            part.file.encode()
            assert len(part.oshash) in (0, 16)


@pytest.mark.parametrize("depth", [5, 50])
def test_a_deep_tree_is_read_to_a_bound(depth: int) -> None:
    node: dict[str, Any] = {"id": depth}
    for level in range(depth):
        node = {"id": level, "MetadataItem": [node]}
    assert len(part_hashes(json.loads(json.dumps({"MetadataItem": [node]})))) == 4
