"""Which data folder is meant, and what the files in it are called that settings come from.

Commands need no more than this of the settings, as a rule, and wait for nothing else of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from plexsync.configuration import plain_values as values
from plexsync.configuration.faults import SettingFault, SettingsError
from plexsync.inbox import event_files

PREFIX = "PLEXSYNC_"
CONFIG_FILE = "plexsync.toml"
#: Written by the hook into the data folder: ``{"scheme": "http", "host": "127.0.0.1", "port": 9999}``.
STASH_CONNECTION_FILE = "stash_connection.json"
DEFAULT_DATA_DIR = Path(event_files.data_folder(""))
ENVIRONMENT = "environment"


def data_dir(environ: Mapping[str, str]) -> Path:
    """The data folder: ``PLEXSYNC_DATA_DIR``, or ``data/`` beside this file. It need not exist.

    :raises SettingsError: it is a file, or no path at all.
    """
    if not (chosen := environ.get(f"{PREFIX}DATA_DIR", "").strip()):
        return DEFAULT_DATA_DIR
    try:
        return values.data_folder(chosen)
    except values.WrongValue as error:
        faults = [SettingFault(f"{PREFIX}DATA_DIR", ENVIRONMENT, *wrong[:2]) for wrong in error.wrongs]
    raise SettingsError(faults)


def config_path(environ: Mapping[str, str]) -> Path:
    """The configuration file: what ``PLEXSYNC_CONFIG`` names, or the one in the data folder. It need not exist.

    :raises SettingsError: there can be none.
    """
    if not (chosen := environ.get(f"{PREFIX}CONFIG", "").strip()):
        return data_dir(environ) / CONFIG_FILE
    try:
        return values.path_of(chosen, "name a text file")
    except values.WrongValue as error:
        faults = [SettingFault(f"{PREFIX}CONFIG", ENVIRONMENT, *wrong[:2]) for wrong in error.wrongs]
    raise SettingsError(faults)


def database_url(environ: Mapping[str, str]) -> str | None:
    """The address of the PostgreSQL that is used in place of the file in the data folder; None where none is set.

    Asked by whoever opens the database, settings or not: where the word stands nowhere, nothing is read.

    :raises SettingsError: what is set is no such address.
    """
    variable = f"{PREFIX}DATABASE_URL"
    if not (environ.get(variable) or environ.get(f"{variable}_FILE") or _is_in_file(environ, b"database_url")):
        return None
    from settings import database_url_set

    return database_url_set(environ)


def _is_in_file(environ: Mapping[str, str], word: bytes) -> bool:
    try:
        path = config_path(environ)
        return path.is_file() and word in path.read_bytes()
    except (OSError, SettingsError):
        return False  # Whoever reads all settings says so.
