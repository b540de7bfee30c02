"""Which scene of Stash an item was made from, where an agent or a metadata provider that reads Stash noted it.

Such an agent names the scene in the item's guid:

========================================================  ===============================================
``com.plexapp.agents.stashplexagent://45?lang=en``        StashPlexAgent, a legacy agent
``plex://movie/stash-video-45``                           metadata providers of Plex 1.43 that play Plex's own
``tv.plex.agents.custom.stash2plex://scene-45``           metadata providers under a name of their own, also
                                                          ``://scene/45``, ``://movie/45``
========================================================  ===============================================

The identifiers of StashDB and its like are no ids of scenes: they are UUIDs, and none is taken for one.
"""

from __future__ import annotations

import re

#: Digits of the largest id that Stash's GraphQL takes (2,147,483,647).
_ID = r"([1-9][0-9]{0,9})"
_END = r"(?:[/?#].*)?"
#: Words between the agent's name and the id: ``scene/``, ``movie/stash-video-``.
_WORDS = r"(?:[a-z]+[-/])*"
_AGENT = re.compile(
    rf"(?:com\.plexapp\.agents|tv\.plex\.agents(?:\.custom)?)\.[\w.-]*stash[\w.-]*://{_WORDS}{_ID}{_END}", re.IGNORECASE
)
_PLEX = re.compile(rf"plex://(?:movie|video|clip)/stash-(?:[a-z]+-)?{_ID}{_END}", re.IGNORECASE)
_LARGEST_ID = 2**31 - 1


def stash_scene(guid: str) -> int | None:
    """The id of the scene that a guid names, or None.

    :param guid: of an item of Plex, whatever agent made it.
    """
    found = _AGENT.fullmatch(guid) or _PLEX.fullmatch(guid)
    if found is None:
        return None
    scene_id = int(found[1])
    return scene_id if scene_id <= _LARGEST_ID else None
