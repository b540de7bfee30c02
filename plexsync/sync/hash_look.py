"""Asks Plex for the hashes of files where that decides: of the candidates of a scene that is not sure.

A hash has the size in it, so only files of the scene's own size come into question, or of an unknown one. Each is
asked for once, those of one scene in one request. Where a server shows none, that is remembered until its next update.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Protocol

from plexsync.errors import AccessDenied, ItemGone, PermanentError, PlexUnavailable
from plexsync.ledger.index import LibraryIndex
from plexsync.ledger.part_hashes import PartHashes
from plexsync.matching.lookup import Match
from plexsync.matching.same_content import worth_asking
from plexsync.model import IndexedPart, Scene
from plexsync.plex.traits import Trait, Traits
from plexsync.plex.trees import PartHash

#: Candidates of a scene that are looked at, the best first, and items that are asked for.
MOST_LOOKED_AT = 25
MOST_ASKED = 10
#: Files without a hash, one after the other, after which a server is taken to have none; a refusal stands for two.
ENOUGH = 6
OF_A_REFUSAL = 2
#: What the trait says.
SHOWN, NONE = "shown", "none"

log = logging.getLogger(__name__)


class HashingPlex(Protocol):
    """What is asked of Plex."""

    traits: Traits

    def part_hashes(self, rating_keys: Sequence[int]) -> Mapping[int, Sequence[PartHash]]:
        """The files of items with their hashes, in one request."""


class HashLook:
    """Looks hashes up, and keeps them in the index. Safe to share between threads.

    :param plex: whom to ask.
    :param index: which files an item has.
    :param hashes: where they are kept.
    """

    def __init__(self, plex: HashingPlex, index: LibraryIndex, hashes: PartHashes) -> None:
        self._plex = plex
        self._index = index
        self._hashes = hashes
        self._lock = threading.Lock()
        self._without = 0

    def learn(self, scene: Scene, matches: Sequence[Match]) -> bool:
        """Ask for the hashes of candidates' files, as far as they may settle something.

        :param matches: the candidates, the best first.
        :returns: whether the index knows more of them now.
        :raises PlexSyncError: Plex is away, or refuses the token for everything.
        """
        if not any(file.oshash for file in scene.files):
            return False
        looked_at = [self._index.of_item(match.rating_key) for match in matches[:MOST_LOOKED_AT]]
        worth = [part for parts in looked_at if worth_asking(scene.files, parts) for part in parts]
        if not worth or self._plex.traits.get(Trait.HASHES) == NONE:
            return False
        wanted = self._hashes.not_asked(worth)
        keys = list(dict.fromkeys(part.rating_key for part in wanted))[:MOST_ASKED]
        if not keys:
            return False
        asked = [part for part in wanted if part.rating_key in keys]
        found = self._ask(keys)
        if found is None:
            # Not at each attempt again.
            self._hashes.put(asked, {})
            return False
        hashes = _by_file(asked, found)
        self._hashes.put(asked, hashes)
        self._note(len(asked), is_shown=bool(hashes))
        return bool(hashes)

    def _ask(self, keys: Sequence[int]) -> Mapping[int, Sequence[PartHash]] | None:
        """What Plex says; None where it does not answer such a question."""
        try:
            return self._plex.part_hashes(keys)
        except AccessDenied as error:
            if error.status != 403:
                raise
            refusal: Exception = error
        except (ItemGone, PermanentError) as error:
            refusal = error
        except PlexUnavailable as error:
            # Whoever is away is so for everything; a server that answers 500 stumbles over this very request.
            if not error.stumbled:
                raise
            refusal = error
        log.debug("Plex shows no hashes of files: %s", refusal)
        self._note(OF_A_REFUSAL, is_shown=False)
        return None

    def _note(self, files: int, *, is_shown: bool) -> None:
        """Note whether this server shows hashes, once that can be told."""
        if is_shown:
            self._plex.traits.put(Trait.HASHES, SHOWN)
            return
        with self._lock:
            self._without += files
            enough = self._without >= ENOUGH
        if enough and self._plex.traits.get(Trait.HASHES) != SHOWN and not self._hashes.is_any_known():
            self._plex.traits.put(Trait.HASHES, NONE)


def _by_file(parts: Sequence[IndexedPart], found: Mapping[int, Sequence[PartHash]]) -> dict[tuple[int, str], str]:
    """The hashes by rating key and path; those without are left out."""
    hashes = {(key, one.file): one.oshash for key, shown in found.items() for one in shown if one.oshash}
    for part in parts:
        shown = found.get(part.rating_key, ())
        # A token that may not see paths: of one file there is no doubt which it is.
        if len(shown) == 1 and not shown[0].file and shown[0].oshash:
            hashes[part.rating_key, part.file] = shown[0].oshash
    return {(part.rating_key, part.file): text for part in parts if (text := hashes.get((part.rating_key, part.file)))}
