"""Whether Plex and Stash are called: not while a circuit is open, and not while access is denied."""

from plexsync.http.breaker.guard import Guard, GuardedCall, OnChange
from plexsync.http.breaker.outages import Outage, OutageFigures, Outages
from plexsync.http.breaker.storage import BreakerRecord, BreakerStorage, anything_rests

__all__ = [
    "BreakerRecord",
    "BreakerStorage",
    "Guard",
    "GuardedCall",
    "OnChange",
    "Outage",
    "OutageFigures",
    "Outages",
    "anything_rests",
]
