"""Has packages of others imported without what they import for cases that do not arise here.

- Huey imports psycopg wherever that is installed, which takes as long as all else of a command.
- requests imports what guesses in which letters a text was written. Nobody here asks it to; for who does it is there.
- urllib3 imports what reads the versions of packages, for HTTP/2.

To be imported before any of these is; it imports nothing of them itself.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """A module that is imported when something of it is asked for that is not known here."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


def _guesses() -> ModuleType:
    module = _Later("charset_normalizer")
    # requests warns of any that it does not know.
    vars(module)["__version__"] = "3.0.0"
    return module


def _versions() -> ModuleType:
    module = _Later("importlib.metadata")

    def version(name: str) -> str:
        from importlib.metadata import version as known

        return known(name)

    vars(module)["version"] = version
    return module


def _nothing() -> None:
    """What counts as not installed."""


#: The module that imports it, what that is, and what stands there meanwhile.
_LEFT_OUT: dict[str, tuple[str, Callable[[], ModuleType | None]]] = {
    "huey.storage": ("psycopg", _nothing),
    "requests": ("charset_normalizer", _guesses),
    "urllib3.http2": ("importlib.metadata", _versions),
}


class _Lean:
    """Finds the modules that import too much, and hides that as long as they are carried out."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What ``import`` asks each finder."""
        if name not in _LEFT_OUT:
            return None
        hidden, instead = _LEFT_OUT[name]
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None and hidden not in sys.modules:
            carry_out = spec.loader.exec_module

            def without(module: ModuleType) -> None:
                sys.modules[hidden] = instead()  # type: ignore[assignment]  # with None it counts as not installed
                try:
                    carry_out(module)
                finally:
                    del sys.modules[hidden]

            spec.loader.exec_module = without  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Lean())
