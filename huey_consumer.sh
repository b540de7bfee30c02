#!/bin/sh
# Starts PlexSync: the consumer, or with --demo the whole thing on simulated servers. Plain POSIX sh (busybox is enough).
set -eu

# A stream that is closed is nowhere from here on: else the next file that is opened would be taken for it.
(true 3<&0) 2>/dev/null || exec </dev/null
(true 3>&1) 2>/dev/null || exec >/dev/null
(true 3>&2) || exec 2>/dev/null
# What is meant for another Python (Stash sets the second one) would lead ours to other packages, or to none.
unset PYTHONHOME PYTHONPATH

# The folder of this very file, also where the script was started through a link to it.
self=$0
while [ -L "$self" ]; do
    link=$(readlink -- "$self")
    case $link in
        /*) self=$link ;;
        *) self=$(dirname -- "$self")/$link ;;
    esac
done
here=$(CDPATH='' cd -- "$(dirname -- "$self")" && pwd -P)

# What to type for this script where the person stands.
name=./huey_consumer.sh
[ "$(pwd -P)" = "$here" ] || name=$0

usage() {
    cat <<TEXT
Usage: $name [OPTION] [options of Huey's consumer]
       $name COMMAND ...

  (nothing)       check the settings, and run the consumer until it is stopped
  --check         is everything set up right? Checks settings, Stash, Plex,
                  libraries and folders; each line is ok, or says what to do
  --login         sign in to Plex, with a code that you enter at
                  https://plex.tv/link; stores the token, readable by you only
  --demo          see it work, with a simulated Stash and Plex, and the real
                  hooks and consumer; ends by itself
  --setup [FILE]  only make .venv, with the packages of FILE (requirements.txt
                  by default)
  --instance NAME before any of these: work on another instance's data folder
                  (see: $name instances --help)
  --version       show which version this is
  --help          show this text
  COMMAND         status, scene, sync, failed, review, reconcile, doctor; more:
                  $name help

Examples:
  $name
  $name --login
  $name -w 2 -v     (two workers, debug log)
  $name status
  PLEXSYNC_PLEX_TOKEN=... $name --check

Options of Huey's consumer are passed on unchanged: -w WORKERS, -v, -q,
-l LOGFILE, -t SECONDS, ...
TEXT
}

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# The first Python that is new enough; PYTHON names another one.
find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die "PlexSync's consumer needs Python 3.11 or newer. Install it:
  Debian, Ubuntu:  apt install python3 python3-venv
  Alpine:          apk add python3 py3-pip
or name one: PYTHON=/path/to/python3 $name"
}

# Sets $python to one that has the packages of $1; makes .venv where there is none yet, or none that fits.
set_up() {
    python=$here/.venv/bin/python
    fit=$here/plexsync/installation/environment_fit.py
    # The environment's own Python says most quickly whether it fits.
    if [ -x "$python" ] && "$python" -X utf8 -I -S "$fit" "$here" "$1" >/dev/null 2>&1; then
        return
    fi
    base=$(find_python) || exit 1
    python=$("$base" -X utf8 -I "$here/plexsync/cli/environment.py" "$here" "$1") || exit 1
}

# Which of several data folders is meant. After a command the option is the command's.
case ${1-} in
    --instance=*)
        export PLEXSYNC_INSTANCE="${1#*=}"
        shift
        ;;
    --instance)
        [ $# -gt 1 ] || die "--instance needs the name of an instance"
        export PLEXSYNC_INSTANCE="$2"
        shift 2
        ;;
esac

case ${1-} in
    -h | --help)
        usage
        ;;
    --version)
        # No environment is needed to say so.
        sed -n 's/^__version__ = "\(.*\)"$/PlexSync, version \1/p' "$here/plexsync/__init__.py"
        ;;
    --setup)
        set_up "${2-requirements.txt}"
        ;;
    --demo)
        shift
        set_up requirements-demo.txt
        exec "$python" -X utf8 -P -m plexsync.demo "$@"
        ;;
    --check)
        shift
        set_up requirements.txt
        exec "$python" -X utf8 -P -m plexsync check "$@"
        ;;
    --login)
        shift
        set_up requirements.txt
        exec "$python" -X utf8 -P -m plexsync login "$@"
        ;;
    help)
        set_up requirements.txt
        exec "$python" -X utf8 -P -m plexsync --help
        ;;
    "" | -*)
        set_up requirements.txt
        # After an update the consumer starts anew from here.
        export PLEXSYNC_SCRIPT="$here/huey_consumer.sh"
        # glibc gives each thread memory of its own, and what is free there is of use to no other. Two are enough, as
        # Python's threads take turns.
        export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
        exec "$python" -X utf8 -P -m plexsync.cli.consumer "$@"
        ;;
    *)
        set_up requirements.txt
        exec "$python" -X utf8 -P -m plexsync "$@"
        ;;
esac
