"""Some seconds of bad weather. ``tests/chaos/run.sh`` has more of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm.play import Plan, play
from tests.support import postgres_server

#: Always the same weather: what differs from run to run is the moment at which it meets the consumer.
PLAN = Plan(seed=5, seconds=12, scenes=30, never_scanned=0, strikes=10, kills=3, events=40)
#: The same with two consumers on a PostgreSQL.
CLUSTER = Plan(seed=5, seconds=5, scenes=20, never_scanned=0, strikes=2, cluster=True, leaders=3, events=15)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_lost_in_bad_weather(tmp_path: Path) -> None:
    outcome = play(tmp_path, PLAN, tell=print)
    print(outcome.report())
    logs = [line for scene in outcome.suspects[:3] for line in outcome.log_of(scene)[-12:]]
    assert outcome.faults == [], "\n".join(logs)
    assert outcome.tally.kills >= PLAN.kills
    assert outcome.tally.events.total() >= PLAN.events
    assert outcome.faults_struck.total() >= PLAN.strikes


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_is_lost_or_doubled_when_leaders_are_killed(tmp_path: Path) -> None:
    try:
        postgres_server.programs()
    except postgres_server.NoServer as why:
        pytest.skip(str(why))
    outcome = play(tmp_path, CLUSTER, tell=print)
    print(outcome.report())
    logs = [line for scene in outcome.suspects[:3] for line in outcome.log_of(scene)[-12:]]
    assert outcome.faults == [], "\n".join(logs)
    assert outcome.tally.happened["leaders killed"] >= CLUSTER.leaders
    assert outcome.tally.events.total() >= CLUSTER.events
