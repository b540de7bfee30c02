"""Statements are prepared once, with numbers where values go, and executed with the values."""

from __future__ import annotations

import pytest

from plexsync.storage.postgres.prepared import prepared


@pytest.mark.parametrize(
    ("statement", "prepare", "execute"),
    [
        ("delete from task where id = %s", "prepare p as delete from task where id = $1", "execute p (%s)"),
        (
            "select 1 from a where x = %(b)s and y = %(a)s or z = %(b)s",
            "prepare p as select 1 from a where x = $1 and y = $2 or z = $1",
            "execute p (%(b)s, %(a)s)",
        ),
        (
            "select 1 where 'a' ilike 'a%%' and 1 = %s",
            "prepare p as select 1 where 'a' ilike 'a%' and 1 = $1",
            "execute p (%s)",
        ),
        ("select 1", "prepare p as select 1", "execute p"),
    ],
)
def test_it_is_prepared_with_numbers_and_executed_with_values(statement: str, prepare: str, execute: str) -> None:
    assert prepared(statement, "p") == (prepare, execute)
