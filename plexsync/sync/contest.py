"""Scenes that compete for items: the one for which most speaks has an item, and the others look on without it.

It is how Gale and Shapley match two sides: each scene asks for the item that fits it best; an item that a scene has
goes to another one only if more speaks for that; and whoever is refused asks for the next. The end does not depend on
the order in which they ask. An item that another scene holds with more reason also stands in nobody's way: of twins of
which one is taken, the other is judged as if it were alone.
"""

from __future__ import annotations

from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import Ledger
from plexsync.ledger.lines import scene_of
from plexsync.model import Scene
from plexsync.sync.holders import Holders
from plexsync.sync.resolver import Resolution
from plexsync.sync.rivals import Rival

#: Candidates of an uncertain scene, the best first, of which is looked whether others have them.
MOST_LOOKED_AT = 6
#: Items that a scene is refused before it is left at that.
MOST_REFUSED = 8


@dataclass(frozen=True, slots=True)
class Refused:
    """The first item that a scene was refused, with why, and the scene that has it, or is to have it.

    ``rival``: that scene, where it has not got it yet; ``holder`` is None where not even its id is known.
    """

    found: Resolution
    holder: int | None
    rival: Scene | None = None


class Contest:
    """What one scene has been refused in one attempt.

    :param ledger: which item is whose.
    :param holders: for whom more speaks.
    :param scene: the scene.
    """

    def __init__(self, ledger: Ledger, holders: Holders, scene: Scene) -> None:
        self._ledger = ledger
        self._holders = holders
        self._scene = scene
        self.taken: frozenset[int] = frozenset()
        self.refused: Refused | None = None

    def refuse(self, found: Resolution, holder: int) -> Refused | None:
        """The scene does not get the item that was found.

        :param holder: the scene that has it.
        :returns: what it is to be left at; None to look on. Where the scene's only file lies, whoever has that item,
            no other one is the file's own.
        """
        why = f"item {found.match.rating_key} belongs to scene {holder}"
        return self._refuse(Refused(replace(found, why_not=why), holder))

    def leave_to(self, rival: Rival, found: Resolution) -> Refused | None:
        """As ``refuse``, where the item is to be another scene's that has not come yet."""
        scene = rival.scene
        return self._refuse(Refused(replace(found, why_not=rival.why), scene.id if scene else None, scene))

    def _refuse(self, refused: Refused) -> Refused | None:
        found = refused.found
        self.refused = self.refused or refused
        self.taken |= {found.match.rating_key}
        is_last = len(self._scene.files) < 2 and self._holders.is_in_place(found.match)
        return self.refused if is_last or len(self.taken) >= MOST_REFUSED else None

    def pass_over_better(self, found: Resolution) -> bool:
        """Pass over the candidates of an uncertain scene that others have with more reason.

        :returns: whether there were any, so that it is worth looking on without them.
        """
        if len(self.taken) >= MOST_REFUSED:
            return False
        held: set[int] = set()
        for match in found.candidates[:MOST_LOOKED_AT]:
            key = match.rating_key
            holder = None if key in self.taken else self._ledger.scenes.holder(key)
            if holder is None or scene_of(holder) == self._scene.id or self._holders.is_in_place(match):
                continue
            if self._holders.is_better_placed(holder, match) or (
                holder > 0 and self._holders.keeps(holder, self._scene, match)
            ):
                held.add(key)
        self.taken |= held
        return bool(held)
