"""Pages that come quickly are written together: what a database writes anew for each page it then writes once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

_Page = TypeVar("_Page")

#: Pages that are written together, at most. With 500 items each, others wait no longer for the database than 0.2 s.
TOGETHER = 4
#: Seconds for which a page that is here waits for others: what was read is not to be lost where a server is slow.
WAITS = 1.0


def gathered(pages: Iterator[_Page], clock: Callable[[], float] = time.monotonic) -> Iterator[list[_Page]]:
    """The pages in their order, some at a time. What goes wrong comes out behind the pages that came before.

    :param clock: seconds that only ever grow.
    """
    some: list[_Page] = []
    began = 0.0
    try:
        for page in pages:
            began = began if some else clock()
            some.append(page)
            if len(some) >= TOGETHER or clock() - began >= WAITS:
                yield some
                some = []
    except GeneratorExit:
        raise
    except BaseException:
        if some:
            yield some
        raise
    if some:
        yield some
