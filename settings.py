"""Every setting of PlexSync: one schema, four sources, all faults at once.

A setting is taken from the first of these that has it: the environment, ``plexsync.toml`` (in the data folder, or where
``PLEXSYNC_CONFIG`` says), the plugin's page in Stash's own settings, the default. In place of a secret the environment
may name a file with it (``PLEXSYNC_PLEX_TOKEN_FILE``). An empty text means "not set" in all of them. Only the value
that wins is validated. Nothing here opens a connection: the page is handed in by the caller, who reaches Stash with
``stash_access``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, field
from dataclasses import fields as attributes
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plexsync.configuration import setting_values as values
from plexsync.configuration.contradictions import contradictions
from plexsync.configuration.data_folder import config_path as config_path
from plexsync.configuration.data_folder import database_url as database_url
from plexsync.configuration.database_url import database_url as database_url_value
from plexsync.configuration.faults import NOWHERE as NOWHERE
from plexsync.configuration.faults import SettingFault as SettingFault
from plexsync.configuration.faults import SettingsError as SettingsError
from plexsync.configuration.origins import origins
from plexsync.configuration.rule import Rule
from plexsync.configuration.secret_files import file_variable
from plexsync.configuration.setting_values import FIELDS
from plexsync.configuration.sources import CONFIG_FILE as CONFIG_FILE
from plexsync.configuration.sources import DEFAULT_DATA_DIR as DEFAULT_DATA_DIR
from plexsync.configuration.sources import ENVIRONMENT as ENVIRONMENT
from plexsync.configuration.sources import PREFIX as PREFIX
from plexsync.configuration.sources import STASH_CONNECTION_FILE as STASH_CONNECTION_FILE
from plexsync.configuration.sources import TOKEN_REMEDY, Sources
from plexsync.configuration.sources import data_dir as data_dir
from plexsync.imports.late_dataclass import dataclass

if TYPE_CHECKING:
    from marshmallow import Schema

#: How a token begins that Plex gives to a device for seven days (a JWT).
EXPIRES = "eyJ"
_KEY_REMEDY = "copy it from Stash > Settings > Security > API key; leave it out where Stash asks for no password"
_STASH_URL = "http://localhost:9999"


# --- The settings ----------------------------------------------------------------------------------------------------


def _setting(
    parse: Callable[[object], object], default: Any, meaning: str, *, shown: str = "", secret: bool = False
) -> Any:
    """An attribute of ``Settings`` and its rule in the schema; ``shown`` is the default as documentation shows it."""
    if isinstance(default, tuple):
        shown = shown or ",".join(map(str, default))
    shown = shown or ("none" if default in (None, "") else str(default).lower().removesuffix(".0"))
    return field(default=default, repr=not secret, metadata={"rule": Rule(parse, default, shown, meaning, secret)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, validated. ``warnings`` are sentences for a person: what is suspicious and still works."""

    plex_url: str = _setting(values.plex_url, "http://localhost:32400", "address of Plex")
    plex_token: str = _setting(
        values.secret(TOKEN_REMEDY), MISSING, "sent as a header only", shown="required", secret=True
    )
    plex_libraries: tuple[str, ...] = _setting(
        values.libraries, (), "names or ids, comma-separated", shown="all of type movie"
    )
    plex_verify_tls: bool | str = _setting(values.flag_or_ca_file, True, "`true`, `false` or a CA file")
    stash_url: str = _setting(
        values.stash_url, _STASH_URL, "address of Stash", shown=f"what the last hook saw, else `{_STASH_URL}`"
    )
    stash_api_key: str | None = _setting(
        values.secret(_KEY_REMEDY), None, "needed if Stash has a password", secret=True
    )
    stash_verify_tls: bool | str = _setting(values.flag_or_ca_file, True, "`true`, `false` or a CA file")
    stash_public_url: str | None = _setting(
        values.url, None, "address at which viewers' devices reach Stash, for performers' pictures"
    )
    path_map: tuple[tuple[str, str], ...] = _setting(
        values.path_map,
        (),
        "`/stash/prefix=>/plex/prefix; ...` (Windows paths too)",
        shown="inferred",
    )
    data_dir: Path = _setting(
        values.data_folder,
        DEFAULT_DATA_DIR,
        f"holds `plexsync.db` and `{CONFIG_FILE}`",
        shown="`data/` beside the plugin",
    )
    database_url: str | None = _setting(
        database_url_value,
        None,
        "a PostgreSQL that several consumers share, so that one takes over when another fails: "
        "`postgresql://user:password@host:5432/database`",
        shown="the file in the data folder",
        secret=True,
    )
    inbox: str = _setting(
        values.inbox,
        "folder",
        "`folder`: the data folder is shared with Stash's machine; `stash`: what the hook leaves there is fetched "
        "through Stash's API (`stash:NAME`: what it leaves for an instance)",
    )
    inbox_wait: float = _setting(
        values.seconds(0, 30), 10.0, "seconds that such a call waits for something to come, 0 to 30"
    )
    inbox_pause: float = _setting(values.seconds(0.1, 3600), 2.0, "seconds between two such calls while events come")
    workers: int = _setting(values.number(1, 64), 4, "worker threads, 1 to 64")
    max_writes_per_second: float = _setting(
        values.number(0, 1000, whole=False), 0.0, "writes to Plex per second, at most; 0: as many as it handles easily"
    )
    connect_timeout: float = _setting(values.seconds(0.01, 300), 3.05, "seconds to wait for a connection")
    read_timeout: float = _setting(values.seconds(0.01, 300), 10.0, "seconds to wait for an answer")
    max_retries: int = _setting(values.number(0, 100), 5, "retries of a scene before it becomes a dead letter")
    retry_base: float = _setting(
        values.seconds(0.01, 3600), 5.0, "seconds before the first retry; each next wait is twice as long"
    )
    retry_cap: float = _setting(values.seconds(0.01, 86400), 300.0, "seconds between retries at most")
    not_found_retries: int = _setting(values.number(0, 1000), 12, "retries of a scene that Plex has not scanned yet")
    not_found_base: float = _setting(values.seconds(0.01, 3600), 30.0, "seconds before the first of these retries")
    not_found_cap: float = _setting(values.seconds(0.01, 86400), 600.0, "seconds between these retries at most")
    breaker_fail_max: int = _setting(
        values.number(1, 1000), 5, "failures in a row after which Plex, or Stash, is not called for a while"
    )
    breaker_reset_timeout: float = _setting(
        values.seconds(0.01, 3600), 60.0, "seconds of the first such pause; up to 8 times as long while it stays down"
    )
    fields: frozenset[str] = _setting(values.field_names(""), frozenset(FIELDS), f"of {', '.join(FIELDS)}", shown="all")
    owned_fields: frozenset[str] = _setting(
        values.field_names("none"),
        frozenset(),
        "fields that an empty value in Stash always clears in Plex",
        shown="none",
    )
    content_rating: str = _setting(values.text_of, "", "content rating written to every item")
    tagline: str = _setting(
        values.template, "", "what Plex shows as tagline: `none`, `code` (the studio code), or a template"
    )
    sort_title: str = _setting(
        values.template, "", "what Plex sorts an item by: `none`, or a template such as `{studio} {date} {title}`"
    )
    lock_fields: bool = _setting(values.flag, True, "lock written fields, so that an agent does not change them")
    preserve_plex_edits: bool = _setting(
        values.flag, False, "leave a field that someone changed in Plex since PlexSync wrote it"
    )
    only_organized: bool = _setting(values.flag, False, "sync only organized scenes (the old plugin's skipUnorganized)")
    ascii_titles: bool = _setting(
        values.flag, False, "write titles in plain Latin letters (the old plugin's cleanTitles)"
    )
    match_auto: int = _setting(values.number(0, 100), 90, "confidence, 0 to 100, from which a match is synced")
    match_review: int = _setting(
        values.number(0, 100), 60, "confidence, 0 to 100, from which a match waits for your decision"
    )
    all_items: bool = _setting(
        values.flag,
        True,
        "write to every item that holds one of a scene's files or a copy; if `false`, to the first one only",
    )
    scan_missing: bool = _setting(
        values.flag, False, "ask Plex to scan the folder of a file it does not have, each at most once an hour"
    )
    late_polls: tuple[int, ...] = _setting(
        values.late_polls,
        (60, 300, 900, 3600, 86400),
        "seconds after which an incomplete scene, or a picture that failed, is tried again",
    )
    poll_interval: float = _setting(
        values.seconds(0.1, 86400), 60.0, "seconds between checks for changes that fired no hook"
    )
    reconcile: str = _setting(values.time_of_day, "04:00", "time of the daily comparison, or `off`")
    dead_letter_days: int = _setting(values.number(1, 3650), 30, "days until a dead letter is dropped")
    dry_run: bool = _setting(values.flag, False, "write nothing to Plex")
    autostart: bool = _setting(
        values.flag, True, "start the consumer from Stash, unless a service or a container of its own runs it"
    )
    log_level: str = _setting(
        values.choice("debug", "info", "warning", "error", "critical"), "info", "`debug` to `critical`"
    )
    log_format: str = _setting(values.choice("text", "json"), "text", "`text` or `json`")
    log_private: bool = _setting(
        values.flag, False, "replace paths, titles, names and hosts in all logs by words that tell nothing"
    )
    http: str = _setting(
        values.host_and_port, "", "serve `/health`, `/ready` and `/metrics` at `host:port`", shown="not served"
    )
    metrics_file: bool = _setting(
        values.flag, False, "write metrics for node_exporter into `metrics.prom` in the data folder"
    )
    ping_url: str | None = _setting(
        values.secret_url, None, "address of a monitor, called every minute while the consumer is healthy", secret=True
    )
    notify_url: str | None = _setting(
        values.secret_url, None, "address that gets a message when something is wrong", secret=True
    )
    notify_format: str = _setting(
        values.choice("auto", "ntfy", "gotify", "discord", "json", "apprise"),
        "auto",
        "`ntfy`, `gotify`, `discord`, `json` or `apprise`; `auto` goes by the address",
    )
    notify: tuple[str, ...] = _setting(
        values.names_of("stopped", "down", "dead_letters", "reviews", "silence"),
        ("stopped", "down", "dead_letters", "reviews", "silence"),
        "what to send messages about, comma-separated",
    )
    notify_titles: bool = _setting(values.flag, False, "name the scenes that were given up in messages")
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StashAccess:
    """What it takes to ask Stash for the plugin's settings page. Time-outs in seconds.

    ``url_given``: somebody has set the address; else it is the default, or what the last hook saw.
    """

    url: str
    api_key: str | None = field(repr=False)
    connect_timeout: float
    read_timeout: float
    verify_tls: bool | str
    url_given: bool = True


@dataclass(frozen=True, slots=True)
class PlexAccess:
    """What it takes to sign in: where Plex is, and where a token stands already. Time-outs in seconds.

    ``url_given``: the address is not merely the default. ``token_setting`` and ``token_source`` name the token in
    force, both ``""`` where there is none.
    """

    url: str
    url_given: bool
    verify_tls: bool | str
    connect_timeout: float
    read_timeout: float
    token_setting: str
    token_source: str


@dataclass(frozen=True, slots=True)
class Examined:
    """The settings as they stand, right or wrong.

    :param values: those that can be read, as JSON can hold them, by name; no secrets.
    :param secrets_set: the names of the secrets that are set.
    :param origins: of each, where its value comes from: ``environment``, ``file``, ``page`` (of Stash), ``hook`` (what
        Stash's last one said) or ``default``.
    :param written_as: the name under which it was written, of those that are set.
    :param faults: all that is wrong.
    :param warnings: sentences for a person.
    """

    values: dict[str, object]
    secrets_set: tuple[str, ...]
    origins: dict[str, str]
    written_as: dict[str, str]
    faults: tuple[SettingFault, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """A setting as documentation shows it: the variable, the default as text, the meaning.

    ``file_name``: the variable that names a file with it, for a secret; else ``""``.
    """

    name: str
    default: str
    meaning: str
    file_name: str = ""


_RULES: dict[str, Rule] = {a.name: a.metadata["rule"] for a in attributes(Settings) if "rule" in a.metadata}
#: Those whose values are shown nowhere.
_SECRETS = frozenset(name for name, rule in _RULES.items() if rule.is_secret)


@cache
def settings_schema() -> type[Schema]:
    """The one schema: reads a mapping of names to what was written, and collects every fault."""
    from plexsync.configuration.settings_schema import schema_of

    return schema_of(_RULES)


# --- What others call ------------------------------------------------------------------------------------------------


def load(
    environ: Mapping[str, str] | None = None,
    stash_page: Mapping[str, object] | None = None,
    only: Sequence[str] | None = None,
) -> Settings:
    """All settings, from all sources.

    :param environ: the environment; the process's own when None.
    :param stash_page: the plugin's settings as Stash has them, or None where they could not be asked for.
    :param only: the names of those that are read, the token among them; all others are their defaults. None for all.
    :raises SettingsError: with everything that is wrong.
    """
    sources = Sources(os.environ if environ is None else environ, stash_page or {}, _RULES)
    loaded = _validated(sources, only)
    if loaded["plex_token"].startswith(EXPIRES):
        given = sources.given["plex_token"]
        sources.warnings.append(
            f"{given.setting} ({given.source}) begins with {EXPIRES}: such a token of Plex's expires after 7 days; "
            "get a lasting one with ./huey_consumer.sh --login"
        )
    return Settings(**loaded, warnings=tuple(sources.warnings))


def stash_access(environ: Mapping[str, str] | None = None) -> StashAccess:
    """How to reach Stash, for asking it for the settings page that ``load`` takes.

    :param environ: the environment; the process's own when None.
    :raises SettingsError: one of these few settings, or the configuration file, is wrong.
    """
    names = ("stash_url", "stash_api_key", "connect_timeout", "read_timeout", "stash_verify_tls")
    sources = Sources(os.environ if environ is None else environ, {}, _RULES)
    loaded = _validated(sources, names)
    given = sources.given.get("stash_url")
    is_given = given is not None and given.setting != STASH_CONNECTION_FILE
    url, key, connect, read, verify = (loaded[name] for name in names)
    return StashAccess(url, key, connect, read, verify, is_given)


def database_url_set(environ: Mapping[str, str]) -> str | None:
    """The address of the PostgreSQL that is set in the environment or the file; None where none is.

    :raises SettingsError: what is set is no such address.
    """
    sources = Sources(environ, {}, _RULES)
    given = sources.given.get("database_url")
    faults = [one for one in sources.faults if one.setting == file_variable("database_url")]
    if given is None and not faults:
        return None
    try:
        if given is not None and not faults:
            return database_url_value(given.value)
    except values.WrongValue as error:
        faults += [sources.blame("database_url", wrong) for wrong in error.wrongs]
    raise SettingsError(faults)


def plex_access(environ: Mapping[str, str], stash_page: Mapping[str, object] | None = None) -> PlexAccess:
    """How to reach Plex, while there is no token yet.

    :param stash_page: as for ``load``.
    :raises SettingsError: one of these few settings, or the configuration file, is wrong.
    """
    names = ("plex_url", "plex_verify_tls", "connect_timeout", "read_timeout")
    sources = Sources(environ, stash_page or {}, _RULES)
    loaded = _validated(sources, names)
    token = sources.given.get("plex_token")
    return PlexAccess(
        loaded["plex_url"],
        "plex_url" in sources.given,
        loaded["plex_verify_tls"],
        loaded["connect_timeout"],
        loaded["read_timeout"],
        token.setting if token else "",
        token.source if token else "",
    )


def examine(environ: Mapping[str, str], stash_page: Mapping[str, object] | None = None) -> Examined:
    """All settings as they stand, whether they are right or not, for whoever shows them to a person.

    :param stash_page: as for ``load``.
    """
    sources = Sources(environ, stash_page or {}, _RULES)
    loaded: dict[str, object] = {}
    # One by one: what is wrong with one says nothing of the others.
    for name in _RULES.keys() - _SECRETS:
        given = sources.given.get(name)
        with suppress(values.WrongValue):
            loaded[name] = _RULES[name].parse(given.value) if given else _RULES[name].default
    faults: tuple[SettingFault, ...] = ()
    try:
        _validated(sources)
    except SettingsError as error:
        faults = error.faults
    return Examined(
        values={name: _as_json(loaded[name]) for name in _RULES if name in loaded},
        secrets_set=tuple(name for name in _RULES if name in _SECRETS and name in sources.given),
        origins={name: sources.where(name) for name in _RULES},
        written_as={name: given.setting for name, given in sources.given.items()},
        faults=faults,
        warnings=tuple(sources.warnings),
    )


def _as_json(value: object) -> object:
    """A value as JSON can hold it."""
    if isinstance(value, frozenset):
        return [name for name in values.ALL_FIELDS if name in value]
    if isinstance(value, tuple):
        return [_as_json(one) for one in value]
    return str(value) if isinstance(value, Path) else value


def note_origins(environ: Mapping[str, str]) -> None:
    """Let messages say where settings come from (``origins``), before all of them are read, or without that.

    Of those that stand neither in the environment nor in the file nothing is said: Stash's page may have them.
    """
    sources = Sources(environ, {}, _RULES)
    origins.learn({PREFIX + name.upper(): sources.origin(name) for name in sources.given})


def describe() -> list[SettingInfo]:
    """Every setting in the order of ``Settings``, for the documents and ``--check``."""
    return [
        SettingInfo(PREFIX + name.upper(), rule.shown, rule.meaning, file_variable(name) if rule.is_secret else "")
        for name, rule in _RULES.items()
    ]


def _validated(sources: Sources, only: Sequence[str] | None = None) -> dict[str, Any]:
    loaded = None if sources.faults else _sound(sources, only)
    if loaded is None:
        loaded = _by_schema(sources, only)
    origins.learn({PREFIX + name.upper(): sources.origin(name) for name in loaded})
    return loaded


def _sound(sources: Sources, only: Sequence[str] | None) -> dict[str, Any] | None:
    """The values, by name; None where something is wrong with one, which the schema finds words for.

    As a rule nothing is, and nobody waits for marshmallow to be imported.
    """
    loaded: dict[str, Any] = {}
    for name in _RULES if only is None else only:
        rule, given = _RULES[name], sources.given.get(name)
        if given is None and rule.is_required:
            return None
        try:
            loaded[name] = rule.default if given is None else rule.parse(given.value)
        except values.WrongValue:
            return None
    return None if contradictions(loaded) else loaded


def _by_schema(sources: Sources, only: Sequence[str] | None) -> dict[str, Any]:
    from marshmallow import ValidationError

    faults, schema = sources.faults, settings_schema()(only=only)
    try:
        loaded: dict[str, Any] = schema.load({n: g.value for n, g in sources.given.items() if n in schema.fields})
    except ValidationError as error:
        found = [sources.blame(name, w) for name, wrongs in error.messages_dict.items() for w in wrongs]
        # What is missing may well stand in a file that cannot be read: one fault is not to be told as two.
        faults = faults + [one for one in found if not (sources.is_file_unread and one.source == NOWHERE)]
    if faults:
        raise SettingsError(faults)  # Outside the handler: its exception holds the token.
    return loaded
