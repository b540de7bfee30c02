"""What happens to a Plex server's database: made anew, restored, its items merged and split, their files renamed.

All of it is what people report (Tautulli 283 and 2429, tunarr 464): a rating key that meant one file means another one
afterwards.
"""

from __future__ import annotations

import pickle
import uuid
from collections.abc import Mapping
from dataclasses import replace

from plexsync.demo.plex.items import StoredItem
from plexsync.demo.plex.library import SimulatedLibrary, SimulatedSection


def rekey(library: SimulatedLibrary, keys: Mapping[int, int]) -> None:
    """Give items other rating keys, as a restored or moved database does; they keep all they hold.

    :param keys: the new key by the old one; keys may go in a circle.
    :raises ValueError: two items would have one key.
    """
    with library.lock:
        after = [keys.get(key, key) for key in library.items]
        if len(set(after)) < len(after):
            raise ValueError("two items cannot have one rating key")
        library.items.clear()
        for section in library.sections.values():
            _put_anew(library, section, keys)
        library.keys_from(max(after, default=0) + 1)


def make_anew(library: SimulatedLibrary, keys: Mapping[int, int], *, uuids: bool) -> None:
    """Make the database anew: every file is scanned again, and its item shows what its agent knows, and nothing else.

    :param keys: the new rating key by the old one, as for ``rekey``.
    :param uuids: sections get new ones, as they do when they are made anew.
    """
    with library.lock:
        now = library.now()
        for item in library.items.values():
            item.texts, item.tags, item.locked, item.pictures, item.selected = {}, {}, set(), {}, {}
            item.user_rating, item.added_at, item.updated_at = None, now, now
            library.tags.write(item, item.agent)
        rekey(library, keys)
        for section in library.sections.values():
            if uuids:
                section.uuid = str(uuid.uuid4())
                section.content_changed_at = 1


def back_up(library: SimulatedLibrary) -> bytes:
    """A copy of the database."""
    with library.lock:
        return pickle.dumps((library.sections, library.items, library.next_key()))


def restore(library: SimulatedLibrary, backup: bytes) -> None:
    """Put a copy of the database in its place: what was written since is gone, and its numbers are those of old."""
    with library.lock:
        sections, items, next_key = pickle.loads(backup)
        library.sections.clear()
        library.sections.update(sections)
        library.items.clear()
        library.items.update(items)
        library.keys_from(next_key)


def move_section(library: SimulatedLibrary, section_id: int, title: str) -> list[int]:
    """Remove a section and make it anew under another id: its files are scanned into new items.

    :returns: the new items' rating keys, in the order of the old ones.
    """
    with library.lock:
        old = library.sections.pop(section_id)
        items = list(old.items.values())
        for item in items:
            del library.items[item.rating_key]
        new = library.add_section(title, old.type, old.agent, old.locations, old.scanner)
        return [library.add(new, one.parts, one.agent, added_at=None, year=one.year).rating_key for one in items]


def merge(library: SimulatedLibrary, rating_key: int, into: int) -> None:
    """Make one item of two, as somebody does in the web app: the other one's files are this one's versions."""
    with library.lock:
        gone = library.remove(rating_key)
        item = library.item(into)
        item.parts = (*item.parts, *gone.parts)
        library.touch(item, retitled=False)


def split(library: SimulatedLibrary, rating_key: int) -> list[int]:
    """Split an item: its first file stays, each other one becomes a new item that shows what the agent knows.

    :returns: the new items' rating keys.
    """
    with library.lock:
        item = library.item(rating_key)
        rest, item.parts = item.parts[1:], item.parts[:1]
        library.touch(item, retitled=False)
        return [
            library.add(item.section_id, (part,), item.agent, added_at=None, year=item.year).rating_key for part in rest
        ]


def rename(library: SimulatedLibrary, rating_key: int, file: str, new: str, size: int | None) -> None:
    """A file of an item has another name, or was encoded anew, and Plex has seen that it is the same item's.

    :param size: bytes; None for the same as before.
    """
    with library.lock:
        item = library.item(rating_key)
        item.parts = tuple(
            replace(part, file=new, size=part.size if size is None else size) if part.file == file else part
            for part in item.parts
        )
        library.touch(item, retitled=False)


def _put_anew(library: SimulatedLibrary, section: SimulatedSection, keys: Mapping[int, int]) -> None:
    items: list[StoredItem] = list(section.items.values())
    section.items.clear()
    for item in items:
        item.rating_key = keys.get(item.rating_key, item.rating_key)
        section.items[item.rating_key] = item
    library.items.update(section.items)
    section.changed()
