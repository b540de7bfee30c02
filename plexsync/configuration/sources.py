"""Where settings are written, and what is written there: the environment, the file, Stash's page, the hook."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from plexsync.configuration import setting_values as values
from plexsync.configuration.data_folder import CONFIG_FILE as CONFIG_FILE
from plexsync.configuration.data_folder import DEFAULT_DATA_DIR as DEFAULT_DATA_DIR
from plexsync.configuration.data_folder import ENVIRONMENT as ENVIRONMENT
from plexsync.configuration.data_folder import PREFIX as PREFIX
from plexsync.configuration.data_folder import STASH_CONNECTION_FILE as STASH_CONNECTION_FILE
from plexsync.configuration.data_folder import data_dir as data_dir
from plexsync.configuration.faults import NOWHERE, SettingFault, SettingsError
from plexsync.configuration.rule import Rule
from plexsync.configuration.secret_files import SUFFIX, file_variable, is_path, read_secret
from plexsync.configuration.toml_file import read_toml
from plexsync.inbox.consumer_record import STARTED_BY, STASH_PROCESS
from plexsync.inbox.hook_fault import out_of_reach
from plexsync.inbox.stash_key import KEY_FILE

#: Variables that are read elsewhere: where the file of settings is, where plex.tv is for a test, and what the hook, the
#: script, and the consumer itself tell the consumer that they start.
_NO_SETTINGS = frozenset(PREFIX + name for name in ("CONFIG", "PLEX_TV_URL", "SCRIPT", "CONSUMER_LOCK", "WHEELS")) | {
    STARTED_BY,
    STASH_PROCESS,
}
PAGE = "Stash's plugin settings page"
TOKEN_REMEDY = (
    "sign in with ./huey_consumer.sh --login; or in Plex's web app open an item's menu, Get Info, View XML, copy what "
    "follows X-Plex-Token= in the address, and set it in Stash > Settings > Plugins > PlexSync, as plex_token in "
    f"{CONFIG_FILE}, or as {PREFIX}PLEX_TOKEN"
)


class Given(NamedTuple):
    """What was written for a setting, under which name, and where."""

    value: object
    setting: str
    source: str


class Sources:
    """What was written where. The first to offer a setting wins: the strongest source is read first.

    :param environ: the environment.
    :param page: the plugin's settings as Stash has them.
    :param rules: how each setting is read, by name.
    """

    def __init__(self, environ: Mapping[str, str], page: Mapping[str, object], rules: Mapping[str, Rule]) -> None:
        self._rules = rules
        self.given: dict[str, Given] = {}
        self.faults: list[SettingFault] = []
        self.warnings: list[str] = []
        #: Whether there is a file of which nobody knows what it sets, or holds.
        self.is_file_unread = False
        self._read_environment(environ)
        try:
            folder = data_dir(environ)
        except SettingsError:
            folder = None  # The schema finds the same fault again, among the others.
        self._read_file(folder, environ.get(f"{PREFIX}CONFIG", "").strip())
        self._read_page(page)
        if folder:
            self._read_stash_connection(folder / STASH_CONNECTION_FILE)
            self._read_stash_key(folder / KEY_FILE)

    def blame(self, name: str, wrong: object) -> SettingFault:
        """The fault of a setting, under the name it was written with."""
        problem, remedy, other = wrong if isinstance(wrong, values.Wrong) else values.Wrong("is required", TOKEN_REMEDY)
        given = self.given.get(name) or self.given.get(other) or Given(None, PREFIX + name.upper(), NOWHERE)
        return SettingFault(given.setting, given.source, problem, remedy)

    def origin(self, name: str) -> str:
        """Where the value of a setting comes from, as it stands in brackets behind its name."""
        given = self.given.get(name)
        if given is None:
            return (
                "not set"
                if self._rules[name].default is None or self._rules[name].is_required
                else "not set: the default"
            )
        if given.setting == STASH_CONNECTION_FILE:
            return "not set: as Stash's last hook said"
        if given.setting == KEY_FILE:
            return "not set: as PlexSync's page in Stash handed it over"
        if given.source == ENVIRONMENT:
            return "now in the environment"
        if given.setting == file_variable(name):
            return f"now in {given.source}, which {given.setting} names"
        return f"now {given.setting} {'on' if given.source == PAGE else 'in'} {given.source}"

    def where(self, name: str) -> str:
        """The kind of place that the value of a setting comes from: one of ``Examined.origins``."""
        given = self.given.get(name)
        if given is None:
            return "default"
        if given.setting in (STASH_CONNECTION_FILE, KEY_FILE):
            return "hook"
        if given.setting == file_variable(name):
            return "environment"
        return {ENVIRONMENT: "environment", PAGE: "page"}.get(given.source, "file")

    def _offer(self, name: str, value: object, setting: str, source: str, *, old: bool = False) -> None:
        if not values.is_set(value):
            return
        winner = self.given.setdefault(name, Given(value, setting, source))
        if old and winner.setting != setting:
            self.warnings.append(f"{setting} ({source}) is ignored: {winner.setting} ({winner.source}) is in force")

    def _read_environment(self, environ: Mapping[str, str]) -> None:
        variables = {f"{PREFIX}{name.upper()}": name for name in self._rules}
        files = {file_variable(name): name for name, rule in self._rules.items() if rule.is_secret}
        for variable in (key for key in environ if key.startswith(PREFIX) and key not in _NO_SETTINGS):
            if variable in variables:
                self._offer(variables[variable], environ[variable], variable, ENVIRONMENT)
            elif variable in files:
                self._read_secret_file(files[variable], environ, variable)
            else:
                near = values.nearest(variable, [*variables, *files])
                self.warnings.append(f"{values.plain(variable)} ({ENVIRONMENT}) is not a setting and is ignored{near}")

    def _read_secret_file(self, name: str, environ: Mapping[str, str], variable: str) -> None:
        if not (chosen := environ[variable].strip()):
            return
        source = ENVIRONMENT
        try:
            path = values.path_of(chosen, "name a file")
            if is_path(chosen):
                source = values.plain(str(path))
            if environ.get(direct := variable.removesuffix(SUFFIX), "").strip():
                raise values.wrong_value(f"is set, and so is {direct}", "set one of the two")
            self._offer(name, read_secret(path), variable, values.plain(str(path)))
        except values.WrongValue as error:
            self.faults += [SettingFault(variable, source, *wrong[:2]) for wrong in error.wrongs]
            self.is_file_unread = True

    def _read_file(self, folder: Path | None, chosen: str) -> None:
        setting, source = (f"{PREFIX}CONFIG", ENVIRONMENT) if chosen else (CONFIG_FILE, values.plain(str(folder)))
        try:
            path = values.path_of(chosen, "name a text file") if chosen else folder and folder / CONFIG_FILE
            if path is None or not (chosen or path.exists()):
                return
            table = read_toml(path)
            if os.name == "posix" and path.stat().st_mode & 0o077:
                self.warnings.append(f"{path} can be read by others and may hold the token: chmod 600 {path}")
        except values.WrongValue as error:
            self.faults += [SettingFault(setting, source, *wrong[:2]) for wrong in error.wrongs]
            self.is_file_unread = True
            return
        except OSError as error:
            self.faults.append(_unreadable(error, setting, source, folder if not chosen else None))
            self.is_file_unread = True
            return
        where = values.plain(str(path))
        for key, value in table.items():
            if key == "data_dir":
                self.faults.append(
                    SettingFault(key, where, "cannot be set in the file it helps to find", f"set {PREFIX}DATA_DIR")
                )
            elif key in self._rules:
                self._offer(key, value, key, where)
            else:
                near = values.nearest(key.lower().removeprefix(PREFIX.lower()), self._rules)
                self.faults.append(
                    SettingFault(values.plain(key), where, f"is not a setting{near}", "correct or remove it")
                )

    def _read_page(self, page: Mapping[str, object]) -> None:
        names = {
            re.sub(r"_(.)", lambda match: match[1].upper(), name): name
            for name in self._rules
            if name not in ("data_dir", "database_url")
        }
        old = {"skipUnorganized": "only_organized", "cleanTitles": "ascii_titles"}
        for key in sorted(page, key=lambda key: key in old):
            if key in names or key in old:
                self._offer((names | old)[key], page[key], key, PAGE, old=key in old)
            elif key not in ("plexHost", "plexPort"):
                self.warnings.append(
                    f"{values.plain(key)} ({PAGE}) is not a setting and is ignored{values.nearest(key, names)}"
                )
        self._read_old_address(page.get("plexHost"), page.get("plexPort"))

    def _read_old_address(self, host: object, port: object) -> None:
        """The old plugin's address: a host, or a whole address, and a port; either alone will do."""
        setting, address = ("plexHost", host) if values.is_set(host) else ("plexPort", "localhost")
        if setting == "plexPort" and not values.is_set(port):
            return
        if "plex_url" not in self.given and values.is_set(port):
            try:
                port = values.number(1, 65535)(port)
            except values.WrongValue as error:
                self.faults += [SettingFault("plexPort", PAGE, *wrong[:2]) for wrong in error.wrongs]
                return
        if isinstance(address, str):
            scheme, _, rest = address.strip().rpartition("://")
            place, slash, path = rest.partition("/")
            if not (own := re.search(r":([0-9]*)$", place)):
                place += f":{port if values.is_set(port) else 32400}"
            elif values.is_set(port) and own[1] != str(port):
                self.warnings.append(f"plexPort ({PAGE}) is ignored: plexHost names a port of its own")
            address = f"{scheme or 'http'}://{place}{slash}{path}"
        self._offer("plex_url", address, setting, PAGE, old=True)

    def _read_stash_connection(self, path: Path) -> None:
        try:
            if path.exists() and not path.is_file():
                raise values.wrong_value("is no file", "")
            seen = json.loads(path.read_bytes())
            scheme, host, port = seen["scheme"], seen["host"], values.number(1, 65535)(seen["port"])
            if not re.fullmatch(r"[\w.:-]+", host):
                raise values.wrong_value("is no host", "")
            url = values.url(f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}")
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, RecursionError, values.WrongValue):
            self.warnings.append(f"{path} is broken and is ignored; the next event from Stash writes it anew")
            return
        self._offer("stash_url", url, STASH_CONNECTION_FILE, str(path))

    def _read_stash_key(self, path: Path) -> None:
        try:
            if path.exists() and not path.is_file():
                raise values.wrong_value("is no file", "")
            key = json.loads(path.read_bytes())["api_key"]
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError, RecursionError, values.WrongValue):
            self.warnings.append(
                f"{path} is broken and is ignored; PlexSync's page in Stash can hand over the key again"
            )
            return
        self._offer("stash_api_key", key, KEY_FILE, str(path))


def _unreadable(error: OSError, setting: str, source: str, folder: Path | None) -> SettingFault:
    """The fault of a file of settings that cannot be opened.

    :param folder: the data folder, where the file is looked for in it.
    """
    if folder is not None and not os.access(folder, os.R_OK | os.X_OK):
        # Nobody knows whether there is such a file: the folder is what is wrong.
        return SettingFault(
            f"{PREFIX}DATA_DIR", values.plain(str(folder)), "is closed to this user", out_of_reach(str(folder))
        )
    remedy = "name a text file that PlexSync may read"
    return SettingFault(setting, source, f"cannot be read ({type(error).__name__})", remedy)
