"""What there is to know of one setting besides its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING

from plexsync.imports.late_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """How a setting is read.

    :param parse: takes what was written and returns the value; raises ``WrongValue``.
    :param default: the value where nothing is written; ``MISSING`` where something has to be.
    :param shown: the default as documentation shows it.
    :param meaning: a few words for a person.
    :param is_secret: its value is shown nowhere, and may stand in a file that a variable names.
    """

    parse: Callable[[object], object]
    default: object
    shown: str
    meaning: str
    is_secret: bool = False

    @property
    def is_required(self) -> bool:
        """Whether something has to be written."""
        return self.default is MISSING
