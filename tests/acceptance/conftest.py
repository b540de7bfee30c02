"""What several of these tests start from."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.support.packages_at_hand import packages_at_hand


@pytest.fixture(scope="session")
def at_hand(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """Variables with which an environment is made in a few seconds."""
    return packages_at_hand(tmp_path_factory)
