"""How alike two texts are: what is imported when texts are compared, which most of the program never does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plexsync.imports.late import late_module

if TYPE_CHECKING:
    import difflib as difflib

    from rapidfuzz import fuzz as fuzz
    from rapidfuzz import process as process
    from rapidfuzz.distance import OSA as OSA
else:
    difflib = late_module("difflib")
    fuzz, process = late_module("rapidfuzz.fuzz"), late_module("rapidfuzz.process")
    OSA = late_module("rapidfuzz.distance.OSA")
