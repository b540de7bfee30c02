"""Has Huey imported without the drivers of databases that it finds and PlexSync does not use through it.

Huey imports psycopg wherever that is installed, which takes as long as all else of a command. To be imported before
anything of Huey's is; it imports nothing of it itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class _Lean:
    """Finds the one module of Huey's that looks for drivers, and hides them as long as that is carried out."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What ``import`` asks each finder."""
        if name != "huey.storage":
            return None
        sys.meta_path.remove(self)
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None and "psycopg" not in sys.modules:
            carry_out = spec.loader.exec_module

            def without_driver(module: ModuleType) -> None:
                # What is None here counts as not installed.
                sys.modules["psycopg"] = None  # type: ignore[assignment]
                try:
                    carry_out(module)
                finally:
                    del sys.modules["psycopg"]

            spec.loader.exec_module = without_driver  # type: ignore[method-assign]
        return spec


if "huey.storage" not in sys.modules:
    sys.meta_path.insert(0, _Lean())
