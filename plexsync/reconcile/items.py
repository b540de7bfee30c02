"""Plex's items against the ledger: what of ours no longer stands there.

A listing is enough to tell of most items that nobody was at them: the time of their last change is the one that was
seen, and what it shows of them is what we wrote. Only the others are read whole. What was found in order is noted with
a digest of its listing, byte by byte, so that the next comparison has nothing but that to look at.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from plexsync.errors import ItemUnreadable, PermanentError, SceneUnreadable
from plexsync.imports.late_dataclass import dataclass
from plexsync.ledger import FurtherItems, ItemSeen, SceneLedger
from plexsync.ledger.compare import Comparing, Held
from plexsync.ledger.lines import scene_of
from plexsync.metadata import DriftKind, Rules, desired, drift, from_json, preserve
from plexsync.metadata.ratings import shown_alike
from plexsync.metadata.text import single_line
from plexsync.model import TEXT_FIELDS, Field, Item, ListedItem, Scene
from plexsync.plex import PlexClient
from plexsync.reconcile.run import DifferenceKind, ReconcileFinding
from plexsync.stash import StashClient
from plexsync.sync.options import SyncOptions

#: Items read whole before what was found of them is noted: as many as go into one call of Stash.
EXAMINED = 200
#: Bytes of the digest of an item's listing.
DIGEST_SIZE = 8

#: What a listing shows of texts.
_LISTED = tuple(field for field in TEXT_FIELDS if field.row.is_listed)

log = logging.getLogger(__name__)

_KINDS = {
    DriftKind.CHANGED: DifferenceKind.DRIFTED,
    DriftKind.UNLOCKED: DifferenceKind.UNLOCKED,
    DriftKind.PICTURE_GONE: DifferenceKind.PICTURE_GONE,
}


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found of a page of items.

    ``news``: those that are not listed as they were when they were found in order last; ``unchanged``: the rating keys
    of the others.
    ``in_order``: rating keys of items of which nothing is to be said, with the digests of their listing.
    ``seen``: scenes whose items were read whole and are right, and how they look now. ``doubted``: scenes whose items
    are not, each with what was found first. Of further items, it is their lines.
    ``pictures_gone``: which pictures of these scenes Plex no longer shows. ``unreadable``: scenes of which the ledger's
    record cannot be read.
    """

    findings: tuple[ReconcileFinding, ...] = ()
    news: tuple[ListedItem, ...] = ()
    unchanged: tuple[int, ...] = ()
    in_order: tuple[tuple[int, str], ...] = ()
    seen: tuple[tuple[int, ItemSeen], ...] = ()
    doubted: tuple[tuple[int, DifferenceKind], ...] = ()
    pictures_gone: tuple[tuple[int, tuple[Field, ...]], ...] = ()
    unreadable: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listed:
    """How a page lists items: the ``digests`` of its entries by rating key.

    ``same``: the keys of items that are listed as they were when they were found in order last.
    """

    digests: Mapping[int, str] = field(default_factory=dict)
    same: frozenset[int] = frozenset()


#: A page of which no bytes are known.
NOT_LISTED = Listed()


class ItemSide:
    """Compares pages of items; reads, and writes nothing.

    :param comparing: how the scenes stand that have these items.
    :param further_items: tells items that no scene has, and that hold the file of one.
    :param stash: where scenes are read.
    :param plex: where items are read whole.
    :param rules: how a scene becomes what Plex should show.
    :param options: the settings that matter here.
    :param full: every item is read whole.
    """

    def __init__(
        self,
        comparing: Comparing,
        further_items: FurtherItems,
        stash: StashClient,
        plex: PlexClient,
        rules: Rules,
        options: SyncOptions,
        *,
        full: bool,
    ) -> None:
        self._comparing = comparing
        self._further_items = further_items
        self._stash = stash
        self._plex = plex
        self._rules = rules
        self._options = options
        self._full = full
        chosen = (sorted(rules.selected), sorted(rules.owned), options.lock_fields, options.preserve_plex_edits)
        self._settings = repr(chosen)
        self._seed = hashlib.blake2b(self._settings.encode(), digest_size=DIGEST_SIZE)

    def listed(self, came: Mapping[int, Any]) -> Listed:
        """What is known of items by the bytes that list them.

        :param came: these, by rating key.
        """
        digests = {key: self._entry_digest(entry) for key, entry in came.items()}
        before = {} if self._full else self._comparing.in_order(digests)
        return Listed(digests, frozenset(key for key, text in before.items() if digests[key] == text))

    def compare(self, items: Sequence[ListedItem], listed: Listed = NOT_LISTED) -> Compared:
        """Compare a page of items with what scenes told them.

        :param items: those that are not listed as they were.
        :param listed: what is known of the page by its bytes.
        :raises PlexSyncError: Plex or Stash could not be asked.
        """
        by_value = {item.rating_key: self._digest(item) for item in items if item.rating_key not in listed.digests}
        digests = {**listed.digests, **by_value}
        before = self._comparing.in_order(by_value) if by_value and not self._full else {}
        news = [item for item in items if before.get(item.rating_key) != digests[item.rating_key]]
        held = self._comparing.held(item.rating_key for item in news)
        if not self._options.all_items:
            held = {key: one for key, one in held.items() if one.scene_id > 0}
        replaced = self._unwritten([item.rating_key for item in news if item.rating_key not in held])
        odd: list[Held] = []
        right: list[tuple[int, str]] = []
        for item in news:
            one = held.get(item.rating_key)
            if one is None:
                continue
            # A listing that shows no file at all does not say that the item has none.
            if one.part_file is not None and item.parts and all(part.file != one.part_file for part in item.parts):
                text = f"item {one.rating_key} no longer has the file {one.part_file}"
                replaced.append(ReconcileFinding(scene_of(one.scene_id), DifferenceKind.REPLACED, (text,)))
            elif self._full or item.updated_at != one.updated_at or not _shows_ours(item, one):
                odd.append(one)
            else:
                right.append((one.rating_key, digests[one.rating_key]))
        found = [self._examine(odd[start : start + EXAMINED], digests) for start in range(0, len(odd), EXAMINED)]
        unchanged = (*listed.same, *(key for key in before if before[key] == digests[key]))
        page = Compared(tuple(replaced), tuple(news), unchanged, tuple(right))
        return replace(_together([page, *found]), news=page.news, unchanged=page.unchanged)

    def _unwritten(self, rating_keys: Sequence[int]) -> list[ReconcileFinding]:
        """What is to be said of items that no scene has."""
        found = self._further_items.unwritten(rating_keys) if self._options.all_items else {}
        return [
            ReconcileFinding(
                scene_id, DifferenceKind.FURTHER, (f"item {key} holds its file, and does not show it yet",)
            )
            for key, scene_id in found.items()
        ]

    def _entry_digest(self, entry: Any) -> str:
        """A text that is another one when the item is listed otherwise, or other settings say what is in order."""
        seen = self._seed.copy()
        seen.update(entry)
        return seen.hexdigest()

    def _digest(self, item: ListedItem) -> str:
        """The same of an item of which the bytes are not known, by what they come to."""
        parts = [(part.file, part.size, part.duration_ms) for part in item.parts]
        texts: tuple[object, ...] = (item.title, item.studio, item.date, item.year, item.content_rating)
        if Field.SORT_TITLE in self._rules.selected:
            # Without that it says what it always said, so that an update finds nothing to compare anew.
            texts = (*texts, item.sort_title)
        shown = (item.updated_at, *texts, item.user_rating, item.thumb, item.art, parts, self._settings)
        return hashlib.blake2b(repr(shown).encode(), digest_size=DIGEST_SIZE).hexdigest()

    def _examine(self, some: Sequence[Held], digests: Mapping[int, str]) -> Compared:
        items = self._plex.items_or_faults([one.rating_key for one in some])
        scenes = self._stash.scenes(list(dict.fromkeys(scene_of(one.scene_id) for one in some)))
        sent = self._comparing.sent_pictures(some)
        found = []
        for one in some:
            try:
                scene = scenes.get(scene_of(one.scene_id))
            except SceneUnreadable:
                # It was told of when the scenes were compared.
                continue
            item = items.get(one.rating_key)
            found.append(self._look(one, digests[one.rating_key], item, scene, sent[one.scene_id]))
        return _together(found)

    def _look(
        self, one: Held, digest: str, item: Item | ItemUnreadable | None, scene: Scene | None, sent: set[Field]
    ) -> Compared:
        """What is to be said of one item, read whole."""
        if isinstance(item, ItemUnreadable):
            log.warning("scene %d: its item is not compared: %s", scene_of(one.scene_id), item)
            return Compared()
        if item is None:
            return Compared((ReconcileFinding(scene_of(one.scene_id), DifferenceKind.REPLACED, (_no_more(one),)),))
        try:
            applied = from_json(one.applied)
        except PermanentError as error:
            return Compared(
                (ReconcileFinding(scene_of(one.scene_id), DifferenceKind.UNCONFIRMED, (str(error),)),),
                unreadable=(one.scene_id,),
            )
        try:
            wanted = desired(scene, self._rules) if scene is not None else None
        except PermanentError:
            wanted = None
        if wanted is None:
            # Synchronising it tells what is wrong, or that it is gone.
            return Compared()
        if self._options.preserve_plex_edits:
            wanted, _ = preserve(wanted, applied, item, owned=self._rules.owned)
        known = _seen_to_be_ours(one)
        ours = {field for field in sent if known.get(field)}
        drifts = drift(wanted, applied, item, self._options.lock_fields, sent=sent, ours=ours, owned=self._rules.owned)
        if not drifts:
            # A picture does not become ours by being looked at, and the paths of ours are known.
            seen = ItemSeen(item.updated_at, known.get(Field.POSTER), known.get(Field.BACKGROUND))
            return Compared(in_order=((one.rating_key, digest),), seen=((one.scene_id, seen),))
        kinds = {_KINDS[each.kind]: tuple(other.text for other in drifts if other.kind is each.kind) for each in drifts}
        gone = tuple(each.field for each in drifts if each.kind is DriftKind.PICTURE_GONE)
        return Compared(
            tuple(ReconcileFinding(scene_of(one.scene_id), kind, texts) for kind, texts in kinds.items()),
            doubted=((one.scene_id, next(iter(kinds))),),
            pictures_gone=((one.scene_id, gone),) if gone else (),
        )


def note(compared: Compared, scenes: SceneLedger, comparing: Comparing) -> None:
    """Keep what was found, so that synchronising the scenes puts it right. Works inside the caller's transaction."""
    if compared.in_order:
        comparing.set_in_order(compared.in_order)
    for scene_id, seen in compared.seen:
        scenes.saw_item(scene_id, seen)
    for scene_id, kind in compared.doubted:
        scenes.doubt(scene_id, why=kind)
    for scene_id, fields in compared.pictures_gone:
        comparing.lose_pictures(scene_id, fields)
    for scene_id in compared.unreadable:
        comparing.forget_applied(scene_id)


def _shows_ours(item: ListedItem, one: Held) -> bool:
    """Whether what a listing shows of an item is what we wrote: also a Plex in which no time moves is found out so.

    A value that a person made his own does not look like ours at any time: then the item is read whole.
    """
    try:
        applied = json.loads(one.applied)
        texts = applied["texts"]
        for field in _LISTED:
            name, text = str(field), getattr(item, field)
            ours = texts.get(name)
            if field.row.filled_by_plex and not text:
                text = item.title
            if ours and ours != text and single_line(ours) != single_line(text):
                return False
        if applied["rating_written"] and not shown_alike(applied["rating"], item.user_rating):
            return False
        if item.thumb and item.art:
            return True
        pictures = json.loads(one.shown)
        return not (pictures.get("thumb") and not item.thumb) and not (pictures.get("art") and not item.art)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False


def _no_more(one: Held) -> str:
    return f"Plex has no item {one.rating_key} any more"


def _seen_to_be_ours(one: Held) -> dict[Field, str | None]:
    """The paths under which an item was last seen to show our pictures, as far as it was."""
    try:
        shown = json.loads(one.shown)
        return {Field.POSTER: shown.get("thumb"), Field.BACKGROUND: shown.get("art")}
    except (ValueError, AttributeError):
        return {}


def _together(parts: Iterable[Compared]) -> Compared:
    several = list(parts)
    return Compared(
        findings=tuple(one for part in several for one in part.findings),
        in_order=tuple(one for part in several for one in part.in_order),
        seen=tuple(one for part in several for one in part.seen),
        doubted=tuple(one for part in several for one in part.doubted),
        pictures_gone=tuple(one for part in several for one in part.pictures_gone),
        unreadable=tuple(one for part in several for one in part.unreadable),
    )
