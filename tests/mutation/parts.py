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
    Part("queue", _files("plexsync/queue", "message"), _tests("unit/test_message", "integration/test_queue_results")),
    Part(
        "queue",
        _files("plexsync/queue", "claims", "leases"),
        _tests("integration/test_queue_unforeseen", "integration/test_queue_claims"),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "storage", "line", "set_aside"),
        _tests(
            "integration/test_power_cut",
            "integration/test_queue_coalescing",
            "integration/test_queue_results",
            "integration/test_queue_priorities",
            "integration/test_versions",
            "integration/test_queue_inbox",
            "integration/test_queue_claims",
        ),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "intake"),
        _tests("integration/test_queue_inbox", "integration/test_odd_inbox", "integration/test_power_cut"),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "huey", "wakeup", "examination"),
        _tests(
            "integration/test_queue_results",
            "integration/test_queue_coalescing",
            "integration/test_queue_unforeseen",
            "integration/test_power_cut",
            "integration/test_queue_claims",
        ),
    ),
    Part(
        "queue",
        _files("plexsync/queue", "storage_health", "consumer", "starting"),
        _tests("integration/test_queue_unforeseen", "integration/test_clock", "integration/test_queue_stopping"),
    ),
    Part(
        "storage",
        (*_files("plexsync/storage", "database", "locks"), "plexsync/ledger/rescue.py"),
        _tests(
            "integration/test_database",
            "integration/test_power_cut",
            "integration/test_files_in_the_way",
            "integration/test_log_files",
            "integration/test_bad_files",
        ),
    ),
    Part(
        "ledger",
        ("plexsync/ledger",),
        _tests(
            "unit/test_past",
            "integration/test_ledger",
            "integration/test_dead_letters",
            "integration/test_reviews",
            "integration/test_library_index",
            "integration/test_power_cut",
            "integration/test_left_out_again",
            "integration/test_sync",
        ),
    ),
    Part(
        "sync",
        _files("plexsync/sync", "sync", "write", "confirmed", "pictures", "picture_look", "left_out"),
        _tests(
            "unit/test_write",
            "integration/test_power_cut",
            "integration/test_sync",
            "integration/test_doubt_upon_doubt",
            "integration/test_refused_parts",
            "integration/test_pictures_for_plex",
        ),
    ),
    Part(
        "breaker",
        ("plexsync/http/breaker",),
        _tests("unit/test_breaker", "unit/test_breaker_state"),
    ),
    Part(
        "http",
        ("plexsync/http",),
        _tests(
            "unit/test_http_address",
            "unit/test_http_failures",
            "unit/test_http_headers",
            "integration/test_http_session",
            "integration/test_what_check_says",
        ),
    ),
)
