"""The simulated Stash's things as its GraphQL shows them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from plexsync.demo.stash.library import SimulatedEntity, StashLibrary, StashScene, VideoFile


def scene_view(library: StashLibrary, scene: StashScene, base: str) -> dict[str, Any]:
    """A scene with all that belongs to it. What is costly is made when it is asked for, while the library is locked.

    :param base: the address that pictures are given with.
    """

    def named(kind: str, row_id: int) -> dict[str, Any]:
        return named_view(library, kind, library.rows(kind)[row_id], base)

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
        "files": lambda: [_file_view(file) for file in scene.files],
        "paths": lambda: {"screenshot": f"{base}/scene/{scene.id}/screenshot?t={_epoch(scene.updated_at)}"},
        "studio": lambda: named("studios", scene.studio) if scene.studio else None,
        "groups": lambda: [{"group": named("groups", one), "scene_index": None} for one in scene.groups],
        "movies": lambda: [{"movie": named("groups", one), "scene_index": None} for one in scene.groups],
        "tags": lambda: [named("tags", one) for one in scene.tags],
        "stash_ids": [
            {"endpoint": "https://stashdb.org/graphql", "stash_id": one, "updated_at": scene.updated_at}
            for one in scene.stash_ids
        ],
        "performers": lambda: [named("performers", one) for one in scene.performers],
    }


def named_view(library: StashLibrary, kind: str, row: SimulatedEntity, base: str) -> dict[str, Any]:
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
        parent = library.studios.get(row.parent or 0)
        view["parent_studio"] = named_view(library, kind, parent, base) if parent else None
    return view


def _file_view(file: VideoFile) -> dict[str, Any]:
    return {
        "id": str(file.id),
        "path": file.path,
        "basename": file.path.replace("\\", "/").rpartition("/")[2],
        "size": file.size,
        "fingerprints": [{"type": "oshash", "value": file.oshash}] if file.oshash else [],
        "width": file.width,
        "height": file.height,
        "duration": file.duration,
        "video_codec": file.video_codec,
        "audio_codec": file.audio_codec,
        "frame_rate": file.frame_rate,
        "bit_rate": file.bit_rate,
    }


@lru_cache(maxsize=10_000)
def _epoch(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
