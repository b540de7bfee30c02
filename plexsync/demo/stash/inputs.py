"""The inputs of mutations, from Stash's names to the library's."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

from plexsync.demo.stash.library import StashRefused, StashScene, number
from plexsync.demo.stash.schema import SCHEMA

_DATA_URL = re.compile(r"data:.+/.+;base64,(?P<data>.*)", re.DOTALL)
#: The texts of a scene that are kept without blanks around them.
_TEXTS = ("title", "code", "details", "director")
#: The mutations' names of what belongs to a scene, and the library's.
_RELATIONS = {"performer_ids": "performers", "tag_ids": "tags", "group_ids": "groups"}


def whole(type_name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """An input as a hook sees it: what was not given is null."""
    return {name: given.get(name) for name in SCHEMA.type_map[type_name].fields}  # type: ignore[attr-defined]  # an input


def scene_parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an input changes in a scene, as ``StashLibrary.edit`` takes it.

    :raises StashRefused: an id or a picture is none.
    """
    parts: dict[str, Any] = {}
    for name, value in given.items():
        if name in _RELATIONS:
            parts[_RELATIONS[name]] = [number(text, name) for text in value or ()]
        elif name == "groups":
            parts["groups"] = [number(group["group_id"], "groups") for group in value or ()]
        elif name == "studio_id":
            parts["studio"] = number(value, name) if value else None
        elif name == "cover_image":
            parts["cover"] = _image(value)
        elif name == "urls":
            parts["urls"] = [text.strip() for text in value or ()]
        elif name in _TEXTS:
            parts[name] = value and value.strip()
        elif name not in ("id", "clientMutationId"):
            parts[name] = value
    return parts


def bulk_parts(scene: StashScene, given: Mapping[str, Any]) -> dict[str, Any]:
    """As ``scene_parts``, with lists set, added to or taken from what the scene has."""
    plain = {name: value for name, value in given.items() if name not in (*_RELATIONS, "ids", "urls")}
    parts = scene_parts(plain)
    for name, attribute, key in (
        *((key, value, "ids") for key, value in _RELATIONS.items()),
        ("urls", "urls", "values"),
    ):
        if change := given.get(name):
            values = [text.strip() for text in change.get(key) or ()]
            parts[attribute] = _merge(
                getattr(scene, attribute),
                values if key == "values" else [number(v, name) for v in values],
                change["mode"],
            )
    return parts


def _merge(have: list[Any], change: list[Any], mode: str) -> list[Any]:
    if mode == "SET":
        return change
    if mode == "ADD":
        return have + [value for value in change if value not in have]
    return [value for value in have if value not in change]


def named_parts(given: Mapping[str, Any]) -> dict[str, Any]:
    """What an input changes in a performer, studio, tag or group.

    :raises StashRefused: as ``scene_parts``.
    """
    parts: dict[str, Any] = {
        name: value and value.strip() for name, value in given.items() if name in ("name", "disambiguation")
    }
    if "parent_id" in given:
        parts["parent"] = number(given["parent_id"], "parent id") if given["parent_id"] else None
    if "image" in given:
        parts["picture"] = _image(given["image"])
    return parts


def _image(text: str | None) -> bytes | None:
    if not text:
        return None
    match = _DATA_URL.fullmatch(text)
    if match is None:
        raise StashRefused("processing cover image: only data URLs are read by this simulation")
    return base64.b64decode(match["data"])
