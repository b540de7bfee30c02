"""What is mutated, and the tests that are to notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """Some files, and the tests near them: the quickest first, as the first that fails ends the run.

    :param room: what it is called.
    :param modules: files or folders, from the root of the repository.
    :param tests: the same.
    """

    room: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]


def _tests(*names: str) -> tuple[str, ...]:
    return tuple(f"tests/{name}.py" for name in names)


def _files(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}/{name}.py" for name in names)


PARTS = (
    Part(
        "queue",
        _files("plexsync/queue", "message"),
        _tests("unit/queue/test_message", "integration/queue/test_results"),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "claims", "leases"),
        _tests("integration/queue/test_unforeseen", "integration/queue/test_claims"),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "storage", "line", "set_aside"),
        _tests(
            "integration/storage/test_power_cut",
            "integration/queue/test_coalescing",
            "integration/queue/test_results",
            "integration/queue/test_priorities",
            "integration/storage/test_versions",
            "integration/queue/test_inbox",
            "integration/queue/test_claims",
        ),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "intake"),
        _tests(
            "integration/queue/test_inbox", "integration/queue/test_odd_inbox", "integration/storage/test_power_cut"
        ),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "huey", "wakeup", "examination"),
        _tests(
            "integration/queue/test_results",
            "integration/queue/test_coalescing",
            "integration/queue/test_unforeseen",
            "integration/storage/test_power_cut",
            "integration/queue/test_claims",
        ),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "storage_health", "consumer", "starting"),
        _tests("integration/queue/test_unforeseen", "integration/queue/test_clock", "integration/queue/test_stopping"),
    ),
    Part(
        "storage",
        (*_files("plexsync/storage", "database", "sqlite_file", "migrations", "locks"), "plexsync/ledger/rescue.py"),
        _tests(
            "integration/storage/test_database",
            "integration/storage/test_power_cut",
            "integration/storage/test_files_in_the_way",
            "integration/storage/test_log_files",
            "integration/storage/test_bad_files",
        ),
    ),
    Part(
        "ledger",
        ("plexsync/ledger",),
        _tests(
            "unit/ledger/test_past",
            "integration/ledger/test_ledger",
            "integration/ledger/test_dead_letters",
            "integration/ledger/test_reviews",
            "integration/library/test_index",
            "integration/storage/test_power_cut",
            "integration/tasks/test_left_out_again",
            "integration/sync/test_sync",
        ),
    ),
    Part(
        "sync",
        _files(
            "plexsync/sync", "sync", "plan", "write", "write_path", "confirmed", "pictures", "picture_look", "left_out"
        ),
        _tests(
            "unit/sync/test_write",
            "integration/storage/test_power_cut",
            "integration/sync/test_sync",
            "integration/sync/test_doubt_upon_doubt",
            "integration/sync/test_refused_parts",
            "integration/sync/test_pictures_for_plex",
        ),
    ),
    Part(
        "breaker",
        ("plexsync/http/breaker",),
        _tests("unit/http/test_breaker", "unit/http/test_breaker_state"),
    ),
    Part(
        "http",
        # The breaker, in the same room, has tests of its own.
        _files(
            "plexsync/http",
            "address",
            "certificate",
            "deadline",
            "documents",
            "entries",
            "failures",
            "headers",
            "session",
        ),
        _tests(
            "unit/http/test_address",
            "unit/http/test_failures",
            "unit/http/test_headers",
            "integration/http/test_session",
            "integration/cli/test_what_check_says",
        ),
    ),
)
