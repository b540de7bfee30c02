"""What an operation may be given: each argument is checked before anything is laid."""

from __future__ import annotations

from typing import Any

import pytest

from plexsync.inbox.arguments import ACTIONS, BY_ITSELF, QUESTIONS, WrongArgument, checked


@pytest.mark.parametrize(
    ("mode", "given"),
    [
        ("status", {}),
        ("scenes", {"state": "failed", "search": "Ein Fuß", "cursor": "x", "limit": 50}),
        ("failed", {}),
        ("sync", {"scene_ids": [1, 2**63 - 1]}),
        ("retry", {"all": True}),
        ("retry", {"ids": list(range(1, 501))}),
        ("sync_recent", {"hours": 24}),
        ("reconcile", {"full": False}),
        ("cancel", {"id": "everything"}),
        ("items", {"search": "beach", "limit": 20}),
        ("items", {"rating_key": 812}),
    ],
)
def test_what_the_page_sends_is_handed_on(mode: str, given: dict[str, Any]) -> None:
    assert checked(mode, given) == given


@pytest.mark.parametrize("text", ["Straße", "\N{PILE OF POO}", "\0", ""])
def test_a_text_may_have_any_character(text: str) -> None:
    assert checked("scenes", {"search": text}) == {"search": text}


def test_ids_may_be_texts_as_graphql_writes_them_and_null_is_not_given() -> None:
    assert checked("scene", {"scene_id": "45"}) == {"scene_id": 45}
    assert checked("retry", {"ids": ["7", 8], "all": None}) == {"ids": [7, 8]}


@pytest.mark.parametrize(
    ("mode", "given", "text"),
    [
        ("nope", {}, "no mode 'nope'"),
        ({"x": 1}, {}, "no mode {'x': 1}"),
        ("status", {"x": 1}, "no argument 'x'"),
        ("scenes", {"limit": 51}, "'limit' is 51"),
        ("scenes", {"limit": True}, "'limit' is True"),
        ("scenes", {"limit": "5"}, "'limit' is '5'"),
        ("scenes", {"search": "x" * 201}, "'search' is "),
        ("scenes", {"search": ["x"]}, "'search' is "),
        ("scenes", {"search": "half \ud83d"}, "'search' is 'half \\ud83d'"),
        ("scene", {}, "'scene_id' is missing"),
        ("scene", {"scene_id": 0}, "'scene_id' is 0"),
        ("scene", {"scene_id": "4 5"}, "'scene_id' is '4 5'"),
        ("scene", {"scene_id": 2**63}, "'scene_id' is "),
        ("scene", {"scene_id": 4.0}, "'scene_id' is 4.0"),
        ("retry", {}, "one of 'ids' and 'all' is missing"),
        ("retry", {"ids": [1], "all": True}, "exactly one of 'ids' and 'all'"),
        ("retry", {"ids": []}, "'ids' is []"),
        ("retry", {"ids": [0]}, "'ids' is [0]"),
        ("retry", {"ids": list(range(1, 502))}, "'ids' is "),
        ("retry", {"all": False}, "'all' is False"),
        ("accept", {"scene_id": 1}, "'rating_key' is missing"),
        ("items", {}, "one of 'search' and 'rating_key' is missing"),
        ("sync_recent", {"hours": 24 * 365 + 1}, "'hours' is "),
        ("reconcile", {"full": "yes"}, "'full' is 'yes'"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_send(mode: Any, given: dict[str, Any], text: str) -> None:
    with pytest.raises(WrongArgument) as caught:
        checked(mode, given)
    assert text in str(caught.value)
    assert len(str(caught.value)) < 200
    assert caught.value.remedy


def test_a_mode_is_a_question_or_an_action_or_answered_without_the_consumer() -> None:
    names = [*QUESTIONS, *ACTIONS, *BY_ITSELF]
    assert len(names) == len(set(names))
