#!/bin/sh
# Runs the tests on a fresh clone: makes .venv with what they need, then hands its arguments to pytest.
#
#     tests/run.sh              everything
#     tests/run.sh unit         a folder of tests/: unit, integration, acceptance, browser or chaos
#     tests/run.sh postgres     those of what is stored, on a PostgreSQL in place of SQLite files
#     tests/run.sh --cov        also says which lines no test reaches, in twice the time
#     tests/run.sh tests/unit/inbox/test_event_files.py -k name
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
"$here/huey_consumer.sh" --setup requirements-dev.txt
cd "$here"
case "${1:-}" in
    unit | integration | acceptance | browser | chaos) folder="tests/$1" && shift && set -- "$folder" "$@" ;;
    postgres)
        export PLEXSYNC_TEST_POSTGRES=own
        shift
        # As few as make every kind of statement be said: the rest holds of PostgreSQL what it holds of a file.
        at=tests/integration
        queue="$at/queue/test_claims.py $at/queue/test_coalescing.py $at/queue/test_priorities.py::TestCost"
        sync="$at/sync/test_batch.py $at/sync/test_unchanged.py"
        reconcile="$at/reconcile/test_runs.py $at/reconcile/test_scenes.py"
        # shellcheck disable=SC2086  # these are lists
        set -- $at/ledger tests/unit/ledger $queue $reconcile $sync "$@"
        ;;
esac
# What is compiled is kept, whatever the caller thinks of that: else every worker and every program that a test starts
# compiles all of it once more. In a fresh clone one process does so before the workers would, each for itself.
unset PYTHONDONTWRITEBYTECODE
ls tests/__pycache__/conftest.*pytest* >/dev/null 2>&1 || .venv/bin/python -m pytest --collect-only -q "$@" >/dev/null || true
# Most tests wait for processes and servers: four at a time on each core. Those of what is stored wait less, and unit
# tests for nothing; and each worker has to find all of them first.
cores=$(getconf _NPROCESSORS_ONLN)
workers=$((4 * cores))
[ -z "${PLEXSYNC_TEST_POSTGRES:-}" ] || workers=$((3 * cores))
[ "${1:-}" != tests/unit ] || workers=$cores
failed=0
.venv/bin/python -m pytest -n "$workers" --dist loadfile --durations=25 "$@" || failed=$?
[ "$failed" = 1 ] || exit "$failed"
# Real processes are watched by the clock, and a busy machine may be too slow for one: it counts what a test does alone.
echo "Some tests failed beside others. Once more, each alone:"
exec .venv/bin/python -m pytest --last-failed --last-failed-no-failures=none "$@"
