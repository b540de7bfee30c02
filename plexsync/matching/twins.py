"""What tells two items apart that are as long and called alike: pictures, as streams and names tell them, and marks."""

from __future__ import annotations

from plexsync.matching import weights
from plexsync.matching.evidence import FilePair
from plexsync.matching.mark_spellings import Lines
from plexsync.matching.marks import lines_of
from plexsync.model import IndexedPart, SceneFile

#: What resolutions are called after, so that such a number at the end of a name may be none of a series.
_USUAL = frozenset((480, 540, 576, 720, 1080, 1440, 2160, 4320))


def likeness(file: SceneFile, part: IndexedPart, marks: float = 0.0) -> float:
    """How much an item's file is like a scene's in its pictures and marks, in powers of ten; 0 where nothing is known.

    It counts between items that are as long and called alike; by itself it says nothing, since a film may be encoded
    again in any way.

    :param marks: what the marks in names say (``marks.alike``).
    """
    said = _of_lines(file, part) + marks
    if file.frame_rate and part.frame_rate:
        apart = abs(file.frame_rate - part.frame_rate)
        said += weights.SAME_STREAM if apart <= weights.FRAME_RATE_APART else weights.OTHER_STREAM
    is_other_codec = False
    if file.video_codec and part.video_codec:
        is_other_codec = file.video_codec != part.video_codec
        said += weights.OTHER_STREAM if is_other_codec else weights.SAME_STREAM
    for ours, theirs in ((file.size, part.size), (file.bit_rate, part.bit_rate)):
        if ours and theirs:
            # Of another codec it is as large by chance.
            alike_in_size = not is_other_codec and abs(ours - theirs) <= weights.REMUXED_SHARE * max(ours, theirs)
            # The one mostly follows from the other.
            return said + (weights.REMUXED if alike_in_size else weights.NOT_REMUXED)
    return said


def _of_lines(file: SceneFile, part: IndexedPart) -> float:
    """What the lines of the pictures say, by the streams or else by the names; and what names say beside streams."""
    ours, theirs = _lines(file.height, file.width), _lines(part.height, part.width)
    mine, yours = lines_of(file.path), lines_of(part.path)
    said = 0.0
    if ours and theirs:
        said = weights.SAME_HEIGHT if _is_one((ours, ours), (theirs, theirs)) else weights.OTHER_HEIGHT
    elif (ours or mine) and (theirs or yours):
        same = any(
            _is_one(one, other)
            for one in _called(file.height, file.width) or (mine,)
            for other in _called(part.height, part.width) or (yours,)
        )
        said = weights.SAME_HEIGHT if same else weights.OTHER_HEIGHT
    if mine and yours and (ours or theirs):
        said += weights.SAME_MARK if _is_one(mine, yours) else weights.OTHER_MAKE
    return said


def _is_one(ours: Lines | None, theirs: Lines | None) -> bool:
    """Whether two spans of lines may be those of one picture."""
    if ours is None or theirs is None:
        return False
    (fewest, most), (least, largest) = ours, theirs
    return fewest <= largest * (1 + weights.HEIGHT_SHARE) and least <= most * (1 + weights.HEIGHT_SHARE)


def _lines(height: int, width: int) -> int:
    """The lines of a picture as its stream tells them, whichever way it is turned; 0 for unknown."""
    return min(height, width) if height and width else height


def _called(height: int, width: int) -> tuple[Lines, ...]:
    """What the lines of a picture may be called: 1920x800 is 1080p as well."""
    lines = _lines(height, width)
    by_width = round(max(height, width) * 9 / 16)
    return ((lines, lines), (by_width, by_width)) if lines else ()


def heights_of(best: FilePair | None) -> frozenset[int]:
    """How many lines the pictures of two files may have: those that are known, and any usual number beside them."""
    if best is None:
        return frozenset()
    file, part = best.file, best.part
    if not (file.height and part.height):
        return _USUAL
    return frozenset((file.height, file.width, part.height, part.width))
