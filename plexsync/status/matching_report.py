"""How often each kind of evidence was right here, as ``matching report --json`` shows it."""

from __future__ import annotations

from typing import Any

from plexsync.ledger import Ledger, VerdictKind
from plexsync.matching.kinds import KINDS


def collect(ledger: Ledger) -> dict[str, Any]:
    """What people said of matches, and how many stand that nobody was asked about; shares are 0 to 1, or None."""
    found = ledger.verdicts.record()
    accepted, rejected = (found.said.get(one, 0) for one in (VerdictKind.ACCEPTED, VerdictKind.REJECTED))
    changed = found.said.get(VerdictKind.CHANGED, 0)
    evidence = []
    for kind in KINDS:
        said = found.by_kind.get(kind, {})
        right, wrong = said.get(VerdictKind.ACCEPTED, 0), said.get(VerdictKind.REJECTED, 0)
        stand, taken_back = found.automatic_by_kind.get(kind, 0), said.get(VerdictKind.CHANGED, 0)
        evidence.append(
            {
                "evidence": kind,
                "reviews": {"accepted": right, "rejected": wrong, "right": _share(right, wrong)},
                "automatic": {"stand": stand, "changed": taken_back, "right": _share(stand, taken_back)},
            }
        )
    return {
        "reviews": {
            "waiting": ledger.reviews.count(),
            "accepted": accepted,
            "rejected": rejected,
            "right": _share(accepted, rejected),
        },
        "automatic": {"stand": found.automatic, "changed": changed, "right": _share(found.automatic, changed)},
        "evidence": evidence,
    }


def _share(right: int, wrong: int) -> float | None:
    return round(right / (right + wrong), 4) if right + wrong else None
