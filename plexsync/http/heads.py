"""The headers of an answer, read without the parser for electronic mail that http.client takes to them.

That one knows of folded lines, of encodings and of parts within parts, and takes a third of the time of a whole
request. Ordinary headers are taken apart here; whatever is not ordinary is left to that parser, and comes out as ever.
"""

from __future__ import annotations

import http.client
from email.parser import Parser
from http.client import HTTPMessage
from types import FunctionType
from typing import Any

from plexsync.imports.late import late_pattern

#: Bytes of a line, and lines, at most: as http.client has it.
MAX_LINE = 65536
MAX_LINES = 100
#: A header as nearly every server writes it: a name, and a value in one line.
_ORDINARY = late_pattern(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n]*)\r?\n")


def parse_headers(fp: Any, *_: Any, **__: Any) -> HTTPMessage:
    """The headers up to the empty line that ends them.

    :param fp: what the answer is read from.
    :raises http.client.HTTPException: there are more, or longer ones, than anybody would send.
    """
    lines: list[str] = []
    while True:
        line = fp.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise http.client.LineTooLong("header line")
        if line in (b"\r\n", b"\n", b""):
            break
        lines.append(line.decode("iso-8859-1"))
        if len(lines) > MAX_LINES:
            raise http.client.HTTPException(f"got more than {MAX_LINES} headers")
    message = HTTPMessage()
    for text in lines:
        ordinary = _ORDINARY.fullmatch(text)
        if ordinary is None:
            return Parser(_class=HTTPMessage).parsestr("".join(lines) + "\r\n")
        message.set_raw(*ordinary.groups())
    return message


#: http.client's own way to begin an answer, which finds the function above where it looks for the other one.
_begin = FunctionType(
    http.client.HTTPResponse.begin.__code__,
    {**vars(http.client), "parse_headers": parse_headers},
    "begin",
    http.client.HTTPResponse.begin.__defaults__,
)
_begin.__kwdefaults__ = http.client.HTTPResponse.begin.__kwdefaults__


def begin(response: http.client.HTTPResponse) -> None:
    """Read the head of an answer, and pass over those before it that only announce it.

    http.client passes over *100 Continue* alone. What a proxy sends ahead (*103 Early Hints*) would be taken for the
    answer.

    :raises http.client.HTTPException: what comes is no answer.
    """
    _begin(response)
    while 100 <= response.status < 200 and response.status != http.client.SWITCHING_PROTOCOLS:
        response.headers = response.msg = None  # type: ignore[assignment]  # as before it was begun
        _begin(response)
