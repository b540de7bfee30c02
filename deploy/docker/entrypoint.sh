#!/bin/sh
# "plexsync" in PlexSync's container: runs the consumer, or with words behind it the command that they are.
# Plain POSIX sh (busybox is enough).
#
#   docker compose exec plexsync plexsync status
#
# Started as root it becomes PUID:PGID (1000:1000 where they are not set); otherwise it stays who it is (user: in the
# compose text). It makes sure that the data folder can be used, and becomes huey_consumer.sh: signals arrive there.
set -eu

die() {
    printf 'plexsync: %s\n' "$*" >&2
    exit 1
}

self=$(readlink -f -- "$0")
app=$(readlink -f -- "$(dirname -- "$self")/../..")
user=$(id -u)
data=${PLEXSYNC_DATA_DIR:-/config}
case $data in
    /*) ;;
    *) data=$app/$data ;;
esac

# $1: the variable, $2: its value.
check_number() {
    case $2 in
        "" | *[!0-9]* | ??????????*) die "$1 is no number of a user or group: write one as id shows it, like 1000" ;;
    esac
}

if [ "$user" = 0 ]; then
    uid=${PUID:-1000}
    gid=${PGID:-1000}
    check_number PUID "$uid"
    check_number PGID "$gid"
    if [ "$uid" -ne 0 ]; then
        # Docker makes a folder that is missing as root. One that holds something is nobody's to give away.
        if [ -d "$data" ] && [ -z "$(ls -A -- "$data")" ]; then
            chown "$uid:$gid" "$data" || die "$data cannot be given to $uid:$gid"
        fi
        exec su-exec "$uid:$gid" "$self" "$@"
    fi
elif [ -n "${PUID-}" ] && [ "$PUID" != "$user" ]; then
    die "PUID is $PUID, but the container runs as user $user. Write user: \"$PUID:${PGID:-$PUID}\" in place of PUID and" \
        "PGID, or user: \"0:0\" beside them, so that it may become that user"
fi

case ${1-} in
    -h | --help | --version | help) ;;
    *)
        [ -d "$data" ] || die "there is no folder $data: mount PlexSync's data folder there"
        # Asked of the file system itself: it may be read-only, or full.
        probe=$data/.plexsync-writable-$$
        if ! (umask 077 && : >"$probe") 2>/dev/null; then
            die "$data cannot be written to by user $user (it belongs to $(stat -c '%u:%g' -- "$data")):" \
                "on the host, chown -R $user:$(id -g) the folder that is mounted there, or run as the user that it" \
                "belongs to, which has to be Stash's"
        fi
        rm -f -- "$probe"
        for name in inbox plexsync.db plexsync.toml; do
            one=$data/$name
            if [ -e "$one" ] && { [ ! -r "$one" ] || [ ! -w "$one" ]; }; then
                die "$one belongs to user $(stat -c %u -- "$one") and is closed to user $user: Stash and PlexSync have" \
                    "to run as one user. Give both the same user:, and chown -R the folder to it"
            fi
        done
        ;;
esac

cd "$app"
exec ./huey_consumer.sh "$@"
