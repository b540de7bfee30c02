"""Comparing everything: Stash with the ledger, and the ledger with Plex. What differs is queued, and nothing else."""

from plexsync.reconcile.alone import AlreadyRunning, alone
from plexsync.reconcile.reconciler import Queue, Reconciler
from plexsync.reconcile.run import Finding, Kind, Phase, Run, Runs

__all__ = ["AlreadyRunning", "Finding", "Kind", "Phase", "Queue", "Reconciler", "Run", "Runs", "alone"]
