"""Compares a scene with its item, field by field, in the plainest way: written apart from the code that it checks."""

from __future__ import annotations

import unicodedata

from plexsync.demo.plex import PlexItem, SimulatedPlex
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.stash.library import StashScene


def differences(stash: SimulatedStash, scene_id: int, plex: SimulatedPlex, rating_key: int) -> list[str]:
    """What the item shows otherwise than the scene has it, as sentences; empty when all is right."""
    scene, item = stash.scene(scene_id), plex.item(rating_key)
    names = stash.names_of(scene_id)
    found = []
    for field, wanted, shown in _pairs(scene, names, item):
        if wanted != shown:
            found.append(f"{field} should be {wanted!r} and is {shown!r}")
    if scene.cover is not None:
        for kind in ("posters", "arts"):
            sent = plex.pictures(rating_key, kind)
            if sent.count(scene.cover) != 1 or plex.selected_picture(rating_key, kind) != scene.cover:
                found.append(f"{kind}: {sent.count(scene.cover)} times there, of {len(sent)} pictures")
    return found


def _pairs(scene: StashScene, names: dict[str, list[str]], item: PlexItem) -> list[tuple[str, object, object]]:
    studio = names["studio"]
    return [
        ("title", _plain(scene.title) or _stem(scene), item.title),
        ("summary", _plain(scene.details, keep_lines=True), item.text("summary")),
        ("studio", "".join(_plain(name) for name in studio), item.text("studio")),
        ("date", _date(scene.date), item.text("originallyAvailableAt")),
        ("rating", None if scene.rating100 is None else scene.rating100 / 10, item.user_rating),
        ("director", _names([scene.director or ""]), _names(item.names("director"))),
        ("performers", _names(names["performers"]), _names(item.names("actor"))),
        ("tags", _names(names["tags"]), _names(item.names("genre"))),
        ("collections", _names([*names["groups"], *studio]), _names(item.names("collection"))),
    ]


def _plain(text: str | None, *, keep_lines: bool = False) -> str:
    clean = unicodedata.normalize("NFC", text or "")
    lines = clean.splitlines() if keep_lines else [clean]
    return "\n".join(" ".join(_visible(line).split()) for line in lines).strip()


def _visible(text: str) -> str:
    return "".join(one for one in text if unicodedata.category(one) != "Cc" or one in "\t\n\r")


def _names(names: list[str]) -> list[str]:
    """Names as a set would compare them: Plex keeps no case and no order that matters."""
    return sorted({_plain(name).casefold() for name in names} - {""})


def _date(date: str | None) -> str:
    parts = (date or "").split("-")
    return "-".join([*parts, "01", "01"][:3]) if date else ""


def _stem(scene: StashScene) -> str:
    name = scene.files[0].path.rpartition("/")[2].rpartition(".")[0]
    return name if " " in name else " ".join(name.replace("_", " ").replace(".", " ").split())
