"""The pieces of a name between which something else begins: studio, day, people, title."""

from __future__ import annotations

from functools import lru_cache

from plexsync.imports.late import late_pattern
from plexsync.matching.titles import words

#: In ``Studio66.23.05.17`` the first number is none of the day's.
_BETWEEN = late_pattern(
    r"\s[-–—~]\s|[\[\](){},;:|&+]|(?<![0-9])(?:[0-9]{4}[-._ ][0-9]{2}[-._ ][0-9]{2,4}(?![0-9])"
    r"|[0-9]{2}[-._ ][0-9]{2}[-._ ][0-9]{2,4}(?![0-9]|[-._][0-9]{2}(?![0-9])))"
    r"|(?<![0-9])[0-9]{6,8}(?![0-9])"
)
#: Names of which the pieces are kept: those of the files that one scene is compared with.
_KEPT = 256


@lru_cache(_KEPT)
def pieces(written: str) -> tuple[tuple[str, ...], ...]:
    """The words of each piece of a title, or of a file name without its ending; a name may be all one piece."""
    parts = (part for part in _BETWEEN.split(written) if part.strip(" ._-"))
    return tuple([tuple(found) for part in parts if (found := words(part))])
