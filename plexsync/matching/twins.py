"""What tells two items apart that are as long and called alike: pictures, as streams and names tell them."""

from __future__ import annotations

from plexsync.imports.late import late_pattern
from plexsync.matching import weights
from plexsync.matching.evidence import FilePair
from plexsync.matching.paths import stem
from plexsync.model import IndexedPart, SceneFile

_LINES = late_pattern(r"(?<![0-9a-z])([0-9]{3,4})[pi](?:[0-9]{2,3})?(?![0-9a-z])")
_SIDES = late_pattern(r"(?<![0-9a-z])[0-9]{3,4}x([0-9]{3,4})(?![0-9a-z])")
_NAMED = {"8k": 4320, "4k": 2160, "uhd": 2160, "2k": 1440, "qhd": 1440, "fhd": 1080}
_NAMES = late_pattern(r"(?<![0-9a-z])(8k|4k|uhd|2k|qhd|fhd)(?![0-9a-z])")
#: What resolutions are called after, so that a number before ``p`` is none of something else.
_USUAL = frozenset((240, 360, 480, 540, 576, 720, 1080, 1440, 2160, 4320))


def likeness(file: SceneFile, part: IndexedPart) -> float:
    """How much an item's file is like a scene's in its pictures, in powers of ten; 0 where nothing is known.

    It counts between items that are as long and called alike; by itself it says nothing, since a film may be encoded
    again in any way.
    """
    said = _of_heights(_height(file.height, file.width, file.path), _height(part.height, part.width, part.path))
    if file.frame_rate and part.frame_rate:
        apart = abs(file.frame_rate - part.frame_rate)
        said += weights.SAME_STREAM if apart <= weights.FRAME_RATE_APART else weights.OTHER_STREAM
    if file.video_codec and part.video_codec:
        said += weights.SAME_STREAM if file.video_codec == part.video_codec else weights.OTHER_STREAM
    for ours, theirs in ((file.size, part.size), (file.bit_rate, part.bit_rate)):
        if ours and theirs:
            alike = abs(ours - theirs) <= weights.REMUXED_SHARE * max(ours, theirs)
            # The one mostly follows from the other.
            return said + (weights.REMUXED if alike else weights.NOT_REMUXED)
    return said


def _of_heights(ours: int, theirs: int) -> float:
    if not ours or not theirs:
        return 0.0
    alike = abs(ours - theirs) <= weights.HEIGHT_SHARE * max(ours, theirs)
    return weights.SAME_HEIGHT if alike else weights.OTHER_HEIGHT


def _height(told: int, width: int, path: str) -> int:
    """The lines of a picture, whichever way it is turned, as the streams tell, or else the name; 0 for unknown."""
    if told:
        return min(told, width) if width else told
    return height_named(stem(path))


def height_named(name: str) -> int:
    """The lines of a picture that a name tells: ``1080p``, ``1920x1080``, ``4K``; 0 for none."""
    text = name.lower().replace("_", " ")
    for pattern in (_LINES, _SIDES):
        if (found := pattern.search(text)) and int(found[1]) in _USUAL:
            return int(found[1])
    named = _NAMES.search(text)
    return _NAMED[named[1]] if named else 0


def heights_of(best: FilePair | None) -> frozenset[int]:
    """How many lines the pictures of two files may have: those that are known, and any usual number beside them."""
    if best is None:
        return frozenset()
    file, part = best.file, best.part
    if not (file.height and part.height):
        return _USUAL
    return frozenset((file.height, file.width, part.height, part.width))
