"""What programs, sites and people add to a name, and what says nothing of the film: ids, sizes, groups, endings.

``Harbour Lights [ph5c3e9a1b77d0e] (11min) 1.4GB.f137+140``: none of these numbers is that of a part.
"""

from __future__ import annotations

from plexsync.imports.late import late_pattern
from plexsync.matching.random_names import is_random

#: Letters and digits in one piece that may be an id.
_MAY_BE_ID = late_pattern(r"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{7,}")
#: Ids of sites for short films, which begin alike: ``ph5c3e9a1b77d0e``, ``xh7Ab29f``.
_OF_SITE = late_pattern(
    r"(?:ph|xh|xv|yp|rt)(?:(?=[0-9]*[A-Za-z]+[0-9]|[A-Za-z]*[0-9]+[A-Za-z])[0-9A-Za-z]{5,}|[0-9]{9,})"
)
#: What looks like one and is none: pictures and their rates, seasons, codes with what stands behind them.
_NO_ID = late_pattern(
    r"[0-9]{3,4}x[0-9]{3,4}\w*|[0-9]{3,4}p[0-9]{2,3}\w*|(?:[0-9]{1,4})?[A-Za-z]{2,6}[0-9]{2,6}[A-Za-z]{0,3}"
    r"|[Ss][0-9]{1,2}(?:[Ee][0-9]{1,3})+|[0-9]{4}y[0-9]{1,2}m[0-9]{1,2}d"
)
#: Lengths and sizes with their units.
_WITH_UNIT = late_pattern(
    r"(?<![0-9a-z.,])(?:[0-9]{1,5}(?:[.,][0-9]{1,2})?(?: ?(?:mb|gb|mib|gib)|mins?|minutes|secs?)"
    r"|[0-9]{1,2}h ?[0-9]{1,2}m?(?:in)?(?: ?[0-9]{1,2}s)?|[0-9]{1,3}m ?[0-9]{1,2}s)(?![0-9a-z])"
)
#: The group that made a release, behind what it made, where that is not the end of the name.
_GROUP = late_pattern(
    r"(?:(?<=[xh]26[45])|(?<=hevc|xvid|[. ]mp4|[. ]web|[. ]aac)|(?<=[0-9]p))-(?=[a-z]*[0-9])[0-9a-z]+(?![0-9a-z])"
)
#: ``34m12s``, ``1h02m``.
_CLOCK = late_pattern(r"[0-9][hm] ?[0-9]")
#: Endings of what programs were still loading, and endings within names.
_ENDINGS = late_pattern(r"(?:\.(?:f[0-9]{2,4}(?:[+-][0-9]{2,4})*|temp|tmp|part|mp4|mkv|wmv|avi|webm))+$")
_UNITS = ("mb", "gb", "ib", "min", "sec")
_NONE: frozenset[str] = frozenset()


def without_ids(text: str) -> tuple[str, frozenset[str]]:
    """A name without the ids that sites give what people upload, and these ids in small letters.

    :param text: as written; if it is nothing but an id, it stays as it is.
    """
    found = [one for one in _MAY_BE_ID.findall(text) if _is_id(one)]
    if not found:
        return text, _NONE
    rest = text
    for one in found:
        rest = rest.replace(one, " ", 1)
    return rest if any(map(str.isalpha, rest)) else text, frozenset(map(str.lower, found))


def _is_id(token: str) -> bool:
    if _OF_SITE.fullmatch(token):
        return True
    return is_random(token) and not _NO_ID.fullmatch(token)


def without_additions(text: str) -> str:
    """A name without lengths and sizes, release groups within it, and endings.

    :param text: as ``titles.plain`` gives it.
    """
    if "." in text:
        text = _ENDINGS.sub("", text)
    if "-" in text:
        text = _GROUP.sub("", text)
    if any(unit in text for unit in _UNITS) or _CLOCK.search(text):
        text = _WITH_UNIT.sub(" ", text)
    return text
