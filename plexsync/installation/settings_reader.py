"""Reads the settings from all their sources, Stash's own settings page among them."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from plexsync.errors import PlexSyncError
from plexsync.inbox.stash_key import KEY_FILE
from plexsync.redaction import redact
from plexsync.storage.file_stamps import Stamp, stamp_if_told
from settings import (
    CONFIG_FILE,
    STASH_CONNECTION_FILE,
    Examined,
    Settings,
    SettingsError,
    config_path,
    data_dir,
    examine,
    load,
    stash_access,
)

if TYPE_CHECKING:
    from plexsync.installation.installed import Installed

log = logging.getLogger(__name__)

#: Seconds for which a file of settings has to stay as it is before it is read anew: an editor empties it first, or puts
#: another one in its place.
SETTLED = 2.0

#: What tells the files of settings from what they were before.
_Files = tuple[Stamp | None, ...]


class PageUnread(PlexSyncError):
    """A setting that is required may stand on Stash's settings page, which cannot be read.

    :param missing: the setting that is nowhere else.
    :param cause: why the page cannot be read.
    """

    def __init__(self, missing: str, cause: PlexSyncError) -> None:
        super().__init__(
            f"{missing} is set neither in the environment nor in {CONFIG_FILE}, and Stash's settings page, where it "
            f"may be, cannot be read: {cause}"
        )
        self.missing = missing
        self.cause = cause


class SettingsReader:
    """Reads the settings from all their sources, as often as is asked.

    :param environ: the environment.
    :param settled: seconds; see ``SETTLED``.
    """

    def __init__(self, environ: Mapping[str, str], settled: float = SETTLED) -> None:
        self._environ = environ
        self._settled = settled
        self._page: dict[str, object] = {}
        #: The files that settings may stand in. Texts, and no pathlib: they are looked at all day long.
        self.paths: tuple[str, ...] = self._found()
        self._files: _Files = ()
        #: What the files are now where that is other than when they were read, and since when (monotonic seconds).
        self._changed: tuple[_Files, float] = ((), 0.0)
        #: Why Stash's page could not be read the last time it was tried; None where it was.
        self.page_error: PlexSyncError | None = None
        #: Whether that page was ever read.
        self.page_known = False
        #: What Stash said last of the plugin; None where it was not asked, or does not tell.
        self.installed: Installed | None = None

    def read(self, *, ask_stash: bool = True, only: Sequence[str] | None = None) -> Settings:
        """The settings as they are now, Stash's own settings page among them.

        :param ask_stash: False takes that page as it was last.
        :param only: as for ``settings.load``.
        :raises SettingsError: with all faults at once. Where Stash does not answer, its page is taken as it was last,
            and at first as empty.
        :raises PageUnread: nothing is wrong for certain, but what is missing may stand on that page.
        """
        self.paths = self._found()
        self._files = self._state()
        if ask_stash:
            self._ask_stash()
        try:
            settings = load(self._environ, self._page, only)
        except SettingsError as error:
            if self.page_error is None or not error.only_missing:
                raise
            raise PageUnread(error.faults[0].setting, self.page_error) from None
        redact.learn(settings.plex_token, settings.stash_api_key, settings.ping_url, settings.notify_url)
        return settings

    def examine(self) -> Examined:
        """All settings as they stand now, right or wrong; Stash's page among them where it can be read."""
        with suppress(SettingsError):  # Told among all other faults.
            self._ask_stash()
        return examine(self._environ, self._page)

    def files_changed(self) -> bool:
        """Whether a file that holds settings has changed since they were read, and nobody is writing to it. Cheap."""
        return self._changed_for() >= self._settled

    def files_differ(self) -> bool:
        """Whether a file that holds settings is another than when they were read, finished or not. A few ``stat``."""
        return self._state() != self._files

    def being_written(self) -> bool:
        """Whether a file that holds settings has changed, and may be half written still, or about to be replaced."""
        return 0 <= self._changed_for() < self._settled

    def _changed_for(self) -> float:
        """Seconds for which the files are other than those that were read, and the same; below 0 where they are not."""
        state, now = self._state(), time.monotonic()
        if state == self._files:
            self._changed = ((), 0.0)
            return -1.0
        known, since = self._changed
        if state != known or not since:
            self._changed = (state, now)
            return 0.0
        return now - since

    def _state(self) -> _Files:
        return tuple(map(stamp_if_told, self.paths))

    def _found(self) -> tuple[str, ...]:
        """Where the files of settings are."""
        try:
            config, folder = config_path(self._environ), data_dir(self._environ)
        except SettingsError:
            return ()  # Told among all other faults when they are loaded.
        return str(config), f"{folder}/{STASH_CONNECTION_FILE}", f"{folder}/{KEY_FILE}"

    def _ask_stash(self) -> None:
        # Nobody else here makes a request, and what it takes to make one takes long to import.
        from plexsync.installation.installed import judge
        from plexsync.stash import StashClient

        access = stash_access(self._environ)
        redact.learn(access.api_key)
        known, self.page_error = self.page_error, None
        try:
            with closing(
                StashClient(access.url, access.api_key, access.connect_timeout, access.read_timeout, access.verify_tls)
            ) as stash:
                page = stash.plugin_page()
            self._page, self.page_known, self.installed = page.settings, True, judge(page)
        except PlexSyncError as error:
            self.page_error = error
            if str(error) != str(known):
                log.warning("the plugin's settings page in Stash could not be read: %s", error)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """The settings from all their sources, once: see ``SettingsReader.read``."""
    return SettingsReader(environ).read()
