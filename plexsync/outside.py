"""Words from outside - file names, titles, what servers say - as they can be shown to a person, and can do nothing.

What moves a terminal, begins a new line, turns the direction of what follows or is not to be seen is written as an
escape: ``\\x1b``, ``\\n``, ``\\u202e``. What is needed to read a text stays: the joiners within words of scripts that
have them and within emoji, accents on letters, letters that run from right to left. Escapes are plain letters, so a
text that was shown once can be shown again.

The hook uses it, on any Python from 3.9 with the standard library alone, and imports it only when it has to.
"""

import re

#: Characters of a message that are shown at most, and of a line of many.
LONGEST, LONGEST_LINE = 8000, 2000
#: Accents that one letter may carry: more would stand in the lines above and below.
ACCENTS = 8

_ACCENT = (
    "\u0300-\u036f\u0483-\u0489\u064b-\u065f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20ff\ufe20-\ufe2f"
)
#: Control characters, soft hyphens, fillers, marks and controls of direction, joiners, separators, invisible operators,
#: selectors, tags, halves of characters, and what is no character.
_ODD = (
    "\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufdd0-\ufdef\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
#: What a letter of another script than ours, an emoji or a mark on one is.
_FOREIGN = "[^\x00-\u02ff" + _ODD + "]"
#: What is shown as it is although it is made of odd characters, then what is not. First come, first served.
_PARTS = (
    # The flags of England, Scotland and Wales.
    "(?P<kept>\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f"
    # How an emoji looks, and the digits that are emoji; how one ideograph is written.
    "|" + _FOREIGN + "[\ufe00-\ufe0f\U000e0100-\U000e01ef]|[\xa9\xae]\ufe0f|[0-9#*]\ufe0f\u20e3"
    # Joiners between letters of scripts that need them, and within an emoji.
    "|(?<=" + _FOREIGN + ")[\u200c\u200d](?=" + _FOREIGN + ")|(?<=\ufe0f)\u200d(?=" + _FOREIGN + "))"
    "|(?P<odd>[" + _ODD + "])"
    "|(?<=[" + _ACCENT + "]{" + str(ACCENTS) + "})(?P<piled>[" + _ACCENT + "]+)"
)
_ONLY_ODD = "[" + _ODD + "]"
#: Letters that run from right to left, with what stands between two of them.
_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_RUN = "[" + _RIGHT_TO_LEFT + "](?:[^\n\x1b]*[" + _RIGHT_TO_LEFT + "])?"
#: The patterns that were asked for. To compile them takes longer than all else here, and most texts need none.
_COMPILED: "dict[str, re.Pattern[str]]" = {}


def shown(text: str, longest: int = LONGEST) -> str:
    """A text on one line that can do nothing but be read.

    :param longest: characters; of a longer one it is said how much is left out.
    """
    if text.isascii() and text.isprintable() and len(text) <= longest:
        return text
    left_out = len(text) - longest
    if left_out > 0:
        text = text[:longest]
    text = _pattern(_PARTS).sub(_kept_or_escaped, text)
    return f"{text}... ({left_out} characters more)" if left_out > 0 else text


def shown_lines(text: str, longest: int = LONGEST_LINE) -> str:
    """A text of several lines, such as a traceback: as ``shown``, line by line; tabs stay too.

    :param longest: characters of each line.
    """
    if "\n" not in text and "\t" not in text:
        return shown(text, longest)
    return "\n".join(["\t".join([shown(one, longest) for one in line.split("\t")]) for line in text.split("\n")])


def exact(document: str) -> str:
    """A JSON document that means the same, and moves no terminal: what is odd in its texts stands there as ``\\u001b``.

    The lines and spaces between its values stay.
    """
    if document.isascii() and document.replace("\n", "").isprintable():
        return document
    return _pattern(_ONLY_ODD).sub(_json_escaped, document)


def isolated(text: str) -> str:
    """A text for a terminal in which what runs from right to left takes nothing around it along."""
    if text.isascii():
        return text
    return _pattern(_RUN).sub(lambda found: f"\u2068{found[0]}\u2069", text)


def without_odd(text: str) -> "tuple[str, list[int]]":
    """A text without what cannot be seen, and where each of its characters stood in the whole one."""
    odd = _pattern(_ONLY_ODD)
    places = [place for place, one in enumerate(text) if not odd.match(one)]
    return "".join([text[place] for place in places]), places


def has_odd(text: str) -> bool:
    """Whether there is anything in a text that cannot be seen."""
    return not (text.isascii() and text.isprintable()) and _pattern(_ONLY_ODD).search(text) is not None


def _pattern(text: str) -> "re.Pattern[str]":
    if (found := _COMPILED.get(text)) is None:
        found = _COMPILED[text] = re.compile(text)
    return found


def _kept_or_escaped(found: "re.Match[str]") -> str:
    if found["kept"]:
        return found[0]
    if found["piled"]:
        return ""
    # Bytes of a name that are no UTF-8 come as halves of characters.
    number = ord(found[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else ascii(found[0])[1:-1]


def _json_escaped(found: "re.Match[str]") -> str:
    if found[0] in "\n\t":
        return found[0]
    number = ord(found[0])
    if number < 0x10000:
        return f"\\u{number:04x}"
    number -= 0x10000
    return f"\\u{0xD800 + (number >> 10):04x}\\u{0xDC00 + (number & 0x3FF):04x}"
