"""What of a ledger that was read out of a damaged file can be built on."""

from __future__ import annotations

import sqlite3

from plexsync.ledger.records import State
from plexsync.model import Field

#: A line with anything else in it would be an error each time it is read, or a decision that nobody took.
_UNUSABLE = (
    f"""
    delete from scene where state not in ({",".join(f"'{state}'" for state in State)})
        or not json_valid(reasons) or not json_valid(notes)
        or (pushed is not null and not json_valid(pushed)) or (pushing is not null and not json_valid(pushing))
        or (rating_key is not null and typeof(rating_key) != 'integer')
        or (section_id is not null and typeof(section_id) != 'integer')
        or typeof(changed_at) not in ('real', 'integer')
    """,
    """
    delete from candidate where not json_valid(reasons) or typeof(scene_id) != 'integer'
        or typeof(rating_key) != 'integer' or typeof(confidence) != 'integer' or typeof(section_id) != 'integer'
    """,
    "delete from pin where typeof(rating_key) != 'integer' or typeof(file) != 'text'",
    """
    delete from veto where typeof(scene_id) != 'integer' or typeof(rating_key) != 'integer' or typeof(file) != 'text'
    """,
    """
    delete from left_decision where kind not in ('pin', 'veto') or typeof(rating_key) != 'integer'
        or typeof(file) != 'text' or typeof(scene_file) != 'text' or typeof(decided_at) not in ('real', 'integer')
    """,
    "delete from decided_file where typeof(file) != 'text'",
    """
    delete from left_item where (pushed is not null and not json_valid(pushed)) or pushing is null
        or not json_valid(pushing) or typeof(scene_id) != 'integer' or typeof(left_at) not in ('real', 'integer')
    """,
    f"""
    delete from left_out where field not in ({",".join(f"'{field}'" for field in Field)})
        or typeof(scene_id) != 'integer' or typeof(part) != 'text' or typeof(reason) != 'text'
        or typeof(tries) != 'integer' or typeof(since) not in ('real', 'integer')
        or typeof(tried_at) not in ('real', 'integer') or typeof(next_at) not in ('real', 'integer', 'null')
    """,
)


def take_for_doubtful(connection: sqlite3.Connection) -> None:
    """Keep what was applied as in doubt, so that each item is read at its next sync.

    Which values are ours, and may be cleared, stays known; so do the matches that a person has decided on. Works inside
    the caller's transaction.
    """
    for statement in _UNUSABLE:
        connection.execute(statement)
    connection.execute(
        "update scene set doubted_as = case when pushing is null then 'doubted' else doubted_as end, "
        "pushing = coalesce(pushing, pushed), fingerprint = null"
    )
