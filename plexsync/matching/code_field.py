"""What stands in the code field of a scene in Stash: it is a code, whatever its letters, and is looked for as such.

Read from a name alone ``MKV-863``, ``VOL-335`` and ``MOV-306`` are a container, a volume and a camera's count, and the
letters of ``T28-567`` have a number in them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from plexsync.imports.late import late_pattern
from plexsync.matching.codes import counts_itself
from plexsync.matching.reading import read
from plexsync.matching.texts import Text
from plexsync.matching.titles import plain

#: A shop's number, the studio's letters with digits within them, and the number.
_FIELD = late_pattern(r"(?:h[ _])?[0-9]{0,4}?([a-z]{1,8}|[a-z]{1,3}[0-9]{1,2}[a-z]{0,2})[ ._-]*([0-9]{3,6})[a-z]?")
#: Letters that say nothing by themselves need so many digits.
_DIGITS_BESIDE_ONE_LETTER = 4
#: Fields that are kept as they were read.
_KEPT = 64


class FieldCode(NamedTuple):
    """A code in the form that ``codes_in`` gives (``mkv863``), its number, and how names write it."""

    code: str
    number: int
    written: re.Pattern[str]


@lru_cache(_KEPT)
def field_code(field: str) -> FieldCode | None:
    """The code in a scene's code field; None where there is none, or one that is read for what it is anywhere."""
    if not field or read(field).codes:
        return None
    found = _FIELD.fullmatch(plain(field).strip())
    if found is None:
        return None
    letters, digits = found[1], found[2]
    number = int(digits)
    if not number or (len(letters) == 1 and len(digits) < _DIGITS_BESIDE_ONE_LETTER):
        return None
    # Cameras count with four digits, and series with two.
    zeros = f"(?:00)?{digits}" if counts_itself(letters) else f"0{{0,3}}{number}"
    pattern = rf"(?<![a-z0-9])(?:h )?[0-9]{{0,4}}?{re.escape(letters)}[ ._-]*{zeros}(?![0-9])[a-z]{{0,3}}(?![a-z0-9])"
    # Digits within the letters are no part of the number.
    between = "-" if letters[-1].isdigit() else ""
    return FieldCode(f"{letters}{between}{number}", number, re.compile(pattern))


def with_code(text: Text, known: FieldCode | None) -> Text:
    """A text that is read as holding the code where it does."""
    if known is None or not known.written.search(plain(text.written)):
        return text
    reading = text.reading
    codes, numbers = reading.codes | {known.code}, reading.of_codes | {known.number}
    return replace(text, reading=replace(reading, codes=codes, of_codes=numbers))
