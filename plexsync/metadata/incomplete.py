"""Lists of which Stash could not tell all: what it told is added, and nothing that was ours is taken away.

The one that could not be read may be any of those that stand in Plex. Until it can be, all of ours stay.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from plexsync.metadata.names import cased
from plexsync.model import Applied, Desired, Field, Tag


def with_what_stands(desired: Desired, applied: Applied) -> Desired:
    """``desired`` with what we wrote earlier into lists that are incomplete.

    :param applied: what we wrote to the item.
    """
    if not desired.incomplete:
        return desired
    tags = dict(desired.tags)
    for field in desired.incomplete & tags.keys():
        known = {cased(tag.name): tag for tag in tags[field]}
        # In their order, so that nothing is moved either.
        ours = [known.pop(cased(name), Tag(name, applied.thumbs.get(name))) for name in applied.tags.get(field, ())]
        tags[field] = (*ours, *known.values())
    return replace(desired, tags=tags)


def fully_owned(owned: Collection[Field], desired: Desired) -> frozenset[Field]:
    """The fields in which Stash alone has the say, and has said all."""
    return frozenset(owned) - desired.incomplete
