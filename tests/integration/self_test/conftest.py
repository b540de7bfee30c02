"""What tests of the self-test start from."""

from __future__ import annotations

import pytest


@pytest.fixture
def quick_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter waits before a request is repeated, where dozens of them fail."""
    monkeypatch.setattr("plexsync.plex.transport.REPEAT_AFTER", (0.01, 0.02, 0.04))
