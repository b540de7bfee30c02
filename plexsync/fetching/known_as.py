"""The setting that asks for fetching, and the word by which this consumer is known on Stash's machine."""

from __future__ import annotations

import os

from plexsync.storage.facts import Facts

#: The value of ``PLEXSYNC_INBOX``; the name of an instance may follow, after a colon.
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


def fetches(inbox: str) -> bool:
    """Whether the setting asks for fetching.

    :param inbox: ``PLEXSYNC_INBOX``.
    """
    return inbox.partition(":")[0] == THROUGH_STASH


def for_instance(inbox: str) -> dict[str, str]:
    """The arguments that name the instance on Stash's machine; none for the main one.

    :param inbox: ``PLEXSYNC_INBOX``.
    """
    name = inbox.partition(":")[2]
    return {"instance": name} if name else {}
