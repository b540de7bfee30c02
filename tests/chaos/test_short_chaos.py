"""Half a minute of bad weather. ``tests/chaos/run.sh`` has more of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm.play import Plan, play

#: Always the same weather: what differs from run to run is the moment at which it meets the consumer.
PLAN = Plan(seed=5, seconds=25, scenes=60, never_scanned=0, strikes=4)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_lost_in_half_a_minute_of_bad_weather(tmp_path: Path) -> None:
    outcome = play(tmp_path, PLAN, tell=print)
    print(outcome.report())
    logs = [line for scene in outcome.suspects[:3] for line in outcome.log_of(scene)[-12:]]
    assert outcome.faults == [], "\n".join(logs)
    # On a busy machine less comes together in the same time; some of everything there has to be.
    assert outcome.tally.kills >= 1
    assert outcome.tally.events.total() > 30
    assert sum(outcome.faults_struck.values()) > 3
