"""Renews the files of requirements: ``.venv/bin/python -m release.requirements_files``.

Reads what is wanted in ``release/requirements/*.in``, and writes ``requirements*.txt``: everything that this needs in
turn, with its version, and with the hashes of all its files on PyPI, so that pip installs nothing else, on whatever
platform. What is there already keeps its version, unless ``--upgrade`` asks for the newest. Needs ``uv``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "release" / "requirements"
#: What is wanted, and the file that is made of it. Each comes after those that it includes.
MADE = {
    "run": "requirements.txt",
    "demo": "requirements-demo.txt",
    "pictures": "requirements-pictures.txt",
    "postgres": "requirements-postgres.txt",
    "dev": "requirements-dev.txt",
}
#: The oldest Python that runs the consumer: what it needs, newer ones have or need as well.
PYTHON = "3.11"
#: What no Linux needs.
_ELSEWHERE = re.compile(r"sys_platform == '(win32|darwin)'|os_name == 'nt'")


def main() -> int:
    """Renew the files; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Renew requirements*.txt from release/requirements/*.in, with the hashes of all files on PyPI.",
        epilog="Examples:\n  python -m release.requirements_files\n  python -m release.requirements_files --upgrade",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--upgrade", action="store_true", help="take the newest of what is needed in turn")
    parser.add_argument("--uv", default="uv", help="the program uv, if it is not in the search path")
    options = parser.parse_args()
    if shutil.which(options.uv) is None:
        sys.stderr.write("uv is needed: pipx install uv, or name it with --uv\n")
        return 1
    for name, made in MADE.items():
        whole = compiled(options.uv, name, "" if options.upgrade else pins_of("dev"))
        (ROOT / made).write_text(without_included(name, whole), encoding="utf-8")
    return 0


def compiled(uv: str, name: str, known: str) -> dict[str, str]:
    """What a file needs in all: the lines of each package, by its name.

    :param name: of the file, such as ``run``.
    :param known: versions to keep, one a line.
    """
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "kept.txt"
        kept.write_text(known, encoding="utf-8")
        words = ["pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate", "--generate-hashes"]
        words += ["--python-version", PYTHON, "--constraints", str(kept), str(SOURCES / f"{name}.in")]
        text = subprocess.run([uv, *words], capture_output=True, text=True, check=True).stdout  # noqa: S603
    return packages(text)


def packages(text: str) -> dict[str, str]:
    """The lines of each package in a file of requirements; what only other systems than Linux need is left out."""
    found = {}
    for block in re.findall(r"^[^\s#-].*?(?=^[^\s]|\Z)", text, re.MULTILINE | re.DOTALL):
        head, end, hashes = block.partition("\n")
        if not _ELSEWHERE.search(head):
            pin = re.sub(r" ; .*?(?= \\|$)", "", head)
            found[pin.partition("==")[0]] = f"{pin}{end}{hashes}"
    return found


def without_included(name: str, whole: dict[str, str]) -> str:
    """The file that is made: it includes those that it is wanted to, and names no package a second time."""
    source = (SOURCES / f"{name}.in").read_text(encoding="utf-8")
    comment = source.partition("\n")[0]
    included = [MADE[one] for one in re.findall(r"^-r (\w+)\.in$", source, re.MULTILINE)]
    there: set[str] = set()
    for one in MADE.values():
        if one in all_included(name):
            there |= set(packages((ROOT / one).read_text(encoding="utf-8")))
    lines = [comment, "# Made by release/requirements_files.py of release/requirements: change those."]
    lines += [f"-r {one}" for one in included]
    return "\n".join(lines) + "\n" + "".join(text for package, text in whole.items() if package not in there)


def all_included(name: str) -> set[str]:
    """All files that a file includes, and those that these include."""
    source = (SOURCES / f"{name}.in").read_text(encoding="utf-8")
    names = re.findall(r"^-r (\w+)\.in$", source, re.MULTILINE)
    return {MADE[one] for one in names}.union(*(all_included(one) for one in names))


def pins_of(name: str) -> str:
    """The versions that are there now, one a line."""
    files = {MADE[name], *all_included(name)}
    texts = [(ROOT / one).read_text(encoding="utf-8") for one in files if (ROOT / one).exists()]
    lines = "\n".join(texts).splitlines()
    wanted = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.in"))
    asked = {one.lower() for one in re.findall(r"^([\w.-]+)==", wanted, re.MULTILINE)}
    pins = [line.partition("\\")[0].strip() for line in lines if re.match(r"[\w.-]+==", line)]
    # What is asked for by name may be about to change.
    return "\n".join(pin for pin in pins if pin.partition("==")[0].lower() not in asked)


if __name__ == "__main__":
    sys.exit(main())
