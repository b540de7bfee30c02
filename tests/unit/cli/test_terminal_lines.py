"""Lines that fit a terminal, numbers with their nouns, and histories that say a thing once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.cli import show, terminal
from plexsync.cli.terminal import columns, wrapped
from plexsync.cli.tries import failed_in_a_row, history_lines
from plexsync.words import counted

LINES = st.text(alphabet="ab漢é  \n", max_size=200)


@given(LINES, st.integers(10, 60), st.integers(0, 5))
def test_lines_fit_and_nothing_is_lost(text: str, within: int, indent: int) -> None:
    lines = wrapped(text, within, indent=indent).split("\n")
    assert all(columns(line) <= within or " " not in line.strip(" ") for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_what_goes_to_a_file_stays_one_line() -> None:
    assert wrapped("word " * 100, None) == "word " * 100


def test_each_line_keeps_its_margin() -> None:
    assert wrapped("  one two three\nfour", 9, indent=2) == "  one two\n    three\nfour"


@pytest.mark.parametrize(
    "whole",
    [
        "./huey_consumer.sh review accept 45 ITEM",
        "./huey_consumer.sh sync --all --dry-run",
        "'/my plugins/PlexSync/huey_consumer.sh' failed show 3",
        "2026-11-26 19:53:42 +01:00",
    ],
)
def test_a_command_and_a_moment_stay_whole(whole: str) -> None:
    for before in range(1, 30):
        lines = wrapped(f"{'x' * before} {whole} and more words", 50).split("\n")
        assert sum(whole in line for line in lines) == 1


def test_a_command_ends_where_the_sentence_goes_on() -> None:
    assert wrapped("run ./huey_consumer.sh status says why", 26) == "run\n./huey_consumer.sh status\nsays why"


def test_colours_take_no_room() -> None:
    assert wrapped(show.bad("one two"), 7) == show.bad("one two")


def test_numbers_have_their_nouns() -> None:
    told = [counted(number, "scene") for number in (0, 1, 2, 2000)]
    assert told == ["0 scenes", "1 scene", "2 scenes", "2,000 scenes"]
    assert [counted(number, "scene waits", "scenes wait") for number in (1, 2)] == ["1 scene waits", "2 scenes wait"]


def _tries(*outcomes: tuple[str, str | None]) -> list[dict[str, str | None]]:
    return [
        {"at": f"2026-11-26T10:00:{59 - place:02}Z", "outcome": outcome, "error": error}
        for place, (outcome, error) in enumerate(outcomes)
    ]


def test_what_ended_alike_is_told_once() -> None:
    history = _tries(("not_found", "x"), ("not_found", "x"), ("not_found", "y"), ("synced", None))
    told = [text for _, text in history_lines(history, "x")]
    since = show.local("2026-11-26T10:00:58Z")
    assert told == [f"not found, 2 times since {since} (as above)", "not found: y", "synced"]
    assert [when for when, _ in history_lines(history[::-1], "x")][-1] == show.local("2026-11-26T10:00:59Z")


def test_failures_are_counted_back_to_the_last_success() -> None:
    assert (
        failed_in_a_row(_tries(("failed", "x"), ("retry", "x"), ("retry", "y"), ("synced", None), ("retry", "z"))) == 3
    )
    assert failed_in_a_row(_tries(("review", "x"), ("retry", "x"))) == 0
    assert failed_in_a_row([]) == 0


def test_a_table_puts_its_last_column_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [["a", "one two three four"], ["bb", "five"]]
    for within, told in (
        (None, "a   one two three four\nbb  five\n"),
        (40, "a   one two three four\nbb  five\n"),
    ):
        monkeypatch.setattr(terminal, "width", lambda within=within, **_: within)
        show.table(rows)
        assert capsys.readouterr().out == told
    monkeypatch.setattr(terminal, "width", lambda **_: 30)
    show.table([["a", "one two three four five six seven"]])
    assert capsys.readouterr().out == "a  one two three four five six\n   seven\n"
    show.table([["a long first column", "one two three four five six"]])
    assert capsys.readouterr().out == "a long first column\n      one two three four five\n      six\n"
