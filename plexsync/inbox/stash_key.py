"""Hands the consumer the API key of a Stash that has a login: PlexSync's page knows it, and the consumer cannot ask.

The key is kept in a private file of the data folder, and only once Stash has accepted it: where Stash has no login any
page in a browser may ask for this, and then nothing is kept. On any Python from 3.9, see
``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH118

import os

from plexsync.inbox import event_files, own_stash
from plexsync.inbox.hook_input import NotFromStash, server
from plexsync.inbox.hook_process import replace
from plexsync.inbox.request_files import BAD_REQUEST, FAILED, fault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The file in the data folder: ``{"api_key": "..."}``.
KEY_FILE = "stash_key.json"
_QUESTION = b'{"query": "{ version { version } }"}'


def take(folder: str, key: str, payload: "dict[str, Any]") -> "dict[str, Any]":
    """Keep a key for the consumer, or forget it where none is needed; the answer to the page.

    :param folder: the data folder.
    :param key: letters that a header may hold, and no quotes.
    :param payload: what Stash sent.
    :raises OSError: it cannot be kept.
    """
    path = os.path.join(folder, KEY_FILE)
    try:
        address = server(payload)
        if _accepts(address, {}):
            event_files.remove(path)
            return {"ok": True, "result": {"text": "Stash asks for no password, so PlexSync needs no key."}}
        is_right = _accepts(address, {"ApiKey": key})
    except (NotFromStash, OSError) as error:
        return fault(FAILED, f"Stash could not be asked about the key: {error}", "Try again in a moment.")
    if not is_right:
        return fault(BAD_REQUEST, "Stash refuses this API key.", "Look at Settings > Security in Stash.")
    replace(path, b'{"api_key": "%s"}\n' % key.encode("ascii"))
    return {"ok": True, "result": {"text": "PlexSync may read Stash now. It goes on within seconds."}}


def _accepts(address: "tuple[str, str, int]", headers: "dict[str, str]") -> bool:
    """Whether Stash answers who comes with these headers.

    :raises OSError: it does not say.
    """
    try:
        own_stash.ask(address, _QUESTION, headers)
    except own_stash.AccessRefused:
        return False
    return True
