"""Where things are."""

from __future__ import annotations

from pathlib import Path

#: The repository: what a process has to have in its path to find ``plexsync`` and ``tests``.
ROOT = Path(__file__).resolve().parents[2]
