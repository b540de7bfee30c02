"""The command line: one command per file. The consumer, which is started from here, too, has no use for them."""

from __future__ import annotations

from plexsync.imports import lean as lean
