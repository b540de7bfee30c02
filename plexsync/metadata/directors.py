"""The directors in Stash's one free text for them: where it names several people, and where a comma is part of a name.

A name torn in two is worse than two names in one tag, as nobody finds either half. So a text is taken apart only where
it can hardly mean anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from plexsync.imports.late import late_pattern
from plexsync.metadata.text import single_line

#: What separates names whatever they look like. Japanese and Arabic lists have a comma of their own.
_SEPARATORS = late_pattern(r"[;；؛|\n\r、،]|(?<=\s)/(?=\s)")
_COMMAS = late_pattern("[,，]")
#: What stands between two people, but also inside the name of a duo or a company.
_ANDS = late_pattern(r"\s+(?:&|＆|\+|and|und|et)\s+|/", re.IGNORECASE)
#: What is left of a list's last comma: ``A, B, and C``.
_LEADING_AND = late_pattern(r"^(?:&|＆|and|und|et)\s+", re.IGNORECASE)
#: What follows a comma inside one person's name.
_SUFFIX = late_pattern(r"(?:Jr|Sr|II|III|IV|Esq|Ph\.?D|M\.?D)\.?", re.IGNORECASE)
#: ``J.`` and ``J.R.``, or a ``J`` alone: part of a name, and never its only one.
_INITIALS = late_pattern(r"(?:[^\W\d_]\.?-?)|(?:[^\W\d_]\.-?)+")
#: What belongs to the word that follows it: ``von Trier`` is a family name.
_PARTICLES = frozenset(
    "af al av bin da das de del della den der di do dos du el la le ten ter van vom von zu zur y".split()  # noqa: SIM905 - as a list it would take half a page
)
#: Han, kana and Hangul: names in these are written without a space, and the family name is first without a comma.
_UNSPACED_NAME = late_pattern("[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]{2,}")


def directors(text: str) -> tuple[str, ...]:
    """The names in Stash's one free text for the director, in order.

    - A semicolon, a line break, ``|`` and ``/`` between spaces separate names, as the list commas of Japanese and
      Arabic do.
    - A comma separates them only where every part is a whole name, of a given and a family name: ``David Lynch, Lars
      von Trier``; in a longer list one of them is enough (``Anna Lee, Madonna, Bob Ray``), unless it can be read as
      family and given names in turn. ``Lynch, David`` is one person, ``Sammy Davis, Jr.`` another.
    - ``&``, ``and`` and the like separate names where every part is a whole name: ``Joel & Ethan Coen`` stays one.
    """
    pieces = _stripped(_SEPARATORS.split(text))
    if len(pieces) == 1:
        pieces = _at_commas(pieces[0])
    return tuple(name for piece in pieces for name in _at_ands(piece))


def _at_commas(text: str) -> tuple[str, ...]:
    names: list[str] = []
    for part in _stripped(_COMMAS.split(text)):
        if names and _SUFFIX.fullmatch(part):
            names[-1] += f", {part}"
        else:
            names.append(_LEADING_AND.sub("", part) if names else part)
    return tuple(names) if _is_list(names) else (", ".join(names),)


def _is_list(parts: list[str]) -> bool:
    """Whether the parts between the commas are names; else they are parts of names, as far as one can tell."""
    whole = [all(map(_is_whole, _ANDS.split(part))) for part in parts]
    in_pairs = len(parts) % 2 == 0 and not any(whole[::2])
    return all(whole) or (len(parts) > 2 and any(whole) and not in_pairs)


def _at_ands(text: str) -> tuple[str, ...]:
    parts = _stripped(_ANDS.split(text))
    return parts if all(map(_is_whole, parts)) else (text,)


def _is_whole(name: str) -> bool:
    """Whether a name has a given and a family name, as far as its words show."""
    words = [word for word in name.split() if word not in _PARTICLES and not _SUFFIX.fullmatch(word.rstrip(","))]
    if all(_INITIALS.fullmatch(word) for word in words):
        return False
    return len(words) > 1 or _UNSPACED_NAME.fullmatch("".join(words)) is not None


def _stripped(parts: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for part in parts if (name := single_line(part).strip(" ,")))
