"""Names without a word: check sums, random ids, with a day or a number at most. They say nothing of what is shown."""

from __future__ import annotations

import re
from collections.abc import Set
from itertools import groupby

from plexsync.imports.late import late_pattern
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.titles import words

_UUID = late_pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TOKEN = late_pattern("[0-9A-Za-z]+")
_HEXADECIMAL = late_pattern(r"(?=.*[0-9])(?=.*[a-f])[0-9a-f]{8,}|(?=.*[0-9])(?=.*[A-F])[0-9A-F]{8,}")
_PART = late_pattern("[0-9]+|[A-Z]+[a-z]*|[a-z]+")
#: Characters that a random id has at the least, groups of digits within it, and the share of its characters that begin
#: a number, a word or capitals: codes, seasons, years and words in one piece have fewer.
_LEAST, _GROUPS, _SHARE = 8, 3, 0.36
#: The same where both cases are mixed.
_LEAST_OF_CASES, _SHARE_OF_CASES = 10, 0.4
#: What has one in it: letters and digits in one piece.
_MAY_BE_RANDOM = late_pattern(rf"(?<![0-9A-Za-z])(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[0-9A-Za-z]{{{_LEAST}}}")
#: Characters of a long one, and consonants one after the other, fewer where there are digits between them.
_LONG = 16
_CONSONANTS = late_pattern("[b-df-hj-np-tv-xz]{6}", re.IGNORECASE)
_CONSONANTS_BESIDE_DIGITS = late_pattern("[b-df-hj-np-tv-xz]{5}", re.IGNORECASE)
#: What sites write beside the id.
_BESIDE = frozenset(("source", "original", "orig", "post", "story", "hq", "hd", "sd"))


def is_wordless(written: str, explained: Set[str]) -> bool:
    """Whether a name is a random id, with numbers, names of studio and performers and words that say nothing.

    :param written: a file's name without its ending, or a title.
    :param explained: words of studio and performers.
    """
    if not _MAY_BE_RANDOM.search(written) and not ("-" in written and _UUID.search(written)):
        # So are most.
        return False
    text, ids = _UUID.subn(" ", written)
    tokens = _TOKEN.findall(text)
    others = [token.lower() for token in tokens if not is_random(token)]
    if not ids and len(others) == len(tokens):
        return False
    return all(_says_nothing(one, explained) for one in others)


def _says_nothing(token: str, explained: Set[str]) -> bool:
    known = (explained, GENERIC, _BESIDE)
    return any(token in one for one in known) or all(
        word.isdigit() or any(word in one for one in known) for word in words(token)
    )


def is_random(token: str) -> bool:
    """Whether letters and digits are such as nobody writes, but programs do: ``3fa8c1d2``, ``dQw4w9WgXcQ``."""
    if len(token) < _LEAST or token.isdigit() or token.isalpha():
        return False
    if _HEXADECIMAL.fullmatch(token):
        return True
    parts, many = len(_PART.findall(token)), len(token)
    if sum(is_digit for is_digit, _ in groupby(token, str.isdigit)) >= _GROUPS and (
        parts >= _SHARE * many or _CONSONANTS_BESIDE_DIGITS.search(token)
    ):
        return True
    is_mixed = token != token.lower() and token != token.upper()
    if is_mixed and many >= _LEAST_OF_CASES and parts >= _SHARE_OF_CASES * many:
        return True
    return many >= _LONG and _CONSONANTS.search(token) is not None
