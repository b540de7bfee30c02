"""What is written in SQLite's words is said in PostgreSQL's, as far as the two differ."""

from __future__ import annotations

import pytest

from plexsync.storage.postgres.dialect import KeyedTable, statement

TABLES = {"fact": KeyedTable(("key",), ("key", "value")), "moved": KeyedTable(("scene_id",), ("scene_id",))}


@pytest.mark.parametrize(
    ("sqlite", "postgres"),
    [
        ("select 1 from fact where key = ? and value like '100%'", "where key = %s and value ilike '100%%'"),
        (
            "select * from fact where key is ? and value is not null",
            "key is not distinct from %s and value is not null",
        ),
        ("insert or ignore into fact values (?, ?)", "insert into fact values (%s, %s) on conflict do nothing"),
        ("insert or replace into fact values (?, ?)", "on conflict (key) do update set value = excluded.value"),
        ("insert or replace into moved values (?)", "insert into moved values (%s) on conflict do nothing"),
        ("select cast((at - ?) / ? as integer) from outcome", "cast(trunc((at - %s) / %s) as bigint)"),
        ("select max(a, b), max(c) from x", "select greatest(a, b), max(c) from x"),
        ("select 1 from x where id in ()", "id = any('{}')"),
        ("select 1 from outcome where 1 and id < ? order by id", "where true and id < %s"),
        ("select 1 from a cross join b as c on c.x = a.x", "a join b as c on c.x = a.x"),
        ("select 'a ? :b like' from x where y = :y", "select 'a ? :b like' from x where y = %(y)s"),
    ],
)
def test_a_statement_of_sqlites_is_said_in_postgresqls_words(sqlite: str, postgres: str) -> None:
    assert postgres in " ".join(statement(sqlite, TABLES.__getitem__).split())
