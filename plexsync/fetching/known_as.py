"""The setting that asks for fetching, and the word by which this consumer is known on Stash's machine."""

from __future__ import annotations

import os

from plexsync.storage.facts import Facts

#: The value of ``PLEXSYNC_INBOX``.
THROUGH_STASH = "stash"
#: Name of the fact that holds the word.
FACT = "fetching_consumer"


def consumer_word(facts: Facts) -> str:
    """The word: random, and made once."""
    known = facts.get(FACT)
    if known is None:
        known = os.urandom(16).hex()
        facts.put(FACT, known)
    return known
