"""Words that are in the names of any files and folders, and tell nothing of what is in them."""

from __future__ import annotations

#: Words of file names and folders that cameras, programs and people in a hurry give.
GENERIC_IN_NAMES = frozenset(
    "video videos scene scenes clip clips movie movies film films file files part untitled unknown new sample trailer "  # noqa: SIM905 - as a list it would take a page
    "preview teaser intro outro full main final output export render copy download downloads default test temp track "
    "project sequence timeline episode "
    "img mvi vid dsc dscn dscf mov gopr gh gx gp dji pxl cam camera recording capture screen bonus extra extras "
    "feature vts "
    "porn adult other others misc unsorted".split()
)
#: Places where people keep things, by which folders are called. In a title they are words as any other.
_PLACES = frozenset("media library data content storage share root mnt home".split())  # noqa: SIM905 - as above
#: Words that tell nothing of what is in a folder.
GENERIC = GENERIC_IN_NAMES | _PLACES
