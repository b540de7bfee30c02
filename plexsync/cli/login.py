"""``login``: sign in at plex.tv with a short code, and keep the token where the consumer finds it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import click

from plexsync.cli import show
from plexsync.cli.failures import faults_shown
from plexsync.configuration.config_file import NotEditable, put_setting
from plexsync.configuration.secret_files import file_variable
from plexsync.errors import AccessDenied, PermanentError, PlexSyncError
from plexsync.ledger import Ledger
from plexsync.plex import PlexClient, PlexEndpoint
from plexsync.plex.account import LINK_PAGE, PLEX_TV, AccountServer, CodeExpired, Pin, PlexTv, PlexTvUnavailable
from plexsync.redaction import redact
from plexsync.script import examples
from plexsync.stash import StashClient
from plexsync.storage.opening import open_database
from settings import (
    ENVIRONMENT,
    PREFIX,
    PlexAccess,
    SettingFault,
    SettingsError,
    config_path,
    data_dir,
    database_url,
    plex_access,
    stash_access,
)

#: Seconds between two questions whether the code was entered. plex.tv's own document has one a second.
ASK_EVERY = 2.0
#: Seconds that are waited at most, however long the code is good for.
LONGEST_WAIT = 1800.0
#: Where plex.tv is for a test.
URL_VARIABLE = f"{PREFIX}PLEX_TV_URL"
#: Exit code after Ctrl-C, as the shell has it.
INTERRUPTED = 130


class SignInFailed(PermanentError):
    """Nobody was signed in, and nothing is stored."""


@click.command(epilog=examples("--login"))
def login() -> None:
    """Sign in to Plex with a code to enter at plex.tv. The token is stored privately."""
    with faults_shown():
        try:
            sign_in(os.environ)
        except KeyboardInterrupt:
            show.say("\nstopped; nobody was signed in, and nothing is stored", err=True)
            sys.exit(INTERRUPTED)


def sign_in(environ: Mapping[str, str], sleep: Callable[[float], None] = time.sleep) -> None:
    """Show a code, wait until it is entered, find the token for this server, store it, and say so.

    :param sleep: waits so many seconds.
    :raises SettingsError: the address of Plex, or the configuration file, is wrong.
    :raises SignInFailed: nobody was signed in.
    :raises PlexSyncError: plex.tv cannot be asked.
    """
    access = plex_access(environ, _stash_page(environ))
    path = config_path(environ)
    with closing(open_database(data_dir(environ), database_url(environ))) as database:
        client_identifier = Ledger(database).facts.client_identifier()
    with _plex_tv(environ, client_identifier) as plex_tv:
        account_token = _wait(plex_tv, sleep)
        redact.learn(account_token)
        servers = _servers(plex_tv, account_token)
    token, text = _token_for(access, client_identifier, account_token, servers)
    try:
        put_setting(path, "plex_token", token)
    except NotEditable as error:
        raise SignInFailed(str(error)) from None
    show.say(text)
    show.say(f"The token is stored in {path}, which its owner alone can read.")
    if access.token_source == ENVIRONMENT or access.token_setting == file_variable("plex_token"):
        show.say(
            show.style(f"{access.token_setting} is set in the environment and stays in force: remove it.", fg="yellow")
        )
    show.say("See that all is well: ./huey_consumer.sh --check. A consumer that waits for a token goes on by itself.")


@contextmanager
def _plex_tv(environ: Mapping[str, str], client_identifier: str) -> Iterator[PlexTv]:
    try:
        plex_tv = PlexTv(client_identifier, environ.get(URL_VARIABLE, "").strip() or PLEX_TV)
    except ValueError as error:
        raise SettingsError([SettingFault(URL_VARIABLE, ENVIRONMENT, str(error), "leave it out")]) from None
    with closing(plex_tv):
        yield plex_tv


def _stash_page(environ: Mapping[str, str]) -> Mapping[str, object]:
    """The plugin's page in Stash, which may have Plex's address; empty where Stash does not show it."""
    stash = stash_access(environ)
    redact.learn(stash.api_key)
    try:
        with closing(
            StashClient(stash.url, stash.api_key, stash.connect_timeout, stash.read_timeout, stash.verify_tls)
        ) as client:
            return client.plugin_settings()
    except PlexSyncError:
        return {}


def _wait(plex_tv: PlexTv, sleep: Callable[[float], None]) -> str:
    """Show a code, and ask for the token until it is there."""
    pin = plex_tv.new_pin()
    lasts = min(pin.lasts, LONGEST_WAIT)
    show.say("Sign in as the owner of the Plex server:")
    show.say(f"\n  open   {show.style(LINK_PAGE, bold=True)}\n  enter  {show.style(pin.code, bold=True)}\n")
    show.say(f"Waiting for that, {lasts / 60:.0f} minutes at most (Ctrl-C stops) ...")
    sys.stdout.flush()
    until = time.monotonic() + lasts
    health: PlexTvUnavailable | None = None
    while time.monotonic() < until:
        try:
            if token := plex_tv.token_of(pin):
                return token
            health = None
        except CodeExpired:
            break
        except PlexTvUnavailable as error:
            health = error
        pause = max(ASK_EVERY, (health.retry_after or 0.0) if health else 0.0)
        sleep(min(pause, max(0.0, until - time.monotonic())))
    raise SignInFailed(_too_late(pin, health))


def _too_late(pin: Pin, health: PlexTvUnavailable | None) -> str:
    if health is not None:
        return f"PlexSync could not find out whether the code {pin.code} was entered: {health}; start again"
    return f"the code {pin.code} was not entered in time: start again"


def _servers(plex_tv: PlexTv, token: str) -> Sequence[AccountServer]:
    try:
        return plex_tv.servers(token)
    except PlexSyncError:
        # It only helps to choose between tokens, and to say more.
        return ()


def _token_for(
    access: PlexAccess, client_identifier: str, account_token: str, servers: Sequence[AccountServer]
) -> tuple[str, str]:
    """The token that Plex takes, and what to say of it.

    :raises SignInFailed: Plex answers, and takes none of the account's.
    """
    redact.learn(*(server.token for server in servers))
    try:
        with _plex(access, account_token, client_identifier) as plex:
            identifier = plex.identity()
    except PlexSyncError as error:
        return account_token, _not_asked(access, servers, str(error))
    here = next((server for server in servers if server.machine_identifier == identifier), None)
    tokens = dict.fromkeys([*([here.token] if here is not None else []), account_token])
    for token in tokens:
        with _plex(access, token, client_identifier) as plex:
            try:
                plex.sections()
                owned = plex.may_manage()
            except AccessDenied:
                continue
            except PlexSyncError as error:
                return token, _not_asked(access, servers, str(error))
        return token, _accepted(access, owned)
    raise SignInFailed(
        f"signed in, but Plex at {access.url} does not accept this account; nothing is stored. Sign in with the "
        "account that owns this server, or correct PLEXSYNC_PLEX_URL"
    )


def _plex(access: PlexAccess, token: str, client_identifier: str) -> PlexClient:
    endpoint = PlexEndpoint(
        access.url, token, client_identifier, access.verify_tls, access.connect_timeout, access.read_timeout
    )
    return PlexClient(endpoint, pool_size=1)


def _accepted(access: PlexAccess, owned: bool | None) -> str:
    if owned is False:
        return show.style(
            f"Signed in. Plex at {access.url} accepts the token, but this account is not its owner: it may not edit. "
            "Sign in again as the owner.",
            fg="yellow",
        )
    return f"Signed in. Plex at {access.url} accepts the token" + (", the owner's." if owned else ".")


def _not_asked(access: PlexAccess, servers: Sequence[AccountServer], why: str) -> str:
    """Signed in, and Plex itself could not be asked."""
    text = f"Signed in. Plex at {access.url} could not be asked: {redact(why)}"
    own = [server for server in servers if server.owned and server.addresses]
    if access.url_given or not own:
        return text
    known = "\n".join(f"  {server.name}: {', '.join(server.addresses)}" for server in own)
    return f"{text}\nThis account's servers; set PLEXSYNC_PLEX_URL, or plex_url beside the token, to yours:\n{known}"
