"""What differs from one Plex server to the next, or is only believed: the knobs of the simulated one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass
class Behaviour:
    """How the simulated Plex behaves; may be changed while it runs.

    :param page_cap: items a listing shows at most, however many were asked for; None for no cap.
    :param write_delay: seconds each write takes; only one is carried out at a time.
    :param busy_limit: writes that may wait for their turn, one more gets "database is busy"; None for any number.
    :param scan_delay: seconds from a scan's request until its files have become items.
    :param dedupe_pictures: a picture that is uploaded again is kept once.
    :param honours_excludes: ``excludeElements`` and ``excludeFields`` are obeyed.
    :param max_request_line: bytes; a longer request line is refused.
    :param long_requests: how: with status 414, or by dropping the connection.
    :param tag_lists: what ``genre[0].tag.tag=`` does to the names that are there and not named: sources disagree.
    :param tag_order: whether names stand by the index they were written with (the earlier of two with the same index
        first), or in the order they came.
    :param folds: which names the server takes for one: those that differ in the case of ASCII letters (believed), in
        what Unicode folds, or none. Set it before there are tags.
    :param removals_decoded: how often a name to be removed is decoded; python-plexapi encodes it twice.
    :param removals_last: names are added before others are removed, so that a name meant for both is gone.
    """

    page_cap: int | None = None
    write_delay: float = 0.0
    busy_limit: int | None = None
    scan_delay: float = 0.0
    dedupe_pictures: bool = False
    honours_excludes: bool = True
    max_request_line: int = 8192
    long_requests: Literal["414", "drop"] = "414"
    tag_lists: Literal["add", "replace"] = "add"
    tag_order: Literal["index", "arrival"] = "index"
    folds: Literal["ascii", "unicode", "none"] = "ascii"
    removals_decoded: Literal["twice", "once"] = "twice"
    removals_last: bool = False
