"""Whether ``.venv`` fits: it was made for this Python and this platform, and holds what is wanted.

``huey_consumer.sh`` asks this at each start, and a person waits for the answer. So it is a file by itself, which
imports next to nothing. Run with the plugin's folder and the name of a file of requirements, it exits with 0 where
``.venv`` fits.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

#: The environment's folder, in the plugin's. Another platform's is named after it: ``.venv-linux-x86_64-musl-3.12``.
NAME = ".venv"
#: In an environment: what it was made for and holds. Written last, so that what was cut short is done again.
STAMP = "plexsync.json"
#: Whether this Python is a 32-bit program, on whatever processor.
IS_32_BIT = sys.maxsize < 2**32


def fits(venv: str, folder: str, wanted: str) -> bool:
    """Whether an environment is ours to use as it is. Cheap: nothing is started.

    :param venv: the environment's folder.
    :param folder: the plugin's folder.
    :param wanted: name of a file of requirements in it.
    """
    stamp = stamp_of(venv)
    sets = stamp.get("sets")
    return (
        stamp.get("platform") == platform()
        and stamp.get("python") == identity(python_of(venv))
        and isinstance(sets, dict)
        and sets.get(wanted) == digest(folder, wanted)
        and _holds(venv, str(stamp.get("version")), versions(folder, wanted))
    )


def python_of(venv: str) -> str:
    """The Python of an environment."""
    return f"{venv}/bin/python"


def platform() -> str:
    """What compiled packages depend on besides Python: ``linux-x86_64-musl``."""
    # A 32-bit system may run on a 64-bit processor: packages for the one are of no use to the other.
    machine = f"{os.uname().machine}{'-32' if IS_32_BIT else ''}"
    if not sys.platform.startswith("linux"):
        return f"{sys.platform}-{machine}"
    try:
        is_glibc = bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (ValueError, OSError):
        is_glibc = False
    return f"linux-{machine}-{'glibc' if is_glibc else 'musl'}"


def stamp_of(venv: str) -> dict[str, Any]:
    """What an environment was made for; empty where it was not made by us, or not to its end."""
    path = f"{venv}/{STAMP}"
    try:
        # A pipe in its place would be waited for.
        stamp = _parsed(_read(path)) if os.path.isfile(path) else {}  # noqa: PTH113 - pathlib takes long to import
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def identity(python: str) -> list[Any]:
    """What tells one interpreter from another: where it is, its size in bytes, its time in nanoseconds."""
    try:
        real = os.path.realpath(python, strict=True)
        status = os.stat(real)  # noqa: PTH116 - as above
    except OSError:
        return []
    return [real, status.st_size, status.st_mtime_ns] if os.access(real, os.X_OK) else []


def digest(folder: str, wanted: str) -> str:
    """What tells one content of a file of requirements, and of those that it includes, from another."""
    return _sha256(b"".join(_read(f"{folder}/{name}") for name in files_of(folder, wanted)))


def versions(folder: str, wanted: str) -> dict[str, str]:
    """The packages that are pinned, with their versions."""
    found = {}
    for name in files_of(folder, wanted):
        for line in _read(f"{folder}/{name}").decode().splitlines():
            package, is_pinned, version = line.partition("#")[0].partition(";")[0].strip().partition("==")
            if is_pinned:
                found[package.strip()] = version.split()[0]
    return found


def site_packages(venv: str, version: str) -> str:
    """Where the packages of an environment lie, by the version of its Python."""
    return f"{venv}/lib/python{'.'.join(version.split('.')[:2])}/site-packages"


def files_of(folder: str, wanted: str) -> list[str]:
    """The names of a file of requirements, and of those that it includes."""
    names = [wanted]
    for line in _read(f"{folder}/{wanted}").decode().splitlines():
        if line.startswith("-r "):
            names += files_of(folder, line.removeprefix("-r ").strip())
    return names


def _holds(venv: str, version: str, wanted: dict[str, str]) -> bool:
    """Whether the packages lie there, by the folders in which pip notes them."""
    try:
        names = os.listdir(site_packages(venv, version))  # noqa: PTH208 - names are wanted, and quickly
    except OSError:
        return False
    noted = {name.removesuffix(".dist-info").lower().replace("-", "_") for name in names if name.endswith(".dist-info")}
    return all(f"{package}_{number}".lower().replace("-", "_") in noted for package, number in wanted.items())


class _Options:
    """What ``json.loads`` tells its scanner when it is called without options."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, float


def _parsed(raw: bytes) -> Any:
    """As ``json.loads``, by the part of it that is written in C, as the hook does it (``inbox/hook_input.py``).

    ``json`` itself imports ``re``, which takes longer than all else here.
    """
    try:
        from _json import make_scanner

        scanner: Any = make_scanner(_Options)  # type: ignore[arg-type]  # the stub is narrower than the C code
        text = raw.decode("utf-8").strip(" \t\n\r")
        value, end = scanner(text, 0)
        is_whole = end == len(text)
    except Exception:  # noqa: BLE001 - json says properly what is wrong
        is_whole = False
    if not is_whole:
        import json

        value = json.loads(raw)
    return value


def _sha256(content: bytes) -> str:
    """As ``hashlib``, without loading OpenSSL for a few lines of text."""
    for name in ("_sha2", "_sha256", "hashlib"):  # the second one up to Python 3.11
        try:
            digested: str = __import__(name).sha256(content).hexdigest()
        except (ImportError, AttributeError):
            continue
        return digested
    raise ImportError("this Python has no SHA-256")


def _read(path: str) -> bytes:
    with open(path, "rb") as file:  # noqa: PTH123 - as above
        return file.read()


if __name__ == "__main__":
    try:
        _folder, _wanted = sys.argv[1:]
        sys.exit(not fits(f"{_folder}/{NAME}", _folder, _wanted))
    except OSError:
        sys.exit(1)
