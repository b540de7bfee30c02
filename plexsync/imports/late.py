"""Things that are made when they are used first: compiled patterns, and packages that only some of the work needs.

To compile the patterns of the program took a fifth of its start, and the packages that compare names another part of
it; what does not need them does not wait for them. From the first use on such a thing is the one that it stands for,
but for the time of one look into a dictionary.

Only packages of others come in this way. An update may take our own files away while the program runs, so these are
imported before it says that it runs; packages stay for as long as it does (``cli.environment.hold``).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import Any, AnyStr, cast


class Late:
    """Stands for what is made at the first look at one of its attributes. Safe to share between threads.

    :param make: makes it; may be called twice where two threads come at once.
    """

    def __init__(self, make: Callable[[], object]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        if name == "_made":
            made = self._made = self._make()
            return made
        if name.startswith("__"):
            # What copies and pickles ask for before there is anything of it.
            raise AttributeError(name)
        value = getattr(self._made, name)
        # Found without this method from here on.
        setattr(self, name, value)
        return value


#: What was not made yet may be among these.
_known: list[Late] = []


def late_pattern(text: AnyStr, flags: int | re.RegexFlag = 0) -> re.Pattern[AnyStr]:
    """A pattern as of ``re.compile``, for its methods and attributes alone: functions of ``re`` do not take it."""
    return cast("re.Pattern[AnyStr]", _late(lambda: re.compile(text, flags)))


def late_regex(text: str) -> Any:
    """The same of the package ``regex``."""

    def compiled() -> object:
        import regex

        return regex.compile(text)

    return _late(compiled)


def late_module(name: str) -> Any:
    """A module of another package.

    :param name: ``rapidfuzz.fuzz``.
    """
    return _late(lambda: importlib.import_module(name))


def make_all() -> None:
    """Make all that there are: for a process from which others are forked, or that has nothing better to do."""
    for one in _known:
        _ = one._made


def _late(make: Callable[[], object]) -> Late:
    late = Late(make)
    _known.append(late)
    return late
