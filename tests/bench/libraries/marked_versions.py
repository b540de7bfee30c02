"""Kinds of trouble where two versions of one film are there, and a mark in names or folders alone tells which is which.

Each version is a scene of its own, and an item of its own; both are as long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.bench.libraries import naming
from tests.bench.libraries.films import Encoding, Film, Title, encoded_again, remuxed, some_title
from tests.bench.libraries.maker import STREAMS, Maker, Place
from tests.bench.libraries.naming import Name

#: Seconds by which the versions' lengths differ at most.
_APART = 0.1


_NO_MARK = ""


@dataclass(frozen=True, slots=True)
class _Version:
    """How people write what it is (``""``: not at all), what they call a folder for it, and its lines, if told."""

    spelt: tuple[str, ...] = (_NO_MARK,)
    folder: str = ""
    height: int = 0


_PLAIN = _Version()
_UHD = _Version(("2160p", "4K", "[UHD]", "(2160p)", "UHD 4K", "3840x2160"), "4K", 2160)
_FHD = _Version(("1080p", "[FHD]", "Full HD", "1920x1080", "(1080p)"), "1080p", 1080)
_SD = _Version(("480p", "[SD]", "SD", "(480p)", "640x480"), "SD", 480)
#: How files are called after their films.
_SCHEMES = ("title", "dashed", "performer", "studio")
#: Pairs of versions that people keep beside each other.
_PAIRS = (
    (_UHD, _FHD),
    (_UHD, _SD),
    (_FHD, _SD),
    (_PLAIN, _Version(("[ENG SUB]", "english subtitles", "eng-sub", "EngSubs", "(English Subbed)"), "English Subs")),
    (_PLAIN, _Version(("subbed", "[Subs]", "SUBTITLED", "hardsub"), "Subbed")),
    (_PLAIN, _Version(("uncensored", "[Uncensored]", "UNCEN", "decensored"), "Uncensored")),
    (_PLAIN, _Version(("Uncut", "[uncut]", "{edition-Uncut}", "UNCUT"), "Uncut")),
    (_PLAIN, _Version(("Director's Cut", "[Directors Cut]", "{edition-Director's Cut}", "DIRECTORS.CUT"), "")),
    (_PLAIN, _Version(("Remastered", "[REMASTERED]", "{edition-Remastered}", "remaster"), "Remastered")),
    (_Version(("Theatrical", "", "[Theatrical Cut]")), _Version(("Extended", "Extended Cut", "{edition-Extended}"))),
    (_Version(("Softcore", "[soft version]")), _Version(("Hardcore", "[XXX Version]", "hard version"))),
    (_PLAIN, _Version(("German Dubbed", "[GER DUB]", "german dub"), "")),
    (_PLAIN, _Version(("HDR", "[HDR10]", "Dolby Vision"), "HDR")),
    (_PLAIN, _Version(("no music", "[without music]"), "")),
    (_Version(("LR_180", "180_sbs", "180x180_3dh")), _Version(("MKX200", "mkx200"))),
    (_Version(("LR_180", "SBS 180")), _Version(("TB_360", "360 TB", "3dv 360"))),
    (_Version(("Oculus", "oculus_180", "Quest")), _Version(("GearVR", "gear vr", "Gear-VR"))),
    (_Version(("left", "Left Eye", "[LEFT]")), _Version(("right", "Right Eye", "[RIGHT]"))),
)
#: The same behind a code.
_PAIRS_OF_CODES = (
    (_PLAIN, _Version(("-C", " [Chinese Subs]", "ch", " CHS", "-c"), "Subbed")),
    (_PLAIN, _Version((" [ENG SUB]", "-engsub", " english subbed"), "English Subs")),
    (_PLAIN, _Version(("-uncensored", " [Uncensored]", "-U", "-uncen"), "Uncensored")),
    (_PLAIN, _Version(("-leak", " leaked", "-uncensored-leak"), "")),
    (_Version(("-C", "-c")), _Version(("-UC", "-uc"))),
    (_Version(("-C", " [Chinese Subs]")), _Version(("-U", "-uncensored"))),
    (_Version((" 1080p", "-FHD", " [1080p]"), "1080p", 1080), _Version(("-4K", " 2160p", " [4k]"), "4K", 2160)),
)


def marked_versions(make: Maker) -> None:
    """Two versions of one film: resolutions, cuts, subtitles, no mosaic, dubbed, projections, headsets, eyes."""
    film = make.films.film(_telling(make))
    _two(make, film, make.rng.choice(_PAIRS), make.rng.choice(_SCHEMES))


def marked_codes(make: Maker) -> None:
    """Two versions of what has one code: with subtitles, without mosaic, in more lines."""
    _two(make, make.films.film(), make.rng.choice(_PAIRS_OF_CODES), naming.code_of(make.rng))


def _telling(make: Maker) -> Title:
    while not (title := some_title(make.rng)).telling:
        pass
    return title


def _two(make: Maker, film: Film, versions: tuple[_Version, _Version], scheme: str) -> None:
    mount, titled = make.some_mount(), make.chance(0.7)
    of_code = scheme not in _SCHEMES
    in_folders = all(one.folder or one == _PLAIN for one in versions) and make.chance(0.25)
    if make.chance(0.4):
        # Plex has not analysed them: so it is the names alone that tell.
        make.unknown = frozenset((STREAMS,))
    same_lines = make.chance(0.5)
    for version in versions:
        encoding = _encoded(make, film.encoding, version, keep=same_lines)
        again = _encoded(make, make.rng.choice((encoded_again, remuxed))(make.rng, encoding), version, keep=True)
        again = replace(again, height=encoding.height, seconds=encoding.seconds + make.rng.uniform(-_APART, _APART))
        cut = replace(film, encoding=encoding)
        ours = _place(make, cut, version, scheme, encoding, replace(Place(mount, "Own", Name(""), encoding, "")))
        folder = f"versions/{version.folder}".rstrip("/") if in_folders else "versions"
        theirs = _place(
            make,
            cut,
            _PLAIN if in_folders else version,
            scheme if of_code else make.rng.choice(("title", "performer")),
            again,
            Place(mount, folder, Name(""), again, ""),
        )
        stash = make.in_stash(cut, ours, titled=titled, code=scheme if of_code and make.chance(0.5) else "")
        make.label(stash, [make.in_plex(cut, theirs, way="stem")], "by folders" if in_folders else "", known=True)
    make.unknown = frozenset()


def _encoded(make: Maker, encoding: Encoding, version: _Version, *, keep: bool) -> Encoding:
    height = version.height or (encoding.height if keep else make.rng.choice((480, 720, 1080)))
    size = int(encoding.size * make.rng.uniform(0.7, 1.3)) + 1
    return replace(encoding, height=height, size=size, streams=make.rng.getrandbits(32))


def _place(make: Maker, film: Film, version: _Version, scheme: str, encoding: Encoding, at: Place) -> Place:
    title, mark = film.title.text, make.rng.choice(version.spelt)
    stem = {
        "title": title,
        "dashed": f"{film.studio.name} - {film.date} - {title}",
        "performer": f"{film.performers[0]} - {title}",
        "studio": f"[{film.studio.name}] {title}",
    }.get(scheme, make.rng.choice((scheme, scheme.lower())))
    if mark and mark[0] not in " -" and mark != "ch":
        mark = make.rng.choice((" ", " ", "_", " - ")) + mark
    name = Name(naming.clean(f"{stem}{mark}"), title=True, telling=True)
    return replace(at, name=name, ending=f".{encoding.ending}")
