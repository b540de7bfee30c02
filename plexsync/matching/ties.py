"""What ties a scene to an item by name: its addresses, and the ids that agents note of what they found.

A tie is as good as whoever made it: agents choose wrong scenes, and a Stash or a Plex that was made anew gives out its
numbers again. So a tie that the files contradict goes to a person.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from plexsync.matching import weights
from plexsync.matching.evidence import Evidence, FilePair
from plexsync.matching.evidence_kind import Kind
from plexsync.model import IndexedPart, Scene

#: What the ids of ``guids.external_id`` are called.
_NAMED = {"imdb": "IMDb number", "tmdb": "TMDb number", "uuid": "stash id", "url": "page"}


def ties(scene: Scene, ids: Collection[str], addressed: Collection[int], part: IndexedPart) -> list[Evidence]:
    """What ties a scene to an item: at most one thing, as of two that agree the one was most often made of the other.

    :param ids: what the scene is known by elsewhere (``guids.scene_ids``).
    :param addressed: the rating keys that its addresses name.
    :param part: of the item.
    """
    found = []
    if part.rating_key in addressed:
        found.append(Evidence(Kind.ADDRESS, weights.ADDRESS, f"the scene's addresses name item {part.rating_key}"))
    if part.stash_scene == scene.id:
        text = f"Plex's agent made item {part.rating_key} from scene {scene.id}"
        found.append(Evidence(Kind.AGENT, weights.AGENT, text, decisive=True))
    if part.external_id and part.external_id in ids:
        # Not which: whoever reads a report would know the film by it.
        what = _NAMED[part.external_id.partition(":")[0]]
        found.append(Evidence(Kind.EXTERNAL_ID, weights.EXTERNAL_ID, f"Plex's agent found the scene's own {what}"))
    return sorted(found, key=lambda one: -one.weight)[:1]


def weighed(
    total: float, ceiling: int, tied: Sequence[Evidence], evidence: Sequence[Evidence], best: FilePair | None
) -> tuple[float, int]:
    """Sum and ceiling of a candidate, as far as the files contradict what ties it to the scene.

    Where anything else speaks for it, a person is asked, and it is never surer than that. Where nothing does, it is a
    tie of another Stash or Plex, and counts for nothing if neither size nor length agrees.

    :param tied: the tie, if there is one.
    :param evidence: all that was found on the candidate, the tie among it.
    :param best: the files that speak for it most.
    """
    if not tied or best is None or best.same_hash or not (best.other_hash or best.replaced):
        return total, ceiling
    if best.same_duration and not best.other_hash:
        # A file that was encoded anew.
        return total, ceiling
    if any(one.weight > 0 for one in evidence if one not in tied):
        return max(total, 0.0), min(ceiling, weights.WORDS_ONLY)
    if best.name is None and (best.other_content or best.other_hash):
        return total - sum(one.weight for one in tied), ceiling
    return total, ceiling


def of_another(scene: Scene, parts: Sequence[IndexedPart]) -> Evidence | None:
    """That an agent which reads Stash made the item from another scene."""
    others = [part.stash_scene for part in parts if part.stash_scene is not None]
    if not others or scene.id in others:
        return None
    text = f"Plex's agent made the item from scene {others[0]}"
    return Evidence(Kind.AGENT_OF_ANOTHER, weights.AGENT_OF_ANOTHER, text)
