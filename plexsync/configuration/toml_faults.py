"""What is wrong with a line of ``plexsync.toml``, told so that a person can put it right.

TOML's own parser says what it expected. Who writes such a file for the first time wants to know which line it is, and
what to write there. Nothing of the file is repeated: a token may stand in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from plexsync.imports.late import late_pattern

#: What a backslash in double quotes is, and what to write.
_BACKSLASH = "a backslash in double quotes begins an escape"
PATH_REMEDY = "write paths in single quotes, like '\\\\nas\\videos', or with / in place of each backslash"
_IN_QUOTES = "put texts in straight double quotes"
#: Characters that escapes make, and that no setting holds.
_ESCAPED = late_pattern(r"[\b\t\n\f\r]")
#: A value in double quotes on one line, as it stands in the file, behind the name that it is for.
_VALUE = late_pattern(r"""^[ \t]*["']?([A-Za-z0-9_-]+)["']?[ \t]*=[ \t]*"(?!"")((?:[^"\\\n]|\\.)*)\"""", re.MULTILINE)

#: A drive or a share whose name goes on with what is an escape.
_LOST = late_pattern(r":\\[btnfr]|(?:^|[>;\s])\\\\[^\\]+\\[btnfr]")


class TomlFault(NamedTuple):
    """Where something is wrong, what it is, and what to write in its place."""

    where: str
    problem: str
    remedy: str


def syntax_fault(text: str, error: Exception) -> TomlFault:
    """What is wrong with a text that is no TOML.

    :param text: the whole of it.
    :param error: what the parser says.
    """
    place = re.search(r"\(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
    lines = text.splitlines() or [""]
    if place is None:
        return TomlFault("", "", _IN_QUOTES)
    if place[1]:
        number, where = int(place[1]), f"line {place[1]}, column {place[2]}"
    else:
        # Something that was begun is not ended: a quote as a rule, else what the last line begins.
        begun = [at for at, line in enumerate(lines, 1) if re.match(r"\s*[A-Za-z0-9_-]+\s*=\s*'[^']*$", line)]
        number = begun[0] if begun else max((at for at, line in enumerate(lines, 1) if line.strip()), default=1)
        where = f"line {number}, at its end"
    line = lines[number - 1] if number <= len(lines) else ""
    return TomlFault(where, *_diagnosed(line, str(error)))


def _diagnosed(line: str, said: str) -> tuple[str, str]:
    name = re.match(r"\s*([A-Za-z0-9_]+)\s*=\s*(.*)", line)
    value = name[2] if name else ""
    if "Unescaped '\\'" in said or "hex value" in said:
        return _BACKSLASH, PATH_REMEDY
    if re.search("[“”„‘’«»]", line):
        return "these quotes are typographic ones", _IN_QUOTES
    if "overwrite" in said:
        return "this name is there twice", "keep one of the two lines"
    if re.match(r"\s*(//|;|--)", line):
        return "this is not a setting", "begin a comment with #"
    if "Expected '='" in said or "Invalid statement" in said:
        return "a name and = are expected", 'write name = "value", one on a line'
    if re.match(r"(True|TRUE|False|FALSE|[Yy]es|[Nn]o|[Oo]n|[Oo]ff)\b", value):
        return (
            "TOML does not take this for true or false",
            "write true or false, in small letters and without quotes",
        )
    if re.match(r"\d?\d:\d\d\s*(#|$)", value):
        return "a time of day is not a number", 'put it in quotes: "04:00"'
    if re.search('Unterminated|Illegal character|Expected "\'"', said):
        return "a quote is missing at the end of the text", "close it with the same quote that it begins with"
    if "Unclosed array" in said or "array" in said:
        return "a list is not closed, or lacks a comma", 'write it like ["one", "two"]'
    if "Expected newline" in said:
        return (
            "something follows the value",
            f"write one setting on a line, without a comma at its end; {_IN_QUOTES}",
        )
    if "Invalid value" in said and not value:
        return "the value is missing", 'write name = "value", or remove the line'
    return "the value is neither a text in quotes, nor a number, nor true or false", _IN_QUOTES


def lost_backslashes(text: str, table: Mapping[str, object]) -> Iterator[tuple[str, TomlFault]]:
    """Settings with a backslash in double quotes that TOML read as an escape: ``"D:\\new"`` is a ``D:`` on a line.

    :param text: the file.
    :param table: what was read from it.
    :returns: the setting's name, and what is wrong with it.
    """
    for found in _VALUE.finditer(text):
        name, written = found[1], found[2]
        value = table.get(name)
        if isinstance(value, str) and _ESCAPED.search(value) and _LOST.search(written):
            number = text.count("\n", 0, found.start(1)) + 1
            yield name, TomlFault(f"line {number}", _BACKSLASH, PATH_REMEDY)
