#!/bin/sh
# Starts PlexSync: the consumer, or with --demo the whole thing on simulated servers. Plain POSIX sh (busybox is enough).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
venv=$here/.venv
python=$venv/bin/python

usage() {
    cat <<TEXT
Usage: ./huey_consumer.sh [--check | --demo | --setup [FILE] | --help] [options of Huey's consumer]

  (nothing)       check the settings and run the consumer until SIGINT or SIGTERM
  --check         settings valid? Stash and Plex answering? libraries there? paths leading from one to the other?
  --demo          see it work: simulated Stash and Plex, real hooks, the real consumer; ends by itself
  --setup [FILE]  only make .venv, with the packages of FILE (default requirements.txt)

Examples:
  ./huey_consumer.sh
  ./huey_consumer.sh -w 2 -v                        two workers, debug log
  PLEXSYNC_PLEX_TOKEN=... ./huey_consumer.sh --check

Options of Huey's consumer are passed on unchanged: -w WORKERS, -v, -q, -l LOGFILE, -t SECONDS, ...
Anything else: .venv/bin/python -m plexsync --help
TEXT
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The first Python that is new enough; PYTHON names another one.
find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "PlexSync's consumer needs Python 3.11 or newer. Install it:
  Debian, Ubuntu:  apt install python3 python3-venv
  Alpine:          apk add python3 py3-pip
or name one: PYTHON=/path/to/python3 ./huey_consumer.sh"
}

# Makes .venv with the packages of $1, unless it holds exactly those already. The stamp is written last: a set-up that
# was cut short is done again.
set_up() {
    wanted=$here/$1
    stamp=$venv/set-up-$1
    [ -f "$wanted" ] || die "there is no $wanted"
    if [ -x "$python" ] && "$python" -c '' 2>/dev/null && cat "$here"/requirements*.txt | cmp -s - "$stamp"; then
        return
    fi
    base=$(find_python) || exit 1
    printf 'Setting up %s with %s (once, up to a minute) ...\n' "$venv" "$base" >&2
    if ! "$python" -c '' 2>/dev/null || ! "$python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$venv"
        "$base" -m venv "$venv" >"$here/.venv.log" 2>&1 || {
            cat "$here/.venv.log" >&2
            rm -rf "$venv"
            die "Python's venv or pip is missing. Install it:
  Debian, Ubuntu:  apt install python3-venv
  Alpine:          apk add python3 py3-pip"
        }
    fi
    "$python" -m pip install --quiet --disable-pip-version-check --no-input -r "$wanted" >"$here/.venv.log" 2>&1 || {
        cat "$here/.venv.log" >&2
        die "The packages of $1 could not be installed (see above). Is this machine online?"
    }
    rm -f "$here/.venv.log"
    # So that "python -m plexsync" works from any folder.
    "$python" -c 'import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "plexsync.pth").write_text(sys.argv[1] + "\n")' "$here"
    cat "$here"/requirements*.txt >"$stamp"
}

case ${1-} in
    -h | --help)
        usage
        ;;
    --setup)
        set_up "${2-requirements.txt}"
        ;;
    --demo)
        shift
        set_up requirements-demo.txt
        exec "$python" -P -m plexsync.demo "$@"
        ;;
    --check)
        shift
        set_up requirements.txt
        exec "$python" -P -m plexsync check "$@"
        ;;
    *)
        set_up requirements.txt
        exec "$python" -P -m plexsync.cli.consumer "$@"
        ;;
esac
