"""Bringing a page of listed items into the index, with as little writing as possible."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable, Mapping, Sequence

from plexsync.ledger.odd_items import now_readable
from plexsync.ledger.word_search import keep_words, words_held
from plexsync.ledger.written import forget_found, note_found
from plexsync.matching.guids import external_id, stash_scene
from plexsync.matching.lookup import FoundNames
from plexsync.matching.paths import path_forms
from plexsync.model import ListedItem, Part
from plexsync.storage.many_values import marks, portions

#: An item's columns besides its key and pass, in their order; and a file's size in bytes and milliseconds.
_Row = tuple[int, str, str, str, int | None, int | None, str]
_Measures = tuple[int | None, int | None]
#: What a file was known for: its measures, and what its video is like (``packed``).
_Known = tuple[int | None, int | None, str]
_Held = dict[str, _Known]

_WRITE_ITEM = (
    "insert into item (rating_key, section_id, title, studio, date, year, stash_scene, external_id, pass) "
    "values (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "on conflict (rating_key) do update set section_id = excluded.section_id, title = excluded.title, "
    "studio = excluded.studio, date = excluded.date, year = excluded.year, stash_scene = excluded.stash_scene, "
    "external_id = excluded.external_id, pass = excluded.pass"
)


#: What is told of a video of which nothing is known.
_UNKNOWN = (0, 0, 0.0, "", "", 0)


def renew(db: sqlite3.Connection, items: Sequence[ListedItem], pass_number: int | None) -> list[Part]:
    """Add or renew items; those that stand there as they are listed are only marked as seen.

    Works inside the caller's transaction.

    :param pass_number: the full pass that sees them; None for their section's latest.
    :returns: the files that were not in the index like this: another path, or another size.
    """
    passes = {section: _latest_pass(db, section) for section in {item.section_id for item in items}}
    listed = {item.rating_key: item for item in items}
    rows, held = _known(db, listed)
    news = _News()
    unchanged: dict[int, list[int]] = {}
    _note_names(db, listed, rows, held)
    for key, item in listed.items():
        number = passes[item.section_id] if pass_number is None else pass_number
        if key not in rows and key not in held:
            news.add(item, (key, *_row(item), number), {part.file: part for part in item.parts}, {})
            continue
        before = held.get(key, {})
        # A listing without files does not say that there are none: what is known of them stays.
        parts = item.parts or [_part(file, known) for file, known in before.items()]
        files = {part.file: part for part in parts}
        row = _row(item)
        shown = {file: (part.size, part.duration_ms, packed(part)) for file, part in files.items()}
        if rows.get(key) == row and before == shown:
            unchanged.setdefault(number, []).append(key)
        elif rows.get(key) == row and _same_measures(before, shown):
            # As all are in an index that was built before this was known: no look-up depends on it.
            unchanged.setdefault(number, []).append(key)
            news.videos += [(video, key, file) for file, (_, _, video) in shown.items()]
        else:
            news.add(item, (key, *row, number), files, before)
    for number, keys in unchanged.items():
        mark(db, keys, number)
    news.write(db, rows)
    now_readable(db, listed)
    return news.fresh


class _News:
    """What is to be written of a page: gathered, so that it takes a handful of statements and not some for each item.

    ``fresh``: the files that were not in the index like this. ``videos``: what the video of a file is like, of files
    that stand there already, with item and path.
    """

    def __init__(self) -> None:
        self.fresh: list[Part] = []
        self.videos: list[tuple[str, int, str]] = []
        self._items: list[tuple[object, ...]] = []
        self._outdated: list[tuple[int, str]] = []
        self._parts: list[tuple[object, ...]] = []
        self._words: dict[int, str] = {}

    def add(
        self, item: ListedItem, row: tuple[object, ...], files: Mapping[str, Part], before: Mapping[str, _Known]
    ) -> None:
        """Take an item that is new, or listed otherwise than it was.

        :param row: its columns.
        :param files: its files, by their paths.
        :param before: those that it was known for.
        """
        key = item.rating_key
        stems: list[str] = []
        self._items.append(row)
        if before:
            self._outdated += [(key, file) for file in before if file not in files]
        for file, part in files.items():
            forms, video = path_forms(file), packed(part)
            stems.append(forms.stem)
            known = before.get(file)
            if known is not None:
                if known == (part.size, part.duration_ms, video):
                    continue
                self._outdated.append((key, file))
            self._parts.append((key, file, forms.folded, forms.stem_key, part.size, part.duration_ms, video))
            if known is None or known[0] != part.size:
                self.fresh.append(part)
        # Where the listing has no files, the words are those of the title alone.
        self._words[key] = words_held(item.title, stems if item.parts else ())

    def write(self, db: sqlite3.Connection, known: Container[int]) -> None:
        """Write it. Works inside the caller's transaction.

        :param known: the items that were written before.
        """
        db.executemany(_WRITE_ITEM, self._items)
        db.executemany("delete from part where rating_key = ? and file = ?", self._outdated)
        db.executemany(
            "insert into part (rating_key, file, folded_path, stem, size, duration_ms, video) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            self._parts,
        )
        db.executemany("update part set video = ? where rating_key = ? and file = ?", self.videos)
        keep_words(db, self._words, known=known)


def mark(db: sqlite3.Connection, rating_keys: Iterable[int], pass_number: int) -> None:
    """Note items as seen by a pass. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        values = [pass_number, *some, pass_number]
        db.execute(f"update item set pass = ? where rating_key in ({marks(some)}) and pass < ?", values)


def drop_items(db: sqlite3.Connection, rating_keys: Iterable[int]) -> None:
    """Forget items with all that hangs on them. Works inside the caller's transaction."""
    for some in portions(rating_keys):
        db.execute(f"delete from part where rating_key in ({marks(some)})", some)
        db.execute(f"delete from part_hash where rating_key in ({marks(some)})", some)
        db.execute(f"delete from item_words where rowid in ({marks(some)})", some)
        db.execute(f"delete from item where rating_key in ({marks(some)})", some)
        forget_found(db, some)


def _note_names(
    db: sqlite3.Connection, listed: Mapping[int, ListedItem], rows: Mapping[int, _Row], held: Mapping[int, _Held]
) -> None:
    """Keep how items were called that are called otherwise now, as far as that was written to them."""
    before = {
        key: FoundNames(*was[1:5])
        for key, was in rows.items()
        if was[1:4] != (listed[key].title, listed[key].studio, listed[key].date)
    }
    others = [
        key
        for key in before
        if (files := listed[key].parts) and not {part.file for part in files} & {*held.get(key, ())}
    ]
    if others:
        forget_found(db, others)
    if kept := {key: was for key, was in before.items() if key not in others}:
        note_found(db, kept, {key: _names(listed[key]) for key in kept})


def _names(item: ListedItem) -> FoundNames:
    return FoundNames(item.title, item.studio, item.date, item.year)


def _latest_pass(db: sqlite3.Connection, section_id: int) -> int:
    row = db.execute("select pass from section where section_id = ?", (section_id,)).fetchone()
    return int(row[0]) if row else 0


def _known(db: sqlite3.Connection, keys: Iterable[int]) -> tuple[dict[int, _Row], dict[int, _Held]]:
    """What the index has of these items: their columns, and their files."""
    rows: dict[int, _Row] = {}
    held: dict[int, _Held] = {}
    for some in portions(keys):
        where = f"where rating_key in ({marks(some)})"
        for row in db.execute(
            f"select rating_key, section_id, title, studio, date, year, stash_scene, external_id from item {where}",
            some,
        ):
            rows[row[0]] = (row[1], row[2], row[3], row[4], row[5], row[6], row[7])
        for row in db.execute(f"select rating_key, file, size, duration_ms, video from part {where}", some):
            held.setdefault(row[0], {})[row[1]] = (row[2], row[3], row[4])
    return rows, held


def _part(file: str, known: _Known) -> Part:
    size, duration, video = known
    return Part(file, size, duration, *unpacked(video))


def _same_measures(before: _Held, shown: _Held) -> bool:
    return before.keys() == shown.keys() and all(before[file][:2] == known[:2] for file, known in shown.items())


def packed(part: Part) -> str:
    """What the video of a file is like, as one text: one column is quicker to write and to compare than six."""
    if not (part.height or part.width or part.video_codec or part.audio_codec or part.bit_rate or part.frame_rate):
        return ""
    return (
        f"{part.width} {part.height} {part.frame_rate:g} {part.video_codec or '-'} {part.audio_codec or '-'} "
        f"{part.bit_rate}"
    )


def unpacked(video: str) -> tuple[int, int, float, str, str, int]:
    """The columns of a file that ``packed`` made one of."""
    told = video.split(" ")
    if len(told) != len(_UNKNOWN):
        return _UNKNOWN
    width, height, rate, picture, sound, bits = told
    return (
        *(int(width), int(height), float(rate)),
        *("" if picture == "-" else picture, "" if sound == "-" else sound),
        int(bits),
    )


def _row(item: ListedItem) -> _Row:
    return (
        item.section_id,
        item.title,
        item.studio,
        item.date,
        item.year,
        stash_scene(item.guid),
        external_id(item.guid),
    )
