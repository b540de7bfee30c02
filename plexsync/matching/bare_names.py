"""File names that say no more than the folder does: ``Rosa Moretti/Rosa Moretti - untitled``."""

from __future__ import annotations

from collections.abc import Sequence

from plexsync.matching.evidence import GENERIC
from plexsync.matching.paths import path_key, stem
from plexsync.matching.reading import read
from plexsync.matching.titles import name_words

#: Folders above a file whose names are looked at.
_FOLDERS = 2


def said_by_folders(paths: Sequence[str]) -> frozenset[str]:
    """Words of files' names that their folders have as well, where all else in the name is what anybody would choose.

    All that lies in such a folder is called so, as by a studio or a performer of whom nothing else is known.
    """
    found: set[str] = set()
    for path in paths:
        own = read(stem(path)).words
        if any(word in GENERIC for word in own):
            folders = path_key(path).split("/")[-1 - _FOLDERS : -1]
            said = {word for folder in folders for word in name_words(folder)}
            besides = [word for word in own if word not in said]
            # A film's own folder is called as the film is, with nothing besides.
            if besides and all(word in GENERIC for word in besides):
                found.update(word for word in own if word in said)
    return frozenset(found)
