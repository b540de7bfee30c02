"""The one place in which texts lose what tells whose library it is.

What is not known to be PlexSync's own word is replaced: nobody has to know all names there are. What has a shape keeps
it: of a path its depth, the ending of its file, case and length class of each part; of an address its scheme and port.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from plexsync.imports.late import late_pattern
from plexsync.imports.late_dataclass import dataclass
from plexsync.privacy.keyed_words import WORD, KeyedWords
from plexsync.privacy.vocabulary import words_in

#: Endings of files that say nothing of whose they are.
ENDINGS = frozenset(
    re.findall(
        r"[\w-]+",
        "mp4 m4v mkv avi wmv mov webm ts m2ts mts mpg mpeg flv f4v rm rmvb vob iso 3gp ogv divx asf jpg jpeg png gif "
        "webp bmp srt vtt ass nfo txt json toml yml yaml py pyc db db-wal db-shm log pem crt sh so js",
    )
)
#: Units that stand behind a number.
_UNITS = {"", "s", "ms", "h", "d", "min", "b", "kb", "mb", "gb", "kib", "mib", "gib", "x", "px", "p", "st", "nd", "rd"}
#: How paths begin that are no file's: those of Plex and Stash.
_OF_SERVICES = {"library", "graphql", "identity", "hubs", "playlists", "activities", "scene", "performer", "plugin"}
#: What separates words and belongs to no name: what PlexSync itself writes.
_PLAIN_MARKS = "…–—→·×“”‘’"
_ANY_ENDING = "|".join(sorted(map(re.escape, ENDINGS), key=len, reverse=True))
_ROOT = r"(?<![\w.:/\\])(?<!<data>)(?<!<plugin>)(?:[A-Za-z]:[\\/]|\\\\|//?)"
_SHAPES = late_pattern(
    rf"""
    (?P<own>(?<![\w-]){WORD}(?![\w-]))
    |(?P<url>[A-Za-z][A-Za-z0-9+.-]*://[^\s"'<>]+)
    |(?P<quoted>(?<!\w)(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|“[^”\n]*”|‘[^’\n]*’)(?!\w))
    |(?P<time>(?<!\w)\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[ ]?[+-]\d\d:?\d\d)?)?(?!\w))
    |(?P<file>{_ROOT}[^\n"<>|]*?\.(?i:{_ANY_ENDING})(?!\w))
    |(?P<folder>{_ROOT}[^\s"'<>|,;()=]+)
    |(?P<host>(?<![\w.-])(?:\[[0-9A-Fa-f:.]+\]|(?=[\w.-]*[A-Za-z])[\w-]+(?:\.[\w-]+)*)(?::\d{{2,5}})(?!\w))
    |(?P<ip>(?<![\w.:])(?:(?:\d{{1,3}}\.){{3}}\d{{1,3}}|(?:[0-9A-Fa-f]{{0,4}}:){{2,7}}[0-9A-Fa-f]{{0,4}})(?![\w:]))
    |(?P<word>(?:[A-Za-z0-9_]|[^\x00-\x7f{_PLAIN_MARKS}])+)
    """,
    re.VERBOSE,
)
#: Half of a letter in JSON, or a whole one.
_ESCAPED = late_pattern(r"(?:\\u[0-9A-Fa-f]{4})+")
_PLEX_TIME = late_pattern(r"[0-9a-f]*[0-9][0-9a-f]*")
#: What a traceback says of one step, and the line of code below it.
_STEP = late_pattern(r'^( *)File "([^"\n]+)", line (\d+)(?:, in [^\n]*)?$')


@dataclass(frozen=True, slots=True)
class NamesFound:
    """What is known to be a name, whatever it is made of: ``names``, and ``paths`` of files or folders."""

    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


class Concealer:
    """Replaces in texts what came from outside. Safe to share between threads.

    :param words: makes the words that stand there instead.
    :param vocabulary: the words, in lower case, that may stay.
    :param identifiers: names of ours, in lower case, that may stand in quotes.
    :param known: tells of a text which names and paths it may hold, however ordinary they look.
    :param own_folders: what to call a folder of ours, by its path.
    """

    def __init__(
        self,
        words: KeyedWords,
        vocabulary: frozenset[str],
        identifiers: frozenset[str] = frozenset(),
        known: Callable[[str], NamesFound] = lambda _text: NamesFound(),
        own_folders: Mapping[str, str] | None = None,
    ) -> None:
        self._words = words
        self._vocabulary = vocabulary
        self._identifiers = identifiers
        #: Tells of a text which names it may hold.
        self.known = known
        self._own_folders = sorted((own_folders or {}).items(), key=lambda one: -len(one[0]))

    def text(self, text: str, known: NamesFound | None = None) -> str:
        """A text as anybody may read it.

        :param known: names it may hold; looked up where None.
        """
        plain = _ESCAPED.sub(_unescaped, text)
        known = self.known(plain) if known is None else known
        replaced: dict[str, Callable[[str], str]] = {one: self.path for one in known.paths if len(one) > 1}
        replaced |= {one: self.name for one in known.names if self._is_worth_it(one)}
        if not replaced:
            return _SHAPES.sub(self._shaped, plain)
        # The longest first: one name may be part of another.
        either = "|".join(re.escape(one) for one in sorted(replaced, key=len, reverse=True))
        parts = re.split(rf"(?<![^\W_])({either})(?![^\W_])", plain)
        return "".join(
            replaced[part](part) if number % 2 else _SHAPES.sub(self._shaped, part) for number, part in enumerate(parts)
        )

    def name(self, name: str) -> str:
        """The word for a title, a studio, a library: for all of it."""
        return self._words.word(name) if name else ""

    def path(self, path: str) -> str:
        """A path with a word for each folder: the same folder is the same word, wherever it is mounted."""
        for folder, called in self._own_folders:
            rest = path.removeprefix(folder)
            if rest != path and (not rest or rest[0] in "/\\") and self._is_spoken(rest):
                return called + rest
        parts = re.split(r"([/\\]+)", path)
        is_service = len(parts) > 2 and not parts[0] and parts[2] in _OF_SERVICES
        last = len(parts) - 1
        return "".join(
            part
            if number % 2 or not part or (number == 0 and re.fullmatch("[A-Za-z]:", part))
            else self._part_of_service(part)
            if is_service
            else self._file_name(part)
            if number == last
            else self._folder(part)
            for number, part in enumerate(parts)
        )

    def trace(self, text: str, known: NamesFound | None = None) -> str:
        """A traceback: which lines of code, and what the error says; the code itself anybody may look up.

        :param known: as for ``text``.
        """
        known = self.known(text) if known is None else known
        kept, skips = [], False
        for line in text.splitlines():
            if step := _STEP.match(line):
                kept.append(f'{step[1]}File "{self.path(step[2])}", line {step[3]}')
                skips = True
            elif not (skips and line.startswith("    ")):
                skips = False
                kept.append(self.text(line, known))
        return "\n".join(kept)

    def value(self, value: Any) -> Any:
        """What JSON can hold, with all texts in it so; keys are taken for ours where their words are."""
        if isinstance(value, dict):
            return {
                str(key) if self._is_spoken(str(key)) else self.text(str(key)): self.value(one)
                for key, one in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.value(one) for one in value]
        return self.text(value) if isinstance(value, str) else value

    # --- shapes -------------------------------------------------------------------------------------------------------

    def _shaped(self, match: re.Match[str]) -> str:
        kind = str(match.lastgroup)
        text = match[0]
        if kind == "time":
            return text
        shaped: Callable[[str], str] = getattr(self, f"_{kind}")
        return shaped(text)

    def _own(self, text: str) -> str:
        return text if self._words.is_ours(text) else self.name(text)

    def _url(self, text: str) -> str:
        scheme, _, rest = text.partition("://")
        host, slash, path = rest.partition("/")
        user, at, server = host.rpartition("@")
        said = scheme if scheme.lower() in ("http", "https", "file", "socks5", "stash", "plex") else self.name(scheme)
        shown = f"{self.name(user)}{at}{self._host(server)}"
        path, mark, query = path.partition("?")
        return f"{said}://{shown}{self.path(slash + unquote(path)) if slash else ''}{mark}{self._query(unquote(query))}"

    def _query(self, text: str) -> str:
        return re.sub(r"[^=&;#]+", lambda part: self._part_of_service(part[0]), text)

    def _quoted(self, text: str) -> str:
        begins, inner, ends = text[0], text[1:-1], text[-1]
        bare = re.sub(r"\\(.)", r"\1", inner) if re.search(r"\\[\"'\\/]", inner) else inner
        if not bare.strip() or bare.lower() in self._identifiers or bare.strip("0123456789 .,:%/-") == "":
            return text
        if re.fullmatch(WORD, bare):
            return begins + self._own(bare) + ends
        if "://" in bare:
            return begins + _SHAPES.sub(self._shaped, bare) + ends
        if re.match(_ROOT, bare) and len(bare) > 1:
            return begins + self.path(bare) + ends
        return begins + self.name(bare) + ends

    def _file(self, text: str) -> str:
        return self.path(text)

    def _folder(self, text: str) -> str:
        if not re.match(_ROOT, text):
            # One part of a path. Others may have said of it already what we say.
            return text if re.fullmatch(WORD, text) and self._words.is_ours(text) else self.name(text)
        bare = text.rstrip(".:!?")
        return self.path(bare) + text[len(bare) :]

    def _host(self, text: str) -> str:
        server, colon, port = text.rpartition(":") if re.search(r":\d+$", text) else (text, "", "")
        if server.lower() == "localhost" or (server.startswith("[") and _is_ours(server[1:-1])) or _is_ours(server):
            return text
        return f"{self.name(server.lower())}{colon}{port}"

    def _ip(self, text: str) -> str:
        try:
            ipaddress.ip_address(text)
        except ValueError:
            return text if text.replace(":", "").replace(".", "").isdigit() else self.name(text)
        return text if _is_ours(text) else self.name(text.lower())

    def _word(self, text: str) -> str:
        number = re.fullmatch(r"\d+([a-z]{0,3})", text)
        if (number and number[1] in _UNITS) or self._is_spoken(text) or _is_event(text):
            return text
        return self.name(text)

    # --- what may stay ------------------------------------------------------------------------------------------------

    def _is_spoken(self, text: str) -> bool:
        return text.isascii() and all(word in self._vocabulary for word in words_in(text))

    def _is_worth_it(self, name: str) -> bool:
        """Whether to look for a name: a letter, or a number, is in every text."""
        return len(name) > 1 and not name.isdigit() and name.lower() not in self._identifiers

    def _part_of_service(self, part: str) -> str:
        return part if part.isdigit() or self._is_spoken(part) else self.name(part)

    def _file_name(self, name: str) -> str:
        bare, dot, ending = name.rpartition(".")
        if bare and ending.lower() in ENDINGS:
            return f"{self._folder(bare)}{dot}{ending}"
        return self._folder(name)


def _unescaped(match: re.Match[str]) -> str:
    with suppress(ValueError):
        found = json.loads(f'"{match[0]}"')
        if found.isprintable():
            return str(found)
    return match[0]


def _is_ours(address: str) -> bool:
    """Whether an address is the same on every machine."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return found.is_loopback or found.is_unspecified


def _is_event(text: str) -> bool:
    """Whether it has the form of an event's short id."""
    return len(text) == 8 and bool(_PLEX_TIME.fullmatch(text))


def lines_of(texts: Iterable[str], concealer: Concealer) -> Iterator[str]:
    """Lines of a log, be they text or JSON, concealed; what each belongs to stays."""
    for line in texts:
        # The scene that a line belongs to may stand anywhere in it.
        known = concealer.known(line)
        entry = None
        if line.startswith("{"):
            with suppress(ValueError):
                entry = json.loads(line)
        if isinstance(entry, dict):
            kept = {name: entry[name] for name in _KEPT if _is_kept(entry.get(name))}
            texts_in = [name for name in ("message", "traceback") if name in entry]
            said = {name: concealer.trace(str(entry[name]), known) for name in texts_in}
            yield json.dumps(kept | said, ensure_ascii=False)
            continue
        head = _HEAD.match(line)
        start = head.end() if head else 0
        tail = _TAIL.search(line, start)
        end = tail.start() if tail else len(line)
        yield line[:start] + concealer.trace(line[start:end], known) + line[end:]


#: What is taken over of a line in JSON: all of it is ours.
_KEPT = ("at", "level", "logger", "event", "task", "scene", "item", "attempt")
_HEAD = late_pattern(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d [A-Z]+ +")
_TAIL = late_pattern(
    r"  \[(?:event=[0-9a-f,+]+)?(?: ?task=[a-z_]+)?(?: ?scene=\d+)?(?: ?item=\d+)?(?: ?attempt=\d+)?\]$"
)


def _is_kept(value: object) -> bool:
    return isinstance(value, int) or (
        isinstance(value, str) and bool(re.fullmatch(r"[\w.,:+-]{1,80}", value, re.ASCII))
    )
