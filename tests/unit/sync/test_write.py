"""Parts that Plex refuses are found by halves, with few requests, and what is known of them is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.errors import (
    AccessDenied,
    CircuitOpen,
    FileElsewhere,
    ItemGone,
    PermanentError,
    PlexStarting,
    PlexUnavailable,
)
from plexsync.metadata.parts import fields_of, parts_of_edit
from plexsync.model import Edit, Field, Item, Tag
from plexsync.plex import RateLimited
from plexsync.sync.write import (
    ALL_REFUSED,
    MOST_REQUESTS,
    MOST_SLOW,
    REMEMBERED,
    SURELY,
    RefusedLately,
    Writer,
    WriteResult,
)

ITEM = Item(7, 1, texts={Field.TITLE: "before"})


class Plex:
    """Refuses edits that have anything bad in them, and keeps what it takes."""

    def __init__(self, *bad: str, error: Callable[[], Exception] = lambda: PermanentError("refused (400)")) -> None:
        self.bad = set(bad)
        self.error = error
        self.requests: list[Edit] = []
        self.taken: set[str] = set()
        self.locked: set[Field] = set()

    def edit(self, section_id: int, keys: Sequence[int], edit: Edit, lock: bool) -> int:
        self.requests.append(edit)
        values = {*edit.texts.values()} | {tag.name for tags in edit.add.values() for tag in tags}
        values |= {f"-{name}" for names in edit.remove.values() for name in names}
        locks = {f"lock {field}" for field in (fields_of(edit) if lock else edit.lock)}
        if self.bad & (values | locks) or "everything" in self.bad:
            raise self.error()
        self.taken |= values
        self.locked |= set(fields_of(edit)) if lock else set(edit.lock)
        return 1

    def rate(self, key: int, rating: float | None) -> None:
        self.requests.append(Edit(rate=True, rating=rating))
        if "rating" in self.bad:
            raise self.error()
        self.taken.add(f"rating {rating}")


def writer(plex: Any, item: Item | None = ITEM, *, lock: bool = True) -> Writer:
    return Writer(plex, lock=lock, read=lambda _key: item)


def write(one: Writer, edit: Edit, key: int = 7, *, thorough: bool = False, suspects: Any = ()) -> WriteResult:
    return one.write(1, key, edit, suspects, thorough=thorough)


def tags(count: int) -> Edit:
    return Edit(
        texts={Field.TITLE: "title", Field.STUDIO: "studio"},
        add={Field.TAGS: tuple(Tag(f"tag {number}") for number in range(count))},
        rate=True,
        rating=7.0,
    )


def refused(written: WriteResult) -> set[str]:
    return {refusal.part.key for refusal in written.refused}


def test_what_is_taken_is_one_request_and_one_for_the_rating() -> None:
    plex = Plex()
    written = write(writer(plex), tags(50))
    assert (written.taken, written.refused, len(plex.requests)) == (tags(50), [], 2)


@settings(deadline=None)
@given(st.sets(st.integers(0, 127), max_size=4))
def test_bad_parts_are_found_however_they_lie(bad: set[int]) -> None:
    plex = Plex(*(f"tag {number}" for number in bad))
    written = write(writer(plex), tags(128))
    assert refused(written) == {f"add tag {number}" for number in bad}
    assert {part.key for part in parts_of_edit(written.taken)} == {
        part.key for part in parts_of_edit(tags(128)) if part.key not in refused(written)
    }
    assert {f"tag {number}" for number in range(128) if number not in bad} <= plex.taken
    # Two for each halving, the whole, one without the lock, the rating, and the list once more.
    assert len(plex.requests) <= 5 + 2 * 8 * max(1, len(bad))


def test_very_many_bad_parts_cost_no_more_than_so_many_requests() -> None:
    bad = {f"tag {number}" for number in range(0, 128, 2)}
    plex = Plex(*bad)
    written = write(writer(plex), tags(128))
    assert len(plex.requests) <= MOST_REQUESTS + 2
    assert {f"add {name}" for name in bad} <= refused(written)
    # What was not looked into further is said to be uncertain.
    assert any("something that was written with it" in one.reason for one in written.refused)
    assert {"title", "studio", "rating 7.0"} <= plex.taken


def test_a_plex_that_refuses_everything_is_soon_found_out() -> None:
    plex = Plex("everything", "rating")
    written = write(writer(plex), tags(128))
    assert len(plex.requests) <= ALL_REFUSED + 1
    assert not written.taken
    assert len(written.refused) == 131
    assert isinstance(written.error, PermanentError)


def test_a_part_that_was_refused_before_is_written_by_itself() -> None:
    plex = Plex("tag 3")
    suspects = [(Field.TAGS, "add tag 3")]
    written = write(writer(plex), tags(50), suspects=suspects)
    assert refused(written) == {"add tag 3"}
    assert len(plex.requests) == 3  # all else, the part, the rating


def test_a_list_that_was_written_in_pieces_is_written_whole_once_more() -> None:
    plex = Plex("tag 3")
    write(writer(plex), tags(10))
    last = plex.requests[-1]
    assert [tag.name for tag in last.add[Field.TAGS]] == [f"tag {number}" for number in range(10) if number != 3]
    assert not last.texts


def test_a_refused_lock_is_told_from_a_refused_value() -> None:
    plex = Plex("lock studio")
    written = write(writer(plex), tags(3))
    assert refused(written) == {"lock"}
    assert {"title", "studio", "tag 0", "tag 1", "tag 2"} <= plex.taken
    assert Field.STUDIO not in plex.locked


def test_a_refused_lock_of_a_value_that_stands_is_left_out_by_itself() -> None:
    plex = Plex("lock studio")
    written = write(writer(plex), Edit(texts={Field.TITLE: "title"}, lock=frozenset({Field.STUDIO, Field.TAGS})))
    assert refused(written) == {"lock"}
    assert plex.locked == {Field.TITLE, Field.TAGS}


def test_a_token_without_rights_is_nobodys_part() -> None:
    plex = Plex("everything", error=lambda: AccessDenied("403", "Plex"))
    with pytest.raises(AccessDenied):
        write(writer(plex), tags(3))
    assert len(plex.requests) == 1


def test_a_vanished_item_is_nobodys_part() -> None:
    for error in (ItemGone("404"), FileElsewhere("another file")):
        item = None if type(error) is ItemGone else Item(7, 1)
        plex = Plex("everything", error=lambda error=error: error)
        with pytest.raises(type(error)):
            write(writer(plex, item), tags(3))
        assert len(plex.requests) == 1


def test_an_item_in_another_section_is_not_where_it_was() -> None:
    plex = Plex("everything", error=lambda: ItemGone("404"))
    with pytest.raises(ItemGone):
        write(writer(plex, Item(7, 2)), tags(3))


def test_404_for_an_item_that_is_there_is_about_what_was_written() -> None:
    plex = Plex("tag 1", error=lambda: ItemGone("404"))
    assert refused(write(writer(plex, Item(7, 1)), tags(3))) == {"add tag 1"}


def stumbling() -> PlexUnavailable:
    error = PlexUnavailable("500")
    error.stumbled = True
    return error


def test_500_is_looked_into_only_when_it_is_asked_for() -> None:
    plex = Plex("tag 1", error=stumbling)
    with pytest.raises(PlexUnavailable):
        write(writer(plex), tags(3))
    assert len(plex.requests) == 1
    assert refused(write(writer(plex), tags(3), thorough=True)) == {"add tag 1"}


def test_a_plex_that_stumbles_over_everything_is_not_well() -> None:
    plex = Plex("everything", "rating", error=stumbling)
    with pytest.raises(PlexUnavailable):
        write(writer(plex), tags(30), thorough=True)
    assert len(plex.requests) <= ALL_REFUSED + 1


def busy() -> PlexUnavailable:
    error = PlexUnavailable("database is busy")
    error.busy = True
    return error


def slow() -> PlexUnavailable:
    error = PlexUnavailable("no answer")
    error.slow = True
    return error


@pytest.mark.parametrize(
    "error", [busy, lambda: RateLimited("429", 7), lambda: PlexStarting("503"), lambda: PlexUnavailable("503", 9)]
)
def test_what_plex_gives_another_reason_for_is_never_looked_into(error: Callable[[], Exception]) -> None:
    plex = Plex("tag 1", error=error)
    with pytest.raises(PlexUnavailable):
        write(writer(plex), tags(3), thorough=True)
    assert len(plex.requests) == 1


def test_nothing_is_looked_into_where_plex_does_not_hand_out_the_item() -> None:
    def read(_key: int) -> Item | None:
        raise PlexUnavailable("500")

    plex = Plex("tag 1", error=stumbling)
    with pytest.raises(PlexUnavailable):
        write(Writer(plex, lock=True, read=read), tags(3), thorough=True)  # type: ignore[arg-type]
    assert len(plex.requests) == 1


def test_a_search_among_parts_that_take_their_time_is_a_short_one() -> None:
    plex = Plex(*(f"tag {number}" for number in range(0, 128, 2)), error=slow)
    written = write(writer(plex), tags(128), thorough=True)
    assert len([one for one in plex.requests if not one.rate]) <= MOST_SLOW * 2 + 1
    assert {"title", "studio", "rating 7.0"} <= plex.taken
    assert written.refused


@pytest.mark.parametrize("takes_others", [True, False])
def test_all_that_is_written_fails_and_another_write_shows_whether_plex_is_well(takes_others: bool) -> None:
    plex = Plex("new", *([] if takes_others else ["before", "lock studio"]), error=stumbling)
    item = replace(ITEM, locked=frozenset({Field.TITLE, Field.STUDIO}))
    edit = Edit(texts={Field.TITLE: "new"})
    if takes_others:
        assert len(refused(write(writer(plex, item), edit, thorough=True))) == 1
        assert plex.requests[-1] == Edit(lock=frozenset({Field.STUDIO}))
    else:
        with pytest.raises(PlexUnavailable):
            write(writer(plex, item), edit, thorough=True)


def test_what_opened_the_breaker_is_told_of_and_not_that_it_is_open() -> None:
    errors = [stumbling(), CircuitOpen("open", 30)]
    plex = Plex("everything", error=lambda: errors.pop(0))
    with pytest.raises(PlexUnavailable):
        write(writer(plex), tags(3), thorough=True)


# --- what is known from other scenes ----------------------------------------------------------------------------------


def test_what_was_refused_of_another_scene_is_written_by_itself_and_soon_no_more() -> None:
    plex = Plex("tag 3")
    one = writer(plex)
    counts = []
    for key in range(1, SURELY + 3):
        plex.requests.clear()
        assert refused(write(one, tags(30), key)) == {"add tag 3"}
        counts.append(len(plex.requests))
    # Found by halves; by itself (with all else, and the rating); unasked.
    assert counts[0] > 6
    assert counts[1:] == [3, 3, 2, 2]


def test_a_part_that_is_taken_again_is_forgotten() -> None:
    plex = Plex("tag 3")
    one = writer(plex)
    write(one, tags(30), 1)
    plex.bad.clear()
    assert write(one, tags(30), 2).refused == []
    plex.requests.clear()
    assert write(one, tags(30), 3).refused == []
    assert len(plex.requests) == 2


def test_the_same_item_is_no_second_witness() -> None:
    plex = Plex("tag 3")
    one = writer(plex)
    for _ in range(2 * SURELY):
        plex.requests.clear()
        write(one, tags(5), 1)
    assert len(plex.requests) == 3


def test_a_refused_rating_is_known_too() -> None:
    plex = Plex("rating")
    one = writer(plex)
    for key in range(SURELY + 1):
        plex.requests.clear()
        assert refused(write(one, Edit(rate=True, rating=7.0), key)) == {"rating 7"}
    assert plex.requests == []


def test_of_a_refused_rating_the_error_is_told_and_of_several_refusals_the_first() -> None:
    error = PermanentError("refused (400)")
    written = write(writer(Plex("rating", error=lambda: error)), Edit(rate=True, rating=7.0))
    assert written.error is error
    met: list[Exception] = []

    def another() -> Exception:
        met.append(PermanentError(f"refused, for the {len(met) + 1}. time"))
        return met[-1]

    written = write(writer(Plex("title", "rating", error=another)), tags(0))
    assert {refusal.part.field for refusal in written.refused} == {Field.TITLE, Field.RATING}
    assert len(met) > 1
    assert written.error is met[0]


def test_what_is_known_is_forgotten_after_an_hour() -> None:
    now = [0.0]
    lately = RefusedLately(lambda: now[0])
    (part,) = parts_of_edit(Edit(texts={Field.TITLE: "bad"}))
    for key in range(SURELY):
        lately.note(part, key, "why")
    assert lately.of(part) == (SURELY, "why")
    now[0] = REMEMBERED + 1
    assert lately.of(part) == (0, "")
    lately.note(part, 1, "why")
    assert lately.of(part) == (1, "why")


def test_a_plex_that_refuses_everything_of_several_scenes_is_asked_once_of_each() -> None:
    plex = Plex("everything")
    one = writer(plex)
    counts = []
    for key in range(1, SURELY + 3):
        plex.requests.clear()
        edit = Edit(texts={field: f"{field} of {key}" for field in (Field.TITLE, Field.SUMMARY, Field.STUDIO)})
        edit = Edit({**edit.texts, Field.DATE: f"{key}"}, add={Field.TAGS: tuple(Tag(f"{key} {n}") for n in range(9))})
        written = write(one, edit, key)
        assert len(written.refused) == 13
        counts.append(len(plex.requests))
    assert counts == [ALL_REFUSED] * SURELY + [1, 1]
    # As soon as anything is taken, it is looked for what is not.
    plex.bad = {"bad"}
    assert refused(write(one, Edit(texts={Field.TITLE: "good"}), 90)) == set()
    found = write(one, Edit(texts={Field.TITLE: "new"}, add={Field.TAGS: (Tag("bad"), Tag("fine"))}), 91)
    assert refused(found) == {"add bad"}
