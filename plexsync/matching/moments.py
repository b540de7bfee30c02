"""The moment at which a camera began to record, as it writes it in a file's name: ``VID_20130918_112346``."""

from __future__ import annotations

import datetime

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind

_MOMENT = late_pattern(
    r"(?<![0-9])((?:19|20)[0-9]{2})[-_. ]?([01][0-9])[-_. ]?([0-3][0-9])(?:[-_. Tt]+(?:at[-_. ]+)?)?"
    r"(?:([0-2][0-9])([0-5][0-9])([0-5][0-9])(?:[0-9]{3})?|([0-2]?[0-9])[-_.:h]([0-5][0-9])[-_.:m]([0-5][0-9]))(?![0-9])"
    r"(?:[-_. ]?([AaPp])[Mm](?![A-Za-z]))?"
)
#: Seconds by which two programs may tell one moment otherwise; and by whole multiples of which, as time zones differ.
_SLACK, _ZONES = 2, 900
#: Hours that no two time zones are apart.
_FARTHEST = datetime.timedelta(hours=26)


def compared_moments(ours: str, theirs: str) -> Evidence | None:
    """Evidence that two files were recorded at one moment, or at different ones, by their names; None for neither.

    One moment in two time zones is no other one.

    :param ours: the name of the scene's file, without its ending.
    :param theirs: the name of the item's file.
    """
    mine, yours = _moment(ours), _moment(theirs)
    if mine is None or yours is None:
        return None
    apart = abs(mine - yours)
    if apart.total_seconds() <= _SLACK:
        return Evidence(Kind.MOMENT, weights.SAME_MOMENT, f"same moment {mine}", decisive=True)
    beside = apart.total_seconds() % _ZONES
    if min(beside, _ZONES - beside) > _SLACK:
        return Evidence(Kind.MOMENT, weights.OTHER_COUNT, f"another moment ({mine} in Stash, {yours} in Plex)")
    if apart > _FARTHEST:
        return None
    return Evidence(Kind.MOMENT, weights.MOMENT_OF_ZONE, f"same moment {mine} but for the time zone")


def _moment(name: str) -> datetime.datetime | None:
    found = _MOMENT.search(name)
    if found is None:
        return None
    *numbers, half = found.groups()
    year, month, day, hour, minute, second = (int(number) for number in numbers if number is not None)
    if half is not None and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half in "pP" else 0)
    try:
        return datetime.datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
