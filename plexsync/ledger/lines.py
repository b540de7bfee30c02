"""The ids of lines: a scene's own line has the scene's id, those of its further items have negative ones."""

from __future__ import annotations

#: Further items of one scene, at most.
MOST = 99
#: In SQL, the scene that a line of table ``scene`` belongs to.
SCENE_OF = f"(case when {{0}} < 0 then -{{0}} / {MOST + 1} else {{0}} end)"


def line_of(scene_id: int, number: int) -> int:
    """The id of the line of a scene's further item.

    :param number: 1 to ``MOST``; 0 for what is noted of them all.
    """
    return -(scene_id * (MOST + 1) + number)


def scene_of(line_id: int) -> int:
    """The scene that a line belongs to: a scene's own, or one of its further items."""
    return line_id if line_id >= 0 else -line_id // (MOST + 1)


def bounds(scene_id: int) -> tuple[int, int]:
    """The least and the largest id of the lines of a scene's further items."""
    return line_of(scene_id, MOST), line_of(scene_id, 1)
