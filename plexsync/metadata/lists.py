"""What has to be done to one tag list of an item.

Sources disagree whether Plex adds the names that it is sent to a list, or puts them in the list's place. So a list is
sent as a whole, as Plex's own web app does: our names in Stash's order, then those of others, and what is to go named
beside it. Then nothing of others is lost under the one reading, and nothing is doubled under the other.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata import addresses
from plexsync.metadata.names import alike, cased
from plexsync.metadata.spelling import as_written, in_order, ours_among, standing
from plexsync.metadata.text import encoded_length
from plexsync.model import ORDERED_FIELDS, Applied, Field, Item, Tag


@dataclass(frozen=True, slots=True)
class ListChange:
    """One list's share of an edit: see ``Edit`` for what is what. ``whole`` is empty where the item is not known."""

    add: tuple[Tag, ...] = ()
    again: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    reorder: bool = False
    whole: tuple[Tag, ...] = ()

    def __bool__(self) -> bool:
        """True when there is something to write."""
        return bool(self.add or self.remove or self.replaced or self.reorder)


def list_change(field: Field, wanted: Sequence[Tag], applied: Applied, item: Item | None, *, owned: bool) -> ListChange:
    """What brings a list from how it stands to ``wanted`` and the names of others.

    A name that stands in another spelling comes as Stash spells it, and that spelling goes, where it is ours or Plex
    takes the two for one. What others added goes only where the list is ``owned``.

    :param applied: what we wrote earlier.
    :param item: the whole item, None to trust ``applied`` to be how it stands.
    """
    shown = item.tags.get(field, ()) if item else tuple(map(Tag, applied.tags.get(field, ())))
    names = list(dict.fromkeys(tag.name for tag in shown))
    if _is_as_wanted(field, wanted, names, applied, shown if item else None):
        return _AS_IT_IS
    stands = as_written(field, (tag.name for tag in wanted), applied, names)
    pictured = _pictured_anew(wanted, stands, applied, shown if item else None)
    add = tuple(
        replace(tag, name=stands.get(tag.name, tag.name))
        for tag in wanted
        if tag.name not in stands or tag.name in pictured
    )
    stay = {*stands.values()}
    go = [name for name in names if name not in stay]
    if go and item and not owned:
        ours = ours_among(names, applied.tags.get(field, ()))
        coming = {alike(tag.name) for tag in add if tag.name not in stay}
        go = [name for name in go if name in ours or alike(name) in coming]
    spellings = {alike(name) for name in (*stay, *(tag.name for tag in add))} if go else set()
    change = ListChange(
        add=add,
        again=tuple(tag.name for tag in add if tag.name in stay),
        remove=tuple(name for name in go if alike(name) not in spellings),
        replaced=tuple(name for name in go if alike(name) in spellings),
        reorder=field in ORDERED_FIELDS and not _in_order(field, wanted, stands, applied, item),
    )
    return replace(change, whole=_whole(wanted, shown, stands, {*stay, *go})) if item and change else change


_AS_IT_IS = ListChange()


def _is_as_wanted(
    field: Field, wanted: Sequence[Tag], names: Sequence[str], applied: Applied, shown: Sequence[Tag] | None
) -> bool:
    """Whether a list shows just the wanted names, in their order and with their pictures: as a rule it does."""
    ours = [tag.name for tag in wanted]
    if ours != names or (shown is not None and field in applied.unordered):
        return False
    return not _pictured_anew(wanted, dict(zip(ours, ours, strict=True)), applied, shown)


def _pictured_anew(
    wanted: Sequence[Tag], stands: Mapping[str, str], applied: Applied, shown: Sequence[Tag] | None
) -> set[str]:
    """The names that stand, and that are to have another picture."""
    if not any(tag.thumb for tag in wanted):
        return set()
    known = _standing_thumbs(applied, shown)
    found, seen = set(), set()
    for tag in wanted:
        spelling = stands.get(tag.name)
        # Where Plex takes two names for one, it is the first of them that has a picture.
        if spelling is not None and spelling not in seen:
            seen.add(spelling)
            if tag.thumb and tag.thumb not in known.get(cased(spelling), ()):
                found.add(tag.name)
    return found


def _in_order(
    field: Field, wanted: Sequence[Tag], stands: Mapping[str, str], applied: Applied, item: Item | None
) -> bool:
    ours, before = [tag.name for tag in wanted], applied.tags.get(field, ())
    if item is None or field in applied.unordered:
        return in_order(ours, {name: name for name in ours if name in before}, before)
    return in_order(ours, stands, [tag.name for tag in item.tags.get(field, ())])


def _whole(
    wanted: Sequence[Tag], shown: Sequence[Tag], stands: Mapping[str, str], not_theirs: Collection[str]
) -> tuple[Tag, ...]:
    """The names as they are to stand. What Plex spells its own way is sent so: another spelling might be another name.

    With each name goes what the item shows with it, which might be lost where the list is put in another's place.
    """
    by_name = {tag.name: tag for tag in reversed(shown)}
    closest = standing((tag.name for tag in wanted), by_name)
    ours = []
    for tag in wanted:
        before = by_name.get(closest.get(tag.name, ""), tag)
        name = stands.get(tag.name, tag.name)
        ours.append(Tag(name, tag.thumb or _sendable(before.thumb), before.role))
    theirs = [replace(tag, thumb=_sendable(tag.thumb)) for tag in shown if tag.name not in not_theirs]
    whole: dict[str, Tag] = {}
    for tag in (*ours, *theirs):
        whole.setdefault(tag.name, tag)
    return tuple(whole.values())


def _sendable(thumb: str | None) -> str | None:
    """A picture's address that is shown, where it can be sent back: whole, not too long, and with no key in it."""
    if not thumb or addresses.without_key(thumb, "") != thumb or encoded_length(thumb) > addresses.ENCODED_BYTES:
        return None
    return thumb


def _standing_thumbs(applied: Applied, shown: Sequence[Tag] | None) -> dict[str, set[str]]:
    """Per performer the addresses that need not be sent again: the one we sent, and the one the item shows.

    They may differ although all is well, as Plex may show a picture at an address of its own. Where the item shows no
    picture at all, it has not got ours.
    """
    sent = {cased(name): thumb for name, thumb in applied.thumbs.items()}
    if shown is None:
        return {key: {thumb} for key, thumb in sent.items()}
    pictures = {cased(tag.name): tag.thumb for tag in shown if tag.thumb}
    return {key: {thumb, sent.get(key, thumb)} for key, thumb in pictures.items()}
