"""Leaving Plex or Stash alone while it is down, and everything alone while a token or key is refused."""

from plexsync.breaker.guard import Guard, OnChange
from plexsync.breaker.outages import Outage, OutageFigures, Outages
from plexsync.breaker.storage import BreakerRecord, BreakerStorage, anything_rests

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
