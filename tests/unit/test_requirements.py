"""What is installed is what was tested: each package with its version and hashes, its reason and its licence."""

from __future__ import annotations

import re

import pytest

from release.requirements_files import MADE, SOURCES, all_included, packages, without_included
from tests.support.places import ROOT


def made(name: str) -> str:
    return (ROOT / MADE[name]).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MADE)
def test_every_package_has_its_version_and_the_hashes_of_its_files(name: str) -> None:
    found = packages(made(name))
    assert found
    for package, text in found.items():
        assert re.match(rf"{re.escape(package)}==\S+ \\\n(    --hash=sha256:[0-9a-f]{{64}}( \\)?\n)+\Z", text), package


@pytest.mark.parametrize("name", MADE)
def test_a_file_has_all_that_is_wanted_in_these_versions(name: str) -> None:
    source = (SOURCES / f"{name}.in").read_text(encoding="utf-8")
    wanted = {one.lower().replace("_", "-") for one in re.findall(r"^\S+==\S+$", source, re.MULTILINE)}
    pinned = {text.split()[0] for text in packages(made(name)).values()}
    assert wanted <= pinned
    # Whoever edits the file that is made, and not what it is made of, is told.
    assert without_included(name, packages(made(name))) == made(name)


@pytest.mark.parametrize("name", MADE)
def test_no_package_is_named_twice(name: str) -> None:
    included = [made(one) for one, file in MADE.items() if file in all_included(name)]
    there = [package for text in (made(name), *included) for package in packages(text)]
    assert len(there) == len(set(there))


def test_what_only_another_system_needs_is_left_out() -> None:
    text = "colorama==1 ; sys_platform == 'win32' \\\n    --hash=0\ncffi==2 ; python_version < '4' \\\n    --hash=1\n"
    assert packages(text) == {"cffi": "cffi==2 \\\n    --hash=1\n"}


def test_each_package_that_people_install_has_its_reason_and_licence() -> None:
    page = (ROOT / "docs/development/dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([\w, -]+) \| (.+) \| (.+) \|$", page, re.MULTILINE)
    told = {package.lower() for names, why, licence in rows if why and licence for package in names.split(", ")}
    needed = {package for name in ("run", "demo", "pictures") for package in packages(made(name))}
    assert needed == told - {"package", "---"}
