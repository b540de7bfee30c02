"""How messages and results stand on disk."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from huey.registry import Message
from huey.utils import Error
from hypothesis import given
from hypothesis import strategies as st

from plexsync.inbox.event_files import message as hook_message
from plexsync.queue.message import MessageSerializer, NewerMessage, UnreadableMessage, absorb, label

serializer = MessageSerializer()

#: Huey's features that messages here have no room for, each with a value.
UNSUPPORTED: dict[str, Any] = {
    "on_complete": Message("a2", "after"),
    "on_error": Message("a3", "failed"),
    "chord_config": ("c1", 2, 0, Message("a4", "all")),
    "expires": 60,
    "expires_resolved": datetime(2026, 2, 1),
    "timeout": 10,
    "retry_backoff": 2,
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$datetime", "$dict", "$error"]), inner)
    ),
    max_leaves=15,
)


def round_trip(value: Any) -> Any:
    return serializer.deserialize(serializer.serialize(value))


def raw(value: Any) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(serializer.serialize(value))
    return parsed


def always(_name: str) -> bool:
    return True


class TestMessages:
    def test_a_message_says_only_what_is_set(self) -> None:
        message = Message("a1", "sync_scene", retries=0, args=(45,), kwargs={})
        assert raw(message) == {"v": 1, "id": "a1", "name": "sync_scene", "retries": 0, "args": [45]}

    def test_every_field_survives(self) -> None:
        message = Message(
            "a1",
            "f",
            eta=datetime(2026, 1, 31, 12, 0, 0, 5),
            retries=3,
            retry_delay=1.5,
            priority=7,
            args=(1, "zwei", [3.5, None, True]),
            kwargs={"when": datetime(2026, 1, 1)},
        )
        assert round_trip(message) == message

    @pytest.mark.parametrize("feature", UNSUPPORTED)
    def test_what_no_task_here_uses_is_refused_by_name(self, feature: str) -> None:
        message = Message("a1", "f", **{feature: UNSUPPORTED[feature]})
        with pytest.raises(TypeError, match=f"task f cannot be queued with {feature}: tasks here stand by themselves"):
            serializer.serialize(message)

    @pytest.mark.parametrize(
        ("message", "complaint"),
        [
            (Message(5, "f"), "a task's id is a text, not 5"),
            (Message(None, "f"), "a task's id is a text, not None"),
            (Message("a1", 5), "a task's name is a text, not 5"),
            (Message("a1", None), "a task's name is a text, not None"),
        ],
    )
    def test_what_could_not_be_read_again_is_not_written(self, message: Any, complaint: str) -> None:
        with pytest.raises(TypeError, match=complaint):
            serializer.serialize(message)

    @pytest.mark.parametrize("feature", UNSUPPORTED)
    def test_an_old_message_with_it_is_refused_and_joins_no_other(self, feature: str) -> None:
        old = json.dumps({"v": 1, "id": "a", "name": "f", "args": [45], feature: str(UNSUPPORTED[feature])}).encode()
        with pytest.raises(UnreadableMessage, match=f"it has {feature}: tasks here stand by themselves"):
            serializer.deserialize(old)
        assert (label(old, always).task_id, label(old, always).key) == ("a", None)

    def test_an_old_message_that_says_it_wants_none_of_it_is_read(self) -> None:
        old = b'{"v": 1, "id": "a", "name": "f", "retry_backoff": 0, "on_complete": null}'
        assert serializer.deserialize(old) == Message("a", "f")

    def test_arguments_come_back_as_a_tuple(self) -> None:
        assert round_trip(Message("a", "f", args=(1, (2, 3)))).args == (1, [2, 3])

    def test_a_time_with_a_zone_becomes_the_utc_that_huey_compares(self) -> None:
        eta = datetime(2026, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))
        assert round_trip(Message("a", "f", eta=eta)).eta == datetime(2026, 1, 1)

    def test_what_the_hook_lays_is_a_message(self) -> None:
        message = serializer.deserialize(json.dumps(hook_message(45, "Scene.Update.Post")).encode())
        assert (message.name, message.args, message.retries) == ("sync_scene", (45,), None)

    def test_unknown_keys_are_ignored(self) -> None:
        assert serializer.deserialize(b'{"v": 1, "id": "a", "name": "f", "colour": "red"}') == Message("a", "f")

    def test_a_newer_message_is_told_apart(self) -> None:
        with pytest.raises(NewerMessage, match="version 2"):
            serializer.deserialize(b'{"v": 2, "id": "a", "name": "f"}')

    @pytest.mark.parametrize(
        ("data", "complaint"),
        [
            (b"", "not JSON"),
            (b"\x80\x04\x95", "not JSON"),
            (b"[1]", "not a list"),
            (b'"text"', "not a str"),
            (b"{}", "'v' is None"),
            (b'{"v": true, "id": "a", "name": "f"}', "'v' is True"),
            (b'{"v": 0, "id": "a", "name": "f"}', "'v' is 0"),
            (b'{"v": 1, "name": "f"}', "'id' is missing"),
            (b'{"v": 1, "id": "a"}', "'name' is missing"),
            (b'{"v": 1, "id": 5, "name": "f"}', "'id' is 5"),
            (b'{"v": 1, "id": "a", "name": "f", "args": {"x": 1}}', "'args' is"),
            (b'{"v": 1, "id": "a", "name": "f", "kwargs": [1]}', "'kwargs' is"),
            (b'{"v": 1, "id": "a", "name": "f", "retries": -1}', "'retries' is -1"),
            (b'{"v": 1, "id": "a", "name": "f", "retries": "5"}', "'retries' is '5'"),
            (b'{"v": 1, "id": "a", "name": "f", "priority": true}', "'priority' is True"),
            (b'{"v": 1, "id": "a", "name": "f", "priority": NaN}', "NaN"),
            (b'{"v": 1, "id": "a", "name": "f", "eta": "soon"}', "'eta' is 'soon'"),
            (b'{"v": 1, "id": "a", "name": "f", "eta": 5}', "'eta' is 5"),
            (b'{"v": 1, "result": {"$datetime": "soon"}}', "soon"),
            pytest.param(b'{"v": 1, "result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deeply", id="deep"),
            pytest.param(b'{"v": 1, "id": "a", "args": [' + b"9" * 5000 + b"]}", "not JSON", id="huge number"),
        ],
    )
    def test_what_is_no_message_is_refused_with_the_reason(self, data: bytes, complaint: str) -> None:
        with pytest.raises(UnreadableMessage, match=complaint):
            serializer.deserialize(data)


class TestResults:
    @given(json_values)
    def test_any_json_value_survives(self, value: Any) -> None:
        assert round_trip(value) == value

    @given(st.binary())
    def test_no_bytes_make_reading_fail_otherwise_than_by_refusing(self, data: bytes) -> None:
        with pytest.raises(UnreadableMessage):
            serializer.deserialize(data)

    @pytest.mark.parametrize(
        "value",
        [
            datetime(2026, 1, 31, 12, 30, 0, 123),
            datetime(2026, 1, 31, 12, 30, tzinfo=UTC),
            Error({"error": "ValueError()", "retries": 0, "traceback": "...", "task_id": "a"}),
            {"$datetime": "not one of ours"},
            {"$dict": {"a": 1}},
            "\udcff",
        ],
    )
    def test_hueys_own_values_survive(self, value: Any) -> None:
        assert round_trip(value) == value

    def test_a_revocation_unpacks_as_hueys_pair(self) -> None:
        until, once = round_trip((datetime(2026, 1, 1), False))
        assert (until, once) == (datetime(2026, 1, 1), False)

    @pytest.mark.parametrize(
        ("value", "complaint"),
        [
            ({1, 2}, "a set cannot"),
            (b"raw", "a bytes cannot"),
            (object(), "a object cannot"),
            (ValueError("no such scene"), "a ValueError cannot"),
            ([1, {"deep": 1j}], "a complex cannot"),
            ({1: "one"}, "the key 1 is a int"),
            (math.nan, "nan is not a number"),
            (math.inf, "inf is not a number"),
            pytest.param(10**5000, "cannot be stored as JSON", id="5000 digits"),
        ],
    )
    def test_what_json_cannot_say_is_a_type_error_that_says_what(self, value: Any, complaint: str) -> None:
        with pytest.raises(TypeError, match=complaint):
            serializer.serialize(value)

    def test_what_contains_itself_is_a_type_error(self) -> None:
        value: list[Any] = []
        value.append(value)
        with pytest.raises(TypeError, match="contains itself"):
            serializer.serialize(value)


class TestLabels:
    def test_equal_work_has_an_equal_key_whatever_else_differs(self) -> None:
        one = serializer.serialize(Message("a", "f", args=(45,), kwargs={"x": 1, "y": 2}, retries=5))
        two = serializer.serialize(Message("b", "f", args=(45,), kwargs={"y": 2, "x": 1}, priority=3))
        assert label(one, always).key == label(two, always).key

    @pytest.mark.parametrize("other", [Message("b", "f", args=(46,)), Message("b", "g", args=(45,))])
    def test_other_work_has_another_key(self, other: Any) -> None:
        one = serializer.serialize(Message("a", "f", args=(45,)))
        assert label(one, always).key != label(serializer.serialize(other), always).key

    def test_a_task_that_does_not_coalesce_has_no_key(self) -> None:
        assert label(serializer.serialize(Message("a", "f")), lambda name: name != "f").key is None

    def test_what_cannot_be_read_has_an_empty_label(self) -> None:
        assert label(b"\xff", always).task_id is None
        assert label(b"[" * 100_000, always).key is None


class TestAbsorbing:
    def test_the_fresh_one_goes_on_under_the_waiting_ones_id(self) -> None:
        waiting = serializer.serialize(Message("old", "f", retries=1))
        fresh = serializer.serialize(Message("new", "f", retries=5))
        assert serializer.deserialize(absorb(waiting, fresh)) == Message("old", "f", retries=5)
