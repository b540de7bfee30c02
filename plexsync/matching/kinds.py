"""The kinds of evidence that reasons speak of, by their words: so is known how often each kind was right here."""

from __future__ import annotations

from collections.abc import Iterable

from plexsync.imports.late import late_pattern

#: Names of kinds, in the order in which they are shown, each with how the reasons of it begin. The first that fits.
KINDS: dict[str, str] = {
    "path": r"same path",
    "content": r"same content",
    "size": r"same size|nearly the same size|the same size but",
    # Of those that say no such thing, the durations are given in whole seconds.
    "length": r"same duration|durations \d+\.\d s apart",
    "file name": r"same file name",
    "streams": r"same frame rate|same pictures",
    "folder": r"same folder|both in |one of \d+ files in the folder ",
    "words": r"same words|same edition |title \d|file name \d",
    "code": r"same code|same number|same long number",
    "id": r"same id ",
    "date": r"same date|same moment|both of |dates a day apart",
    "studio": r"same studio|studio ",
    "performers": r".* in its name$",
    "agent": r"Plex's agent ",
    "address": r"the scene's addresses ",
}
#: Reasons that do not speak for an item: what contradicts, and what is said of others.
_AGAINST = late_pattern(
    r"another |called otherwise|in front: |its file is called otherwise|of such studio|in another folder|"
    r"number .* only in |.* only in (Stash|Plex)$|a copy of |a year apart|chosen by |a person |item |"
    r"shows the scene |a second file |other content|others |perhaps of a second |perhaps another |"
    r"Plex's agent made the item from scene "
)
_PATTERNS = {kind: late_pattern(pattern) for kind, pattern in KINDS.items()}


def kind_of(reason: str) -> str | None:
    """The kind of a reason that speaks for an item; None for one that does not, or of an unknown kind."""
    if _AGAINST.match(reason):
        return None
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.match(reason)), None)


def kinds_of(reasons: Iterable[str]) -> tuple[str, ...]:
    """The kinds of evidence that some reasons speak of, each once, in the order of ``KINDS``."""
    found = {kind_of(reason) for reason in reasons}
    return tuple(kind for kind in KINDS if kind in found)
