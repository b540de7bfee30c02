"""``doctor`` and ``check``: what is right, and what to do about what is not."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator

import click

from plexsync.cli import show
from plexsync.cli.checks import check_all, check_machine
from plexsync.cli.failures import FAILED, told
from plexsync.cli.findings import Finding
from plexsync.script import examples

_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print JSON for scripts.")


@click.command(hidden=True, epilog=examples("--check", "--check --json"))
@_JSON
def check(json_wanted: bool) -> None:
    """See that settings, Stash, Plex, libraries and paths are right."""
    with told():
        sys.exit(_report(check_all(os.environ), json_wanted=json_wanted))


@click.command(epilog=examples("doctor", "doctor --json"))
@_JSON
def doctor(json_wanted: bool) -> None:
    """See that everything is right: settings, services, paths, queue, breaker, disk, clock."""

    def findings() -> Iterator[Finding]:
        yield from check_all(os.environ)
        yield from check_machine(os.environ)

    with told():
        sys.exit(_report(findings(), json_wanted=json_wanted))


def _report(findings: Iterator[Finding], *, json_wanted: bool) -> int:
    # That Stash cannot be asked is found anyway, and told on a line of its own.
    logging.getLogger("plexsync.wiring").setLevel(logging.ERROR)
    found = []
    for finding in findings:
        found.append(finding)
        if not json_wanted:
            show.say(_line(finding), indent=6)
    if json_wanted:
        show.as_json([{"name": one.name, "ok": one.ok, "level": one.level, "text": one.text} for one in found])
    return 0 if all(one.ok for one in found) else FAILED


def _line(finding: Finding) -> str:
    """A finding in one line."""
    marks = {"ok": show.good("ok  "), "warn": show.doubtful("warn"), "fail": show.bad("FAIL")}
    return f"{marks[finding.level]}  {finding.name}: {finding.text}"
