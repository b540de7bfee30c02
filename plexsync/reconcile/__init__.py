"""Comparing everything: Stash with the ledger, and the ledger with Plex. What differs is queued, and nothing else."""

from plexsync.reconcile.reconciler import Queue, Reconciler
from plexsync.reconcile.run import Finding, Kind, Phase, Run, Runs
from plexsync.storage.alone import AlreadyRunning, alone

__all__ = ["AlreadyRunning", "Finding", "Kind", "Phase", "Queue", "Reconciler", "Run", "Runs", "alone"]
