"""Half a minute of bad weather. ``tests/chaos/run.sh`` has more of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.storm.play import Plan, play
from tests.support import postgres_server

#: Always the same weather: what differs from run to run is the moment at which it meets the consumer.
PLAN = Plan(seed=5, seconds=25, scenes=60, never_scanned=0, strikes=4)
#: The same with two consumers on a PostgreSQL.
CLUSTER = Plan(seed=5, seconds=20, scenes=40, never_scanned=0, strikes=2, cluster=True, leaders=3)


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
    assert outcome.tally.events.total() > 10
