"""What would decide whether an item is a scene's, in words: what a person is to compare, and with what."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching import weights
from plexsync.matching.lookup import Match
from plexsync.matching.paths import map_path
from plexsync.model import IndexedPart, Scene, SceneFile


def hint(
    scene: Scene, match: Match, parts: Sequence[IndexedPart], path_map: Sequence[tuple[str, str]], held_by: int | None
) -> str:
    """A sentence on what a person is to look at; ``""`` where nothing is known that would help.

    :param match: the candidate.
    :param parts: its files.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    :param held_by: the scene that has the item; None for none.
    """
    if held_by is not None:
        return f"scene {held_by} has this item: compare the two scenes in Stash; is one of them there twice?"
    part = next((one for one in parts if one.file == match.path), None)
    file = next((one for one in scene.files if one.path == match.file), scene.files[0] if scene.files else None)
    if part is None or file is None:
        return ""
    is_here = map_path(file.path, path_map).casefold() == part.path.casefold()
    return _replaced(file, part) if is_here else _elsewhere(file, part)


def _replaced(file: SceneFile, part: IndexedPart) -> str:
    if not file.size or not part.size or file.size == part.size:
        return ""
    return (
        f"the file lies at its path, but Plex knows it with {_bytes(part.size)}, Stash with {_bytes(file.size)}: in "
        "Plex, let the item be analysed; if that changes nothing, play both"
    )


def _elsewhere(file: SceneFile, part: IndexedPart) -> str:
    ours, theirs = file.duration or 0.0, (part.duration_ms or 0) / 1000
    if not theirs:
        return "Plex does not know its length: in Plex, let the item be analysed, then sync the scene"
    if not ours:
        return f"Stash does not know the scene's length, and the item's is {_clock(theirs)}: play both"
    if abs(ours - theirs) > weights.CLOSE_DURATION:
        return f"its length is {_clock(theirs)}, the scene's {_clock(ours)}; play both"
    if file.height and part.height and {file.height, file.width} != {part.height, part.width}:
        pixels = f"{part.width}x{part.height}, the scene's {file.width}x{file.height}"
        return f"it is as long as the scene, its picture is {pixels}: is it the same film encoded anew? Play both"
    if file.size and part.size and file.size != part.size:
        sizes = f"{_bytes(part.size)}, the scene's {_bytes(file.size)}"
        return f"it is as long as the scene, its file has {sizes}: is it the same film encoded anew? Play both"
    if file.size and part.size:
        return (
            f"it is as long and as large as the scene: the folders tell them apart ({_folder(part.file)}), or play both"
        )
    return "it is as long as the scene; play both"


def _clock(seconds: float) -> str:
    """Minutes and seconds, or hours as well: ``24:10``, ``1:02:03``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _bytes(size: int) -> str:
    return f"{size:,} bytes"


def _folder(path: str) -> str:
    separator = "\\" if "\\" in path and "/" not in path else "/"
    return path.rpartition(separator)[0] or path
