"""The ids of lines: a scene's own line has the scene's id, those of its further items have negative ones."""

from __future__ import annotations

#: Further items of one scene, at most.
MOST = 99
#: The largest id of a scene whose lines have ids that a database keeps. Stash's are smaller by far. A person may ask
#: for any, and of such a scene there is but its own line.
LARGEST = (2**63 - 1) // (MOST + 1) - 1
#: In SQL, the scene that a line of table ``scene`` belongs to.
SCENE_OF = f"(case when {{0}} < 0 then -{{0}} / {MOST + 1} else {{0}} end)"
_BOUNDED = f"(case when {{0}} > {LARGEST} then {LARGEST} else {{0}} end)"
#: In SQL, the ids that the lines of a scene's further items may have: what stands behind ``line.scene_id``.
BETWEEN = f"between -{_BOUNDED} * {MOST + 1} - {MOST} and -{_BOUNDED} * {MOST + 1}"


def line_of(scene_id: int, number: int) -> int:
    """The id of the line of a scene's further item.

    :param number: 1 to ``MOST``; 0 for what is noted of them all.
    """
    return -(min(scene_id, LARGEST) * (MOST + 1) + number)


def scene_of(line_id: int) -> int:
    """The scene that a line belongs to: a scene's own, or one of its further items."""
    return line_id if line_id >= 0 else -line_id // (MOST + 1)


def bounds(scene_id: int) -> tuple[int, int]:
    """The least and the largest id of the lines of a scene's further items."""
    return line_of(scene_id, MOST), line_of(scene_id, 1)
