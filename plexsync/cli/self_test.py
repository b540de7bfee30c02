"""``doctor --plex-self-test``: what this Plex does where servers differ, asked with one item, which is put back."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED
from plexsync.cli.lines import line
from plexsync.errors import ItemGone, PlexSyncError
from plexsync.imports.late import late_pattern
from plexsync.installation.settings_reader import PageUnread, load_settings
from plexsync.ledger import Ledger
from plexsync.matching.paths import path_key
from plexsync.plex.probing import ProbingClient
from plexsync.redaction import redact
from plexsync.script import SCRIPT
from plexsync.self_test import Chosen, Leftover, SelfTest, SelfTestAnswer, Stopped, UnfitItem, kept, leftover, put_back
from plexsync.self_test.marks import MARK
from plexsync.self_test.questions import QUESTIONS
from plexsync.status.findings import Finding, warning
from plexsync.storage.opening import open_database
from settings import Settings, SettingsError

#: How the command is called.
COMMAND = f"{SCRIPT} doctor --plex-self-test"
#: An item's address, as Plex's web app and Plex itself have it.
_ADDRESS = late_pattern(r"metadata(?:/|%2F)([0-9]{1,18})(?![0-9])", re.IGNORECASE)
#: What is told of an earlier self-test that came to no end.
EARLIER = "earlier self-test"
#: Characters of a title or path on a line.
_TEXT = 100


def self_test(item: str, environ: Mapping[str, str], *, sure: bool, json_wanted: bool) -> int:
    """Ask a Plex server what it does, with one of its items; the exit code.

    :param item: a rating key, an address of Plex's web app, or the path of a file as Plex sees it.
    :param sure: do not ask the person.
    :raises SettingsError: the settings are wrong.
    :raises PlexSyncError: Plex cannot be asked, or the item is none to ask with.
    """
    settings = load_settings(environ)
    if settings.dry_run:
        raise UnfitItem("PLEXSYNC_DRY_RUN is on, so nothing is written to Plex: a self-test writes")
    with _tools(settings) as (client, ledger):
        teller = _Teller(json_wanted=json_wanted)
        test = SelfTest(client, ledger, settings.data_dir, teller.tell, teller.progress)
        left = leftover(ledger, settings.data_dir)
        if left is not None and left.running:
            raise UnfitItem("another self-test is running: wait until it is done")
        key = _rating_key(item, ledger)
        chosen = test.look(key) if left is None else None
        _say_what_is_written(chosen, left.record.title if left else "", json_wanted=json_wanted)
        if not sure:
            _ask_the_person(json_wanted=json_wanted)
        if left is not None:
            _put_back(client, ledger, left, teller)
        try:
            is_back = test.run(chosen or test.look(key))
        except Stopped as stopped:
            show.say("stopped", err=True)
            return 128 + stopped.number
        finally:
            teller.end()
    return 0 if is_back and teller.all_well else FAILED


def findings(environ: Mapping[str, str], *, may_ask: bool) -> Iterator[Finding]:
    """What ``doctor`` says of self-tests: one that came to no end, and one that was made with another version.

    :param may_ask: a person is there, who can be asked whether the item is to be put back.
    """
    try:
        settings = load_settings(environ)
    except (SettingsError, PageUnread):
        # The checks of the settings tell.
        return
    with _tools(settings) as (client, ledger):
        if (left := leftover(ledger, settings.data_dir)) is not None:
            yield _unfinished(client, ledger, left, may_ask=may_ask)
            return
        if (known := kept(ledger.facts)) is None:
            return
        when = time.strftime("%Y-%m-%d", time.localtime(known.at))
        server = client.traits.server()
        if server and server != known.server:
            text = f"Plex is another version than at the self-test of {when}: PlexSync learns again; {COMMAND}"
            yield warning("self-test", f"{text} ITEM finds it out at once")
        else:
            yield Finding("self-test", True, f"made on {when}: PlexSync knows how this Plex behaves")


def _unfinished(client: ProbingClient, ledger: Ledger, left: Leftover, *, may_ask: bool) -> Finding:
    what = f"item {left.record.rating_key} ({show.one_line(left.record.title, _TEXT)})"
    if left.running:
        return Finding("self-test", True, f"one is running, with {what}")
    text = f"one was interrupted, and {what} may not be as it was"
    if may_ask and click.confirm(f"A self-test of Plex was interrupted. Put {what} back?", default=True, err=True):
        try:
            restored = put_back(client, ledger, left.record)
        except PlexSyncError as error:
            return Finding("self-test", False, redact(f"{text}: {error}"))
        if not restored.left:
            return Finding("self-test", True, f"{what} is as it was before a self-test that was interrupted")
        text = f"{text}: {'; '.join(restored.left)}"
    return Finding("self-test", False, redact(f"{text}; put it back: {COMMAND} {left.record.rating_key}"))


class _Teller:
    """Prints answers as they come, or all of them as JSON at the end.

    :param json_wanted: print JSON.
    """

    def __init__(self, *, json_wanted: bool) -> None:
        self._json_wanted = json_wanted
        self._found: list[Finding] = []
        self._progress: show.Progress | None = None

    @property
    def all_well(self) -> bool:
        """Whether every question has an answer."""
        return all(one.ok for one in self._found)

    def tell(self, answer: SelfTestAnswer) -> None:
        """Print an answer."""
        finding = Finding(answer.name, answer.ok, redact(answer.text), answer.doubtful)
        self._found.append(finding)
        if not self._json_wanted:
            if self._progress is not None:
                self._progress.end()
            show.say(line(finding), indent=6)

    def progress(self, done: int) -> None:
        """So many questions are over."""
        if self._progress is None:
            self._progress = show.Progress("Asking Plex", len(QUESTIONS))
        self._progress.at(done)

    def end(self) -> None:
        """It is all told."""
        if self._progress is not None:
            self._progress.end()
        if self._json_wanted:
            show.as_json(
                [{"name": one.name, "ok": one.ok, "level": one.level, "text": one.text} for one in self._found]
            )


@contextmanager
def _tools(settings: Settings) -> Iterator[tuple[ProbingClient, Ledger]]:
    """A client for Plex and the ledger. It is a person's own question: no breaker keeps it back."""
    from plexsync.app import plex_endpoint

    redact.learn(settings.plex_token, settings.stash_api_key)
    with closing(open_database(settings.data_dir, settings.database_url)) as database:
        ledger = Ledger(database)
        client = ProbingClient(
            plex_endpoint(settings, ledger.facts.client_identifier()),
            pool_size=1,
            max_writes_per_second=settings.max_writes_per_second,
            memory=ledger.facts,
        )
        with client:
            yield client, ledger


def _rating_key(item: str, ledger: Ledger) -> int:
    """The rating key of the item that a person names.

    :raises UnfitItem: it cannot be told which it is.
    """
    if item.isascii() and item.isdigit() and len(item) < 19:
        return int(item)
    if found := _ADDRESS.search(item):
        return int(found.group(1))
    keys = {part.rating_key for part in ledger.index.by_path(path_key(item))}
    if len(keys) == 1:
        return keys.pop()
    raise UnfitItem(
        f"{show.one_line(item, _TEXT)} is not a known item: name its rating key (scene ID shows it), or the "
        "address of its page in Plex"
    )


def _say_what_is_written(chosen: Chosen | None, unfinished: str, *, json_wanted: bool) -> None:
    """Name the item, and what is done to it. To standard error where standard output is for JSON."""

    def say(text: str) -> None:
        show.say(text, indent=4, err=json_wanted)

    if unfinished:
        say(f"A self-test was interrupted: {show.one_line(unfinished, _TEXT)} is put back first.")
    if chosen is not None:
        say(show.style(f"item {chosen.rating_key}  {show.one_line(chosen.title, _TEXT)}", bold=True))
        say(f"  library  {show.one_line(chosen.library, _TEXT)}")
        say(f"  file     {show.one_line(chosen.file, _TEXT) or 'not shown by Plex'}")
    say("The self-test writes to this item, reads it back, and puts it back as it is now after each question:")
    for question in QUESTIONS:
        say(f"  {question.name}: {question.writes}")
    say(
        f'It takes up to two and a half minutes. Meanwhile viewers may see names that begin with "{MARK}". What the '
        "item holds is noted first: after a crash, the next self-test or doctor puts it back. What others change "
        "meanwhile is left as they make it. Made-up names may stay in Plex's lists to choose from, and a small poster "
        "among those that the item can show, where it has no uploaded one."
    )


def _ask_the_person(*, json_wanted: bool) -> None:
    """Go on only where a person says so.

    :raises UnfitItem: nobody can be asked, or the answer is no.
    """
    if not sys.stdin.isatty():
        raise UnfitItem("there is no terminal to ask you in: confirm with --yes")
    if not click.confirm("Go on?", default=False, err=json_wanted):
        raise UnfitItem("nothing was written")


def _put_back(client: ProbingClient, ledger: Ledger, left: Leftover, teller: _Teller) -> None:
    """Put the item of an earlier self-test back.

    :raises UnfitItem: it is not as it was yet.
    """
    what = f"item {left.record.rating_key}"
    try:
        restored = put_back(client, ledger, left.record)
    except ItemGone as error:
        teller.tell(SelfTestAnswer(EARLIER, str(error), doubtful=True))
        return
    if restored.left:
        raise UnfitItem(
            f"{what} is not as it was before an earlier self-test: {'; '.join(restored.left)}. Put it right in "
            "Plex, then try again"
        )
    teller.tell(SelfTestAnswer(EARLIER, f"{what} is as it was before a self-test that was interrupted"))
    if restored.foreign:
        teller.tell(SelfTestAnswer(EARLIER, f"left as others made it: {'; '.join(restored.foreign)}", doubtful=True))
