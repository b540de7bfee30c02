"""The moment at which a camera began to record, as it writes it in a file's name: ``VID_20130918_112346``."""

from __future__ import annotations

import datetime

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence

_MOMENT = late_pattern(
    r"(?<![0-9])((?:19|20)[0-9]{2})[-_. ]?([01][0-9])[-_. ]?([0-3][0-9])[-_. Tt]+"
    r"([0-2][0-9])[-_.:h]?([0-5][0-9])[-_.:m]?([0-5][0-9])(?:[0-9]{3})?(?![0-9])"
)
#: Seconds by which two programs may tell one moment otherwise; and by whole multiples of which, as time zones differ.
_SLACK, _ZONES = 2, 900


def other_moment(ours: str, theirs: str) -> Evidence | None:
    """Evidence that two files were recorded at different moments, by their names; None where that is not so.

    One moment in two time zones is no other one.

    :param ours: the name of the scene's file, without its ending.
    :param theirs: the name of the item's file.
    """
    mine, yours = _moment(ours), _moment(theirs)
    if mine is None or yours is None:
        return None
    apart = abs((mine - yours).total_seconds()) % _ZONES
    if min(apart, _ZONES - apart) <= _SLACK:
        return None
    return Evidence(weights.OTHER_COUNT, f"another moment ({mine} in Stash, {yours} in Plex)")


def _moment(name: str) -> datetime.datetime | None:
    found = _MOMENT.search(name)
    if found is None:
        return None
    try:
        return datetime.datetime(*map(int, found.groups()))  # type: ignore[arg-type]
    except ValueError:
        return None
