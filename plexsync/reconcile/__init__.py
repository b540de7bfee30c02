"""Comparing everything: Stash with the ledger, and the ledger with Plex. What differs is queued, and nothing else."""

from plexsync.reconcile.only_one import AlreadyRunning, exclusive
from plexsync.reconcile.run import DifferenceKind, Phase, ReconcileFinding, ReconcileRun, Runs

__all__ = [
    "AlreadyRunning",
    "DifferenceKind",
    "Phase",
    "ReconcileFinding",
    "ReconcileRun",
    "Runs",
    "exclusive",
]
