"""The path map, found out from files that Stash and Plex both have: which folder of the one is which of the other.

Each file that Plex has in one place only is a witness. What is left of its two paths without the folders they end in
alike says where it is mounted: ``/data/sub/a.mp4`` and ``/media/sub/a.mp4`` speak for ``/data`` being ``/media``, and
just as well for ``/data/sub`` being ``/media/sub``. PathMapping are taken one at a time, always the one that makes most
files right and fewest wrong, and of equals the one nearest the root. In a path the longest taken mount counts, as in
``paths.map_path``; so roots may lie within each other.

A wrong map is worse than none, since a file is still found by its name and size: what is not clear is not taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from plexsync.imports.late_dataclass import dataclass
from plexsync.matching.paths import folded, is_windows, map_path, path_key

#: Files that must speak for a mount. Two or three moved together by hand happen in any library.
CLEAR_SUPPORT = 5
#: The part of the files below it (0 to 1) that must speak for it. With less, two ways of sorting files are mixed there.
CLEAR_SHARE = 0.75
#: With as many files that speak for it, less of those below it is enough: nothing but a mount makes so many agree, and
#: the others were filed anew, each in its own way.
MUCH_SUPPORT = 40
MUCH_SHARE = 0.35
#: With at most this many files in all, one is enough for a mount, as long as no other file below the same top folder
#: speaks otherwise: whoever tries things out with three files should see them mapped.
FEW_FILES = 10
#: More than any installation mounts. Where folders were sorted anew one by one, name and size say it better.
MOST_MOUNTS = 50


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder as Stash and as Plex see it, in comparable form, and how many files below it speak for and against it.

    Files below a longer mount speak of that one only.
    """

    stash: str
    plex: str
    support: int
    against: int


def infer(pairs: Iterable[tuple[str, str]]) -> list[Mount]:
    """The mounts that the files speak for clearly, the best supported first; none where the paths are the same.

    :param pairs: (a file's path in Stash, the path in Plex of a file of the same name and size), in any order. A file
        of Stash that comes with several paths of Plex says nothing, nor does a pair whose file names differ.
    """
    files = list(_witnesses(pairs))
    below = Counter(folder for file in files for folder in file.folders)
    taken: list[_Candidate] = []
    while len(taken) < MOST_MOUNTS:
        clear = [one for one in _candidates(files) if one.is_clear(below, len(files))]
        if not clear:
            break
        taken.append(min(clear, key=_Candidate.rank))
        for file in files:
            file.put_under(taken[-1])
    path_mapping = [one for one in taken if not one.is_same or _is_within_another(one, taken)]
    return sorted((one.counted(files) for one in path_mapping), key=lambda mount: (-mount.support, mount.stash))


def agreement(pairs: Iterable[tuple[str, str]], path_map: Sequence[tuple[str, str]]) -> tuple[int, int]:
    """How many of Stash's files a map leads to one of their paths in Plex, whatever its case; and how many there are.

    :param pairs: as for ``infer``.
    :param path_map: pairs of (prefix in Stash, prefix in Plex).
    """
    places: dict[str, set[str]] = {}
    for stash, plex in pairs:
        places.setdefault(stash, set()).add(folded(plex))
    return sum(folded(map_path(path, path_map)) in found for path, found in places.items()), len(places)


@dataclass(slots=True)
class _Claim:
    """What a file says of one of its folders: where it is in Plex, and whether all below is spelled alike."""

    stash: str
    plex: str
    exact: bool


@dataclass(slots=True)
class _File:
    """A witness. ``folders`` from the root down, in the form prefixes are compared; ``claims`` by the same depth."""

    folders: list[str]
    claims: dict[int, _Claim]
    #: The depth of the longest mount taken so far that it lies below.
    depth: int = -1
    right: bool = False

    def put_under(self, mount: _Candidate) -> None:
        """Note a mount that was taken."""
        if self.depth < mount.depth < len(self.folders) and self.folders[mount.depth] == mount.folder:
            self.depth = mount.depth
            claim = self.claims.get(mount.depth)
            self.right = claim is not None and claim.plex.casefold() == mount.target


@dataclass(slots=True)
class _Candidate:
    """A mount that some files speak for. ``folder`` and ``target`` in the forms in which the two sides are compared."""

    folder: str
    target: str
    depth: int
    top: str
    spellings: Counter[tuple[str, str]] = field(default_factory=Counter)
    #: Files that speak for it, those of them that no mount makes right so far, and of those the ones spelled alike.
    support: int = 0
    newly: int = 0
    newly_exact: int = 0
    #: Files below it, without those below longer mounts.
    files: int = 0

    @property
    def is_same(self) -> bool:
        """Whether the folder has the same path in both."""
        return all(stash.casefold() == plex.casefold() for stash, plex in self.spellings)

    def is_clear(self, below: Counter[str], total: int) -> bool:
        """Whether it may be taken.

        :param below: how many files there are below each folder.
        :param total: how many there are in all.
        """
        share = MUCH_SHARE if self.newly >= MUCH_SUPPORT else CLEAR_SHARE
        if not self.newly or self.support < share * self.files:
            return False
        if self.newly >= CLEAR_SUPPORT:
            return True
        # That a whole path is the same in both, and name and size too, is no chance: one file is enough.
        if self.is_same:
            return self.support == self.files
        return total <= FEW_FILES and self.support == below[self.top]

    def rank(self) -> tuple[int, int, str, str]:
        """Sorts the best candidate to the front. A file that is found only whatever its case counts half."""
        wrong = self.files - self.support
        return 2 * wrong - self.newly - self.newly_exact, self.depth, self.folder, self.target

    def counted(self, files: Sequence[_File]) -> Mount:
        """The mount with the files that it is the longest one for."""
        own = [file for file in files if file.depth == self.depth and file.folders[self.depth] == self.folder]
        right = sum(file.right for file in own)
        stash, plex = min(self.spellings, key=lambda spelling: (-self.spellings[spelling], spelling))
        return Mount(stash, plex, right, len(own) - right)


def _witnesses(pairs: Iterable[tuple[str, str]]) -> Iterator[_File]:
    places: dict[str, set[str]] = {}
    for stash, plex in pairs:
        places.setdefault(path_key(stash), set()).add(path_key(plex))
    for path in sorted(places):
        if len(places[path]) == 1:
            file = _witness(path, *places[path])
            if file.claims:
                yield file


def _witness(stash: str, plex: str) -> _File:
    ours, theirs = _split(stash), _split(plex)
    shift = len(theirs) - len(ours)
    claims: dict[int, _Claim] = {}
    exact = True
    # From the file's name towards the root, which itself is never taken away.
    for depth in range(len(ours) - 2, -1, -1):
        if depth + shift < 0 or ours[depth + 1].casefold() != theirs[depth + 1 + shift].casefold():
            break
        exact = exact and ours[depth + 1] == theirs[depth + 1 + shift]
        claims[depth] = _Claim(_join(ours[: depth + 1]), _join(theirs[: depth + 1 + shift]), exact)
    folders = [_join(ours[: depth + 1]) for depth in range(len(ours) - 1)]
    return _File([folder.casefold() for folder in folders] if is_windows(stash) else folders, claims)


def _candidates(files: Iterable[_File]) -> Iterator[_Candidate]:
    """What the files speak for, apart from folders that a mount is taken for already."""
    found: dict[tuple[str, str], _Candidate] = {}
    free: Counter[str] = Counter()
    for file in files:
        free.update(file.folders[file.depth + 1 :])
        for depth, claim in file.claims.items():
            if depth <= file.depth:
                continue
            key = file.folders[depth], claim.plex.casefold()
            one = found.get(key)
            if one is None:
                one = found[key] = _Candidate(*key, depth, file.folders[min(1, depth)])
            one.spellings[claim.stash, claim.plex] += 1
            one.support += 1
            one.newly += not file.right
            one.newly_exact += claim.exact and not file.right
    for one in found.values():
        one.files = free[one.folder]
        yield one


def _is_within_another(mount: _Candidate, taken: Sequence[_Candidate]) -> bool:
    """Whether a mount that leads elsewhere would hold for this folder if this one were not there."""
    inside = f"{mount.folder.rstrip('/')}/"
    return any(
        not other.is_same and other.depth < mount.depth and inside.startswith(f"{other.folder.rstrip('/')}/")
        for other in taken
    )


def _split(path: str) -> list[str]:
    """A comparable path as its root (``/``, ``D:/``, ``//server/share``) and the names below it.

    A relative one, which neither program gives, is all root: so it speaks for nothing.
    """
    if path.startswith("//"):
        server, _, rest = path[2:].partition("/")
        share, *names = rest.split("/")
        return [f"//{server}/{share}", *names]
    if is_windows(path):
        return [path[:3], *path[3:].split("/")]
    return ["/", *path[1:].split("/")] if path.startswith("/") else [path]


def _join(names: Sequence[str]) -> str:
    return names[0].rstrip("/") + "/" + "/".join(names[1:]) if len(names) > 1 else names[0]
