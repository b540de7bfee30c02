"""How often Python looks for garbage: seldom, as the consumer makes much that is gone at once, and few circles."""

from __future__ import annotations

import atexit
import gc

#: Objects that are made, beyond those that are gone, before the youngest are looked through. A scene makes hundreds
#: that are gone with it: Python's 700 has them looked through while they are in use.
YOUNG = 10_000
#: The same while the program starts: nearly all that is made then stays to the end, and to look it through again and
#: again took a sixth of the start.
AT_START = 200_000


def begin() -> None:
    """Hardly look for garbage while the program is imported."""
    _, *older = gc.get_threshold()
    gc.set_threshold(AT_START, *older)


def skip_at_end() -> None:
    """Do not look for garbage when the process ends, which took a tenth of each command.

    What has to be closed is closed by then: Python would have closed what it found there.
    """
    atexit.register(gc.freeze)


def look_seldom() -> None:
    """Look for garbage seldom, and never again among what was made so far: modules stay to the end."""
    gc.collect()
    gc.freeze()
    _, *older = gc.get_threshold()
    gc.set_threshold(YOUNG, *older)
