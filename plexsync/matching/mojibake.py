"""Text that was read in another encoding than it was written in: ``Ð›ÐµÑ‚Ð½ÑÑ``, ``Ëåòíÿÿ``, ``M_dchen``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache, partial

from unidecode import unidecode

from plexsync.imports.late import late_pattern
from plexsync.matching.reading import read
from plexsync.matching.texts import Text

#: Signs that programs put for letters that they do not know.
_LOST = late_pattern("[_?\ufffd]")
_WORD = late_pattern(r"[^\W\d_]{2,}")
_UNKNOWN = late_pattern("[^\x00-\x7f]+")
#: Names of scenes that are kept with their words.
_KEPT = 64


def restored(text: Text, others: Sequence[Text]) -> Text:
    """A text with the letters that others have where it has but a sign: ``M_dchen`` beside ``Mädchen``."""
    if not _LOST.search(text.written):
        return text
    written = text.written
    for other in others:
        if not other.written.isascii():
            for word, pattern in lettered_words(other.written):
                written = re.sub(pattern, partial(_or_as_it_was, word=word), written)
    return text if written == text.written else Text(written, read(written), text.is_title, text.of_folder)


def has_lost(written: str, words: Iterable[tuple[str, str]]) -> bool:
    """Whether a name has one of some words, with signs for letters of it.

    :param words: as ``lettered_words`` gives them.
    """
    if not _LOST.search(written):
        return False
    return any(_LOST.search(found[0]) for _, pattern in words for found in re.finditer(pattern, written))


@lru_cache(_KEPT)
def lettered_words(written: str) -> tuple[tuple[str, str], ...]:
    """The words of a name with letters that other programs may not know, each with how it looks to these."""
    found = dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", written)))
    return tuple((word, _without_letters(word)) for word in found if not word.isascii() and _UNKNOWN.sub("", word))


def _without_letters(word: str) -> str:
    """A pattern for a word in which each such letter, or both bytes of it, is a sign, or is left without its own."""
    return rf"(?i)(?<![A-Za-z0-9]){_UNKNOWN.sub(_as_signs, word)}(?![A-Za-z0-9])"


def _as_signs(found: re.Match[str]) -> str:
    letters = found[0]
    return rf"(?:[_?\ufffd]{{{len(letters)},{2 * len(letters)}}}|{re.escape(unidecode(letters))})"


def _or_as_it_was(found: re.Match[str], word: str) -> str:
    return word if _LOST.search(found[0]) else found[0]
