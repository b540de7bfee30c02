"""The item that is asked with: every write to it is noted before, and every reading compared with what it should be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from plexsync.errors import ItemGone, PermanentError
from plexsync.model import Field, Picture, Tag
from plexsync.plex.answers import HeldPicture
from plexsync.plex.names import LOCK_NAMES
from plexsync.plex.probing import ProbingClient
from plexsync.plex.traits import Trait
from plexsync.self_test.budget import Budget
from plexsync.self_test.marks import is_made_up
from plexsync.self_test.record import Record
from plexsync.self_test.state import DATE, ItemState, differences, state_of

#: The pictures of an item, by the name of their lock.
PICTURE_FIELDS = {LOCK_NAMES[field]: field for field in (Field.POSTER, Field.BACKGROUND)}


class UnfitItem(PermanentError):
    """This item cannot be asked with, or not now. The text says why."""


class EditedMeanwhile(PermanentError):
    """Somebody else has changed what was to be asked with: it is left as they made it."""


class Subject:
    """The item of a self-test.

    :param client: the server.
    :param record: what is known of the item, and what is noted of it.
    :param note: keeps the record durably.
    :param budget: what may be asked.
    """

    def __init__(self, client: ProbingClient, record: Record, note: Callable[[Record], object], budget: Budget) -> None:
        self.client = client
        self.record = record
        self.now = record.before
        #: What others have changed meanwhile: field and sentence.
        self.foreign: dict[str, str] = {}
        #: How often a name to be removed is encoded.
        self.encoded = 2
        #: Whether names can be taken away again, as far as is known.
        self.removable = True
        self._note = note
        self._budget = budget

    @property
    def before(self) -> ItemState:
        """What the item held before the test."""
        return self.record.before

    # --- Reading -----------------------------------------------------------------------------------------------------

    def read(self) -> ItemState:
        """The item as it is now. What others have changed meanwhile is noticed.

        :raises ItemGone: Plex has it no longer.
        """
        self._budget.spend()
        self.now = self.read_among([self.record.rating_key])
        for name, text in differences(self.before, self.now):
            if self.record.foreign(name, self.now):
                self.foreign.setdefault(name, text)
        return self.now

    def read_among(self, rating_keys: Sequence[int]) -> ItemState:
        """The item as it is shown among others in one answer."""
        entry = self.client.entries(rating_keys).get(self.record.rating_key)
        if entry is None:
            raise ItemGone(f"Plex has no item {self.record.rating_key} any more")
        return state_of(entry)

    def pictures(self, kind: str) -> tuple[HeldPicture, ...]:
        """The pictures that the item has.

        :param kind: ``thumb`` or ``art``.
        """
        self._budget.spend()
        return self.client.pictures(self.record.rating_key, PICTURE_FIELDS[kind])

    # --- Writing -----------------------------------------------------------------------------------------------------

    def write_text(self, name: str, text: str) -> None:
        """Write one text, and leave its lock to Plex.

        :param text: one that begins with ``MARK``, or for the date a day.
        """
        self._check(name)
        self._will(self.record.texts, name)
        self._will(self.record.locks, name)
        if name == DATE:
            self._will(self.record.dates, text)
            self._will(self.record.locks, "year")
        if name == "title":
            self._will(self.record.locks, "titleSort")
        self.put([(f"{name}.value", text)])

    def write_year(self, year: int) -> None:
        """Write the year by itself.

        :param year: that of a date that was written.
        """
        self._check("year")
        self._will(self.record.locks, "year")
        self.put([("year.value", str(year))])

    def write_names(self, kind: str, names: Sequence[str], remove: Sequence[str] = ()) -> None:
        """Write a list as a whole: the names of others as they stand, then ours.

        :param names: ours, each beginning with ``MARK``.
        :param remove: ours that are named to be removed beside it.
        """
        if not self.removable:
            raise UnfitItem("not asked: Plex does not take names away again that were written")
        self._will(self.record.lists, kind)
        self._will(self.record.locks, kind)
        tags = [*self.others(kind), *map(Tag, names)]
        self.put([*whole_list(kind, tags), *removal(kind, remove, self.encoded)])

    def remove_names(self, kind: str, names: Sequence[str], encoded: int | None = None) -> None:
        """Name some of our names in a list to be removed.

        :param encoded: how often each is encoded; None for what is known to be right.
        """
        self._will(self.record.lists, kind)
        self._will(self.record.locks, kind)
        self.put(removal(kind, names, self.encoded if encoded is None else encoded))

    def lock(self, names: Iterable[str], *, on: bool) -> None:
        """Lock fields, or take their locks off."""
        parameters = []
        for name in names:
            self._will(self.record.locks, name)
            parameters.append((f"{name}.locked", "1" if on else "0"))
        self.put(parameters)

    def rate(self, rating: float) -> None:
        """Rate it, 0 to 10."""
        self._check("rating")
        if rating not in self.record.ratings:
            self.record.ratings.append(rating)
            self._note(self.record)
        self._budget.spend()
        self.client.rate(self.record.rating_key, rating)

    def choose(self, kind: str, name: str) -> None:
        """Show the picture of that name, which the item shows.

        :param kind: ``thumb`` or ``art``.
        """
        self._check(f"{kind}.shown")
        self._will(self.record.locks, kind)
        self._budget.spend()
        self.client.choose(self.record.rating_key, PICTURE_FIELDS[kind], name)

    def upload(self, kind: str, picture: Picture) -> None:
        """Add a picture.

        :param kind: ``thumb`` or ``art``.
        """
        self._check(f"{kind}.shown")
        self._will(self.record.pictures, picture.sha1)
        self._will(self.record.locks, kind)
        self._budget.spend()
        self.client.upload(self.record.rating_key, PICTURE_FIELDS[kind], picture)

    def scan(self, folder: str) -> str:
        """Let Plex look for new files in a folder.

        :returns: the method that does it.
        """
        self._budget.spend()
        self.client.scan(self.record.section_id, folder)
        return self.client.traits.peek(Trait.SCAN) or "GET"

    def put(self, parameters: Sequence[tuple[str, str]]) -> None:
        """Write parameters to the item; what they change has been noted."""
        self._budget.spend()
        self.client.put(self.record.section_id, self.record.rating_key, parameters)

    def others(self, kind: str) -> list[Tag]:
        """The names in a list that are not ours, as they stood when the item was read last."""
        return [tag for tag in self.now.lists.get(kind, ()) if not is_made_up(tag.name)]

    def _check(self, name: str) -> None:
        if name in self.foreign:
            raise EditedMeanwhile(f"not asked: somebody else has changed it meanwhile ({self.foreign[name]})")

    def _will(self, noted: list[str], name: str) -> None:
        if name not in noted:
            noted.append(name)
            self._note(self.record)


def whole_list(kind: str, tags: Sequence[Tag]) -> list[tuple[str, str]]:
    """The parameters that write a list of names."""
    parameters = []
    for index, tag in enumerate(tags):
        parameters.append((f"{kind}[{index}].tag.tag", tag.name))
        if tag.thumb:
            parameters.append((f"{kind}[{index}].tag.thumb", tag.thumb))
        if tag.role:
            parameters.append((f"{kind}[{index}].tagging.text", tag.role))
    return parameters


def removal(kind: str, names: Sequence[str], encoded: int) -> list[tuple[str, str]]:
    """The parameter that removes names from a list; none for no names.

    :param encoded: how often each is encoded, once as everything is, the rest before they are put together.
    """
    if not names:
        return []
    return [(f"{kind}[].tag.tag-", ",".join(encoded_name(name, encoded - 1) for name in names))]


def encoded_name(name: str, times: int) -> str:
    """A name, percent-encoded so many times."""
    for _ in range(times):
        name = quote(name, safe="")
    return name
