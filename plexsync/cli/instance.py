"""``--instance NAME``: which of several data folders a command, or the consumer, works on."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping, Sequence
from pathlib import Path

from plexsync.configuration.data_folder import data_dir
from plexsync.inbox import event_files
from plexsync.inbox.instances import NoInstance, folder_of

#: The option, and the variable that says the same.
OPTION, VARIABLE = "--instance", "PLEXSYNC_INSTANCE"
#: Set once the data folder is that of the instance: whoever is started from here finds it there already.
CHOSEN = "PLEXSYNC_INSTANCE_CHOSEN"
#: Where the main data folder is then.
MAIN_FOLDER = "PLEXSYNC_MAIN_DATA_DIR"


class WrongInstance(Exception):
    """The option names no instance, for a person."""


def chosen() -> None:
    """Work on the data folder of the instance that the command line or the environment names, from here on.

    Ends the process with 2 where there is no such instance.
    """
    try:
        sys.argv[1:] = choose(sys.argv[1:], os.environ)
    except WrongInstance as error:
        # Only here: most who come by name no instance, or one that there is.
        from plexsync.cli import show

        show.say(str(error), err=True)
        sys.exit(2)


def choose(words: Sequence[str], environ: MutableMapping[str, str]) -> list[str]:
    """The words of a command line without the option; the environment names the instance's data folder then.

    :param words: all but the program.
    :param environ: the environment, which is changed.
    :raises WrongInstance: there is no instance of that name.
    """
    rest, name = _taken(list(words), environ.get(VARIABLE, "").strip())
    if not name or name == environ.get(CHOSEN):
        return rest
    main = event_files.data_folder(environ.get(MAIN_FOLDER) or environ.get("PLEXSYNC_DATA_DIR", ""))
    try:
        folder = folder_of(main, name)
    except NoInstance as error:
        raise WrongInstance(f"{OPTION}: {error}. Add one: ./huey_consumer.sh instances add NAME") from None
    environ["PLEXSYNC_DATA_DIR"], environ[CHOSEN], environ[MAIN_FOLDER] = folder, name, main
    return rest


def main_folder() -> Path:
    """The main data folder, whichever instance this process works on."""
    known = os.environ.get(MAIN_FOLDER)
    return Path(known) if known else data_dir(os.environ)


def _taken(words: list[str], name: str) -> tuple[list[str], str]:
    """The words without the option, and what it says last."""
    rest: list[str] = []
    while words:
        word = words.pop(0)
        if word == "--":
            return [*rest, word, *words], name
        option, is_joined, value = word.partition("=")
        if option != OPTION:
            rest.append(word)
        elif is_joined:
            name = value
        elif words:
            name = words.pop(0)
        else:
            raise WrongInstance(f"{OPTION} needs the name of an instance")
    return rest, name
