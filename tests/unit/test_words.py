"""Numbers and lists in a sentence."""

from __future__ import annotations

from click.testing import CliRunner

from plexsync.cli.commands import main
from plexsync.words import counted, listed


def test_of_many_things_ten_are_named_and_the_others_counted() -> None:
    assert listed(range(1, 5001)) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more"
    assert listed([1, "b"]) == "1, b"
    assert listed([]) == ""


def test_a_number_has_its_noun() -> None:
    assert [counted(1, "scene"), counted(2000, "scene")] == ["1 scene", "2,000 scenes"]


def test_dead_letters_that_are_named_by_the_thousand_are_told_of_in_one_short_line() -> None:
    told = CliRunner().invoke(main, ["failed", "discard", *map(str, range(1, 5001))])
    assert told.exit_code == 1
    assert "no dead letter 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 4,990 more" in " ".join(told.output.split())
