"""The queue's tables and every statement on them.

``task``, ``schedule``, ``kv`` and ``counter`` are Huey's, with columns added; ``claim`` and ``set_aside`` are ours.
``chain`` is empty in every row.
"""

from __future__ import annotations

#: The steps that bring the queue's tables up to date, oldest first.
STEPS = (
    """
create table task (
    id integer primary key autoincrement,
    queue text not null,
    data blob not null,
    priority real not null default 0,
    key text,
    chain text not null default '',
    task_id text,
    deliveries integer not null default 0,
    enqueued_at real not null
);
create index task_order on task (queue, priority desc, id);
create unique index task_key on task (queue, key, chain) where key is not null;
create table schedule (
    id integer primary key,
    queue text not null,
    data blob not null,
    timestamp real not null,
    priority real not null default 0,
    key text,
    chain text not null default '',
    task_id text
);
create index schedule_due on schedule (queue, timestamp, id);
create unique index schedule_key on schedule (queue, key, chain) where key is not null;
create table claim (
    id integer primary key,
    queue text not null,
    data blob not null,
    priority real not null,
    key text,
    chain text not null,
    task_id text,
    deliveries integer not null,
    enqueued_at real not null,
    owner text not null,
    lease_until real not null,
    claimed_at real not null
);
create unique index claim_key on claim (queue, key) where key is not null;
create table set_aside (
    id integer primary key autoincrement,
    queue text not null,
    data blob not null,
    reason text not null,
    origin text not null,
    at real not null
);
create table kv (
    queue text not null,
    key text not null,
    value blob not null,
    is_result integer not null default 0,
    created_at real not null default ((julianday('now') - 2440587.5) * 86400.0),
    primary key (queue, key)
);
create table counter (
    queue text not null,
    key text not null,
    value integer not null default 0,
    primary key (queue, key)
);
""",
    # A key begins with its task's name: ["sync_scene",... Messages without a key have no name here.
    """
alter table task add column name text generated always as (substr(key, 3, instr(key, '",') - 3)) virtual;
create index task_name on task (queue, name, priority desc, id);
""",
    # Names of tasks had their module's before them: ["tasks.scenes.sync_scene",[45],{}] is ["sync_scene",[45],{}] now.
    # SQLite has no word for the last dot: what is left of a name without what is before its last dot.
    "".join(
        f"""
update {table} set key = '["' || replace(
    substr(key, 3, instr(key, '",') - 3),
    rtrim(substr(key, 3, instr(key, '",') - 3), replace(substr(key, 3, instr(key, '",') - 3), '.', '')),
    ''
) || substr(key, instr(key, '",')) where key like '["%.%",%';
"""
        for table in ("task", "schedule", "claim")
    ),
    # What something hung on (a pipeline, a chord) stood beside its equals by this column, which nothing reads any more.
    # Such a message is refused when its turn comes; without a key it is none of those that become one until then.
    "".join(f"update {table} set key = null, chain = '' where chain <> '';" for table in ("task", "schedule", "claim")),
)

# --- Claiming --------------------------------------------------------------------------------------------------------

#: The task that is next: highest priority first, then first in, first out. One whose key a worker holds is passed over.
#: Waiting keys are unique, so no more rows are passed over than there are claims, however long the line is.
#: The one behind it tells whether there is more to claim.
NEXT_TASK = """
select id, data, priority, enqueued_at, key, name, deliveries from task indexed by task_order
where queue = :queue and (key is null or not exists (
    select 1 from claim where claim.queue = task.queue and claim.key = task.key
))
order by priority desc, id limit 2
"""
#: The same while the tasks of some names (a JSON list) are paused. It looks once at each other name, and once among
#: those without one, however many messages of a name wait. PostgreSQL cannot be told which index to use: where a name
#: is asked for as a range, and the rows in its order, none but the right one will do.
NEXT_UNPAUSED_TASK = """
with recursive name_of(name) as (
    select min(name) from task where queue = :queue
    union all
    select (select min(name) from task where queue = :queue and name > name_of.name)
    from name_of where name_of.name is not null
)
select id, data, priority, enqueued_at, key, name, deliveries from task where id in (
    select (
        select id from task indexed by task_name
        where queue = :queue and name >= name_of.name and name <= name_of.name and not exists (
            select 1 from claim where claim.queue = task.queue and claim.key = task.key
        )
        order by name, priority desc, id limit 1
    )
    from name_of where name_of.name not in (select value from json_each(:paused))
    union all
    select * from (
        select id from task indexed by task_name where queue = :queue and name is null and (key is null or not exists (
            select 1 from claim where claim.queue = task.queue and claim.key = task.key
        ))
        order by name, priority desc, id limit 1
    ) as of_no_name
)
order by priority desc, id limit 1
"""
#: The tasks of one name behind one of them in line, as urgent as it is, that were never handed out.
NEXT_OF_NAME = """
select id, data, priority, enqueued_at, key, name, deliveries from task indexed by task_name
where queue = :queue and name = :name and priority = :priority and id > :id and deliveries = 0 and not exists (
    select 1 from claim where claim.queue = task.queue and claim.key = task.key
)
order by id limit :limit
"""
WAITS_ABOVE = "select 1 from task indexed by task_order where queue = ? and priority > ? limit 1"
CLAIM_TASK = """
insert into claim
    (id, queue, data, priority, key, chain, task_id, deliveries, enqueued_at, owner, lease_until, claimed_at)
select id, queue, data, priority, key, '', task_id, deliveries + 1, enqueued_at, :owner, :lease_until, :now
from task where id = :id
"""
HELD_CLAIM = "select * from claim where id = ? and owner = ?"
DELETE_CLAIM = "delete from claim where id = ? and owner = ?"
CLAIMS = "select id, owner, lease_until from claim where queue = ?"
CLAIMS_OF_OWNER = "select * from claim where queue = ? and owner = ?"
RENEW_CLAIMS = "update claim set lease_until = ? where queue = ? and owner = ?"
#: Keys begin with the name of their task: those of one name stand between two texts.
IS_AT_WORK = "select 1 from claim where queue = ? and key >= ? and key < ? limit 1"
#: The key of a claim, and whether a message waits for it to end, as it asks for the same.
WHAT_ENDS = """
select key, exists (select 1 from task where task.queue = claim.queue and task.key = claim.key) as is_waited_for
from claim where id = ? and owner = ?
"""
CLAIMED_KEYS = "select key from claim where queue = ? and key >= ? and key < ?"
#: Of one name what is next, through its index.
NEXT_KEYS = """
select key from task indexed by task_name where queue = ? and name = ? order by priority desc, id limit ?
"""
IS_CLAIMED = "select 1 from claim where queue = ? and (key = ? or task_id = ?) limit 1"

# --- Waiting ---------------------------------------------------------------------------------------------------------

INSERT_TASK = """
insert into task (id, queue, data, priority, key, task_id, deliveries, enqueued_at)
values (:id, :queue, :data, :priority, :key, :task_id, :deliveries, :enqueued_at)
"""
EQUAL_TASK = "select * from task where queue = ? and key = ?"
RENEW_TASK = "update task set data = ?, priority = max(priority, ?) where id = ?"
RAISE_TASK = "update task set priority = max(priority, ?) where id = ?"
MOVE_TASK_UP = """
update task set id = :place, priority = max(priority, :priority), deliveries = :deliveries, enqueued_at = :enqueued_at
where id = :id
"""
SET_TASK_DATA = "update task set data = ? where id = ?"
DELETE_TASK = "delete from task where id = ?"

INSERT_SCHEDULED = """
insert into schedule (queue, data, timestamp, priority, key, task_id)
values (:queue, :data, :timestamp, :priority, :key, :task_id)
"""
EQUAL_SCHEDULED = "select * from schedule where queue = ? and key = ?"
BRING_FORWARD = "update schedule set data = ?, timestamp = ?, priority = max(priority, ?) where id = ?"
SET_SCHEDULED_DATA = "update schedule set data = ? where id = ?"
DELETE_SCHEDULED = "delete from schedule where id = ?"
#: What is due, and what is due impossibly late; each part is a range of the index.
DUE = """
select * from (
    select * from schedule where queue = :queue and timestamp <= :now
    union all select * from schedule where queue = :queue and timestamp > :farthest
) as due order by timestamp, id limit :limit
"""
NEXT_DUE = "select min(timestamp) from schedule where queue = ?"
SHIFT_SCHEDULE = "update schedule set timestamp = timestamp - ? where queue = ?"

# --- Looking ---------------------------------------------------------------------------------------------------------

COUNTS = """
select
    (select count(*) from task where queue = :queue) as pending,
    (select count(*) from schedule where queue = :queue) as scheduled,
    (select count(*) from claim where queue = :queue) as in_progress,
    (select count(*) from set_aside where queue = :queue) as set_aside,
    (select enqueued_at from task where queue = :queue order by id limit 1) as oldest_pending_at,
    (select min(timestamp) from schedule where queue = :queue) as next_due_at
"""
#: When the message with this key is to run, where it waits for a time.
DUE_AT = "select min(timestamp) from schedule where queue = :queue and key = :key"

#: What is no more urgent than ``:priority``.
BACKLOG = """
select
    (select count(*) from task where queue = :queue and priority <= :priority) as pending,
    (select count(*) from schedule where queue = :queue and priority <= :priority) as scheduled,
    (select count(*) from claim where queue = :queue and priority <= :priority) as in_progress,
    (select max(lease_until) from claim where queue = :queue) as lease_until
"""

WHEREABOUTS = """
select 'in progress' from claim where queue = :queue and key = :key
union all select 'pending' from task where queue = :queue and key = :key
union all select 'scheduled' from schedule where queue = :queue and key = :key
limit 1
"""
#: The keys of what is in progress or waits now, in the order of the keys, page by page.
ACTIVE_KEYS = """
select key from (
    select key from task where queue = :queue and key > :after
    union select key from claim where queue = :queue and key > :after
) as active order by key limit :limit
"""

# --- Setting aside ---------------------------------------------------------------------------------------------------

SET_ASIDE = "insert into set_aside (queue, data, reason, origin, at) values (?, ?, ?, ?, ?)"
#: Messages of a newer version are events that count as soon as this one is updated: they do not make room.
TRIM_SET_ASIDE = """
delete from set_aside where id <= (select max(id) from set_aside) - ? and reason not like '%by a newer PlexSync%'
"""
SET_ASIDE_ITEMS = "select id, data, reason, origin, at from set_aside where queue = ? order by id desc limit ?"
#: What killed its workers could be read all the time.
UNREAD_ITEMS = "select id, data, reason, origin, at from set_aside where queue = ? and origin != 'worker' order by id"
WORN_OUT_ITEMS = "select id, data, reason, origin, at from set_aside where queue = ? and origin = 'worker' order by id"
REMOVE_SET_ASIDE = "delete from set_aside where id = ?"

# --- Results and other values ----------------------------------------------------------------------------------------

PUT_VALUE = "insert or replace into kv (queue, key, value, is_result) values (?, ?, ?, ?)"
PUT_RESULT_IF_NONE = "insert or ignore into kv (queue, key, value, is_result) values (?, ?, ?, 1)"
#: Huey's keys for revocations begin with ``r:`` (a task) and ``rt:`` (all of a name).
ANY_REVOCATION = "select 1 from kv where queue = ? and key >= 'r:' and key < 'rt;' limit 1"
HAS_VALUE = "select 1 from kv where queue = ? and key = ?"
DELETE_VALUE = "delete from kv where queue = ? and key = ?"
PRUNE_VALUES = "delete from kv where queue = ? and is_result = ? and created_at < ?"

#: Run for each message. None gives all columns of a table: a prepared one would fail once there is one more.
PREPARED = (NEXT_TASK, NEXT_OF_NAME, CLAIM_TASK, DELETE_TASK, WHAT_ENDS, DELETE_CLAIM, PUT_VALUE)
