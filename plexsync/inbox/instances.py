"""The instances of PlexSync: one consumer with a data folder of its own for each further Plex server.

``instances.json`` in the main data folder names them. The hook lays each event into all of them; where one cannot take
it, the others do. Read only where that file is there, on any Python from 3.9: see ``plexsync.inbox.event_files``.
"""

# ruff: noqa: PTH111, PTH112, PTH118

import os

from plexsync.inbox import event_files, event_reading
from plexsync.inbox.hook_input import NotFromStash, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

#: The file in the main data folder: ``{"schema": 1, "instances": {"living-room": "/path/of/its/data/folder"}}``.
INSTANCES_FILE = "instances.json"
#: The folder for those that are given none, in the main data folder.
FOLDER = "instances"
#: What the instance is called whose data folder is the main one.
MAIN = "main"
#: Characters of a name, and instances beside the main one.
LONGEST_NAME, MOST = 32, 20
#: Bytes that are read of the file.
MOST_BYTES = 64 * 1024
_NAMED_WITH = "abcdefghijklmnopqrstuvwxyz0123456789-"


class NoInstance(Exception):
    """There is no instance of that name. The text names those that there are."""


def is_name(name: object) -> bool:
    """Whether something can be the name of an instance: lower-case letters, digits and hyphens."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and not name.strip(_NAMED_WITH)


def others(folder: str) -> "dict[str, str]":
    """The data folders of all instances but the main one, by name; what of the file cannot be read is left out.

    :param folder: the main data folder.
    """
    try:
        return named(folder)
    except OSError:
        return {}


def named(folder: str) -> "dict[str, str]":
    """As ``others``.

    :raises OSError: the file cannot be read, or holds something else. Its text says so.
    """
    path = os.path.join(folder, INSTANCES_FILE)
    try:
        noted = parse(event_reading.read_bounded(path, MOST_BYTES) or b"").get("instances")
    except FileNotFoundError:
        return {}
    except NotFromStash:
        noted = None
    if not isinstance(noted, dict):
        raise OSError(f"{path} does not name instances")
    found = {}
    for name, place in list(noted.items())[:MOST]:
        if is_name(name) and name != MAIN and isinstance(place, str) and place and "\0" not in place:
            # A relative one counts from the main data folder, in which it usually is.
            found[name] = os.path.join(folder, os.path.expanduser(place))
    return found


def folder_of(folder: str, name: str) -> str:
    """The data folder of an instance.

    :param folder: the main data folder.
    :raises NoInstance: there is none of that name.
    """
    if name == MAIN:
        return folder
    known = others(folder)
    if name not in known:
        there = ", ".join([MAIN, *sorted(known)])
        raise NoInstance(f"there is no instance {event_files.shown(name)}: there {'are' if known else 'is'} {there}")
    return known[name]


def lay_for_others(
    folder: str, laid: "list[tuple[str, dict[str, Any]]]", failed: "Callable[[str, OSError], object]"
) -> None:
    """Lay an event's messages for all instances but the main one, too. When this returns, they are on the disk.

    :param folder: the main data folder.
    :param laid: path and message of each file that was laid for the main instance.
    :param failed: called with the name of each instance that could not take the event.
    """
    try:
        places = named(folder)
    except OSError as error:
        failed("that is named there", error)
        return
    for name, place in places.items():
        try:
            for path, message in laid:
                _lay(place, path, message)
        except OSError as error:
            failed(name, error)


def _lay(place: str, path: str, message: "dict[str, Any]") -> None:
    """Lay a message: the same file under a second name where that can be, else a copy."""
    if not os.path.isdir(place):
        # It is not made: the disk that it is on may just not be there.
        raise FileNotFoundError(2, "there is no such folder", place)
    inbox = os.path.join(place, event_files.FOLDER)
    try:
        os.link(path, os.path.join(inbox, os.path.basename(path)), follow_symlinks=False)  # noqa: PTH119 - see above
    except (OSError, NotImplementedError):
        # Another disk, a system without such links, no inbox yet, or the main consumer was just as quick.
        event_files.put(inbox, message)
        return
    event_files.sync_folder(inbox)
    event_files.ring(place)
