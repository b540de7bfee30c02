"""The consumers that share one database, as they tell of themselves."""

from __future__ import annotations

from plexsync.imports.late_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ClusterConsumer:
    """One of them. Times are seconds since 1970 by the clock of the database's server.

    :param host: the machine's name.
    :param pid: its process there.
    :param session: the server's number of the session that it leads by, or would.
    :param leads: whether it is the one that works.
    :param since: when it began to lead, or to wait.
    :param is_there: whether it gave a sign of life lately, and its session has not ended.
    """

    host: str
    pid: int
    session: int
    leads: bool
    since: float
    seen_at: float
    is_there: bool

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"
