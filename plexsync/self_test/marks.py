"""How what the self-test writes is told from what others wrote: it all begins with the same words."""

from __future__ import annotations

from urllib.parse import unquote

from plexsync.metadata.names import fold

#: What every text and name of the self-test begins with.
MARK = "PlexSync self-test"


def made_up(text: str) -> str:
    """A text, or a name, that is known for ours."""
    return f"{MARK} {text}"


def is_made_up(text: str) -> bool:
    """Whether a text is one of ours, in whatever spelling a server has made of it."""
    plain = fold(unquote(text).replace("+", " "))
    return plain.startswith(fold(MARK))
