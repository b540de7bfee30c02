"""How a finding is printed."""

from __future__ import annotations

from plexsync.cli import show
from plexsync.outside import shown
from plexsync.status.findings import Finding


def line(finding: Finding) -> str:
    """A finding in one line."""
    marks = {"ok": show.good("ok  "), "warn": show.doubtful("warn"), "fail": show.bad("FAIL")}
    return f"{marks[finding.level]}  {finding.name}: {shown(finding.text)}"
