"""What a file's video is like, as Stash and Plex tell it, and the hash of its bytes.

All of it follows from the encoding, so that no chance is used up: two files of one encoding are the same bytes.
"""

from __future__ import annotations

import hashlib
import random
from functools import lru_cache
from typing import Any

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching import streams
from plexsync.model import Part
from tests.bench.libraries.films import Encoding

#: Codecs by what a file's name ends in: of pictures with their shares, and of sound.
_CODECS: dict[str, tuple[dict[str, int], str]] = {
    "mp4": ({"h264": 78, "hevc": 22}, "aac"),
    "wmv": ({"wmv3": 80, "vc1": 20}, "wmav2"),
    "avi": ({"mpeg4": 90, "h264": 10}, "mp3"),
    "webm": ({"vp9": 80, "av1": 20}, "opus"),
}
#: Containers that streams are put into without being encoded again.
_FOR_ANY = ("mp4", "mkv", "mov", "m4v")
#: Frames a second, with shares. A film keeps them when it is encoded anew.
_FRAME_RATES = {29.97: 45, 25.0: 20, 23.98: 20, 59.94: 12, 50.0: 3}
#: Plex's words for them.
_CLASSES = {29.97: "NTSC", 25.0: "PAL", 23.98: "24p", 59.94: "60p", 50.0: "50p"}
#: Shares of pictures that are no 16:9, that lie on their side, and that Plex has not analysed.
_OTHER_SHAPE, _ON_ITS_SIDE, _NOT_ANALYSED = 0.06, 0.01, 0.04


@dataclass(frozen=True, slots=True)
class HashedPart(Part):
    """A file of Plex with the hash that Plex shows only when it is asked for it."""

    oshash: str = ""


def oshash_of(encoding: Encoding) -> str:
    """The hash that both know the file by."""
    return hashlib.blake2b(repr(encoding).encode(), digest_size=8).hexdigest()


def facts_in_stash(encoding: Encoding) -> dict[str, Any]:
    """What Stash tells of the file: fields of ``SceneFile``."""
    width, height, rate, picture, sound, bit_rate, _ = _facts(encoding)
    return {
        "width": width,
        "height": height,
        "frame_rate": rate,
        "video_codec": picture,
        "audio_codec": sound,
        "bit_rate": bit_rate,
    }


def facts_in_plex(encoding: Encoding) -> dict[str, Any]:
    """What Plex tells of the file: fields of ``Part``."""
    width, height, rate, picture, sound, bit_rate, chance = _facts(encoding)
    if chance < _NOT_ANALYSED:
        return {}
    if chance > 1 - _ON_ITS_SIDE:
        # Stash turns a phone's picture, Plex tells it as it is encoded.
        width, height = height, width
    return {
        "width": width,
        "height": height,
        "frame_rate": streams.frames_per_second(_CLASSES[rate]),
        "video_codec": picture,
        "audio_codec": sound,
        "bit_rate": bit_rate // 1000 * 1000,
    }


@lru_cache(maxsize=1024)
def _facts(encoding: Encoding) -> tuple[int, int, float, str, str, int, float]:
    rng = random.Random(encoding.streams)
    (rate,) = random.Random(encoding.shot).choices(list(_FRAME_RATES), list(_FRAME_RATES.values()))
    # What takes any streams does not tell what they are.
    coded_for = encoding.coded_for or encoding.ending
    pictures, sound = _CODECS["mp4" if coded_for in _FOR_ANY else coded_for]
    (picture,) = rng.choices(list(pictures), list(pictures.values()))
    width = round(encoding.height * 16 / 9 / 2) * 2
    if rng.random() < _OTHER_SHAPE:
        width = round(encoding.height * 4 / 3 / 2) * 2
    return width, encoding.height, rate, picture, sound, round(encoding.size * 8 / encoding.seconds), rng.random()
