"""How much memory this process has, as Linux tells it."""

from __future__ import annotations

from pathlib import Path


def resident() -> float:
    """MiB in memory now."""
    return _status("VmRSS")


def peak() -> float:
    """MiB in memory at the most so far."""
    return _status("VmHWM")


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"/proc/self/status has no {name}")
