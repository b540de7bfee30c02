"""What options of Huey's consumer may be. It takes most as they come, and then ends in a traceback or does nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The kind of workers that does not work here: gevent would have to patch all of Python before anything else is loaded.
_NOT_HERE = "greenlet"
#: The option, the least and the most that it may be, by Huey's name for it.
_BOUNDS: Mapping[str, tuple[str, float, float]] = {
    "workers": ("-w", 1, 64),
    "initial_delay": ("-d", 0.001, 60),
    "max_delay": ("-m", 0.001, 600),
    "backoff": ("-b", 1, 100),
    "health_check_interval": ("-c", 1, 86400),
    "max_tasks": ("-M", 1, 10**9),
    "shutdown_timeout": ("-t", 0, 86400),
    "scheduler_interval": ("-s", 1, 60),
}


def fault_in(options: Mapping[str, Any]) -> str:
    """What is wrong with the options that were given, and what may stand there; ``""`` where nothing is.

    :param options: by Huey's names for them.
    """
    kind = options.get("worker_type")
    if kind == _NOT_HERE:
        return f"-k {kind} does not work here: workers are threads (-k thread, the default) or processes (-k process)"
    for name, (option, least, most) in _BOUNDS.items():
        value = options.get(name)
        # Said so that what is no number at all (nan) does not pass.
        if value is not None and not least <= value <= most:
            return f"{option} {value} does not work here: it may be {least:g} to {most:g}"
    return ""
