"""Where Stash and Plex see the same folders."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mount:
    """One folder of files under the two names it has."""

    stash: str
    plex: str

    def in_stash(self, relative: str) -> str:
        """A file's path as Stash sees it."""
        return _joined(self.stash, relative)

    def in_plex(self, relative: str) -> str:
        """A file's path as Plex sees it."""
        return _joined(self.plex, relative)


def _joined(root: str, relative: str) -> str:
    if "\\" in root:
        return root.rstrip("\\") + "\\" + relative.replace("/", "\\")
    return f"{root}/{relative}"


#: Both see the same path.
SAME = Mount("/srv/videos", "/srv/videos")
#: The usual two containers.
OTHER = Mount("/data", "/media/stash")
#: Three disks and three machines, two of them with Windows.
SEVERAL = (
    Mount("/mnt/nas1/clips", "\\\\NAS\\clips"),
    Mount("D:\\Videos", "/volume1/videos"),
    Mount("/mnt/usb/old disk", "E:\\Archive\\old disk"),
)
#: Two folders that each program has under the other's name.
CROSSED = (Mount("/library1", "/library2"), Mount("/library2", "/library1"))
#: Folder of Plex that Stash does not see.
PLEX_ONLY = "/media/plex only"
