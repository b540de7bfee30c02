"""HTTP servers for simulations: they start and stop at will, keep a log, and fail on request."""

from plexsync.demo.http.exchange import DropConnection, LoggedRequest, Request, Response
from plexsync.demo.http.faults import Fault, FaultKind, FaultPlan
from plexsync.demo.http.server import SimulatedServer

__all__ = [
    "DropConnection",
    "Fault",
    "FaultKind",
    "FaultPlan",
    "LoggedRequest",
    "Request",
    "Response",
    "SimulatedServer",
]
