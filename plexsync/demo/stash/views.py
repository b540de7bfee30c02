"""The simulated Stash's things as its GraphQL shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from plexsync.demo.stash.library import Named, StashLibrary, StashScene


def scene_view(library: StashLibrary, scene: StashScene, base: str) -> dict[str, Any]:
    """A scene with all that belongs to it.

    :param base: the address that pictures are given with.
    """
    return {
        "id": str(scene.id),
        "title": scene.title or "",
        "code": scene.code or "",
        "details": scene.details or "",
        "director": scene.director or "",
        "urls": list(scene.urls),
        "date": scene.date or None,
        "rating100": scene.rating100,
        "organized": scene.organized,
        "created_at": scene.created_at,
        "updated_at": scene.updated_at,
        "files": [
            {
                "id": str(file.id),
                "path": file.path,
                "basename": file.path.replace("\\", "/").rpartition("/")[2],
                "size": file.size,
                "duration": file.duration,
            }
            for file in scene.files
        ],
        "paths": {"screenshot": f"{base}/scene/{scene.id}/screenshot?t={_epoch(scene.updated_at)}"},
        "studio": named_view(library, "studios", library.studios[scene.studio], base) if scene.studio else None,
        "groups": [
            {"group": named_view(library, "groups", library.groups[group], base), "scene_index": None}
            for group in scene.groups
        ],
        "tags": [named_view(library, "tags", library.tags[tag], base) for tag in scene.tags],
        "performers": [named_view(library, "performers", library.performers[one], base) for one in scene.performers],
    }


def named_view(library: StashLibrary, kind: str, row: Named, base: str) -> dict[str, Any]:
    """A performer, studio, tag or group."""
    view: dict[str, Any] = {
        "id": str(row.id),
        "name": row.name,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
    if kind == "performers":
        image = f"{base}/performer/{row.id}/image?t={_epoch(row.updated_at)}"
        view |= {"disambiguation": row.disambiguation, "image_path": image + ("" if row.picture else "&default=true")}
    if kind == "studios":
        view["parent_studio"] = (
            named_view(library, kind, library.studios[row.parent], base) if row.parent is not None else None
        )
    return view


def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
