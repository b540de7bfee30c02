"""``instances``: one consumer, with a data folder of its own, for each Plex server."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.cli.instance import main_folder
from plexsync.errors import PermanentError
from plexsync.inbox import request_files
from plexsync.inbox.hook_process import replace
from plexsync.inbox.instances import FOLDER, INSTANCES_FILE, LONGEST_NAME, MAIN, MOST, is_name, others
from plexsync.inbox.life import life
from plexsync.script import examples, from_here


@click.group(epilog=examples("instances list", "instances add living-room", "--instance living-room"))
def instances() -> None:
    """Sync to several Plex servers. Each has a consumer with a data folder of its own."""


@instances.command("list", epilog=examples("instances list --json"))
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def list_(as_json: bool) -> None:
    """List the instances, and whether their consumers run."""
    with faults_shown():
        home = main_folder()
        rows = [_row(name, place) for name, place in {MAIN: str(home), **others(str(home))}.items()]
        if as_json:
            show.as_json(rows)
            return
        for row in rows:
            show.say(f"{row['name']}: {row['text']} Data in {row['folder']}")


@instances.command(epilog=examples("instances add living-room", "instances add attic /mnt/ssd/plexsync-attic"))
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
def add(name: str, folder: Path | None) -> None:
    """Add an instance. FOLDER is for its database and settings; by default one in the main data folder."""
    with faults_shown():
        home, known = _known()
        if not is_name(name) or name == MAIN:
            raise PermanentError(
                f"{name!r} cannot be an instance's name: take up to {LONGEST_NAME} lower-case letters, digits and "
                "hyphens"
            )
        if name in known:
            place = others(str(home)).get(name, known[name])
            raise PermanentError(f"there is an instance {name} already; its data is in {place}")
        if len(known) >= MOST:
            raise PermanentError(f"there are {MOST} instances already, which is the most that there can be")
        place = str(folder.absolute()) if folder is not None else os.path.join(FOLDER, name)  # noqa: PTH118 - as it is kept
        data = home / place
        for other, taken in {MAIN: str(home), **others(str(home))}.items():
            if data.resolve() == Path(taken).resolve():
                raise PermanentError(f"{data} is the data folder of the instance {other}: give {name} one of its own")
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(home, {**known, name: place})
        show.say(
            f"Instance {name} is added. From now on Stash's hook leaves each change for it, too.\n"
            f"Write its settings, such as plex_url and plex_token, into {data / 'plexsync.toml'}"
        )
        show.say(from_here(f"Then check it, and start it:\n  ./huey_consumer.sh --instance {name} --check"))
        show.say(from_here(f"  ./huey_consumer.sh --instance {name}"))


@instances.command(epilog=examples("instances remove living-room"))
@click.argument("name")
def remove(name: str) -> None:
    """Remove an instance: it gets no more changes. Its data folder stays."""
    with faults_shown():
        home, known = _known()
        if name not in known:
            raise PermanentError(f"there is no instance {name}: see ./huey_consumer.sh instances list")
        place = others(str(home)).get(name, known[name])
        _write(home, {one: folder for one, folder in known.items() if one != name})
        show.say(f"Instance {name} is removed. Stop its consumer, if it runs. Its data is still in {place}.")


def _known() -> tuple[Path, dict[str, str]]:
    """The main data folder, and the instances as they stand in the file.

    :raises PermanentError: the file holds something else.
    """
    home = main_folder()
    path = home / INSTANCES_FILE
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))["instances"]
    except FileNotFoundError:
        return home, {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise PermanentError(f"{path} cannot be read ({error}): correct it, or remove it") from None
    if not isinstance(noted, dict) or not all(isinstance(one, str) for one in noted.values()):
        raise PermanentError(f"{path} does not hold names and folders: correct it, or remove it")
    return home, noted


def _write(home: Path, known: dict[str, str]) -> None:
    path = home / INSTANCES_FILE
    if known:
        replace(str(path), json.dumps({"schema": 1, "instances": known}, indent=2).encode("ascii") + b"\n")
    else:
        path.unlink(missing_ok=True)


def _row(name: str, place: str) -> dict[str, Any]:
    raw = request_files.status(place)
    try:
        snapshot = json.loads(raw) if raw else None
    except ValueError:
        snapshot = None
    told = life(place, snapshot if isinstance(snapshot, dict) else None)
    return {"name": name, "folder": place, "state": told["state"], "text": told["text"]}
