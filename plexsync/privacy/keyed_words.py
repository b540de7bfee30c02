"""Words that stand for names: the same name is always the same word here, and another one on any other machine."""

from __future__ import annotations

import hmac
import os
import secrets
import time
import unicodedata
from functools import lru_cache
from pathlib import Path

from plexsync.storage.own_files import open_own

#: The secret, in the data folder.
KEY_FILE = "privacy.key"
#: Bytes of the secret.
KEY_BYTES = 32
#: Seconds to wait for another process that is just writing it.
PATIENCE = 2.0
#: How a word looks: letters, then the name's length class, and ``n`` where its letters are not composed (NFC).
WORD = r"[A-Za-z]{12}-[smlx]n?"
#: The length classes: characters of a name at most.
_CLASSES = ((4, "s"), (12, "m"), (40, "l"))
_CONSONANTS, _VOWELS = "bdfgjklmnprstvwz", "aeiou"
#: Syllables that stand for the name, and those by which a word is known to be one of ours.
_NAMING, _CHECKING = 4, 2


class KeyedWords:
    """Makes the words.

    :param key: the secret of this installation.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.word = lru_cache(maxsize=4096)(self._word)

    def _word(self, name: str) -> str:
        """The word for a name. Upper and lower case of a name give the same word, written in their manner."""
        composed = unicodedata.normalize("NFC", name)
        naming = self._syllables(f"name {composed.casefold()}", _NAMING)
        letters = naming + self._syllables(f"check {naming}", _CHECKING)
        return f"{_cased(letters, name)}-{_length_class(composed)}{'' if composed == name else 'n'}"

    def is_ours(self, word: str) -> bool:
        """Whether a text of the form ``WORD`` was made here."""
        letters = word.partition("-")[0].lower()
        end = 2 * _NAMING
        return letters[end:] == self._syllables(f"check {letters[:end]}", _CHECKING)

    def _syllables(self, text: str, count: int) -> str:
        number = int.from_bytes(hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256"), "big")
        made = ""
        for _ in range(count):
            number, consonant = divmod(number, len(_CONSONANTS))
            number, vowel = divmod(number, len(_VOWELS))
            made += _CONSONANTS[consonant] + _VOWELS[vowel]
        return made


def installation_key(folder: Path) -> bytes:
    """The secret of this installation, made where there is none.

    :param folder: the data folder.
    :raises OSError: it can be neither read nor made.
    """
    descriptor = open_own(folder / KEY_FILE, append=True)
    try:
        until = time.monotonic() + PATIENCE
        if not os.fstat(descriptor).st_size:
            # At its end, in one go: of two that make it at once, both read what was written first.
            os.write(descriptor, secrets.token_bytes(KEY_BYTES))
        while len(key := os.pread(descriptor, KEY_BYTES, 0)) < KEY_BYTES and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        os.close(descriptor)
    if len(key) < KEY_BYTES:
        raise OSError(f"{folder / KEY_FILE} is cut short: remove it, and a new one is made")
    return key


def _cased(letters: str, name: str) -> str:
    if name == name.lower():
        return letters
    if name == name.upper():
        return letters.upper()
    if name[:1].isupper() and name[1:] == name[1:].lower():
        return letters.capitalize()
    return letters[0] + letters[1:3].upper() + letters[3:]


def _length_class(name: str) -> str:
    return next((letter for most, letter in _CLASSES if len(name) <= most), "x")
