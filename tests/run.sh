#!/bin/sh
# Runs the tests on a fresh clone: makes .venv with what they need, then hands its arguments to pytest.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
"$here/huey_consumer.sh" --setup requirements-dev.txt
cd "$here"
exec .venv/bin/python -m pytest --cov --cov-report=term:skip-covered "$@"
