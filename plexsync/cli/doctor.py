"""``doctor`` and ``check``: what is right, and what to do about what is not."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator

import click

from plexsync.cli import show
from plexsync.cli.failures import FAILED, faults_shown
from plexsync.cli.lines import line
from plexsync.cli.self_test import findings as self_test_findings
from plexsync.cli.self_test import self_test
from plexsync.script import examples
from plexsync.status.checks import check_all, check_machine
from plexsync.status.findings import Finding

_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")


@click.command(hidden=True, epilog=examples("--check", "--check --json"))
@_JSON
def check(json_wanted: bool) -> None:
    """Check settings, Stash, Plex, libraries and paths."""
    with faults_shown():
        sys.exit(_report(check_all(os.environ), json_wanted=json_wanted))


@click.command(epilog=examples("doctor", "doctor --json", "doctor --plex-self-test 4711"))
@_JSON
@click.option(
    "--plex-self-test",
    "item",
    metavar="ITEM",
    help="Find out how this Plex behaves where servers differ. Writes to one item (a rating key, or the address of its "
    "page in Plex), reads it back, and puts it back as it was.",
)
@click.option("--yes", "sure", is_flag=True, help="With --plex-self-test: do not ask before the first write.")
def doctor(json_wanted: bool, item: str | None, sure: bool) -> None:
    """Check everything, and say what to do. It looks at settings, Stash, Plex, libraries, paths, queue, disk and
    clock.
    """

    def findings() -> Iterator[Finding]:
        yield from check_all(os.environ)
        yield from check_machine(os.environ)
        yield from self_test_findings(os.environ, may_ask=not json_wanted and sys.stdin.isatty())

    if sure and item is None:
        raise click.UsageError("--yes goes with --plex-self-test ITEM")
    with faults_shown():
        if item is not None:
            sys.exit(self_test(item, os.environ, sure=sure, json_wanted=json_wanted))
        sys.exit(_report(findings(), json_wanted=json_wanted))


def _report(findings: Iterator[Finding], *, json_wanted: bool) -> int:
    # That Stash cannot be asked is found anyway, and told on a line of its own.
    logging.getLogger("plexsync.installation.settings_reader").setLevel(logging.ERROR)
    found = []
    for finding in findings:
        found.append(finding)
        if not json_wanted:
            show.say(line(finding), indent=6)
    if json_wanted:
        show.as_json([{"name": one.name, "ok": one.ok, "level": one.level, "text": one.text} for one in found])
    return 0 if all(one.ok for one in found) else FAILED
