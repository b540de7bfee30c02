"""Installs packages as Stash's plugin manager does: files of the old version go, all others stay."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

from tests.support.installed import borrow_environment


class PluginManager:
    """Stash's plugin manager, for the one plugin in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(self, package: bytes) -> None:
        """Install a package, or update to it: an older one, too."""
        self._remove()
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            for entry in archive.infolist():
                target = self.folder / entry.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(archive.read(entry))
                target.chmod(entry.external_attr >> 16 & 0o777)
            (self.folder / "manifest").write_text(json.dumps({"files": archive.namelist()}))

    def borrow_environment(self) -> None:
        """Take the environment of these tests; to make one takes half a minute.

        It is said to have been made for what is installed, whose requirements may be written otherwise.
        """
        from plexsync.installation import environment_fit as environment

        shutil.rmtree(self.folder / environment.NAME, ignore_errors=True)
        borrow_environment(self.folder)
        stamp = self.folder / environment.NAME / environment.STAMP
        noted = json.loads(stamp.read_text())
        name = "requirements.txt"
        noted["sets"][name] = environment.digest(str(self.folder), name)
        stamp.write_text(json.dumps(noted))

    def _remove(self) -> None:
        manifest = self.folder / "manifest"
        if manifest.exists():
            for name in json.loads(manifest.read_text())["files"]:
                (self.folder / name).unlink(missing_ok=True)
