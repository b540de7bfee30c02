"""What the hashes of two files say: the same content, whatever it is called; and of which files it is worth asking."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plexsync.matching import weights
from plexsync.matching.content_hash import is_telling
from plexsync.matching.evidence import Evidence
from plexsync.matching.evidence_kind import Kind
from plexsync.model import IndexedPart, SceneFile


def same_content(file: SceneFile, part: IndexedPart) -> Evidence | None:
    """Evidence of two hashes; None where one is unknown, or tells nothing."""
    if not file.oshash or not part.oshash or not (is_telling(file.size) and is_telling(part.size)):
        return None
    if file.oshash == part.oshash:
        return Evidence(Kind.CONTENT, weights.SAME_CONTENT, "same content, by its hash", decisive=True)
    if file.size and file.size == part.size:
        return Evidence(Kind.CONTENT, weights.OTHER_CONTENT, "other content of the same size, by its hash")
    # Of another size it is another file anyway, and may still be the film.
    return None


def worth_asking(files: Iterable[SceneFile], parts: Sequence[IndexedPart]) -> bool:
    """Whether Plex's hash of one of an item's files may settle something: the size is in it, so it has to agree."""
    return any(
        file.oshash
        and is_telling(file.size)
        and is_telling(part.size)
        and not part.oshash
        and (not file.size or not part.size or file.size == part.size)
        for file in files
        for part in parts
    )
