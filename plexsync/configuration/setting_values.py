"""What the value of a setting must look like: parsers that take what a person would write, and say what would be right.

Each takes what was written (a text from the environment; a text, number, list or table from TOML; what Stash's page
holds) and returns the value, or raises ``WrongValue``. No value that may be a secret is ever repeated.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from datetime import time
from typing import Any
from urllib.parse import urlsplit

from plexsync.configuration.plain_values import PLUGIN_FOLDER as PLUGIN_FOLDER
from plexsync.configuration.plain_values import Wrong as Wrong
from plexsync.configuration.plain_values import WrongValue as WrongValue
from plexsync.configuration.plain_values import data_folder as data_folder
from plexsync.configuration.plain_values import is_set as is_set
from plexsync.configuration.plain_values import path_of as path_of
from plexsync.configuration.plain_values import plain as plain
from plexsync.configuration.plain_values import shown as shown
from plexsync.configuration.plain_values import text_of as text_of
from plexsync.configuration.plain_values import wrong_value as wrong_value
from plexsync.configuration.template import PLACEHOLDERS, Template, TemplateFault
from plexsync.fields import TEMPLATED_FIELDS, Field
from plexsync.imports.late import late_pattern
from plexsync.inbox.instances import is_name

#: What can be carried to Plex, by the names ``fields`` and ``owned_fields`` use.
ALL_FIELDS = tuple(str(field) for field in Field)
#: Those that are carried unless somebody chooses: the others have a switch of their own.
FIELDS = tuple(str(field) for field in Field if field not in TEMPLATED_FIELDS)


_URL_REMEDY = "write it like http://localhost:32400 or https://plex.example.org"
_MAP_REMEDY = r"write /stash/prefix=>/plex/prefix; D:\videos=>\\nas\videos"
_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


#: The pages of Stash's own interface, at the end of its address.
_STASH_PAGE = late_pattern(
    r"/(scenes|images|groups|movies|markers|galleries|performers|studios|tags|stats|settings|login|setup|migrate"
    r"|graphql|playground)(/.*)?([?#].*)?$|/[?#].*$"
)


def nearest(name: str, known: Iterable[str]) -> str:
    """`` (did you mean title?)`` where a known name is much like this one; else ``""``."""
    import difflib

    names = {other.lower(): other for other in known}
    found = difflib.get_close_matches(name[:80].lower(), names, n=1)
    return f" (did you mean {names[found[0]]}?)" if found else ""


def _word(value: object) -> str:
    return value.strip().lower() if isinstance(value, str) else shown(value)


def number(low: float, high: float, *, whole: bool = True) -> Callable[[object], Any]:
    """Reads a number from ``low`` to ``high``, both included: an int, or a float where it need not be whole."""
    kind = "whole number" if whole else "number"
    remedy = f"write a {kind} from {low} to {high}"
    pattern = re.compile(r"[+-]?[0-9]{1,100}" if whole else r"[+-]?([0-9]{1,100}(\.[0-9]*)?|\.[0-9]+)")

    def parse(value: object) -> float:
        # Python's own reading of numbers leaves fewer kinds of white space aside than strip does.
        if isinstance(value, str) and pattern.fullmatch(text := value.strip()):
            value = int(text) if whole else float(text)
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise wrong_value(f"{shown(value)} is not a {kind}", remedy)
        if not low <= value <= high:
            raise wrong_value(f"{shown(value)} is out of range", remedy)
        return value if whole else float(value)

    return parse


def seconds(low: float, high: float) -> Callable[[object], float]:
    """Reads seconds from ``low`` to ``high``, fractions too."""
    return number(low, high, whole=False)


def flag(value: object) -> bool:
    """``true``, ``yes``, ``on`` or ``1``, or their contraries, in any case."""
    if (flag := _FLAGS.get(_word(value))) is None:
        raise wrong_value(f"{shown(value)} is neither true nor false", "write true or false")
    return flag


def flag_or_ca_file(value: object) -> bool | str:
    """A flag, or the full path of a file with CA certificates, which has to be there."""
    if not isinstance(value, str) or _word(value) in _FLAGS:
        return flag(value)
    remedy = "write true, false, or the path of a file with CA certificates that PlexSync may read"
    path = path_of(value, remedy)
    if not os.access(path, os.R_OK) or not path.is_file():
        raise wrong_value(f"{shown(value)} is not a readable file", remedy)
    return str(path)


def choice(*options: str) -> Callable[[object], str]:
    """Reads one of these words, in any case."""

    def parse(value: object) -> str:
        if (word := _word(value)) not in options:
            raise wrong_value(f"{shown(value)} is not known", f"write one of {', '.join(options)}")
        return word

    return parse


def inbox(value: object) -> str:
    """``folder``, ``stash`` or ``stash:NAME``, for an instance on Stash's machine."""
    word = _word(value)
    place, colon, name = word.partition(":")
    if place not in ("folder", "stash") or (colon and (place == "folder" or not is_name(name))):
        raise wrong_value(f"{shown(value)} is not known", "write folder, stash, or stash:NAME with an instance's name")
    return word


def time_of_day(value: object) -> str:
    """A time as ``04:00``, or ``off``."""
    word = value.strftime("%H:%M") if isinstance(value, time) else _word(value)
    if _FLAGS.get(word) is False:
        return "off"
    if not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", word):
        raise wrong_value(
            f"{shown(value)} is not a time of day", "write a time from 00:00 to 23:59, like 04:00, or off"
        )
    return word.rjust(5, "0")


def secret(remedy: str) -> Callable[[object], str]:
    """Reads a token or a key. What was written is never repeated.

    :param remedy: where a person finds it.
    """

    def parse(value: object) -> str:
        if not isinstance(value, str):
            raise wrong_value("must be a text in quotes", remedy)
        if not re.fullmatch(r"[!#-&(-~]+", text := value.strip()):
            raise wrong_value("holds quotes, spaces, control characters or letters outside ASCII", remedy)
        return text

    return parse


def url(value: object) -> str:
    """An address with ``http`` or ``https``, without a slash at its end, a user, or a query."""
    # The address is not repeated: it may hold a password or, in the query, a token.
    text = text_of(value, _URL_REMEDY)
    if not (match := re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://", text)):
        # Repeated only where it is plainly a host: a token pasted here by mistake is not.
        plain = re.fullmatch(r"(localhost|[\w-]+(\.[\w-]+)+|[\w-]+(?=:\d))(:\d+)?(/[\w./-]*)?", text)
        remedy = f"write http://{text}" if plain and len(text) <= 60 else _URL_REMEDY
        raise wrong_value("does not start with http:// or https://", remedy)
    if (scheme := match[1].lower()) not in ("http", "https"):
        raise wrong_value("starts with neither http:// nor https://", _URL_REMEDY)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong_value("has an invalid host or port", f"{_URL_REMEDY}; ports go from 1 to 65535") from None
    if re.search(r"[\s\\@?#]", text):
        raise wrong_value("holds a space or one of \\ @ ? #: write no password and no query here", _URL_REMEDY)
    if not host or port == 0 or parts.netloc.endswith(":"):
        raise wrong_value("has no host, or no port after the colon", _URL_REMEDY)
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def secret_url(value: object) -> str:
    """An address that is a secret as a whole: who has it can write there. It is never repeated."""
    remedy = "copy the whole address, which begins with http:// or https://"
    text = text_of(value, remedy)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong_value("has an invalid host or port", remedy) from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise wrong_value("is not an address", remedy)
    if not re.fullmatch(r"[!-~]+", text):
        raise wrong_value("holds spaces, control characters or letters outside ASCII", remedy)
    return text


def names_of(*known: str) -> Callable[[object], tuple[str, ...]]:
    """Some of these names, comma-separated."""
    remedy = f"write some of {', '.join(known)}"

    def parse(value: object) -> tuple[str, ...]:
        names = [_word(item) for item in _entries(value, remedy)]
        if unknown := [name for name in names if name not in known]:
            raise wrong_value(f"{shown(unknown[0])} is not known{nearest(unknown[0], known)}", remedy)
        return tuple(dict.fromkeys(names))

    return parse


def host_and_port(value: object) -> str:
    """Where to listen, as ``127.0.0.1:9797`` or ``[::1]:9797``."""
    remedy = "write host and port, like 127.0.0.1:9797; 0.0.0.0:9797 lets every machine ask"
    text = text_of(value, remedy)
    if not re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}", text, re.ASCII):
        raise wrong_value(f"{shown(value)} is not a host and port", remedy)
    if not 1 <= int(text.rpartition(":")[2]) <= 65535:
        raise wrong_value("the port is not between 1 and 65535", remedy)
    return text


def plex_url(value: object) -> str:
    """Plex's address, also as the browser shows it: ``http://nas:32400/web/index.html#!/settings``."""
    text = text_of(value, _URL_REMEDY)
    if re.match(r"(?i)https?://(app|www)\.plex\.tv(?![\w.-])", text):
        raise wrong_value(
            "is Plex's own site, not your server",
            "write the address of the machine that Plex runs on: http://nas:32400",
        )
    return url(re.sub(r"(?i)/(web|desktop)([/?#].*)?$", "", text))


def stash_url(value: object) -> str:
    """Stash's address, also as the browser shows it: ``http://nas:9999/scenes?sortby=date``."""
    return url(_STASH_PAGE.sub("", text_of(value, _URL_REMEDY)))


def _entries(value: object, remedy: str) -> list[object]:
    """The entries of a list, or of a text with commas."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()] or None
    elif isinstance(value, int):
        value = [value]
    if not isinstance(value, list):
        raise wrong_value("is not a list", remedy)
    return value


def libraries(value: object) -> tuple[str, ...]:
    """Names or ids of libraries, each once, in the order in which they were written."""
    remedy = "write names or ids of Plex libraries with commas between them"
    sections = number(1, 10**9)
    names = [text_of(str(sections(i)) if isinstance(i, int) else i, remedy) for i in _entries(value, remedy)]
    if "" in names:
        raise wrong_value("holds an empty name", remedy)
    return tuple(dict.fromkeys(names))


def template(value: object) -> str:
    """A template as it was written, ``""`` for none; the name of a placeholder alone stands for it."""
    names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    remedy = f"write none, code, or a text with some of {names}"
    text = text_of(value, remedy)
    if _word(text) == "none":
        return ""
    try:
        return Template.parse(f"{{{_word(text)}}}" if _word(text) in PLACEHOLDERS else text).text
    except TemplateFault as error:
        raise wrong_value(str(error), remedy) from None


def field_names(none: str) -> Callable[[object], frozenset[str]]:
    """Reads names of fields, or ``all``, which stands for ``FIELDS``.

    :param none: the word that stands for no field; ``""`` where there has to be one.
    """
    remedy = f"write all{none and ' or ' + none}, or some of {', '.join(FIELDS)}"

    def parse(value: object) -> frozenset[str]:
        names = [_word(item) for item in _entries(value, remedy)]
        if names in (["all"], [none]):
            return frozenset(FIELDS if names == ["all"] else ())
        if unknown := [name for name in names if name not in ALL_FIELDS]:
            raise WrongValue([Wrong(f"{shown(n)} is not a field{nearest(n, ALL_FIELDS)}", remedy) for n in unknown])
        if not names and not none:
            raise wrong_value("names no field", remedy)
        return frozenset(names)

    return parse


def late_polls(value: object) -> tuple[int, ...]:
    """Whole seconds, up to 30 days each and 20 in all, in ascending order."""
    remedy = "write up to 20 whole numbers of seconds with commas between them, like 60,300,900"
    seconds = number(1, 30 * 86400)
    if len(polls := sorted({seconds(item) for item in _entries(value, remedy)})) > 20:
        raise wrong_value("holds more than 20 times", remedy)
    return tuple(polls)


def path_map(value: object) -> tuple[tuple[str, str], ...]:
    """Pairs of (prefix in Stash, prefix in Plex) in the order written, without separators at their ends."""
    if isinstance(value, dict):
        entries = [(left, "=>", right) for left, right in value.items()]
    else:
        text = value if isinstance(value, str) else ""
        entries = [entry.partition("=>") for entry in re.split(r"[;\n]", text) if entry.strip()]
    wrongs: list[Wrong] = [] if entries else [Wrong("maps nothing", _MAP_REMEDY)]
    pairs: dict[str, tuple[str, str]] = {}
    for left, arrow, right in entries:
        try:
            if not arrow:
                raise wrong_value(f"{shown(left.strip())} has no =>", _MAP_REMEDY)
            pair = _prefix(left), _prefix(right)
            # Windows does not tell D:\Videos from d:/videos.
            key = pair[0] if pair[0].startswith("/") else pair[0].replace("/", "\\").casefold()
            if pairs.setdefault(key, pair)[1] != pair[1]:
                raise wrong_value(f"{shown(pair[0])} is mapped twice, to different places", "keep one of the two")
        except WrongValue as error:
            wrongs += error.wrongs
    if wrongs:
        raise WrongValue(wrongs)
    return tuple(pairs.values())


def _prefix(value: object) -> str:
    if not (text := text_of(value, _MAP_REMEDY)) or "=>" in text:
        raise wrong_value("has two => with no ; between them" if text else "has an empty side of a =>", _MAP_REMEDY)
    if not re.match(r"/|[A-Za-z]:[\\/]|\\\\[^\\/]+[\\/][^\\/]+", text):
        raise wrong_value(f"{shown(text)} is not a full path", f"{_MAP_REMEDY} (from /, a drive, or \\\\server\\share)")
    bare = text.rstrip("/" if text.startswith("/") else "\\/")
    return bare + text[2] if re.fullmatch("[A-Za-z]:", bare) else bare or "/"
