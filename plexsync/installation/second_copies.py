"""Finds other copies of the plugin in Stash's plugins folder, as far as that can be seen from here.

Stash takes every ``.yml`` below that folder for a plugin, links followed. Of two that have one id it loads the one that
it meets first, in the order of their names, and calls the hooks of that one alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from plexsync.configuration.plain_values import PLUGIN_FOLDER
from plexsync.installation.installed import PLUGIN_ID

#: The manifest, as Stash knows it: ids are compared regardless of case.
MANIFEST = f"{PLUGIN_ID}.yml"
#: Entries that are looked at, and seconds that it may take: somebody's plugins may lie beside anything.
MOST_ENTRIES, MOST_SECONDS = 20_000, 2.0
#: Folders below the plugins folder that are gone down: a package source's, its plugin's, one more.
DEPTH = 4
#: Folders that hold no plugin: they cost much to look through.
_PASSED = (".git", ".venv", "node_modules", "__pycache__")


def find(folder: str, own: Path | None = None) -> list[Path]:
    """The manifests of this plugin in Stash's plugins folder, in the order in which Stash meets them.

    Where that folder cannot be seen from here, the one that our own lies in is looked through, if it is called so.

    :param folder: Stash's plugins folder, as Stash sees it; ``""`` where that is not known.
    :param own: our manifest; the one of this installation when None.
    :returns: only our own one where it is alone, or nothing else can be seen.
    """
    own = own or PLUGIN_FOLDER / MANIFEST
    # os.path: for pathlib a folder in one that is closed to us, as root's in a container's path, is an error.
    tree = Path(folder) if folder and os.path.isdir(folder) else _plugins_folder_of(own)  # noqa: PTH112
    found = list(_manifests(tree)) if tree is not None else []
    if not any(_is_same(one, own) for one in found):
        # Another installation's folder, or another container's: nothing is known of how they go together.
        return [own]
    return found


def told(folder: str, own: Path | None = None) -> str:
    """What to do about other copies; ``""`` where there are none."""
    own = own or PLUGIN_FOLDER / MANIFEST
    found = find(folder, own)
    if len(found) < 2:
        return ""
    others = ", ".join(str(one) for one in found if not _is_same(one, own))
    if _is_same(found[0], own):
        return f"another copy of the plugin lies in {others}: Stash loads this one, remove the other"
    return (
        f"another copy of the plugin lies in {others}, and Stash loads {found[0]}, not this one ({own}): remove the "
        "one that you do not use, then press Settings > Plugins > Reload plugins in Stash"
    )


def _plugins_folder_of(own: Path) -> Path | None:
    """The plugins folder that a manifest lies in, by its name; None where it seems to lie in none."""
    above = list(own.parents)[1 : DEPTH + 1]
    return next((one for one in above if one.name == "plugins"), None)


def _manifests(tree: Path) -> Iterator[Path]:
    """The manifests below a folder. As Go's ``filepath.Walk``: by name, what is in a folder in the folder's place."""
    until, left = time.monotonic() + MOST_SECONDS, MOST_ENTRIES
    seen: set[tuple[int, int]] = set()
    waiting = [(tree, 0)]
    while waiting and left > 0 and time.monotonic() < until:
        path, depth = waiting.pop()
        try:
            if path.is_dir():
                status = path.stat()
                # A link may lead back to where it stands.
                if depth > DEPTH or path.name in _PASSED or (status.st_dev, status.st_ino) in seen:
                    continue
                seen.add((status.st_dev, status.st_ino))
                names = sorted(os.listdir(path), reverse=True)  # noqa: PTH208 - names are wanted
                left -= len(names)
                waiting += [(path / name, depth + 1) for name in names]
            elif path.name.lower() == MANIFEST.lower():
                yield path
        except OSError:
            continue


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other
