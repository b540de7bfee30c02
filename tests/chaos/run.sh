#!/bin/sh
# A long run of bad weather: tests/chaos/run.sh --minutes 20 --seed 1 [--scenes 200]. Ends with 0 when nothing was lost.
# With --last-edits nothing mends a loss, and each scene gets one last edit: that sees what later edits would hide.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
"$here/huey_consumer.sh" --setup requirements-dev.txt
cd "$here"
exec .venv/bin/python -m tests.chaos.run "$@"
