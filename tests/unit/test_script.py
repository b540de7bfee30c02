"""Commands are named as a person runs them, from where the person stands."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from plexsync import logs, script
from plexsync.cli.commands import main
from plexsync.redaction import redact
from tests.support.places import ROOT


def test_in_its_own_folder_the_script_is_called_as_the_documents_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert script.command("failed", "list") == "./huey_consumer.sh failed list"


@pytest.mark.parametrize("place", ["", "a folder", "data"])
def test_what_is_printed_leads_to_the_script_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    plugin = tmp_path / "my plugins" / "PlexSync"
    plugin.mkdir(parents=True)
    (plugin / "huey_consumer.sh").touch()
    monkeypatch.setattr(script, "_FOLDER", plugin)
    for folder in (tmp_path, plugin.parent, plugin, tmp_path / place / "elsewhere", plugin / "data"):
        folder.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(folder)
        named, *rest = shlex.split(script.command("status"))
        assert rest == ["status"]
        # A name without a slash would be looked for in the search path of the shell.
        assert "/" in named
        assert Path(named).samefile(plugin / "huey_consumer.sh")


def test_the_shorter_name_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert script.name() == shlex.quote(str(ROOT / "huey_consumer.sh"))


def test_it_is_named_where_the_working_directory_is_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert script.name() == shlex.quote(str(ROOT / "huey_consumer.sh"))


def test_texts_that_were_kept_and_log_lines_name_it_as_it_works_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import logging

    monkeypatch.chdir(tmp_path)
    assert script.from_here("see ./huey_consumer.sh status") == f"see {script.name()} status"
    record = logging.LogRecord("plexsync", logging.WARNING, "", 0, "sign in with ./huey_consumer.sh --login", (), None)
    line = logs.RedactingFormatter(redact).format(record)
    assert line.endswith(f"sign in with {script.name()} --login")


def test_nothing_else_is_named() -> None:
    """The system's own Python has none of the packages, and ``.venv`` may lie elsewhere: only the script knows."""
    sources = [*(ROOT / "plexsync").rglob("*.py"), *(ROOT / "tasks").rglob("*.py"), ROOT / "settings.py"]
    sources += [ROOT / "huey_consumer.sh", ROOT / "PlexSync.yml"]
    assert len(sources) > 100
    wrong = [str(one) for one in sources if re.search(r"python\S* -m plexsync", one.read_text(encoding="utf-8"))]
    assert not wrong


def _commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield words, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            one = command.get_command(context, name)
            assert one is not None
            yield from _commands(one, (*words, name))


ALL = list(_commands(main))


@pytest.mark.parametrize(("words", "command"), ALL, ids=[" ".join(words) or "main" for words, _ in ALL])
def test_each_command_shows_examples_that_it_takes(words: tuple[str, ...], command: click.Command) -> None:
    help_text = command.get_help(click.Context(command, info_name=f"{script.name()} {' '.join(words)}"))
    examples = help_text.partition("Examples:")[2].splitlines()
    shown = [line.strip() for line in examples if line.strip().startswith(script.name())]
    assert shown, help_text
    for line in shown:
        given = shlex.split(line.removeprefix(script.name()).partition("|")[0])
        # What every command takes may come before it, or before nothing, which starts the consumer.
        assert given[: len(words)] == list(words) or given[0] in (f"--{words[0]}", "--instance")
        if given and not given[0].startswith("--"):
            _parses(main, given)


def _parses(command: click.Command, given: list[str]) -> None:
    if isinstance(command, click.Group) and not given[0].startswith("-"):
        found = command.get_command(click.Context(command), given[0])
        assert found is not None, given[0]
        _parses(found, given[1:])
    else:
        command.make_context("x", list(given), resilient_parsing=False)


def test_each_command_is_one_sentence_in_the_list() -> None:
    for words, command in ALL:
        assert command.help, words
        assert command.help.partition("\n\n")[0].rstrip().endswith("."), words
        assert "..." not in command.get_short_help_str(120), words


def test_the_script_tells_how_it_is_called_from_where_the_person_stands(tmp_path: Path) -> None:
    link = tmp_path / "plexsync"
    link.symlink_to(ROOT / "huey_consumer.sh")
    for called, folder, named in (
        ("./huey_consumer.sh", ROOT, "./huey_consumer.sh"),
        (str(link), ROOT, "./huey_consumer.sh"),
        (str(link), tmp_path, str(link)),
        ("./plexsync", tmp_path, "./plexsync"),
    ):
        done = subprocess.run([called, "--help"], cwd=folder, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(f"Usage: {named} [OPTION]")
        assert f"\n  {named} status\n" in done.stdout
        assert all(len(line.replace(named, "./huey_consumer.sh")) <= 80 for line in done.stdout.splitlines())


def test_plurals_are_made_in_one_place() -> None:
    own = ROOT / "plexsync" / "words.py"
    sources = [*(ROOT / "plexsync").rglob("*.py"), *(ROOT / "tasks").rglob("*.py"), ROOT / "settings.py"]
    by_hand = re.compile(r"['\"]s['\"] if |else ['\"]s['\"]|else ['\"](are|were|have)['\"]")
    wrong = [
        f"{one}: {line.strip()}"
        for one in sources
        if one != own
        for line in one.read_text(encoding="utf-8").splitlines()
        if by_hand.search(line)
    ]
    assert not wrong
