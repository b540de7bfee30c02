"""A thousand odd names, no two alike, which are in no text of the program's; and how each may be written."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

#: What a name begins with, so that all alphabets, quotes and marks occur; ``%s`` is what makes it the only one.
_KINDS = (
    "Zorble%s Wexford%s",
    "qu'zix%s O'Vrelt%s",
    'Vlim "the%sxq" Krost',
    "Strumpfx%s & Söhnle%s",
    "naïfx%s Çelqik",
    "Zoë/Vrax%s",
    "ヴレルト%s",
    "夢見るzq%s",
    "Дмитрква%s Жо",
    "ظبقلت%s",
    "क्षिप्रज%s",
    "กรุงฬ%s",
    "Cafe\u0301x%s",
    "😀zix%s",
    "back\\slashq%s",
    "zqline%s, Vrelt; Wex|q",
    "<b>vrelt%s</b>",
    "zq%s.vrelt@wexmail.example",
    "%%zq%s%%20Vrelt",
    "{zqv%s} [Vrelt] (Wexq)",
)
NAMES = tuple(
    kind.replace("%s", f"q{chr(97 + number // 7)}{chr(97 + number % 7)}z") for number in range(50) for kind in _KINDS
)


def forms(name: str) -> set[str]:
    """The name as it is, as JSON, HTML and addresses have it, and its telling parts."""
    return {name, json.dumps(name)[1:-1], html.escape(name), quote(name), quote(name, safe=""), repr(name)[1:-1]} | {
        part for part in name.replace("/", " ").replace('"', " ").split() if len(part) > 6
    }
