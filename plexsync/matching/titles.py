"""Titles and file names in one comparable form: lower-case words of ASCII.

The same scene is ``Beach Day, Part 2`` in Stash and ``[XC] The.Beach_Day.Pt.02.1080p.x265-GRP`` on disk. Both are taken
apart the same way, so that what remains can be compared word by word. What stands in between, numbers and dates, is
read in ``reading.py``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from unidecode import unidecode

from plexsync.imports.late import late_pattern

#: Words that say how a file was made, never what it shows: resolution, range of colours, codec, source, container.
_TAGS = frozenset(
    "2k 4k 5k 6k 8k uhd fhd qhd hdr hdr10 sdr "  # noqa: SIM905 - as a list it would take a page
    "x264 x265 h264 h265 hevc avc xvid divx vp9 av1 10bit 8bit aac ac3 eac3 dts ddp5 flac opus "
    "webdl webrip dvdrip bluray brrip bdrip hdrip hdtv remux mp4 mkv wmv avi mov m4v webm mpg mpeg flv xxx "
    "vr180 vr360 3dh 3dv sbs oculus gearvr psvr mkx200 mkx220 fisheye190 rf52 vrca220 180x180 360x180".split()
)
#: 1080p, 2160p60, 60fps, 1920x1080, 8000K.
_TAG_PATTERN = late_pattern(
    r"[0-9]{3,4}[pi](?:[0-9]{2,3})?|[0-9]{2,3}fps|[0-9]{3,4}x[0-9]{3,4}|[0-9]{2,5}k(?:bit|bps|hz)s?|[0-9]{4,5}k"
)
#: Words that are such tags only in the company of others: ``Web of Lies`` is a title.
_LOOSE_TAGS = frozenset(
    "web dl rip hd sd dvd repack proper internal multi subbed vr lr rl tb 3d 180 360 siterip".split()  # noqa: SIM905 - as above
)
#: Pictures for two eyes, as players want to be told.
_EYES = late_pattern(
    r"(?:180x180|360x180|180|360)[ ._-](?:lr|rl|tb|sbs|3dh|3dv)|(?:lr|tb|sbs)[ ._-](?:180|360)"
    r"|vr[ ._-](?:180|360|[3-8]k)|[3-8]k[ ._-]vr"
)
#: Tags that a separator cuts in two.
_SPLIT_TAGS = late_pattern(r"\b(?:web[ .-](?:dl|rip)|[hx][ .-]26[45]|blu[ .-]ray|(?:full)?hd[ .-]?(?:720|1080))\b")
#: The group that made a release stands last, after a hyphen: ``x265-GRP``.
_GROUP = late_pattern(r"(?<=[0-9a-z])-[0-9a-z]+\]?$")
#: Points instead of blanks, as releases are named.
_RELEASE_POINTS = 3
#: A short word with a digit within it, as groups have (``p2p``), unless it counts seasons and episodes.
_WITHIN = late_pattern(r"(?!s[0-9]e)[a-z]{1,2}[0-9][a-z]{1,2}")
#: One word in brackets at either end is a group or a check sum.
_EDGE_BRACKET = late_pattern(r"^\s*\[[0-9]*[a-z][0-9a-z]*\]|\[[0-9]*[a-z][0-9a-z]*\]\s*$")
#: Articles, and ``and`` for ``&``: they come and go between a title and a file name.
_DROPPED = frozenset(("the", "a", "an", "and"))
#: What a number of a series follows. ``a`` after one of them is no article.
LABELS = frozenset(
    "part pt parts vol volume episode ep epi e s season cd dvd disc disk chapter ch scene no nr num number "  # noqa: SIM905 - as above
    "teil partie parte tome band folge".split()
)

#: What is no ASCII, and how many of these letters are kept with what they become.
_OTHERS = late_pattern("[^\x00-\x7f]")
_LETTERS_KEPT = 4096
#: Greek is the first script that follows Latin letters, signs and accents.
_FOREIGN = late_pattern("[\u0370-\u1dff\u2c00-\ua71f\ua800-\uabff\uac00-\ud7af\uf900-\ufaff\U00010000-\U0001d3ff]")
_TOKEN = late_pattern("[0-9a-z]+")
_RUN = late_pattern("[a-z]+|[0-9]+")
_CAMEL = late_pattern("(?<=[a-z])(?=[A-Z])")
#: Words with capitals, written in one: ``MonoPassion``, ``ADayInMay``, ``FalconTV``.
_JOINED = late_pattern(
    r"(?<![A-Za-z])(?:[A-Z][a-z]+|A(?=[A-Z]))(?:[A-Z][a-z]+|[AIVX](?![a-z])|[A-Z]{2}(?![A-Za-z])|[0-9]+(?=[A-Z]))+"
    r"(?![A-Za-z])"
)
#: What such words have in them.
_CAPITAL_WITHIN = late_pattern("[A-Za-z0-9][A-Z]")
_BORDER = late_pattern("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATED = late_pattern(r"[\s._-]")
#: A day as it is written in China, Japan and Korea.
_EASTERN_DAY = late_pattern("([0-9]{4})[年년] ?([0-9]{1,2})[月월] ?([0-9]{1,2})[日일]")
_PERCENT = late_pattern(r"%[0-9A-Fa-f]{2}")
#: What UTF-8 looks like where it was read as Latin-1 or cp1252.
_MOJIBAKE = late_pattern("[\u00c2-\u00f4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€")
#: So many of them are no coincidence.
_MOJIBAKE_SURE = 5
#: How often one name is read so: each program that does it, does it to what the one before has made of it.
_MOST_TIMES = 3
#: Words of Latin letters with signs alone, as no language has them: Cyrillic of cp1251 that was read as Latin-1.
_CYRILLIC = late_pattern("(?<![A-Za-z])[À-ÖØ-öø-ÿ]{4,}(?![A-Za-z])")
#: What is no ASCII there.
_SIGNED = late_pattern("[À-ÿ¨¸]+")
#: Tokens in which letters and digits touch, of which is kept what they are: ``1080p`` comes with every file.
_KINDS_KEPT = 1024
#: Names of studios, performers and folders of which the words are kept.
_NAMES_KEPT = 1024


def words(text: str) -> list[str]:
    """The words of a title or of a file name without its ending, in order, in lower-case ASCII.

    Other scripts are transliterated. Letters and digits that touch are two words, numbers lose their leading zeros.
    Articles and tags of releases (resolution, codec, source, group) are left out, unless nothing else is there.
    """
    return plain_words(plain(text))


@lru_cache(_NAMES_KEPT)
def name_words(name: str) -> tuple[str, ...]:
    """The ``words`` of what comes with scene after scene: studios, performers, folders."""
    return tuple(words(name))


def plain(text: str) -> str:
    """``text`` in lower-case ASCII, underscores as spaces and apostrophes gone; all else stays where it is."""
    if "%" in text and _PERCENT.search(text):
        text = unquote(text)
    if "&" in text and ";" in text:
        import html

        text = html.unescape(text)
    if not text.isascii():
        if "年" in text or "년" in text:
            text = _EASTERN_DAY.sub(r" \1-\2-\3 ", text)
        for _ in range(_MOST_TIMES):
            if not _MOJIBAKE.search(text):
                break
            text = _repaired(text)
        if _CYRILLIC.search(text):
            text = _SIGNED.sub(_as_cyrillic, text)
        # Lone surrogates stand for nothing, and the transliteration would complain of them.
        whole = text.encode("utf-8", "ignore").decode("utf-8")
        text = _OTHERS.sub(_transliterated, unicodedata.normalize("NFKC", whole))
    if not _SEPARATED.search(text):
        text = _CAMEL.sub(" ", text)
    elif ("_" in text or " " not in text) and _CAPITAL_WITHIN.search(text):
        text = _JOINED.sub(_parted, text)
    return text.lower().replace("'", "").replace("`", "").replace("_", " ")


def _transliterated(found: re.Match[str]) -> str:
    return _in_latin(found[0])


@lru_cache(_LETTERS_KEPT)
def _in_latin(letter: str) -> str:
    return str(unidecode(letter))


def _parted(found: re.Match[str]) -> str:
    return _BORDER.sub(" ", found[0])


def _repaired(text: str) -> str:
    for page in ("cp1252", "latin-1"):
        try:
            return text.encode(page).decode("utf-8")
        except UnicodeError:
            continue
    # Some bytes are no sign of cp1252: they are left as they are, or left out, and then a letter is missing.
    found = b"".join(map(_byte, text))
    is_certain = len(_MOJIBAKE.findall(text)) >= _MOJIBAKE_SURE
    try:
        return found.decode("utf-8", "ignore" if is_certain else "strict")
    except UnicodeError:
        return text


def _byte(sign: str) -> bytes:
    try:
        return sign.encode("cp1252")
    except UnicodeError:
        return sign.encode("latin-1", "ignore")


def _as_cyrillic(found: re.Match[str]) -> str:
    return found[0].encode("latin-1").decode("cp1251", "replace")


def is_foreign(text: str) -> bool:
    """True where a text has letters of another script than the Latin one: its words are how these are spelt in it."""
    return not text.isascii() and _FOREIGN.search(text) is not None


def plain_words(text: str) -> list[str]:
    """The words of a text that ``plain`` gave; see ``words``."""
    bare = _EDGE_BRACKET.sub(" ", text).rstrip() if "[" in text else text
    if "180" in bare or "360" in bare or "vr" in bare:
        bare = _EYES.sub(" mp4 ", bare)
    may_be_split = "26" in bare or "web" in bare or "blu" in bare or "hd" in bare
    tokens: list[str] = _TOKEN.findall(_SPLIT_TAGS.sub(" mp4 ", bare) if may_be_split else bare)
    if "-" not in bare and _LOOSE_TAGS.isdisjoint(tokens):
        # Most have no group, and nothing that is a tag only in the company of others.
        return _without_articles(_untagged_runs(tokens)) or _runs(_TOKEN.findall(text))
    kept = [
        token for token in tokens if token not in _TAGS and (token.isalpha() or token.isdigit() or not is_tag(token))
    ]
    if kept and kept[-1] == tokens[-1] and _is_group(bare, tokens):
        kept.pop()
    if len(kept) < len(tokens) and not _LOOSE_TAGS.isdisjoint(kept):
        kept = [token for token in kept if token not in _LOOSE_TAGS]
    return _without_articles(_runs(kept)) or _runs(_TOKEN.findall(text))


def _is_group(bare: str, tokens: list[str]) -> bool:
    """True where the last word is the group that made a release: after a tag, or with a digit in a name of points."""
    if len(tokens) < 2 or "-" not in bare or not _GROUP.search(bare):
        return False
    if is_tag(tokens[-2]):
        return True
    last = tokens[-1]
    return not (last.isalpha() or last.isdigit()) and " " not in bare and bare.count(".") >= _RELEASE_POINTS


def is_tag(token: str) -> bool:
    """Whether a word in small letters says how a file was made: ``1080p``, ``x265``."""
    if token.isalpha():
        return token in _TAGS
    return not token.isdigit() and _is_mixed_tag(token)


@lru_cache(_KINDS_KEPT)
def _is_mixed_tag(token: str) -> bool:
    return token in _TAGS or (token[0].isdigit() and bool(_TAG_PATTERN.fullmatch(token)))


def _runs(tokens: list[str]) -> list[str]:
    if "".join(tokens).isalpha():
        return tokens
    runs: list[str] = []
    for token in tokens:
        if token.isalpha():
            runs.append(token)
        elif token.isdigit():
            runs.append(token.lstrip("0") or "0")
        else:
            runs += _mixed_runs(token)
    return runs


def _untagged_runs(tokens: list[str]) -> list[str]:
    """The ``_runs`` of tokens that are no tags."""
    runs: list[str] = []
    for token in tokens:
        if token.isalpha():
            if token not in _TAGS:
                runs.append(token)
        elif token.isdigit():
            runs.append(token.lstrip("0") or "0")
        else:
            runs += _untagged_mixed_runs(token)
    return runs


@lru_cache(_KINDS_KEPT)
def _untagged_mixed_runs(token: str) -> tuple[str, ...]:
    return () if _is_mixed_tag(token) else _mixed_runs(token)


def _mixed_runs(token: str) -> tuple[str, ...]:
    if _WITHIN.fullmatch(token):
        return (token,)
    return tuple([run.lstrip("0") or "0" for run in _RUN.findall(token)])


def _without_articles(runs: list[str]) -> list[str]:
    if _DROPPED.isdisjoint(runs):
        return runs
    return [
        run
        for place, run in enumerate(runs)
        if run not in _DROPPED or (run == "a" and place and runs[place - 1] in LABELS)
    ]
