"""How urgent messages are: the numbers stand in the files of all who run PlexSync, and order what waits there."""

from __future__ import annotations

import json
import sqlite3

from huey.registry import Message

from plexsync.queue.message import MessageSerializer
from plexsync.queue.priorities import Priority


def test_the_numbers_are_those_of_the_messages_that_wait_already() -> None:
    assert {one.name: one.value for one in Priority} == {
        "DECISION": 10.0,
        "EDIT": 0.0,
        "FOLLOW_UP": -5.0,
        "LEFT_OUT": -6.0,
        "EVERYTHING": -10.0,
    }


def test_a_priority_stands_as_a_number_in_messages_and_in_the_file() -> None:
    raw = json.loads(MessageSerializer().serialize(Message("a", "f", priority=Priority.LEFT_OUT)))
    assert raw["priority"] == -6.0
    connection = sqlite3.connect(":memory:")
    assert connection.execute("select ?, typeof(?)", [Priority.EVERYTHING] * 2).fetchone() == (-10.0, "real")
    connection.close()
