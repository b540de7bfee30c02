"""What Stash's plugin manager installs: a package is whole, works by itself, and can be changed for another.

An update and a step back are made from and to the version before: the last commit with another version number.
"""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from plexsync import __version__
from plexsync.demo.world import World
from plexsync.installation.program_files import fault_of
from release import package
from tests.support.places import ROOT
from tests.support.plugin_manager import PluginManager

#: What imports of ours outside of the standard library are called on PyPI, where they have another name there.
ON_PYPI = {"yaml": "PyYAML", "PIL": "Pillow", "graphql": "graphql-core", "playhouse": "huey"}


@pytest.fixture(scope="module")
def tree() -> package.Tree:
    return package.working_tree()


@pytest.fixture(scope="module")
def packed(tree: package.Tree) -> bytes:
    return package.pack(tree)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, packed: bytes) -> Path:
    """The package in an empty tree. Nobody changes anything in it."""
    manager = PluginManager(tmp_path_factory.mktemp("stash") / "plugins" / "local" / package.PLUGIN)
    manager.install(packed)
    return manager.folder


def entries(packed: bytes) -> list[zipfile.ZipInfo]:
    return zipfile.ZipFile(io.BytesIO(packed)).infolist()


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_the_same_commit_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    once = package.tree_of("HEAD")
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    monkeypatch.chdir("/")
    before = os.umask(0o077)
    try:
        again = package.tree_of("HEAD")
    finally:
        os.umask(before)
    turned = package.Tree(dict(reversed(again.files.items())), again.date)
    assert package.pack(once) == package.pack(turned)
    assert package.index(once, b"x") == package.index(turned, b"x")


def test_a_package_holds_what_runs_and_nothing_else(packed: bytes) -> None:
    names = [entry.filename for entry in entries(packed)]
    assert names == sorted(names)
    assert {name.partition("/")[0] for name in names} == {*package.FILES, *package.FOLDERS}
    assert [name for name in names if name.endswith(".yml")] == ["PlexSync.yml"]
    assert not any(Path(name).name == "manifest" or name.endswith(".pyc") for name in names)
    modes = {entry.filename: entry.external_attr >> 16 for entry in entries(packed)}
    assert {name for name, mode in modes.items() if mode == 0o100755} == {"huey_consumer.sh"}
    assert set(modes.values()) == {0o100755, 0o100644}


def test_the_times_are_the_commits_so_that_no_compiled_file_of_another_version_is_taken_for_current(
    tree: package.Tree, packed: bytes
) -> None:
    assert {entry.date_time[:5] for entry in entries(packed)} == {tree.date.timetuple()[:5]}


def test_what_stash_would_take_for_something_else_is_not_packed(tree: package.Tree) -> None:
    for name, text in (("plexsync/compose.yml", "takes? it for a plugin"), ("plexsync/manifest", "plugin manager")):
        odd = package.Tree({**tree.files, name: package.File(b"", False)}, tree.date)
        with pytest.raises(package.Unbuildable, match=re.escape(name)) as refused:
            package.pack(odd)
        assert re.search(text.replace("takes?", "take"), str(refused.value))
    with pytest.raises(package.Unbuildable, match=r"missing: huey_consumer\.sh"):
        package.pack(package.Tree({k: v for k, v in tree.files.items() if k != "huey_consumer.sh"}, tree.date))


def test_the_source_lists_the_package_as_stash_reads_it(tree: package.Tree, tmp_path: Path) -> None:
    package.publish(tree, tmp_path)
    [listed] = yaml.safe_load((tmp_path / "index.yml").read_text())
    packed = (tmp_path / listed["path"]).read_bytes()
    assert listed["sha256"] == hashlib.sha256(packed).hexdigest()
    assert (listed["id"], listed["name"], listed["version"]) == ("PlexSync", "PlexSync", __version__)
    manifest = yaml.safe_load(zipfile.ZipFile(io.BytesIO(packed)).read("PlexSync.yml"))
    assert listed["metadata"]["description"] == manifest["description"]
    assert isinstance(listed["date"], str)
    assert datetime.strptime(listed["date"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) == tree.date


def test_a_source_is_not_put_where_stash_would_take_it_for_a_plugin(
    tree: package.Tree, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(package.Unbuildable, match="name another one"):
        package.publish(tree, ROOT / "site")
    monkeypatch.setattr(sys, "argv", ["package", "/anywhere", "--commit", "no-such-commit"])
    assert package.main() == 1
    assert "no-such-commit" in capsys.readouterr().err
    assert not (ROOT / "site").exists()


def test_what_is_imported_is_in_the_package_or_among_its_requirements(installed: Path) -> None:
    assert fault_of(installed) == ""
    named = "".join((installed / name).read_text() for name in package.FILES if name.startswith("requirements"))
    pinned = {name.lower().replace("_", "-") for name in re.findall(r"^([\w.-]+)==", named, re.MULTILINE)}
    imported = set()
    for path in installed.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                imported.add(node.module.partition(".")[0])
    foreign = imported - set(sys.stdlib_module_names) - {"plexsync", "tasks", "settings"}
    assert foreign, "nothing was looked at"
    assert {one for one in foreign if ON_PYPI.get(one, one).lower().replace("_", "-") not in pinned} == set()


# --- it works by itself -----------------------------------------------------------------------------------------------

_IMPORT_ALL = """
import importlib, pathlib, sys
folder = pathlib.Path(sys.argv[1])
names = ["settings"] + [
    ".".join(path.relative_to(folder).with_suffix("").parts).removesuffix(".__init__")
    for room in ("plexsync", "tasks") for path in sorted((folder / room).rglob("*.py"))
]
for name in names:
    if not name.endswith("__main__"):
        assert importlib.import_module(name).__file__.startswith(str(folder)), name
print(len(names))
"""


def test_every_module_can_be_imported_from_an_empty_tree(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-c", _IMPORT_ALL, str(installed)],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(installed), "PLEXSYNC_DATA_DIR": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 300


def before() -> str:
    """The last commit with another version number."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()

    numbered = git("log", "--format=%H", "-G^__version__ = ", "--", package.VERSION_FILE).split()
    for commit in ("HEAD", *(f"{one}^" for one in numbered)):
        try:
            if package.tree_of(commit).version != __version__:
                return commit
        except (package.Unbuildable, KeyError):
            continue
    pytest.skip("the history here does not reach back to another version")


@pytest.fixture(scope="module")
def packed_before() -> bytes:
    tree = package.tree_of(before())
    with pytest.MonkeyPatch.context() as patch:
        # What came since it did not have.
        patch.setattr(package, "FILES", tuple(name for name in package.FILES if name in tree.files))
        return package.pack(tree)


def answer_of(world: World, **args: object) -> Any:
    """What the page in Stash is answered."""
    document = 'mutation($args: Map) { runPluginOperation(plugin_id: "PlexSync", args: $args) }'
    asked = {"query": document, "variables": {"args": args}}
    answer = requests.post(f"{world.stash.url}/graphql", json=asked, timeout=60).json()
    return answer["data"]["runPluginOperation"]["result"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_an_update_and_a_step_back_keep_what_was_known_and_what_waits(
    tmp_path: Path, packed: bytes, packed_before: bytes
) -> None:
    manager = PluginManager(tmp_path / "plugins" / "local" / "PlexSync")
    manager.install(packed_before)
    manager.borrow_environment()
    # The data is where it is by default: in the plugin's folder.
    with World(manager.folder, plugin=manager.folder) as world:
        world.consumer_command = [str(manager.folder / "huey_consumer.sh")]
        first, second, third = (world.add(f"{number}.mp4") for number in range(3))
        world.start_consumer()
        world.edit(first, title="By the version before")
        world.wait_until_right([first], 60)
        assert world.stop_consumer() == 0
        world.edit(second, title="Waits for the update")

        manager.install(packed)
        manager.borrow_environment()
        world.start_consumer()
        world.wait_until_right([first, second], 60)
        assert f"PlexSync {__version__}: " in world.log_path.read_text()
        shown = json.loads(world.command("status", "--json"))
        assert shown["scenes"]["synced"] >= 2
        assert json.loads(world.command("scene", str(first), "--json"))["state"] == "synced"
        world.wait(lambda: answer_of(world, mode="status")["version"] == __version__, 30, "the page is answered")
        assert world.stop_consumer() == 0
        world.edit(third, title="Waits for the step back")
        known = (world.data_dir / "plexsync.db").stat().st_size

        manager.install(packed_before)
        manager.borrow_environment()
        began = len(world.log_path.read_text())
        world.start_consumer()
        if step_back_works(world, began):
            world.wait_until_right([first, second, third], 60)
            assert world.stop_consumer() == 0
        else:
            said = world.log_path.read_text()[began:]
            assert "was written by a newer PlexSync" in said
            assert "update the plugin" in said
            assert "Traceback" not in said
            world.kill_consumer()
        assert (world.data_dir / "plexsync.db").stat().st_size >= known

        manager.install(packed)
        manager.borrow_environment()
        world.start_consumer()
        world.wait_until_right([first, second, third], 60)
        assert json.loads(world.command("scene", str(first), "--json"))["state"] == "synced"
        assert world.stop_consumer() == 0


def step_back_works(world: World, began: int) -> bool:
    """Whether the older version runs on this database; it ends where it does not."""
    try:
        world.wait(lambda: "workers" in world.log_path.read_text()[began:], 60, "it runs, or says why not")
    except TimeoutError:
        assert world.consumer_ended() is not None
        return False
    return True
