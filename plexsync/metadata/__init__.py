"""What Plex should show for a scene, and what has to be written so that it does. Values in, values out: no I/O."""

from plexsync.metadata.changes import FieldChange, explain
from plexsync.metadata.difference import difference
from plexsync.metadata.digest import digest, rules_as_text
from plexsync.metadata.drift import Drift, DriftKind, drift
from plexsync.metadata.fit import cut_notes, fitted
from plexsync.metadata.inherited import noting_inherited
from plexsync.metadata.mapping import desired
from plexsync.metadata.missing import missing
from plexsync.metadata.preserve import preserve, preserved_text
from plexsync.metadata.readback import left_names, lost_names, lost_of_others, mismatches
from plexsync.metadata.record import after, as_it_stands, confirmed, fingerprint, from_json, possibly, stands, to_json
from plexsync.metadata.revise import revise
from plexsync.metadata.rules import Rules
from plexsync.metadata.spelling import spelling_notes

__all__ = [
    "Drift",
    "DriftKind",
    "FieldChange",
    "Rules",
    "after",
    "as_it_stands",
    "confirmed",
    "cut_notes",
    "desired",
    "difference",
    "digest",
    "drift",
    "explain",
    "fingerprint",
    "fitted",
    "from_json",
    "left_names",
    "lost_names",
    "lost_of_others",
    "mismatches",
    "missing",
    "noting_inherited",
    "possibly",
    "preserve",
    "preserved_text",
    "revise",
    "rules_as_text",
    "spelling_notes",
    "stands",
    "to_json",
]
