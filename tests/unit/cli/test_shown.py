"""What commands print: nothing from outside moves the terminal, looks like a line of ours, or borrows our colours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from io import TextIOWrapper
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plexsync.cli import show
from tests.support.places import ROOT

#: A title that would like to look like more.
HOSTILE = "Title\x1b[2J\x1b[32mok\x1b[0m\x9b1A\r\u202eevil\u200b\U000e0041\u2028\x07"


class Terminal(TextIOWrapper):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], str]:
    """What is printed on a terminal that has colours."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    def printed(action: Callable[[], object]) -> str:
        file = tmp_path / "terminal"
        with (
            Terminal(file.open("wb", buffering=0), encoding="utf-8", newline="\n", write_through=True) as stream,
            redirect_stdout(stream),
        ):
            action()
        return file.read_bytes().decode()

    return printed


def test_a_word_from_outside_does_nothing_to_a_terminal(printed: Callable[[Callable[[], object]], str]) -> None:
    def both() -> None:
        show.say(f"scene 1: {show.bad('failed')}: {HOSTILE}")
        show.table([["scene", HOSTILE], ["error", show.bad(f"two\nok    lines {HOSTILE}")]], heads=["what", "is"])

    text = printed(both)
    assert set(re.findall(r"\x1b[^m]*m?", text)) == {"\x1b[31m", "\x1b[1m", "\x1b[0m"}
    assert r"\x1b[2J\x1b[32mok\x1b[0m\x9b1A\r\u202eevil\u200b\U000e0041\u2028\x07" in text.replace("\n", "")
    assert r"two\nok" in text
    assert not set("\x9b\r\u202e\u200b\U000e0041\u2028\x07") & set(text)


def test_colours_of_ours_cannot_be_borrowed(printed: Callable[[Callable[[], object]], str]) -> None:
    text = printed(lambda: show.say("\x1b[32mok\x1b[0m \x1b[32;000000000mok"))
    assert text == "\\x1b[32mok\\x1b[0m \\x1b[32;000000000mok\n"


def test_what_runs_from_right_to_left_is_set_apart_on_a_terminal_alone(
    printed: Callable[[Callable[[], object]], str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert printed(lambda: show.say("scene 5: שלום: done")) == "scene 5: \u2068שלום\u2069: done\n"
    show.say("scene 5: שלום: done")
    assert capsys.readouterr().out == "scene 5: שלום: done\n"


def test_json_is_exact_and_does_nothing_either(capsys: pytest.CaptureFixture[str]) -> None:
    show.as_json({"title": HOSTILE, "more": "שלום 👩‍👧"})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {"title": HOSTILE, "more": "שלום 👩‍👧"}
    assert "שלום" in printed
    assert not set("\x1b\x9b\r\u202e\u200b\U000e0041\u2028\x07") & set(printed)


def test_lines_of_a_traceback_stay_lines(capsys: pytest.CaptureFixture[str]) -> None:
    show.lines(f"Traceback:\n  File x\n{HOSTILE}")
    assert len(capsys.readouterr().out.split("\n")) == 4


@given(st.text(max_size=200))
def test_a_text_on_one_line_is_on_one_line_and_no_longer_than_it_may_be(text: str) -> None:
    told = show.one_line(text, 40)
    assert len(told) <= 40
    assert len(told.splitlines()) <= 1


def test_emoji_and_scripts_that_need_joiners_stay_in_one_line() -> None:
    assert show.one_line("👩‍👧  می‌خواهم\n ❤️", 40) == "👩‍👧 می‌خواهم ❤️"


def test_nothing_is_printed_past_the_one_place_that_looks_at_it() -> None:
    root = ROOT
    sources = [path for path in root.joinpath("plexsync").rglob("*.py") if "demo" not in path.parts]
    prints = re.compile(r"click\.(secho|echo|style)\(|\bprint\(|std(out|err)\.write\(")
    found = {str(path.relative_to(root)) for path in sources if prints.search(path.read_text())}
    assert found <= {"plexsync/cli/show.py", "plexsync/cli/environment.py", "plexsync/logs.py"}
