"""Texts made fit for Plex: cleaned of what no screen can show, and cut to what one request can carry.

Cleaning is a fixed point: cleaning a clean text changes nothing. So it serves for comparing texts as well.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

from plexsync.imports.late import late_pattern, late_regex

#: Bytes that one value may take when percent-encoded. Edits travel in the request line, which common servers and
#: proxies bound at 8 KiB; this leaves 2 KiB for the path, the field's name, the item's key and a second value.
ENCODED_BYTES = 6000
#: Characters of a name in a tag list. Names to be removed are encoded twice (their list is comma-separated), so that
#: a character takes up to 20 bytes: 300 of them always fit ENCODED_BYTES.
NAME_CHARACTERS = 300
#: Bytes that a character takes at most: four in UTF-8, each with a sign and two digits.
ENCODED_CHARACTER = 12
ELLIPSIS = "…"

_SURROGATE = late_pattern("[\ud800-\udfff]")
_LINE_BREAK = late_pattern("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
#: Code points that Unicode sets aside as noncharacters: the last two of every plane, and 32 in the first.
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
#: Control characters other than tab and line feed, the byte order mark, noncharacters, and the two marks that override
#: the direction of letters (they make a text read as another). Joiners, variation selectors and the other direction
#: marks stay: emoji, Persian, Indic and right-to-left texts need them.
_UNWANTED = late_pattern(f"[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff\u202d\u202e{_NONCHARACTERS}]")
_SPACES = late_pattern(r"\s+")
_SPACES_IN_LINE = late_pattern(r"[^\S\n]+")
_BLANK_LINES = late_pattern("\n{3,}")
#: What is stripped from both ends: white space, and marks of no width that copying from web pages leaves there.
_EDGES = " \n\u200b\u2060"
#: Clean as it stands: most names are, and each is cleaned again at every comparison.
_PLAIN = late_pattern("[!-~]+(?: [!-~]+)*")
#: The same of texts with line breaks, as far as they are clean.
_PLAIN_LINES = late_pattern("[!-~]+(?: [!-~]+)*(?:\n\n?[!-~]+(?: [!-~]+)*)*")
_VISIBLE = late_regex(r"[^\s\p{Default_Ignorable_Code_Point}]")
_GRAPHEME = late_regex(r"\X")
#: The end of a sentence: a mark, what closes behind it, and white space or the end; marks of East Asia need no space.
_SENTENCE_END = late_regex(r"[.!?…][\p{Pf}\p{Pe}\"']*(?=\s|$)|[。！？][\p{Pf}\p{Pe}]*|\n")


def single_line(text: str) -> str:
    """``text`` in one line: NFC, without control characters, white space collapsed, ends stripped.

    :returns: the clean text, or ``""`` where nothing of it can be seen.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _or_nothing(_SPACES.sub(" ", _clean(text)).strip(_EDGES))


def paragraphs(text: str) -> str:
    """As :func:`single_line`, but line breaks stay: every kind becomes ``\\n``, and at most two follow each other.

    :returns: the clean text, or ``""`` where nothing of it can be seen.
    """
    if _PLAIN_LINES.fullmatch(text):
        return text
    lines = (line.strip(_EDGES) for line in _SPACES_IN_LINE.sub(" ", _clean(text)).split("\n"))
    return _or_nothing(_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip(_EDGES))


def encoded_length(text: str) -> int:
    """Bytes that ``text`` takes percent-encoded as UTF-8 (RFC 3986), with a space as ``%20``."""
    return len(quote(text, safe=""))


def is_within(text: str, encoded: int) -> bool:
    """Whether ``text`` takes at most so many bytes percent-encoded; of a short one they need not be counted."""
    return len(text) * ENCODED_CHARACTER <= encoded or encoded_length(text) <= encoded


def shorten(text: str, characters: int, encoded: int = ENCODED_BYTES) -> str:
    """``text`` if it has at most so many code points and bytes percent-encoded, else its start and an ellipsis.

    It is cut between words where that keeps at least half of what fits, else between graphemes: never inside an emoji
    or between a letter and its accents.

    :param text: a clean text.
    :param characters: the bound in code points, the ellipsis included.
    :param encoded: the bound in bytes, the ellipsis included.
    """
    if len(text) <= characters and is_within(text, encoded):
        return text
    room = encoded - encoded_length(ELLIPSIS)
    used = end = word_end = 0
    in_space = False
    for cluster in _GRAPHEME.finditer(text):
        used += encoded_length(cluster.group())
        is_space = cluster.group().isspace()
        if is_space and not in_space:
            word_end = cluster.start()
        if cluster.end() > characters - len(ELLIPSIS) or used > room:
            break
        end, in_space = cluster.end(), is_space
    return text[: word_end if in_space or word_end * 2 >= end else end] + ELLIPSIS


def shorten_between_sentences(text: str, encoded: int = ENCODED_BYTES) -> str:
    """As :func:`shorten`, but cut behind a sentence where that keeps at least half of what fits.

    :param text: a clean text.
    :param encoded: the bound in bytes, the ellipsis and the space before it included.
    """
    if is_within(text, encoded):
        return text
    start = shorten(text, len(text), encoded - encoded_length(" ")).removesuffix(ELLIPSIS)
    ends = [found.end() for found in _SENTENCE_END.finditer(text, 0, len(start) + 1) if found.end() <= len(start)]
    if not ends or ends[-1] * 2 < len(start):
        return start + ELLIPSIS
    return f"{start[: ends[-1]].rstrip()} {ELLIPSIS}"


def _clean(text: str) -> str:
    if _SURROGATE.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_BREAK.sub("\n", text)))


def _or_nothing(text: str) -> str:
    return text if _VISIBLE.search(text) else ""
