"""The version stands in one place, and whoever asks is told."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from plexsync import __version__
from plexsync.cli.commands import main
from tests.support.places import ROOT


def commands(above: click.Group = main, *words: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(above)
    for name in above.list_commands(context):
        found = above.get_command(context, name)
        assert found is not None
        yield " ".join([*words, name]), found
        if isinstance(found, click.Group):
            yield from commands(found, *words, name)


@pytest.mark.parametrize("command", [main, *(pytest.param(one, id=words) for words, one in commands())])
def test_every_command_says_its_version(command: click.Command) -> None:
    assert CliRunner().invoke(command, ["--version"]).output == f"PlexSync, version {__version__}\n"


def test_the_script_says_it_without_an_environment() -> None:
    done = subprocess.run([ROOT / "huey_consumer.sh", "--version"], capture_output=True, text=True, check=True, env={})
    assert done.stdout == f"PlexSync, version {__version__}\n"


def test_what_is_new_begins_with_this_version_and_says_what_to_do() -> None:
    versions = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions[0] == __version__
    assert versions == sorted(versions, key=lambda one: [int(part) for part in one.split(".")], reverse=True)
    newest = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition(f"## {versions[1]}")[0]
    assert "**What to do:**" in newest
