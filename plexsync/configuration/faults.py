"""What is wrong with settings, told all at once."""

from __future__ import annotations

from collections.abc import Iterable

from plexsync.imports.late_dataclass import dataclass

#: The source of a setting that is required and stands in none.
NOWHERE = "not set anywhere"


@dataclass(frozen=True, slots=True)
class SettingFault:
    """One thing that is wrong.

    :param setting: the name as the person wrote it: variable, TOML key, or name on Stash's page.
    :param source: where it was written.
    :param problem: what is wrong. Never holds a token or a key.
    :param remedy: what would be right.
    """

    setting: str
    source: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.setting} ({self.source}): {self.problem}; {self.remedy}"


class SettingsError(Exception):
    """The settings cannot be used. ``faults`` holds everything that is wrong; the text has a line for each."""

    def __init__(self, faults: Iterable[SettingFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.faults)

    @property
    def only_missing(self) -> bool:
        """Whether nothing is wrong but that something is not set, so that a source not read yet may have it."""
        return all(fault.source == NOWHERE for fault in self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))
