"""A report to share: counts and levels, and nothing of whose library it is."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from plexsync import __version__
from plexsync.durations import iso
from plexsync.inbox.hook_process import replace
from plexsync.status import findings_now
from plexsync.status.desk import Desk
from plexsync.status.figures import collect
from plexsync.status.registry import Action

#: The report in the data folder.
FILE = "report.txt"
#: Figures that hold numbers and levels only.
_SHARED = (
    "queue",
    "scenes",
    "left_out",
    "dead_letters",
    "outages",
    "oldest_pending_s",
    "last_success_at",
    "success_rate",
)


def report(desk: Desk, _args: Mapping[str, Any]) -> dict[str, Any]:
    """Write it; the answer says where."""
    path = desk.folder / FILE
    text = json.dumps(shared(desk), indent=2)
    replace(str(path), text.encode("ascii") + b"\n")
    return {"text": f"The report is {path}.", "file": str(path)}


def shared(desk: Desk) -> dict[str, Any]:
    """What the report holds."""
    ledger = desk.ledger
    figures = collect(ledger)
    with ledger.database.read() as db:
        classes = db.execute("select error_class, count(*) from dead_letter group by 1 order by 2 desc limit 20")
        failed = {str(row[0]): row[1] for row in classes}
    levels = Counter((one["level"], one["name"]) for one in findings_now.findings(figures, desk.folder))
    settings = desk.app().settings
    return {
        "plexsync": __version__,
        "at": iso(time.time()),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.machine()}",
        "cpus": os.cpu_count(),
        "sqlite": sqlite3.sqlite_version,
        **{name: figures[name] for name in _SHARED},
        "breakers": {name: figures[name]["state"] for name in ("breaker", "stash_breaker")},
        "hook": figures["hook"]["level"],
        "compared": {
            name: figures["reconcile"][name] for name in ("last_at", "scenes", "items", "queued", "differences")
        },
        "failed_with": failed,
        "findings": [{"level": level, "name": name, "count": count} for (level, name), count in levels.items()],
        "settings": {
            "workers": settings.workers,
            "fields": list(settings.fields),
            "dry_run": settings.dry_run,
            "match_auto": settings.match_auto,
            "match_review": settings.match_review,
            "reconcile": settings.reconcile,
            "path_map": bool(settings.path_map),
        },
    }


ACTIONS = (Action("report", report),)
