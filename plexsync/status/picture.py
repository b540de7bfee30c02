"""An item's poster, small enough to travel in an answer: for telling two candidates apart."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from plexsync.status.arguments import Argument, ArgumentKind
from plexsync.status.desk import Desk
from plexsync.status.registry import StatusQuestion

#: Pixels it has at most, and bytes.
WIDTH, HEIGHT = 200, 300
LARGEST = 110 * 1024
#: How pictures of each kind begin. What is none of them is not shown: a script could stand in it.
_KINDS = ((b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"RIFF", "webp"))


def picture(desk: Desk, args: Mapping[str, Any]) -> dict[str, Any]:
    """It as a ``data:`` address; null where there is none that is small enough."""
    for data in desk.app().plex.small_picture(args["rating_key"], WIDTH, HEIGHT):
        kind = next((name for begin, name in _KINDS if data.startswith(begin)), None)
        if kind is not None and len(data) <= LARGEST:
            return {"data": f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"}
    return {"data": None}


QUESTIONS = (
    StatusQuestion("picture", picture, (Argument("rating_key", ArgumentKind.ID, needed=True),), takes_long=True),
)
