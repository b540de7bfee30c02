"""The table of figures: found in what benchmarks print, and kept column by column."""

from __future__ import annotations

from pathlib import Path

from tests.bench.__main__ import BARS, BEGIN, END, NOTHING, RUNS, figures_of, with_figures

PRINTED = """
first sync: 10.0 s, 50 scenes/s, 4.20 ms of CPU per scene (bar 5)
  Plex: 3.90 requests per scene
       2.00  POST /x
  0.41 of the bare loop's pace
"""


def test_figures_are_found_in_what_is_printed() -> None:
    found = figures_of("first-sync", PRINTED)
    assert found["CPU per scene, first sync with two pictures, ms"] == "4.20"
    assert found["requests to Plex per scene, first contact"] == "3.90"
    assert found["first sync by a bare loop's pace"] == "0.41"
    assert found["requests to Plex per scene, an edit"] == NOTHING


def test_a_column_is_filled_and_the_others_stay() -> None:
    what = BARS[0].what
    page = with_figures(f"# Title\n\n{BEGIN}\n{END}\nrest\n", "before", {what: "14"})
    page = with_figures(page, "after", {what: "5"})
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {what} ")]
    assert row.startswith(f"| {what} | {BARS[0].bar} | 14 | 5 | {NOTHING} | ")
    assert page.startswith("# Title")
    assert page.endswith("rest\n")
    assert with_figures(page, "after", {}) == page


def test_every_figure_is_of_a_run_that_there_is() -> None:
    assert {bar.run for bar in BARS} == {run.name for run in RUNS}
    root = Path(__file__).parents[2]
    assert all((root / f"{run.command.split()[0].replace('.', '/')}.py").exists() for run in RUNS)
