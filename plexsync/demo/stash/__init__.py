"""A simulated Stash: GraphQL, pictures, logins, and hooks run as Stash runs them."""

from plexsync.demo.stash.hooks import HookRun, HookRunner
from plexsync.demo.stash.server import SimulatedStash

__all__ = ["HookRun", "HookRunner", "SimulatedStash"]
