"""What bounds the program as a library grows: the formulas, the simulation, and what benchmarks print."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.bounds import costs, formulas
from tests.bench.bounds.__main__ import main
from tests.bench.bounds.clock import Process, Server, SimulatedClock
from tests.bench.bounds.formulas import Machine
from tests.bench.bounds.page import HERE, NAS, size, span, with_tables
from tests.bench.bounds.person import FIRST, Load, simulate

#: Round figures, with which can be reckoned in one's head.
ROUND = {
    "first_cpu": 5.0,
    "edit_cpu": 2.0,
    "hook": 10.0,
    "reconcile_cpu": 50.0,
    "fill": 2.0,
    "memory_2000": 50.0,
    "memory_20000": 68.0,
    "ledger": 2000.0,
    "index": 20.0,
    "history": 1000.0,
    "queue": 250.0,
    "row": 0.1,
    "search_500": 1.0,
    "search_5000": 10.0,
    "stash_scene": 2.0,
    "stash_count": 1.0,
    "plex_item": 1.0,
    "answer": 1.0,
}
LOAD = Load(write=0.03, first=0.005, edit=0.003, hook=0.012, read=0.002)


# --- formulas ---------------------------------------------------------------------------------------------------------


def test_three_writes_a_scene_make_a_first_sync_as_long_as_plex_takes_for_them() -> None:
    found = formulas.first_sync(1000, ROUND, HERE, 0.01)
    assert found.binds == "Plex's writer"
    assert found.total == pytest.approx(30)


def test_a_slow_processor_binds_where_plex_is_quick() -> None:
    found = formulas.first_sync(1000, ROUND, NAS, 0.001)
    assert found.binds == "CPU"
    assert found.total == pytest.approx(20)


def test_a_slow_stash_binds_where_its_answers_take_longest() -> None:
    found = formulas.first_sync(1000, ROUND | {"stash_scene": 100.0}, HERE, 0.001)
    assert found.binds == "Stash"
    assert found.total == pytest.approx(25.5)


def test_hooks_of_an_edit_of_a_tenth_come_one_after_the_other() -> None:
    assert formulas.bulk_edit(1000, ROUND, NAS, 0.001).seconds["hooks"] == pytest.approx(4)
    assert formulas.bulk_edit(1000, ROUND, NAS, 0.1).binds == "Plex's writer"
    assert formulas.scan_hooks(1000, ROUND, HERE) == pytest.approx(0.1)


def test_what_is_passed_over_grows_with_the_square() -> None:
    assert formulas.passed_over(600, ROUND) == pytest.approx(30e-6)
    assert formulas.passed_over(6000, ROUND) == pytest.approx(3e-3)
    assert formulas.counted(1000, ROUND, HERE) == pytest.approx(500e-6)
    assert formulas.counted(10_000, ROUND, NAS) == pytest.approx(0.2)


def test_comparing_and_filling_wait_for_answers_or_for_the_processor() -> None:
    assert formulas.reconcile(1000, ROUND, HERE).total == pytest.approx(3, rel=0.01)
    assert formulas.reconcile(1000, ROUND | {"reconcile_cpu": 5000.0}, HERE).binds == "CPU"
    assert formulas.index_fill(20_000, ROUND, HERE).total == pytest.approx(20, rel=0.01)
    assert formulas.index_fill(20_000, ROUND, Machine("slow", 20)).total == pytest.approx(40)


def test_memory_lies_on_a_line_and_a_smaller_figure_for_more_scenes_is_no_saving() -> None:
    assert formulas.memory(200_000, ROUND) / formulas.MIB == pytest.approx(248)
    assert formulas.memory(200_000, ROUND | {"memory_20000": 40.0}) / formulas.MIB == pytest.approx(50)


def test_the_disk_holds_the_database_eight_times_and_the_queue_once() -> None:
    costs_of_all = ROUND | {"index": 20_000_000 / formulas.MIB}
    assert formulas.database(10, costs_of_all) == pytest.approx(40_000)
    assert formulas.disk(10, costs_of_all) == pytest.approx(322_500)


def test_a_search_grows_no_further_once_words_are_counted_no_further() -> None:
    assert formulas.search(5_000, ROUND, HERE) == pytest.approx(0.01)
    assert formulas.search(50_000, ROUND, HERE) == pytest.approx(0.1)
    assert formulas.search(200_000, ROUND, HERE) == formulas.search(10_000_000, ROUND, HERE)


def test_a_limit_is_reached_where_the_value_comes_to_it() -> None:
    assert formulas.reached_at(lambda n: 2 * n, 1000) == pytest.approx(500, rel=0.002)
    assert formulas.reached_at(lambda _: 1, 2) is None


# --- the simulation ---------------------------------------------------------------------------------------------------


def test_a_server_serves_one_at_a_time_in_the_order_in_which_they_came() -> None:
    clock, done = SimulatedClock(), []
    server = Server(clock)

    def customer(name: str) -> Process:
        yield from server.serve(2.0)
        done.append((name, clock.now))

    for after, name in enumerate("abc"):
        clock.start(customer(name), after)
    clock.run(100)
    assert done == [("a", 2.0), ("b", 4.0), ("c", 6.0)]
    assert server.served == 6.0


def test_a_server_that_switches_lets_a_short_one_pass_a_long_one() -> None:
    clock, done = SimulatedClock(), []
    server = Server(clock, switch=1.0)

    def customer(seconds: float) -> Process:
        yield from server.serve(seconds)
        done.append((seconds, clock.now))

    clock.start(customer(10.0))
    clock.start(customer(1.0))
    clock.run(100)
    assert done == [(1.0, 2.0), (10.0, 11.0)]


def test_alone_an_edit_waits_for_nothing_but_its_own_work() -> None:
    found = simulate(LOAD, edits=3, apart=100.0, is_busy=False)
    assert found.share(1.0) == pytest.approx(0.012 + 2 * 0.002 + 0.003 + 0.03)
    assert found.scenes_per_second == 0


def test_plex_is_never_idle_in_a_first_sync_and_an_edit_waits_for_little_of_it() -> None:
    found = simulate(LOAD, edits=30)
    most = 1 / (len(FIRST) * LOAD.write)
    assert 0.9 * most < found.scenes_per_second <= most
    assert LOAD.write < found.share(0.5) < found.share(0.95) < 2.0


def test_a_slower_plex_lets_people_wait_longer_and_many_edits_pass_the_first_sync() -> None:
    slow, quick = simulate(LOAD, edits=30), simulate(replace(LOAD, write=0.008), edits=30)
    assert slow.share(0.5) > quick.share(0.5)
    many = simulate(LOAD, edits=200, apart=0.0)
    assert 200 * LOAD.write < many.edits[-1] < 1.5 * 200 * LOAD.write


# --- costs and tables -------------------------------------------------------------------------------------------------

PRINTED = {
    costs.FIRST_SYNC: "first sync: 9.0 s, 160 scenes/s, 4.50 ms of CPU per scene (bar 5)\n"
    "edit of one text: 4.0 s, 370 scenes/s, 2.50 ms of CPU per scene (bar 3)\n",
    costs.MEMORY: "2,000 scenes     now    peak (MiB)\n  ready  50.0  51.0\n  half a minute later   60.0    61.5\n"
    "20,000 scenes     now    peak (MiB)\n  half a minute later            70.0    71.5\n",
    costs.MATCHING: "| scenes | seed | search: median | p95 | p99 | MB | fill, s |\n"
    "|    500 |    1 |           2.00 | 9.0 | 9.9 | 1.0 |     0.1 |\n"
    "|    500 |    1 |           4.00 | 9.0 | 9.9 | 1.0 |     0.1 |\n"
    "|  5,000 |    1 |           8.50 | 9.0 | 9.9 | 1.0 |     0.1 |\n",
}
FOUND = {
    costs.FIRST_SYNC: {"first_cpu": 4.5, "edit_cpu": 2.5},
    costs.MEMORY: {"memory_2000": 61.5, "memory_20000": 71.5},
    costs.MATCHING: {"search_500": 3.0, "search_5000": 8.5},
}


@pytest.mark.parametrize("command", PRINTED)
def test_costs_are_found_in_what_a_benchmark_prints(command: str) -> None:
    wanted = [cost for cost in costs.COSTS if cost.command == command]
    assert costs.measured(PRINTED[command], wanted) == FOUND[command]


def test_a_cost_that_was_not_printed_is_named() -> None:
    with pytest.raises(ValueError, match=r"^first_cpu: python -m tests\.bench\.bench_first_sync"):
        costs.measured("nothing of use", costs.COSTS[:1])


def test_every_benchmark_that_is_named_is_there() -> None:
    root = Path(__file__).parents[2]
    programs = {cost.command.split()[0] for cost in costs.COSTS if cost.command != costs.ASSUMED}
    assert [one for one in programs if not (root / f"{one.replace('.', '/')}.py").exists()] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"hook": None}, "hook has to be a number"),
        ({"hook": True}, "hook has to be a number"),
        ({"hook": 0}, "hook has to be a number above 0"),
        ({"more": 1.0}, "missing or unknown: more"),
    ],
)
def test_a_file_of_costs_with_a_fault_is_refused(tmp_path: Path, change: dict[str, object], told: str) -> None:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(costs.load() | change))
    with pytest.raises(ValueError, match=told):
        costs.load(path)


def test_costs_that_are_kept_are_read_again(tmp_path: Path) -> None:
    costs.save(ROUND, tmp_path / "costs.json")
    assert costs.load(tmp_path / "costs.json") == ROUND


def test_a_page_without_a_place_for_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="the page has places for"):
        with_tables("# Bounds\n", ROUND)


def test_times_and_sizes_are_said_as_people_say_them() -> None:
    assert [span(one) for one in (0.004, 2.0, 100.0, 3600.0, 10_000.0, 200_000.0)] == [
        "4.0 ms",
        "2.0 s",
        "1.7 min",
        "60 min",
        "2.8 h",
        "2.3 d",
    ]
    assert [size(one * 2**20) for one in (0.5, 100, 2048, 3 * 2**20)] == ["0.5 MiB", "100 MiB", "2.0 GiB", "3.0 TiB"]


def test_the_program_prints_a_table_for_other_sizes_and_costs(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--table", "space", "--scenes", "5000", "--with", "ledger=1000", "index=20", "history=1000"])
    printed = capsys.readouterr().out
    assert "\n| 5,000 | " in printed
    assert " | 15 MiB | " in printed


@pytest.mark.parametrize("given", ["hook", "hook=x", "hook=-1", "hook=inf", "nothing=1"])
def test_a_cost_that_is_none_is_refused(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--with", given])
    assert given.partition("=")[0] in capsys.readouterr().err
