"""Values as JSON in one form, as Python writes it, quickly."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.metadata.canonical import canonical
from plexsync.model import Field


def as_python_writes(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


texts = st.text(st.characters(), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | texts | st.integers(-1000, 1000),
    lambda some: st.lists(some, max_size=4) | st.dictionaries(texts, some, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(values)
def test_it_is_what_python_writes(value: Any) -> None:
    assert canonical(value) == as_python_writes(value)


def test_every_character_is_written_as_python_does() -> None:
    text = "".join(map(chr, range(0x110000)))
    for start in range(0, len(text), 0x1000):
        some = text[start : start + 0x1000]
        assert canonical({some: [some]}) == as_python_writes({some: [some]})


@pytest.mark.parametrize(
    "number", [0.0, -0.0, 0.1, 7.3, 10.0, 9.95, 8, 1e-7, 1e-4, 0.001, 999999.5, 1e6, 1e16, 1e22, -3.5]
)
def test_numbers_are_written_as_python_does(number: float) -> None:
    assert canonical({"rating": number}, number) == as_python_writes({"rating": number})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_in_json_is_refused(number: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"rating": number}, number)


def test_fields_are_written_by_their_names() -> None:
    value = {Field.TITLE: "One", Field.DATE: ("a", "b")}
    assert canonical(value) == as_python_writes(value) == '{"date":["a","b"],"title":"One"}'
