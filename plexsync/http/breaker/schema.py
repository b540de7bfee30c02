"""The breaker's tables, oldest step first."""

from __future__ import annotations

#: One script per version; see ``Database.migrate``. All times are seconds since 1970-01-01 UTC.
STEPS = (
    """
    create table breaker (
        name text primary key,
        state text not null check (state in ('closed', 'open', 'half-open')),
        failures integer not null default 0,
        successes integer not null default 0,
        opened_at real
    );
    """,
    """
    alter table breaker add column pause real;
    alter table breaker add column failed_trials integer not null default 0;
    alter table breaker add column trial text;
    alter table breaker add column trial_until real;
    alter table breaker add column stopped text;

    create table outage (
        id integer primary key,
        service text not null,
        started_at real not null,
        ended_at real,
        cause text not null
    );
    create index outage_service on outage (service, ended_at);
    """,
)
