"""What is said often is told to the server once, with numbers where values go."""

from __future__ import annotations

import pytest

from plexsync.storage.postgres.often import prepared


@pytest.mark.parametrize(
    ("statement", "told", "said"),
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
def test_it_is_told_with_numbers_and_said_with_values(statement: str, told: str, said: str) -> None:
    assert prepared(statement, "p") == (told, said)
