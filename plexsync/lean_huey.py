"""Imports Huey without the drivers of databases that it finds and PlexSync does not use through it.

Huey imports psycopg wherever that is installed, which takes as long as all else of a command. To be imported before
anything of Huey's is.
"""

from __future__ import annotations

import sys

if "huey.storage" not in sys.modules and "psycopg" not in sys.modules:
    # What is None here counts as not installed.
    sys.modules["psycopg"] = None  # type: ignore[assignment]
    try:
        import huey.storage  # noqa: F401 - that it is imported is what counts
    finally:
        del sys.modules["psycopg"]
