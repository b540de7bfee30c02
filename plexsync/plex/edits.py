"""An ``Edit`` as the query of as few requests as its length allows.

Plex takes all fields and tags of an item in one request, and each request is one write of its single-writer database:
so an edit is one request, unless the line would grow longer than servers and proxies take for certain. Then it is split
between fields. A text, and a list that is sent as a whole, is not split unless it is longer still: some servers put the
names that they are sent in the place of those that are there, and would keep the last share of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import lru_cache, partial
from urllib.parse import quote

from plexsync.imports.late_dataclass import dataclass
from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Edit, Field, Tag
from plexsync.plex.names import LOCK_NAMES, TAG_NAMES, TEXT_NAMES


def edit_queries(
    edit: Edit,
    scope: Sequence[tuple[str, str]],
    *,
    lock: bool,
    room: int,
    most: int | None = None,
    removals_once: bool = False,
) -> list[str]:
    """The queries, percent-encoded, of the requests that carry ``edit``; the rating has a request of its own elsewhere.

    The same edit gives the same queries. Names are removed before others are added, so that a split list ends as one
    request would leave it; those of the next request go on counting where the last one ended. A single value longer
    than ``most`` goes by itself, as it cannot be split.

    :param scope: parameters each request begins with: which items are meant.
    :param lock: also lock each field that is written, so that an agent's refresh keeps it. Those in ``edit.lock`` are
        locked in any case.
    :param room: bytes a query may have that holds more than one field.
    :param most: bytes a query may have that holds one field; None for ``room``.
    :param removals_once: encode names to be removed once only. Then none may have a comma.
    """
    most = room if most is None else most
    encoded = 1 if removals_once else 2
    fields = list(_by_field(edit))
    queries: list[str] = []
    current = _Query(scope, lock, encoded)
    everything = [piece for pieces in fields for piece in pieces]
    if everything:
        whole = str(_Query(scope, lock, encoded, everything))
        if len(whole) <= room:
            return [whole]
    for pieces in fields:
        if current and not current.would_fit(pieces, room):
            queries.append(str(current))
            current = _Query(scope, lock, encoded)
        bound = room if current else most
        for piece in pieces:
            if current and not current.would_fit([piece], bound):
                queries.append(str(current))
                current = _Query(scope, lock, encoded)
                bound = most
            current.add(piece)
    if current:
        queries.append(str(current))
    return queries


@dataclass(frozen=True, slots=True)
class _Text:
    field: Field
    value: str


@dataclass(frozen=True, slots=True)
class _Removal:
    field: Field
    name: str


@dataclass(frozen=True, slots=True)
class _Addition:
    field: Field
    tag: Tag
    index: int


@dataclass(frozen=True, slots=True)
class _Lock:
    field: Field


_Piece = _Text | _Removal | _Addition | _Lock


def _by_field(edit: Edit) -> Iterator[list[_Piece]]:
    """What cannot be split further, field by field, always in the same order."""
    for name in (*TEXT_FIELDS, *TAG_FIELDS, *PICTURE_FIELDS):
        pieces: list[_Piece] = [_Text(name, edit.texts[name])] if name in edit.texts else []
        pieces += [_Removal(name, gone) for gone in edit.remove.get(name, ())]
        pieces += [_Addition(name, tag, index) for index, tag in _placed(name, edit)]
        if name in edit.lock:
            pieces.append(_Lock(name))
        if pieces:
            yield pieces


def _placed(name: Field, edit: Edit) -> Iterator[tuple[int, Tag]]:
    """The names that are sent for a list, each with its index."""
    if name in edit.lists:
        return enumerate(edit.lists[name])
    tags = edit.add.get(name, ())
    return zip(edit.places.get(name, range(len(tags))), tags, strict=True)


@dataclass
class _Query:
    """One request's query while it is filled."""

    scope: Sequence[tuple[str, str]]
    lock: bool
    encoded: int
    pieces: list[_Piece] = field(default_factory=list)
    _bytes: int = field(init=False)
    #: The fields whose parameter that locks them, or that removes names, is in it.
    _locked: set[Field] = field(default_factory=set)
    _removing: set[Field] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._bytes = len(encode(self.scope))

    def __bool__(self) -> bool:
        return bool(self.pieces)

    def add(self, piece: _Piece) -> None:
        self.pieces.append(piece)
        self._bytes += self._growth(piece, self._locked, self._removing)

    def would_fit(self, more: Sequence[_Piece], room: int) -> bool:
        locked, removing, size = set(self._locked), set(self._removing), self._bytes
        for piece in more:
            size += self._growth(piece, locked, removing)
            if size > room:
                return False
        return True

    def _growth(self, piece: _Piece, locked: set[Field], removing: set[Field]) -> int:
        """The bytes that a piece adds to a query with these parameters in it, to which its own are added."""
        size = sum(1 + len(encode([one])) for one in _parameters([piece], self.encoded))
        if isinstance(piece, _Removal):
            if piece.field in removing:
                # It joins the others: a comma stands in the place of "&", the name of the parameter and "=".
                size += len(quote(",", safe="")) - 1 - len(encode([(_removal(piece.field), "")]))
            removing.add(piece.field)
        if piece.field not in locked and (self.lock or isinstance(piece, _Lock)):
            size += 1 + len(encode([_locking(piece.field)]))
            locked.add(piece.field)
        return size

    def __str__(self) -> str:
        parameters = list(self.scope)
        for name in dict.fromkeys(piece.field for piece in self.pieces):
            pieces = [piece for piece in self.pieces if piece.field is name]
            parameters += _parameters(pieces, self.encoded)
            if self.lock or any(isinstance(piece, _Lock) for piece in pieces):
                parameters.append(_locking(name))
        return encode(parameters)


def _parameters(pieces: Sequence[_Piece], encoded: int) -> Iterator[tuple[str, str]]:
    """The parameters of one field in one request."""
    removed: list[_Removal] = []
    for piece in pieces:
        if isinstance(piece, _Text):
            yield f"{TEXT_NAMES[piece.field]}.value", piece.value
        elif isinstance(piece, _Removal):
            removed.append(piece)
        elif isinstance(piece, _Addition):
            name = f"{TAG_NAMES[piece.field]}[{piece.index}]"
            yield f"{name}.tag.tag", piece.tag.name
            if piece.field is Field.PERFORMERS:
                if piece.tag.thumb:
                    yield f"{name}.tag.thumb", piece.tag.thumb
                if piece.tag.role:
                    yield f"{name}.tagging.text", piece.tag.role
    if removed:
        # The list is comma-separated: encoded by itself first, a name with a comma stays in one piece.
        names = [quote(piece.name) if encoded == 2 else piece.name for piece in removed]
        yield _removal(removed[0].field), ",".join(names)


def _removal(name: Field) -> str:
    return f"{TAG_NAMES[name]}[].tag.tag-"


def _locking(name: Field) -> tuple[str, str]:
    return f"{LOCK_NAMES[name]}.locked", "1"


def without_commas(names: Sequence[str]) -> tuple[str, ...]:
    """The names that stay one name in a list that is parted at its commas, whatever becomes of their encoding."""
    return tuple(name for name in names if "," not in name)


def encode(parameters: Sequence[tuple[str, str]]) -> str:
    """A query string in which nothing that separates is left readable; a space is ``%20``. python-plexapi does so.

    :param parameters: names and values, in the order they are to stand.
    """
    return "&".join([f"{_quoted(name)}={quote(value, safe='')}" for name, value in parameters])


#: The names of parameters, of which there are few, percent-encoded.
_quoted = lru_cache(maxsize=1024)(partial(quote, safe=""))
