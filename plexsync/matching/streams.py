"""What a video is like, as Stash and Plex tell it in words and units of their own, brought into one form.

Stash has what ffprobe says: ``h264``, 29.97 frames a second, bits a second. Plex has classes for frame rates (``NTSC``,
``24p``), kilobits a second, and for a few codecs names of its own. Whatever is no such thing is unknown: 0 or ``""``.
"""

from __future__ import annotations

from functools import lru_cache

from plexsync.imports.late import late_pattern

#: Pixels of one side, frames a second, and bits a second that a video can have.
MOST_PIXELS = 65_536
MOST_FRAMES = 1_000.0
MOST_BITS = 10**12
#: Milliseconds that a video can have: some thirty years.
MOST_MILLISECONDS = 10**12

#: Frames a second that Plex has a word for.
_FRAME_RATES = {"pal": 25.0, "ntsc": 29.97}
_PLAIN_RATE = late_pattern(r"([0-9]{1,3}(?:\.[0-9]{1,6})?)[pi]?")
#: Names of codecs that mean another one's: Plex's (``dca``, and of older servers) and those of files.
_CODECS = {
    "avc": "h264",
    "avc1": "h264",
    "h265": "hevc",
    "hev1": "hevc",
    "hvc1": "hevc",
    "dca": "dts",
    "mpeg2": "mpeg2video",
    "mpeg1": "mpeg1video",
    "divx": "mpeg4",
    "xvid": "mpeg4",
    "wmv": "wmv3",
}
#: A length as a text.
_MEASURE = late_pattern(r"([0-9]{1,19})(?:\.[0-9]{1,20})?")
#: What a codec can be called.
_CODEC = late_pattern(r"[a-z0-9][a-z0-9_.-]{0,31}")
#: Characters that the name of a codec or a frame rate may have.
_LONGEST = 32
#: The height in pixels that Plex's classes of resolutions stand for, where it does not tell the height itself.
_HEIGHTS = {"480": 480, "576": 576, "720": 720, "1080": 1080, "2k": 1440, "4k": 2160, "8k": 4320}


def pixels(value: object) -> int:
    """A width or height; 0 for what is none.

    :param value: a number or its text.
    """
    number = _whole(value)
    return number if 0 < number <= MOST_PIXELS else 0


def bits(value: object, unit: int = 1) -> int:
    """Bits a second; 0 for what is none.

    :param value: a number or its text.
    :param unit: the bits that it counts: 1000 for kilobits.
    """
    number = _whole(value) * unit
    return number if 0 < number <= MOST_BITS else 0


def frames_per_second(value: object) -> float:
    """Frames a second, to hundredths; 0 for what is none.

    :param value: a number (29.97), its text, or a class of Plex's (``NTSC``, ``PAL``, ``24p``).
    """
    if isinstance(value, str):
        return _named_rate(value) if len(value) <= _LONGEST else 0.0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return round(float(value), 2) if 0 < value <= MOST_FRAMES else 0.0


@lru_cache(maxsize=256)
def _named_rate(text: str) -> float:
    name = text.strip().lower()
    if name in _FRAME_RATES:
        return _FRAME_RATES[name]
    found = _PLAIN_RATE.fullmatch(name)
    return frames_per_second(float(found[1])) if found else 0.0


def codec(value: object) -> str:
    """A codec by ffmpeg's name, in small letters; ``""`` for what is none."""
    return _codec(value) if isinstance(value, str) and 0 < len(value) <= _LONGEST else ""


@lru_cache(maxsize=1024)
def _codec(text: str) -> str:
    name = text.strip().lower()
    if not _CODEC.fullmatch(name):
        return ""
    # Plex calls all of them pcm.
    return "pcm" if name.startswith("pcm_") else _CODECS.get(name, name)


def height_of_class(value: object) -> int:
    """The height in pixels that a class of Plex's stands for (``1080``, ``4k``); 0 for ``sd``, which is any."""
    return _HEIGHTS.get(str(value).strip().lower().removesuffix("p"), 0)


def milliseconds(value: object) -> int | None:
    """The length of a file; None for what is none.

    :param value: a number or its text, of which as much counts as is whole of it.
    """
    if type(value) is int:
        number = value
    elif isinstance(value, float):
        number = int(value) if 0 <= value <= MOST_MILLISECONDS else -1
    elif isinstance(value, str) and (found := _MEASURE.fullmatch(value)):
        number = int(found[1])
    else:
        return None
    return number if 0 <= number <= MOST_MILLISECONDS else None


def _whole(value: object) -> int:
    """A whole number; 0 for what is none."""
    if type(value) is int:
        return value
    if isinstance(value, float):
        return int(value) if abs(value) < MOST_BITS else 0
    if isinstance(value, str) and len(value) < 19 and value.isascii() and value.isdigit():
        return int(value)
    return 0
