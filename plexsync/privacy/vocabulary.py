"""The words that PlexSync itself may say: whatever else stands in a text came from outside.

They are read from the program's own texts, so that a new message needs nothing done here.
"""

from __future__ import annotations

import ast
import builtins
import os
import re
from collections.abc import Iterable, Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path

#: The plugin's folder.
ROOT = Path(__file__).resolve().parents[2]
#: Below it, what speaks.
_SPEAKING = ("plexsync", "tasks", "settings.py")
#: What holds names of a made-up library, and lists of words that titles and names hold.
_LEFT_OUT = {"demo", "titles.py", "directors.py"}
#: What others say who are asked: Python, requests, urllib3, SQLite, Stash and Plex.
_OTHERS = """
    a an and are as at be been by caused cannot connection connections connect could denied disk do does during error
    errors exceeded exception failed file files for from full had handshake has host http https httpconnectionpool
    httpsconnectionpool in into io is it locked malformed max new newconnectionerror maxretryerror connecttimeout
    readtimeout connecttimeouterror readtimeouterror protocolerror remotedisconnected sslerror certificate verify
    unknown name or not service known no of on open out pool port read refused remote end closed without response reset
    peer retries route to ssl tls table temporary failure resolution the this time timed timeout traceback most recent
    call last line unable url was were with write wrong database image python sqlite stash plex module bad get post put
    delete head 0x library sections section metadata all graphql identity info warning debug critical line
"""


def words_in(text: str) -> Iterator[str]:
    """The words of a text as they are compared."""
    for word in re.findall("[A-Za-z]+", text):
        yield word.lower()


@cache
def vocabulary() -> frozenset[str]:
    """All words, in lower case. To gather them takes about a second of the processor; they are kept."""
    words = set(words_in(_OTHERS))
    for name in _SPEAKING:
        top = ROOT / name
        for path in [top] if top.is_file() else top.rglob("*.py"):
            if not _LEFT_OUT.intersection(path.relative_to(ROOT).parts):
                words.update(words_in(" ".join([path.stem, *_said(ast.parse(path.read_text(encoding="utf-8")))])))
    words.update(words_in(" ".join(dir(builtins))))
    words.update(words_in(" ".join(map(os.strerror, range(134)))))
    words.update(words_in(" ".join(status.phrase for status in HTTPStatus)))
    return frozenset(words)


def identifiers(names: Iterable[str]) -> frozenset[str]:
    """Names of ours as they are compared, which may stand in quotes."""
    return frozenset(name.lower() for name in names)


def _said(tree: ast.AST) -> Iterator[str]:
    """The texts of a module, but for its docstrings; and the names of its classes, which errors are told by."""
    pending = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value
            continue
        if isinstance(node, ast.ClassDef):
            yield node.name
        for name in node._fields:
            below = getattr(node, name, None)
            among = below if isinstance(below, list) else (below,)
            pending += [one for one in among if isinstance(one, ast.AST) and _may_speak(one)]


#: What holds no text.
_SILENT = (ast.Name, ast.expr_context, ast.operator, ast.cmpop, ast.alias, ast.boolop, ast.unaryop)


def _may_speak(node: ast.AST) -> bool:
    """Whether there may be a text of ours in it: it is no docstring, nor what holds none."""
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return not is_docstring and not isinstance(node, _SILENT)
