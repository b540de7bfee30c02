"""Titles in the addresses of a scene's pages: ``https://site.example/scene/12345/some-long-title-of-it``."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import unquote, urlsplit

from plexsync.imports.late import late_pattern
from plexsync.matching.generic_words import GENERIC
from plexsync.matching.titles import plain

_BETWEEN = late_pattern(r"[-_+. ]+")
_ENDING = late_pattern(r"\.(?:html?|php|aspx?)$")
#: Words of paths that are those of any page on any site.
_OF_PAGES = GENERIC.union(
    "watch view play porn xxx free online hd page tour members updates update details detail index search tags tag "  # noqa: SIM905 - as a list it would take a page
    "category categories models model pornstar pornstars channel channels studio studios series collection".split()
)
#: Words that tell something, and letters of them, that a title has at the least.
_WORDS, _LETTERS = 3, 12
#: Digits from which a number at either end is the page's.
_DIGITS = 3
#: Addresses of a scene that are looked at, titles that are taken from them, characters of one; scenes that are kept.
_MOST_ADDRESSES, _MOST, _LONGEST, _KEPT = 8, 2, 300, 64


@lru_cache(_KEPT)
def names_in_addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    """The titles that addresses hold, with blanks between their words; each once, in their order."""
    found = dict.fromkeys(title for url in urls[:_MOST_ADDRESSES] if (title := _title_in(url)))
    return tuple(found)[:_MOST]


def _title_in(url: str) -> str:
    """The title in an address: of the parts of its path the last that may be one; ``""`` where there is none."""
    try:
        parts = urlsplit(url).path.split("/")
    except ValueError:
        return ""
    return next((title for part in reversed(parts) if (title := _title_of(unquote(part)))), "")


def _title_of(part: str) -> str:
    if len(part) > _LONGEST:
        return ""
    tokens = [token for token in _BETWEEN.split(_ENDING.sub("", part)) if token]
    while tokens and _is_of_page(tokens[0]):
        tokens.pop(0)
    while tokens and _is_of_page(tokens[-1]):
        tokens.pop()
    telling = [word for word in map(plain, tokens) if word.isalpha() and word not in _OF_PAGES]
    return " ".join(tokens) if len(telling) >= _WORDS and sum(map(len, telling)) >= _LETTERS else ""


def _is_of_page(token: str) -> bool:
    return token.isdigit() and len(token) >= _DIGITS
