"""Whether the program's own files are others than when it was started, and whether what is there now is whole.

An update through Stash's plugin manager removes the files of the old version, and writes those of the new one, while
the consumer runs. A look costs a stat of a few files and folders. Only where one of these has changed are all files
looked at, and only once these have settled are they read.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path

from plexsync.storage.file_stamps import Stamp, stamp_if_told

#: Seconds for which no file may change any more before an update counts as complete. Judged: a plugin manager writes
#: some hundred small files in one go, which takes a slow disk a second or two.
SETTLED = 5.0
#: Seconds after which files that are gone are taken for removed for good, and not for an update on its way.
GONE_AFTER = 300.0
#: What starts the program, and what it needs: no version is without them.
SCRIPT, REQUIREMENTS, VERSION = "huey_consumer.sh", "requirements.txt", "plexsync/__init__.py"
_ALWAYS = (SCRIPT, REQUIREMENTS, VERSION, "settings.py", "plexsync/cli/consumer.py", "tasks/__init__.py")
#: Where modules of ours are, in the plugin's folder.
_ROOTS = ("plexsync", "tasks")


class FilesState(Enum):
    """How the files stand, against those that the program was started from."""

    SAME = "same"
    CHANGING = "changing"
    NEW = "new"
    GONE = "gone"


class ProgramFiles:
    """Looks at the files of one installation; used by one thread.

    What is there when this is made is taken for what runs.

    :param folder: the plugin's.
    :param settled: seconds; see ``SETTLED``.
    :param gone_after: seconds; see ``GONE_AFTER``.
    :param clock: seconds that only ever grow.
    """

    def __init__(
        self,
        folder: Path,
        settled: float = SETTLED,
        gone_after: float = GONE_AFTER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._settled_after = settled
        self._gone_after = gone_after
        self._clock = clock
        # Texts, and no pathlib, which takes twice as long: they are looked at every few seconds all day long.
        self._few = [*(f"{folder}/{name}" for name in _ALWAYS), *map(str, _folders(folder))]
        self._glanced = self._glance()
        self._running = self._last = _stamps(folder)
        self._since: float | None = None
        #: What is not whole about files that have settled, for a person; empty where nothing is.
        self.fault = ""

    def look(self) -> FilesState:
        """How the files stand now."""
        glanced = self._glance()
        if self._since is None and glanced == self._glanced:
            return FilesState.SAME
        self._glanced, now, stamps = glanced, self._clock(), _stamps(self._folder)
        if stamps == self._running:
            self._since, self._last, self.fault = None, stamps, ""
            return FilesState.SAME
        if self._since is None or stamps != self._last:
            self._since, self._last, self.fault = now, stamps, ""
            return FilesState.CHANGING
        if now - self._since < self._settled_after:
            return FilesState.CHANGING
        if not any((self._folder / name).exists() for name in (SCRIPT, VERSION)):
            return FilesState.GONE if now - self._since >= self._gone_after else FilesState.CHANGING
        # Read once: until something changes, nothing else will be found.
        self.fault = self.fault or fault_of(self._folder)
        return FilesState.CHANGING if self.fault else FilesState.NEW

    def _glance(self) -> list[Stamp | None]:
        return [stamp_if_told(path) for path in self._few]


def fault_of(folder: Path) -> str:
    """What is missing or cut short in an installation, for a person; ``""`` where it is whole.

    :param folder: the plugin's.
    """
    for name in _ALWAYS:
        if not _size(folder / name):
            return f"{name} is missing or empty"
    names: dict[str, set[str]] = {}
    wanted: dict[str, str] = {}
    for path in _modules(folder):
        shown = path.relative_to(folder)
        try:
            tree = ast.parse(path.read_bytes(), str(shown))
        except (SyntaxError, ValueError) as error:
            return f"{shown} cannot be read as Python ({error})"
        except OSError as error:
            return f"{shown} cannot be read ({error.strerror})"
        module = _module(shown)
        names[module] = _bound(tree)
        wanted |= {one: str(shown) for one in _imported(tree)}
    for one, where in wanted.items():
        module, _, name = one.partition(":")
        if module not in names:
            return f"{where} needs {module}, which is missing"
        if name and name not in names[module] and f"{module}.{name}" not in names:
            return f"{where} needs {name} of {module}, which is missing"
    return ""


# --- which files ------------------------------------------------------------------------------------------------------


def _stamps(folder: Path) -> Mapping[Path, Stamp | None]:
    """All files of the program: those that Python runs, what starts them, and what says which packages they need."""
    return {path: stamp_if_told(path) for path in (folder / SCRIPT, folder / REQUIREMENTS, *_modules(folder))}


def _modules(folder: Path) -> Iterator[Path]:
    yield folder / "settings.py"
    for root in _folders(folder):
        try:
            yield from sorted(path for path in root.iterdir() if path.suffix == ".py")
        except OSError:
            # Removed at this moment.
            continue


def _folders(folder: Path) -> list[Path]:
    found = [folder / root for root in _ROOTS]
    for one in found:
        try:
            found += sorted(path for path in one.iterdir() if path.name.isidentifier() and _holds_modules(path))
        except OSError:
            continue
    return found


def _holds_modules(path: Path) -> bool:
    return path.name != "__pycache__" and path.is_dir()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


# --- what they need of each other -------------------------------------------------------------------------------------


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _bound(tree: ast.Module) -> set[str]:
    """Names that a module has, as far as they can be seen."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            bound.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
    return bound


def _imported(tree: ast.Module) -> Iterator[str]:
    """What a module imports of our own, wherever it does: ``plexsync.model``, ``plexsync.model:Field``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if _is_ours(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level and _is_ours(node.module):
            yield from (f"{node.module}:{alias.name}" for alias in node.names)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] in (*_ROOTS, "settings")
