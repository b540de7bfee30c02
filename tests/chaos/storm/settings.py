"""The settings of a storm's consumers."""

from __future__ import annotations

#: Waits so short that a minute holds a lot of weather; and patience with what passes, so that only what is permanent
#: is ever given up.
SETTINGS = {
    "PLEXSYNC_CONNECT_TIMEOUT": "1",
    "PLEXSYNC_READ_TIMEOUT": "1.5",
    "PLEXSYNC_MAX_RETRIES": "100",
    "PLEXSYNC_RETRY_BASE": "1",
    "PLEXSYNC_RETRY_CAP": "3",
    "PLEXSYNC_NOT_FOUND_RETRIES": "15",
    "PLEXSYNC_NOT_FOUND_BASE": "0.5",
    "PLEXSYNC_NOT_FOUND_CAP": "1.5",
    "PLEXSYNC_BREAKER_RESET_TIMEOUT": "0.5",
    # What is left out is tried again before long, too.
    "PLEXSYNC_LATE_POLLS": "2,5,10,20,40,80,160,320",
    "PLEXSYNC_RECONCILE": "off",
}
