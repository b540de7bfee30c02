"""Leaving Plex or Stash alone while it is down, and everything alone while a token or key is refused."""

from plexsync.http.breaker.guard import Guard, OnChange
from plexsync.http.breaker.outages import Outage, OutageFigures, Outages
from plexsync.http.breaker.storage import BreakerRecord, BreakerStorage, anything_rests

__all__ = [
    "BreakerRecord",
    "BreakerStorage",
    "Guard",
    "OnChange",
    "Outage",
    "OutageFigures",
    "Outages",
    "anything_rests",
]
