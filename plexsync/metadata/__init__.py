"""What Plex should show for a scene, and what has to be written so that it does. Values in, values out: no I/O."""

from plexsync.metadata.changes import FieldChange, explain
from plexsync.metadata.difference import difference
from plexsync.metadata.mapping import desired
from plexsync.metadata.readback import mismatches
from plexsync.metadata.record import after, as_it_stands, fingerprint, from_json, possibly, to_json
from plexsync.metadata.rules import Rules
from plexsync.metadata.schema import validate

__all__ = [
    "FieldChange",
    "Rules",
    "after",
    "as_it_stands",
    "desired",
    "difference",
    "explain",
    "fingerprint",
    "from_json",
    "mismatches",
    "possibly",
    "to_json",
    "validate",
]
