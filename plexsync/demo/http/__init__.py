"""HTTP servers for simulations: they start and stop at will, keep a log, and fail on request."""

from plexsync.demo.http.exchange import DropConnection, LoggedRequest, Request, Response
from plexsync.demo.http.faults import FaultKind, FaultPlan, PlannedFault
from plexsync.demo.http.server import SimulatedServer

__all__ = [
    "DropConnection",
    "FaultKind",
    "FaultPlan",
    "LoggedRequest",
    "PlannedFault",
    "Request",
    "Response",
    "SimulatedServer",
]
