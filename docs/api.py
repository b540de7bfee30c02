"""Builds the API reference from the docstrings, with pdoc: ``.venv/bin/python -m docs.generate --api``.

It is 350 pages of HTML, so it is not committed: it goes to the folder ``api``. Building keeps one core busy for
half a minute, so no test does it.
"""

from __future__ import annotations

import importlib
import os
import re
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: Where the pages are put.
FOLDER = ROOT / "docs" / "reference" / "api"
#: A warning about something of ours, and not of a package that we use. Of annotations mypy knows more than pdoc, which
#: looks for a name that a class inherits in the wrong module. Nor is it a fault that a default is the present folder.
_OURS = re.compile(r"^(?!Error parsing type annotation|The default value).*\b(plexsync|tasks|settings)\b")


def modules() -> list[str]:
    """The names of all modules, those included that their room's face does not show."""
    files = [ROOT / "settings.py", *(ROOT / "plexsync").rglob("*.py"), *(ROOT / "tasks").rglob("*.py")]
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files)
    return sorted(name.removesuffix(".__init__") for name in names if not name.endswith("__main__"))


def build(folder: Path = FOLDER) -> list[str]:
    """Write the pages.

    :param folder: where to.
    :returns: what is wrong with our docstrings and names, a sentence each.
    """
    # Importing the tasks opens a database.
    with tempfile.TemporaryDirectory() as data:
        os.environ["PLEXSYNC_DATA_DIR"] = data
        import pdoc
        import pdoc.extract
        import pdoc.render

        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            pdoc.render.configure(docformat="restructuredtext", show_source=False)
            specs: list[str] = []
            walked: set[str] = set()
            for name in modules():
                _resolve(name)
                # A package brings its modules, but for those of a face with an ``__all__``.
                if name not in walked:
                    specs.append(name)
                    walked.update(pdoc.extract.walk_specs([name]))
            pdoc.pdoc(*specs, output_directory=folder)
    return sorted({text for one in found if _OURS.search(text := str(one.message).partition("\n")[0])})


def _resolve(name: str) -> None:
    """Have what a module names in ``__all__`` in it: some make it when it is asked for, where pdoc does not see it."""
    module = importlib.import_module(name)
    for one in getattr(module, "__all__", ()):
        setattr(module, one, getattr(module, one))
