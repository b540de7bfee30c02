#!/bin/sh
# Plants small faults in the code, one at a time, and says which of them no nearby test notices. Never part of CI.
#   tests/mutation/run.sh [--room queue] [--sample 20] [--seed 1] [--list]
# It may be ended at any time, and goes on where it was. The code it changes is a copy.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd -P)
"$here/huey_consumer.sh" --setup requirements-dev.txt
tools=$here/.venv-mutation
wanted=$here/tests/mutation/requirements.txt
if ! cmp -s "$wanted" "$tools/installed.txt"; then
    rm -rf "$tools"
    "$here/.venv/bin/python" -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r "$wanted"
    cp "$wanted" "$tools/installed.txt"
fi
cd "$here"
exec nice -n 19 .venv/bin/python -m tests.mutation.run "$@"
