"""The documents: links lead somewhere, what the program knows is current, and the README stays short."""

from __future__ import annotations

import configparser
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import settings
from tests.support.places import ROOT

README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
#: Tested pages by their path in the project.
IDS = [str(page.relative_to(ROOT)) for page in PAGES]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """Path and anchor of each link of a page within the project."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not target.startswith(("http:", "https:")):
            path, _, anchor = target.partition("#")
            yield path, anchor


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = ["".join(one for one in head.lower() if one in " -_" or one.isalnum()) for head in heads]
    return {unicodedata.normalize("NFC", head.replace(" ", "-")) for head in plain}


def test_the_readme_is_short_and_names_the_two_commands() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    assert "./huey_consumer.sh --demo" in text
    assert "./tests/run.sh" in text


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{path} is not there"
        assert target.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(target), f"{path or page.name} has no heading #{anchor}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, todo = set(), [README]
    while todo:
        page = todo.pop()
        if page in reached:
            continue
        reached.add(page)
        todo += [(page.parent / path).resolve() for path, _ in links(page) if path.endswith(".md")]
    assert [name for page, name in zip(PAGES, IDS, strict=True) if page not in reached] == []


def test_what_the_program_knows_is_current() -> None:
    # In a process of its own: examples name the script as it is called from where a command was imported.
    command = [sys.executable, "-m", "docs.generate", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run .venv/bin/python -m docs.generate\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_settings_that_are_named_exist(page: Path) -> None:
    known = {one.name for one in settings.describe()} | {one.file_name for one in settings.describe()}
    known |= {"PLEXSYNC_CONFIG", "PLEXSYNC_WHEELS", "PLEXSYNC_INSTANCE"}
    named = set(re.findall(r"\bPLEXSYNC_[A-Z_]+[A-Z]\b", page.read_text(encoding="utf-8")))
    # A family is named as PLEXSYNC_NOT_FOUND_...
    known.discard("")
    assert [name for name in named if not any(one == name or one.startswith(f"{name}_") for one in known)] == []


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_people_are_told_commands_that_work_from_anywhere(page: Path) -> None:
    assert "python -m plexsync" not in page.read_text(encoding="utf-8")


def test_the_compose_text_of_the_guide_shares_one_folder_and_sets_known_settings() -> None:
    page = (ROOT / "docs/guide/install-docker.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    services = yaml.safe_load(block)["services"]
    path_mapping = {name: dict(one.split(":")[:2] for one in service["volumes"]) for name, service in services.items()}
    ((here, there),) = path_mapping["plexsync"].items()
    above = next(folder for folder in path_mapping["stash"] if here.startswith(f"{folder}/"))
    assert there == path_mapping["stash"][above] + here.removeprefix(above)
    assert services["plexsync"]["working_dir"] == there
    names = set(services["plexsync"]["environment"])
    assert names - {one.name for one in settings.describe()} == {"TZ"}
    # Longer than running work may take to finish.
    assert services["plexsync"]["stop_grace_period"] == "40s"


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_files_that_are_named_are_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    places = re.findall(r"`((?:plexsync|tasks|tests|docs|\.ci)/[\w/.-]+)`", text)
    tests = re.findall(r"`(test_\w+\.py)`", text)
    assert [place for place in places if not (ROOT / place).exists()] == []
    assert [name for name in tests if not any((ROOT / "tests").rglob(name))] == []


def test_the_unit_of_the_guide_is_started_again_for_as_long_as_it_takes() -> None:
    """Where Stash, or a disk, comes up late after a reboot, systemd would give up after five starts."""
    page = (ROOT / "docs/guide/install.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```ini\n(.*?)```", page, re.DOTALL)
    unit = configparser.ConfigParser()
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block)
    assert block == (ROOT / "deploy/systemd/plexsync.service").read_text(encoding="utf-8")
    assert unit["Unit"]["StartLimitIntervalSec"] == "0"
    assert (unit["Service"]["Restart"], unit["Service"]["RestartSec"]) == ("always", "10")
    # Longer than running work may take to finish.
    assert int(unit["Service"]["TimeoutStopSec"]) >= 40
    assert unit["Service"]["ExecStart"].endswith("/.stash/plugins/PlexSync/huey_consumer.sh")


@pytest.mark.parametrize("page", PAGES, ids=IDS)
def test_no_line_begins_with_what_markdown_takes_for_something_else(page: Path) -> None:
    """As the second half of *Settings > Plugins*, which would show as a quotation."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert [line for line in text.splitlines() if re.match(r"\s*(>|\+) ", line)] == []
