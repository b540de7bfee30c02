"""What is noted of a self-test before it writes: what the item held, and what of it is written to."""

from __future__ import annotations

import json
from dataclasses import field

from plexsync.imports.late_dataclass import dataclass
from plexsync.metadata.ratings import same_rating
from plexsync.self_test.marks import is_made_up
from plexsync.self_test.state import DATE, ItemState, from_json, same_names, to_json

#: By how much a server may round a rating that it is sent.
MOST_ROUNDED = 1.0


@dataclass(slots=True)
class Record:
    """A self-test of one item: ``before`` is what it held, the rest what was written to, or was about to be.

    ``server`` is the server's own name, ``file`` one of the item's. ``texts``, ``lists`` and ``locks`` are names of
    fields, ``ratings``, ``dates`` and ``pictures`` what was sent (the latter by SHA-1). ``began``: epoch seconds.
    """

    server: str
    rating_key: int
    section_id: int
    title: str
    file: str
    began: float
    before: ItemState
    texts: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    ratings: list[float] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """The record as it is noted."""
        return json.dumps({**{name: getattr(self, name) for name in _PLAIN}, "before": to_json(self.before)})

    @classmethod
    def from_json(cls, noted: str) -> Record:
        """The record that was noted.

        :raises ValueError: it is none; as ``KeyError`` or ``TypeError``.
        """
        facts = json.loads(noted)
        return cls(**{name: facts[name] for name in _PLAIN}, before=from_json(facts["before"]))

    # --- Whose doing it is that a field is not as it was -------------------------------------------------------------

    def text_is_ours(self, name: str, now: ItemState) -> bool:
        """Whether a text that an item shows is one that we wrote, or came of it."""
        shown = now.texts.get(name, "")
        if name == DATE:
            return shown in self.dates
        if name == "titleSort":
            # It may follow the title.
            return "title" in self.texts and (is_made_up(shown) or not shown)
        return name in self.texts and is_made_up(shown)

    def year_is_ours(self, now: ItemState) -> bool:
        """Whether the year that an item shows is that of a date that we wrote."""
        return now.year is None if not self.dates else now.year in {None, *(int(date[:4]) for date in self.dates)}

    def rating_is_ours(self, now: ItemState) -> bool:
        """Whether the rating that an item shows is one that we wrote, rounded or not."""
        if now.rating is None:
            return bool(self.ratings)
        return any(abs(now.rating - rating) <= MOST_ROUNDED for rating in self.ratings)

    def picture_is_ours(self, shown: str) -> bool:
        """Whether a picture is one that we sent, by the name that Plex has for it."""
        return any(sha1 in shown for sha1 in self.pictures)

    def foreign(self, name: str, now: ItemState) -> bool:
        """Whether somebody else has changed a field meanwhile.

        :param name: as ``state.differences`` has it.
        """
        if name in now.lists or name in self.before.lists:
            theirs = [tag for tag in now.lists.get(name, ()) if not is_made_up(tag.name)]
            return not same_names(theirs, self.before.lists.get(name, ()))
        if name.endswith(".locked"):
            return name.removesuffix(".locked") not in self.locks
        if name.endswith(".shown"):
            return not self.picture_is_ours(now.shown[name.removesuffix(".shown")])
        if name == "year":
            return not self.year_is_ours(now)
        if name == "rating":
            return not (self.rating_is_ours(now) or same_rating(now.rating, self.before.rating))
        return not self.text_is_ours(name, now)


_PLAIN = (
    *("server", "rating_key", "section_id", "title", "file", "began"),
    *("texts", "lists", "locks", "ratings", "dates", "pictures"),
)
