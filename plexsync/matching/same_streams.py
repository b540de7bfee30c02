"""What the streams of two files say that are as long, whatever they are called: of one film, or of two."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.evidence_kind import Kind
from plexsync.matching.namesakes import beyond
from plexsync.model import IndexedPart, SceneFile


def same_streams(file: SceneFile, part: IndexedPart) -> list[Evidence]:
    """Evidence of frame rates, and of pictures where the sizes are those of the same streams in another container.

    Whoever encodes a film again keeps its frame rate, or halves it; and whoever only packs it anew keeps all of it.

    :param file: of a scene, as long as ``part`` and of another size.
    """
    found = []
    if file.frame_rate and part.frame_rate:
        found.append(_of_rates(file.frame_rate, part.frame_rate))
    apart = abs((file.duration or 0.0) - (part.duration_ms or 0) / 1000)
    if apart <= weights.REPACKED_APART and is_repacked(file.size, part.size) and file.height and part.height:
        same = {file.height, file.width} == {part.height, part.width} and not _is_of_other_rate(file, part)
        if not same or (file.video_codec and part.video_codec and file.video_codec != part.video_codec):
            # So it is by chance that the sizes are nearly the same.
            ours, theirs = (_pictures(one, with_rate=_is_of_other_rate(file, part)) for one in (file, part))
            text = f"other pictures ({ours} in Stash, {theirs} in Plex)"
            found.append(Evidence(Kind.OTHER_PICTURES, weights.REPACKED_OTHERWISE, text))
        else:
            more = weights.SAME_FRAMES if apart <= weights.FRAME else 0.0
            found.append(Evidence(Kind.SAME_PICTURES, weights.SAME_PICTURES + more, "same pictures"))
            if abs((file.size or 0) - (part.size or 0)) <= weights.RETAGGED_SHARE * (file.size or 0):
                found.append(Evidence(Kind.RETAGGED, weights.RETAGGED, "the same size but for some bytes in a million"))
    return found


def is_encoded_otherwise(best: FilePair, evidence: Sequence[Evidence]) -> bool:
    """Whether the frame rate is another one, and the length not quite the same either: that is two things at once.

    :param best: the files that are compared.
    :param evidence: all that was found, as of ``same_streams``.
    """
    if not beyond(best.file, best.part, weights.WITNESSES_CLOSE):
        return False
    return any(one.kind is Kind.OTHER_FRAME_RATE for one in evidence)


def is_of_other_streams(file: SceneFile, part: IndexedPart) -> bool:
    """Whether frame rates and pictures are known and other ones, and the one rate is not half of the other."""
    if not (file.height and part.height and file.frame_rate and part.frame_rate):
        return False
    return _of_rates(file.frame_rate, part.frame_rate).kind is Kind.OTHER_FRAME_RATE and {file.height, file.width} != {
        part.height,
        part.width,
    }


def is_repacked(ours: int | None, theirs: int | None) -> bool:
    """True where two sizes in bytes are those of the same streams in two containers."""
    if not ours or not theirs or ours == theirs:
        return False
    return abs(ours - theirs) <= weights.REPACKED_SHARE * max(ours, theirs)


def _pictures(one: SceneFile | IndexedPart, *, with_rate: bool) -> str:
    return f"{one.width}x{one.height} {one.video_codec}" + (f" at {one.frame_rate:g}" if with_rate else "")


def _is_of_other_rate(file: SceneFile, part: IndexedPart) -> bool:
    if not file.frame_rate or not part.frame_rate:
        return False
    return abs(file.frame_rate - part.frame_rate) > weights.FRAME_RATE_APART


def _of_rates(ours: float, theirs: float) -> Evidence:
    if abs(ours - theirs) <= weights.FRAME_RATE_APART:
        return Evidence(Kind.SAME_FRAME_RATE, weights.SAME_FRAME_RATE, f"same frame rate ({ours:g})")
    told = f"another frame rate ({ours:g} in Stash, {theirs:g} in Plex)"
    is_half = abs(max(ours, theirs) - 2 * min(ours, theirs)) <= weights.FRAME_RATE_APART
    if is_half:
        return Evidence(Kind.HALF_FRAME_RATE, weights.HALF_FRAME_RATE, told)
    return Evidence(Kind.OTHER_FRAME_RATE, weights.OTHER_FRAME_RATE, told)
