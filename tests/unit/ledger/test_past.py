"""What scenes told their items and took back again."""

from __future__ import annotations

import json
from typing import Any

from plexsync.ledger.past import MOST_NAMES, applied_once, taken_back


def told(**values: Any) -> str:
    return json.dumps({"texts": {}, "tags": {}, "thumbs": {}, "rating": None, "rating_written": False, **values})


def test_nothing_was_taken_back_where_all_still_stands() -> None:
    one = told(texts={"title": "A"}, tags={"tags": ["x"]}, rating=7.0, rating_written=True)
    assert taken_back(one, one, None) is None
    more = told(texts={"title": "B"}, tags={"tags": ["x", "y"]}, rating=8.0, rating_written=True)
    assert taken_back(one, more, None) is None


def test_what_was_taken_back_may_stand_there_again() -> None:
    before = told(texts={"title": "A", "summary": "S"}, tags={"tags": ["x", "y"]}, rating=7.0, rating_written=True)
    after = told(texts={"title": "A"}, tags={"tags": ["x"]})
    past = taken_back(before, after, None)
    again = json.loads(applied_once(after, past) or "")
    assert again["texts"] == {"title": "A", "summary": "S"}
    assert again["tags"] == {"tags": ["x", "y"]}
    assert (again["rating"], again["rating_written"]) == (7.0, True)


def test_what_is_told_now_is_never_of_the_past() -> None:
    first = told(texts={"summary": "S"}, tags={"tags": ["x"]})
    past = taken_back(first, told(), None)
    assert past is not None
    assert taken_back(told(), first, past) is None
    assert json.loads(applied_once(told(texts={"summary": "New"}), past) or "")["texts"] == {"summary": "New"}


def test_the_past_grows_and_is_bounded() -> None:
    past = None
    for number in range(MOST_NAMES * 2):
        past = taken_back(told(tags={"tags": [f"name {number}"]}), told(), past)
    assert past is not None
    names = json.loads(past)["tags"]["tags"]
    assert names == [f"name {number}" for number in range(MOST_NAMES, MOST_NAMES * 2)]


def test_what_cannot_be_read_is_left_as_it_is() -> None:
    assert taken_back("{", "[]", "nonsense") is None
    assert applied_once("{", '{"texts": {"title": "A"}}') == "{"
    assert applied_once(None, "{}") is None
    assert applied_once("{}", None) == "{}"
