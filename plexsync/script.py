"""How a person runs PlexSync's commands: by the script, which finds the right Python by itself.

Texts that are kept, raised or logged call it ``./huey_consumer.sh``, as the documentation does. Whoever prints one
passes it through ``from_here``, so that what stands there works where the person stands.
"""

from __future__ import annotations

import shlex
from pathlib import Path

#: The script as it is called in PlexSync's own folder.
SCRIPT = "./huey_consumer.sh"
_FOLDER = Path(__file__).resolve().parents[1]


def name() -> str:
    """What to type for the script in the working directory: a path that works from there, quoted for the shell."""
    whole = str(_FOLDER / SCRIPT)
    try:
        below = f"./{_FOLDER.relative_to(Path.cwd()) / SCRIPT}"
    except (OSError, ValueError):
        # Somewhere else, or in a folder that is no more.
        return shlex.quote(whole)
    return shlex.quote(min(below, whole, key=len))


def command(*words: str) -> str:
    """What to type for a command, from the working directory: ``./huey_consumer.sh failed list``."""
    return " ".join([name(), *words])


def from_here(text: str) -> str:
    """A text that names the script, with what to type for it in the working directory."""
    return text.replace(SCRIPT, name()) if SCRIPT in text else text


def examples(*commands: str) -> str:
    """The examples at the end of a command's help, one a line; the ``\\b`` keeps click from joining them.

    :param commands: each without the script: ``status --json``; an empty one is the script alone.
    """
    return "\n".join(["Examples:", "", "\b", *(f"  {command(one)}".rstrip() for one in commands)])
