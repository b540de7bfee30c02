"""Builds what Stash's plugin manager installs: ``.venv/bin/python -m release.package FOLDER``.

Writes ``PlexSync.zip``, with exactly what is needed at run time, and ``index.yml``, the *source* that lists it, into a
folder outside of the project: in a clone in Stash's plugins folder, Stash would take ``index.yml`` for a plugin. The
same commit gives the same bytes, on any machine: names are sorted, times are the commit's, modes are two, and nothing
is compressed, as no two libraries compress alike.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The plugin's id, which is the name of its manifest.
PLUGIN = "PlexSync"
ZIP, INDEX = f"{PLUGIN}.zip", "index.yml"
#: What a package holds: these files, and all that is in these folders. The demo is among it, as a command runs it.
FILES = (
    f"{PLUGIN}.yml",
    "huey_consumer.sh",
    "settings.py",
    "requirements.txt",
    "requirements-pictures.txt",
    "requirements-postgres.txt",
    "requirements-demo.txt",
)
FOLDERS = ("plexsync", "tasks")
#: The one place in which the version stands.
VERSION_FILE = "plexsync/__init__.py"
#: Stash's form of a time, in UTC. It alone decides which package is newer.
DATE = "%Y-%m-%d %H:%M:%S"
#: Stash's own file in an installed package.
STASHS_OWN = "manifest"
#: How an entry of a ZIP file says that it was made on Unix, and has a mode.
_UNIX = 3


class Unbuildable(Exception):
    """There can be no package; the text says why."""


@dataclass(frozen=True)
class File:
    """A file of the plugin.

    :param content: its bytes.
    :param is_program: whether it may be started.
    """

    content: bytes
    is_program: bool


@dataclass(frozen=True)
class Tree:
    """The plugin at one commit, or as it is in the working tree.

    :param files: what belongs into a package, by name.
    :param date: of the commit, in UTC.
    """

    files: Mapping[str, File]
    date: datetime

    @property
    def version(self) -> str:
        """Which version it is."""
        text = self.files[VERSION_FILE].content.decode()
        found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
        if found is None:
            raise Unbuildable(f"{VERSION_FILE} has no __version__")
        return found[1]

    def of_manifest(self, key: str) -> str:
        """What the manifest has under a key at its beginning, such as ``description``."""
        text = self.files[f"{PLUGIN}.yml"].content.decode()
        found = re.search(rf"^{key}: (.+)$", text, re.MULTILINE)
        if found is None:
            raise Unbuildable(f"{PLUGIN}.yml has no {key}")
        return found[1].strip("\"'")


def main() -> int:
    """Build a package; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Build what Stash's plugin manager installs: PlexSync.zip, and index.yml, which lists it.",
        epilog="Examples:\n  python -m release.package /tmp/site\n  python -m release.package /tmp/site --commit v1.1",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="where the two files go; outside of the project")
    parser.add_argument("--commit", default="HEAD", help="what is packed (HEAD by default)")
    parser.add_argument("--working-tree", action="store_true", help="pack what is there now instead, to try it out")
    options = parser.parse_args()
    try:
        tree = working_tree() if options.working_tree else tree_of(options.commit)
        size = publish(tree, options.folder)
    except (Unbuildable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"{PLUGIN} {tree.version} of {tree.date:{DATE}}: {len(tree.files)} files, {size} bytes\n")
    return 0


def publish(tree: Tree, folder: Path) -> int:
    """Write the package and the source into a folder; returns the package's size in bytes.

    :raises Unbuildable: the folder is in the project, or the package would not be one for Stash.
    """
    if folder.resolve().is_relative_to(ROOT):
        raise Unbuildable(f"{folder} is in the project, where Stash would take {INDEX} for a plugin: name another one")
    packed = pack(tree)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ZIP).write_bytes(packed)
    (folder / INDEX).write_text(index(tree, packed), encoding="utf-8")
    return len(packed)


def pack(tree: Tree) -> bytes:
    """The package as a ZIP file.

    :raises Unbuildable: Stash would take a file of it for something else.
    """
    _check(tree)
    # Compiled files of the version before may be left. Python takes them for current where time and size are the same,
    # so each version has a time of its own.
    time = tree.date.timetuple()[:6]
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as package:
        for name, file in sorted(tree.files.items()):
            entry = zipfile.ZipInfo(name, time)
            entry.create_system = _UNIX
            entry.external_attr = (0o100755 if file.is_program else 0o100644) << 16
            package.writestr(entry, file.content)
    return written.getvalue()


def index(tree: Tree, packed: bytes) -> str:
    """The source that lists the package, in YAML.

    :param packed: the package.
    """
    # A text in JSON is one in YAML, whatever stands in it.
    lines = {
        "id": PLUGIN,
        "name": json.dumps(tree.of_manifest("name")),
        "metadata": "",
        "  description": json.dumps(tree.of_manifest("description")),
        "version": json.dumps(tree.version),
        "date": json.dumps(f"{tree.date:{DATE}}"),
        "path": ZIP,
        "sha256": hashlib.sha256(packed).hexdigest(),
    }
    text = "\n".join(f"  {key}: {value}".rstrip() for key, value in lines.items())
    return f"- {text[2:]}\n"


def _check(tree: Tree) -> None:
    if missing := [name for name in FILES if name not in tree.files]:
        raise Unbuildable(f"missing: {', '.join(missing)}")
    for name in tree.files:
        if name.endswith(".yml") and name != f"{PLUGIN}.yml":
            raise Unbuildable(f"{name}: Stash would take it for a plugin; let its name end in .yaml")
        if Path(name).name == STASHS_OWN:
            raise Unbuildable(f"{name}: a file of that name belongs to Stash's plugin manager")


# --- where the files come from ----------------------------------------------------------------------------------------


def tree_of(commit: str) -> Tree:
    """The plugin at a commit.

    :raises Unbuildable: there is no such commit, or no Git.
    """
    files = {}
    with tarfile.open(fileobj=io.BytesIO(_git("archive", "--format=tar", commit))) as archive:
        for entry in archive:
            content = archive.extractfile(entry) if entry.isfile() else None
            if content is not None and _belongs(entry.name):
                files[entry.name] = File(content.read(), bool(entry.mode & 0o100))
    return Tree(files, _date(commit))


def working_tree() -> Tree:
    """The plugin as it is here now, changes that were not committed included.

    :raises Unbuildable: this is no clone, or there is no Git.
    """
    listed = _git("ls-files", "-z", "-co", "--exclude-standard").decode().split("\0")
    paths = {name: ROOT / name for name in listed if _belongs(name) and (ROOT / name).is_file()}
    return Tree(
        {name: File(path.read_bytes(), bool(path.stat().st_mode & 0o100)) for name, path in paths.items()},
        _date("HEAD"),
    )


def _belongs(name: str) -> bool:
    return name in FILES or name.partition("/")[0] in FOLDERS


def _date(commit: str) -> datetime:
    return datetime.fromtimestamp(int(_git("log", "-1", "--format=%ct", commit)), UTC)


def _git(*words: str) -> bytes:
    try:
        done = subprocess.run(_command(words), cwd=ROOT, capture_output=True, check=False)  # noqa: S603 - our own words
    except OSError as error:
        raise Unbuildable(f"Git is needed: {error}") from None
    if done.returncode:
        raise Unbuildable(f"git {words[0]}: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _command(words: Iterable[str]) -> list[str]:
    return ["git", *words]


if __name__ == "__main__":
    sys.exit(main())
