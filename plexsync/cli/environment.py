"""Makes and checks ``.venv``, the Python environment of the consumer and the command line.

``huey_consumer.sh`` runs this file by itself, with any Python from 3.11 and the standard library alone. It prints the
Python to go on with. An environment belongs to one interpreter and one platform; it is used where it holds what
``requirements.txt`` names, and made anew where it does not fit. Where another platform (Stash's container beside the
host, say) or a consumer that runs has ``.venv``, an environment of our own is made beside it.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

if __name__ == "__main__":
    # As a file by itself it finds the rest of PlexSync, of which it needs what imports no package, only like this.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from plexsync.installation.environment_fit import (
    IS_32_BIT,
    NAME,
    STAMP,
    digest,
    files_of,
    fits,
    identity,
    platform,
    python_of,
    site_packages,
    stamp_of,
    versions,
)

#: In an environment: locked by whatever runs with it for long.
IN_USE = "in-use"
#: In the plugin's folder: locked by whoever makes an environment.
LOCK = ".venv.lock"
#: In the plugin's folder: what pip said, for as long as it is of use.
LOG = ".venv.log"
#: Lines of it that are shown where something failed.
LOG_LINES = 15
#: Seconds to wait for another start that is making it: a slow NAS on a slow line takes minutes.
PATIENCE = 900.0
#: Run by the environment's own Python: are the packages there, in these versions, and can they be imported? The
#: arguments are the versions as JSON, and the names of those to import.
_PROBE = """
import importlib, json, sys
from importlib import metadata
for name, version in json.loads(sys.argv[1]).items():
    if metadata.version(name) != version:
        sys.exit(f"{name} is {metadata.version(name)}, not {version}")
wanted = {name.lower() for name in json.loads(sys.argv[2])}
for module, names in metadata.packages_distributions().items():
    if module.isidentifier() and wanted & {name.lower() for name in names}:
        importlib.import_module(module)
import plexsync
print(plexsync.__file__)
"""


class UnusableEnvironment(Exception):
    """There can be no environment; the text says why, and what to do."""


def main() -> None:
    """Print the Python to use; see the module."""
    folder, wanted = sys.argv[1:]
    try:
        print(python_for(Path(folder), wanted))
    except UnusableEnvironment as error:
        end(str(error))


def python_for(folder: Path, wanted: str) -> Path:
    """The Python of an environment that holds what is wanted.

    :param folder: the plugin's.
    :param wanted: name of a file of requirements in it.
    :raises UnusableEnvironment: there is none, and none can be made.
    """
    if not (folder / wanted).is_file():
        raise UnusableEnvironment(f"there is no {folder / wanted}")
    found = _fitting(folder, wanted)
    if found is not None:
        return Path(python_of(str(found)))
    with only_maker(folder):
        # Another start may have made it meanwhile.
        found = _fitting(folder, wanted)
        if found is None:
            found = _place(folder)
            _make(found, folder, wanted)
    return Path(python_of(str(found)))


def hold() -> None:
    """Say, for as long as this process lives, that it needs the environment that it runs with."""
    venv = Path(sys.prefix)
    if not (venv / STAMP).is_file():
        return
    from plexsync.storage.locks import FileLock, Taken

    # Another user's environment, or a file system without locks: then nobody can be warned.
    with suppress(OSError, Taken):
        # Never closed: the lock ends with the process, whatever ends that.
        FileLock(venv / IN_USE, shared=True)


def end(text: str) -> NoReturn:
    """End the program, saying why."""
    if text:
        # What pip says comes from outside: letters and line ends, and nothing that moves a terminal.
        told = "".join(one if one.isprintable() or one == "\n" else ascii(one)[1:-1] for one in text)
        sys.stderr.write(f"{told}\n")
    sys.exit(1)


# --- which environment ------------------------------------------------------------------------------------------------


def _fitting(folder: Path, wanted: str) -> Path | None:
    return next((venv for venv in (folder / NAME, _beside(folder)) if fits(str(venv), str(folder), wanted)), None)


def _beside(folder: Path) -> Path:
    return folder / f"{NAME}-{platform()}-{sys.version_info.major}.{sys.version_info.minor}"


def _place(folder: Path) -> Path:
    """Where an environment is to be made: in ``.venv`` unless somebody else needs what is there."""
    venv = folder / NAME
    if not os.path.lexists(venv):
        return venv
    made_for = stamp_of(str(venv)).get("platform")
    if made_for is not None and made_for != platform():
        return _beside(folder)
    if _is_in_use(venv):
        if stamp_of(str(venv)).get("python") == identity(python_of(str(venv))):
            raise UnusableEnvironment(
                f"a consumer runs with {venv}, which holds other packages than {folder} asks for by now: "
                "stop that consumer first"
            )
        return _beside(folder)
    return venv


def _is_in_use(venv: Path) -> bool:
    from plexsync.storage.locks import is_held

    return is_held(venv / IN_USE, shared=True)


# --- making it --------------------------------------------------------------------------------------------------------


@contextmanager
def only_maker(folder: Path) -> Iterator[None]:
    """Make sure that nobody else makes an environment meanwhile."""
    from plexsync.storage.locks import FileLock, Taken

    def tell() -> None:
        sys.stderr.write("Another start is making the environment, waiting for it ...\n")

    try:
        # On a file system without locks it goes on: two at once are unlikely enough.
        lock = FileLock(folder / LOCK, PATIENCE, tell)
    except Taken as error:
        raise UnusableEnvironment(
            f"another start ({error.process}) has been making the environment for too long: end it, and start again"
        ) from None
    except OSError as error:
        raise UnusableEnvironment(_not_ours(folder, error)) from None
    with lock:
        yield


def _make(venv: Path, folder: Path, wanted: str) -> None:
    log = folder / LOG
    try:
        sys.stderr.write(f"Setting up {venv} with Python {_version()} (once, up to a minute) ...\n")
        if not _is_sound(venv):
            _remove(venv)
            run_logged([sys.executable, "-m", "venv", str(venv)], log, _no_venv)
        (venv / STAMP).unlink(missing_ok=True)
        python = Path(python_of(str(venv)))
        run_logged([str(python), *_PIP, *_sources(), "-r", str(folder / wanted)], log, _no_packages)
        # So that "-m plexsync" works from any folder. Relative: the folder may be moved, or copied.
        write_anew(Path(site_packages(str(venv), _version())) / "plexsync.pth", "../../../..\n")
        _probe(python, folder, wanted, log)
        _note(venv, folder, wanted)
    except OSError as error:
        raise UnusableEnvironment(_not_ours(venv, error)) from None
    log.unlink(missing_ok=True)


#: Set on some systems so that pip leaves the system's packages alone. In an environment pip ends with an error.
_OTHER_PLACES = ("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_HASHES", "PIP_DRY_RUN")
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes")
#: Names a folder with the files of all packages, for a machine that cannot reach PyPI.
WHEELS = "PLEXSYNC_WHEELS"


def _sources() -> list[str]:
    """Where pip is to look for packages, as its options.

    :raises UnusableEnvironment: there is no such folder.
    """
    named = os.environ.get(WHEELS)
    if not named:
        return []
    if not Path(named).is_dir():
        raise UnusableEnvironment(f"{WHEELS} is {named}, which is not a folder: name the one with the packages' files")
    return ["--no-index", "--find-links", str(Path(named).resolve())]


def _is_sound(venv: Path) -> bool:
    """Whether an environment of this Python is there, of which only the packages are to be brought up to date."""
    if not Path(site_packages(str(venv), _version())).is_dir():
        return False
    question = [python_of(str(venv)), "-I", "-c", "import pip, sys; print(sys.version.split()[0], sys.prefix)"]
    try:
        answer = subprocess.run(question, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - our own words
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.split(maxsplit=1)[0] == _version()


def _remove(venv: Path) -> None:
    if venv.is_symlink():
        raise UnusableEnvironment(
            f"{venv} is a link, and what it leads to is no environment for this Python: remove the link"
        )
    if os.path.lexists(venv):
        owner = venv.lstat().st_uid
        if os.geteuid() not in (0, owner):
            raise UnusableEnvironment(_whose(venv, owner))
        shutil.rmtree(venv)


def _without_other_places() -> dict[str, str]:
    """What pip is to find in the environment: addresses and proxies, but no other place to install to."""
    kept = {name: value for name, value in os.environ.items() if name not in _OTHER_PLACES}
    # It may stand in a file of pip's as well.
    return kept | {"PIP_USER": "no"}


def run_logged(command: list[str], log: Path, text: str) -> None:
    """Run a command; what it says goes to the log, and to the person where it fails."""
    log.unlink(missing_ok=True)
    with log.open("x", encoding="utf-8", errors="replace") as said:
        done = subprocess.run(  # noqa: S603 - our own words
            command,
            env=_without_other_places(),
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        raise UnusableEnvironment("\n".join([*lines[-LOG_LINES:], text + remedy(lines, is_32_bit=IS_32_BIT)]))


def remedy(lines: list[str], *, is_32_bit: bool) -> str:
    """What to do where packages cannot be installed; empty where that is not known.

    :param lines: what pip has said.
    :param is_32_bit: of this Python. The processor may be another: a 32-bit system often runs on a 64-bit one.
    """
    said = "\n".join(lines).lower()
    if any(sign in said for sign in ("failed building wheel", "failed to build", "compiler", "metadata-generation")):
        begin = (
            "For 32-bit systems RapidFuzz, regex and msgspec come without ready-made parts: use a 64-bit system or "
            "container, or"
            if is_32_bit
            else "A package comes without ready-made parts for this system:"
        )
        return f"\n{begin} install a compiler (Debian: apt install g++ python3-dev; Alpine: apk add g++ python3-dev)"
    return next((f"\n{text}" for signs, text in _REMEDIES if any(sign in said for sign in signs)), "")


#: What pip says in such a case, in lower case, and what to do. The first that fits counts.
_REMEDIES = (
    (("no space left", "disk quota"), "The disk is full: make room, and start again."),
    (("permission denied",), "Something in the way belongs to another user: start as the user that owns this folder."),
    (
        ("certificate_verify_failed", "certificate verify failed"),
        "The certificate of the package index is not trusted: is this machine's clock right, and are its certificates "
        "up to date (Debian: apt install ca-certificates; Alpine: apk add ca-certificates)?",
    ),
    (
        ("do not match the hashes",),
        "A package is not the file that PlexSync was tested with: it was cut short on the way, or is another one. "
        "Start again; if that stays, do not trust where it comes from.",
    ),
    (
        ("name resolution", "network is unreachable", "connection", "no matching dist"),
        "Is this machine online? (pip takes HTTPS_PROXY and PIP_INDEX_URL from the environment.)",
    ),
)
_no_venv = """Python's venv or pip is missing. Install it:
  Debian, Ubuntu:  apt install python3-venv
  Alpine:          apk add python3 py3-pip"""
_no_packages = "The packages could not be installed (see above)."


def _probe(python: Path, folder: Path, wanted: str, log: Path) -> None:
    """See that the packages can be imported, and that ``plexsync`` is the one in this folder.

    :raises UnusableEnvironment: they cannot.
    """
    needed = json.dumps(sorted(versions(str(folder), "requirements.txt")))
    command = [str(python), "-X", "utf8", "-I", "-c", _PROBE, json.dumps(versions(str(folder), wanted)), needed]
    answer = subprocess.run(  # noqa: S603 - our own words
        command, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    if answer.returncode:
        write_anew(log, answer.stderr)
        raise UnusableEnvironment(
            f"{answer.stderr.strip()}\nThe packages are installed, and cannot be used (see above)."
        )
    found = Path(answer.stdout.splitlines()[-1]).resolve().parent.parent
    if found != folder.resolve():
        raise UnusableEnvironment(f"its Python would run what lies in {found}, not what lies in {folder}")


def _note(venv: Path, folder: Path, wanted: str) -> None:
    stamp = {
        "platform": platform(),
        "python": identity(python_of(str(venv))),
        "version": _version(),
        "sets": {name: digest(str(folder), name) for name in files_of(str(folder), wanted)},
    }
    fresh = venv / f"{STAMP}.{os.getpid()}"
    write_anew(fresh, json.dumps(stamp))
    fresh.replace(venv / STAMP)


def write_anew(path: Path, text: str) -> None:
    """Write a file. What has its name is removed first and never written to: a link leads to somebody else's."""
    path.unlink(missing_ok=True)
    with path.open("x", encoding="utf-8", errors="replace") as file:
        file.write(text)


def _version() -> str:
    return ".".join(map(str, sys.version_info[:3]))


def _not_ours(place: Path, error: OSError) -> str:
    where = Path(error.filename) if isinstance(error.filename, str) else place
    try:
        owner = (where if os.path.lexists(where) else where.parent).lstat().st_uid
    except OSError:
        return f"{where}: {error.strerror or error}"
    if os.geteuid() not in (0, owner):
        return _whose(where, owner)
    return f"{where}: {error.strerror or error}"


def _whose(place: Path, owner: int) -> str:
    return (
        f"{place} belongs to {_user(owner)}, and this is {_user(os.geteuid())}: start PlexSync as {_user(owner)}, or "
        "give the whole plugin folder to the user that Stash and the consumer run as"
    )


def _user(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"


if __name__ == "__main__":
    main()
