"""Signing in: a code, a person who enters it at plex.tv, and a token that nobody sees."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plexsync.cli.login import SignInFailed, sign_in
from plexsync.demo.http import PlannedFault
from plexsync.demo.plex import SimulatedPlex
from plexsync.demo.plex_tv import SimulatedPlexTv
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.world import PLUGIN
from plexsync.errors import PlexSyncError
from plexsync.plex.account import PlexTv, PlexTvUnavailable
from settings import SettingsError, load
from tests.support import programs


@pytest.fixture
def plex() -> Iterator[SimulatedPlex]:
    with SimulatedPlex() as plex:
        plex.add_section("Scenes", locations=["/media"])
        yield plex


@pytest.fixture
def plex_tv() -> Iterator[SimulatedPlexTv]:
    with SimulatedPlexTv() as plex_tv:
        yield plex_tv
        assert plex_tv.violations == []


@pytest.fixture
def environ(tmp_path: Path, plex: SimulatedPlex, plex_tv: SimulatedPlexTv) -> dict[str, str]:
    """Nothing is set but where the two are; nobody is where Stash would be."""
    return {
        "PATH": os.environ["PATH"],
        "PLEXSYNC_DATA_DIR": str(tmp_path / "data"),
        "PLEXSYNC_PLEX_URL": plex.url,
        "PLEXSYNC_PLEX_TV_URL": plex_tv.url,
        "PLEXSYNC_STASH_URL": "http://127.0.0.1:9",
        "PLEXSYNC_CONNECT_TIMEOUT": "1",
    }


def stored(environ: dict[str, str]) -> dict[str, object]:
    path = Path(environ["PLEXSYNC_DATA_DIR"]) / "plexsync.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


def entered(plex_tv: SimulatedPlexTv, after: int = 1) -> Callable[[float], None]:
    """A sleep in which somebody enters the code, the ``after``-th time."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == after:
            plex_tv.link(plex_tv.codes[0])

    return sleep


def own_server(plex_tv: SimulatedPlexTv, plex: SimulatedPlex, token: str, *, owned: bool = True) -> None:
    plex_tv.add_server("NAS", plex.machine_identifier, token, f"127.0.0.1:{plex.port}", owned=owned)


def test_the_owner_signs_in(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    own_server(plex_tv, plex, plex.token)
    sign_in(environ, entered(plex_tv, after=3))
    told = capsys.readouterr()
    assert "https://plex.tv/link" in told.out
    assert re.search(r"enter +[A-Z]{4}$", told.out, re.M)
    assert "accepts the token, the owner's" in told.out
    assert stored(environ) == {"plex_token": plex.token}
    assert load(environ).plex_token == plex.token
    for secret in (plex.token, plex_tv.token):
        assert secret not in told.out + told.err
    # Plex lists one device, however often one signs in.
    pins = [entry for entry in plex_tv.log if entry.method == "POST"]
    assert len(pins) == 1
    assert plex.violations == []


def test_the_accounts_own_token_does_where_plex_takes_that(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    plex.set_token(plex_tv.token)
    own_server(plex_tv, plex, "not-that-one")
    sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"plex_token": plex_tv.token}


def test_plex_tv_need_not_tell_of_servers(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    plex.set_token(plex_tv.token)
    plex_tv.faults.add(PlannedFault("status", times=None, status=503, match=lambda one: one.path.endswith("resources")))
    sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"plex_token": plex_tv.token}


def test_somebody_the_server_is_shared_with_is_told_so(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    token = plex.share()
    own_server(plex_tv, plex, token, owned=False)
    sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"plex_token": token}
    assert "not its owner" in capsys.readouterr().out


def test_an_account_that_plex_does_not_know_stores_nothing(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    with pytest.raises(SignInFailed, match="does not accept this account; nothing is stored"):
        sign_in(environ, entered(plex_tv))
    assert stored(environ) == {}


def test_a_plex_that_is_away_does_not_keep_anybody_from_signing_in(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    plex.stop()
    own_server(plex_tv, plex, plex.token)
    sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"plex_token": plex_tv.token}
    assert "could not be asked" in capsys.readouterr().out


def test_where_plex_is_not_said_to_be_the_accounts_servers_are_named(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    del environ["PLEXSYNC_PLEX_URL"]
    own_server(plex_tv, plex, plex.token)
    plex_tv.add_server("A friend's", "other", "their-token", "192.168.9.9:32400", owned=False)
    sign_in(environ, entered(plex_tv))
    out = capsys.readouterr().out
    assert f"  NAS: http://127.0.0.1:{plex.port}, http://203.0.113.8:32400" in out
    assert "A friend's" not in out
    assert "203.0.113.7" not in out
    assert "their-token" not in out


def test_the_address_of_plex_may_stand_on_stashs_settings_page(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    own_server(plex_tv, plex, plex.token)
    del environ["PLEXSYNC_PLEX_URL"]
    with SimulatedStash() as stash:
        stash.plugin_settings["PlexSync"] = {"plexHost": "127.0.0.1", "plexPort": str(plex.port)}
        environ["PLEXSYNC_STASH_URL"] = stash.url
        sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"plex_token": plex.token}


def test_other_settings_in_the_file_stay_and_the_order_of_sources_too(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    own_server(plex_tv, plex, plex.token)
    folder = Path(environ["PLEXSYNC_DATA_DIR"])
    folder.mkdir()
    (folder / "plexsync.toml").write_text('# mine\nworkers = 2\nplex_token = "old"\n')
    environ["PLEXSYNC_PLEX_TOKEN"] = "in-the-environment"
    sign_in(environ, entered(plex_tv))
    assert stored(environ) == {"workers": 2, "plex_token": plex.token}
    assert "PLEXSYNC_PLEX_TOKEN is set in the environment and stays in force" in capsys.readouterr().out
    assert load(environ).plex_token == "in-the-environment"
    assert load(environ).warnings == ()


def test_a_file_of_settings_elsewhere_is_the_one_that_is_written(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str], tmp_path: Path
) -> None:
    own_server(plex_tv, plex, plex.token)
    other = tmp_path / "other.toml"
    other.write_text("workers = 2\n")
    environ["PLEXSYNC_CONFIG"] = str(other)
    sign_in(environ, entered(plex_tv))
    assert tomllib.loads(other.read_text())["plex_token"] == plex.token
    assert stored(environ) == {}


# --- When it does not work -------------------------------------------------------------------------------------------


def test_a_code_that_nobody_enters_ends_in_time(plex_tv: SimulatedPlexTv, environ: dict[str, str]) -> None:
    plex_tv.lasts = 0.3
    began = time.monotonic()
    with pytest.raises(SignInFailed, match="was not entered in time: start again"):
        sign_in(environ)
    assert time.monotonic() - began < 5
    assert stored(environ) == {}


def test_a_code_that_has_run_out_at_plex_tv_ends_at_once(plex_tv: SimulatedPlexTv, environ: dict[str, str]) -> None:
    with pytest.raises(SignInFailed, match="was not entered in time"):
        sign_in(environ, lambda _seconds: plex_tv.expire())


def test_a_plex_tv_that_is_away_at_first_is_said_to_be(plex_tv: SimulatedPlexTv, environ: dict[str, str]) -> None:
    plex_tv.stop()
    with pytest.raises(PlexTvUnavailable, match=r"no answer from plex\.tv"):
        sign_in(environ)
    plex_tv.start()


def test_blips_on_the_way_are_waited_out_and_a_pause_is_kept(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    own_server(plex_tv, plex, plex.token)
    asks = lambda one: "/pins/" in one.path  # noqa: E731
    plex_tv.faults.add(PlannedFault("status", times=1, status=500, match=asks))
    plex_tv.faults.add(PlannedFault("reset", times=1, match=asks))
    plex_tv.faults.add(PlannedFault("status", times=1, status=429, retry_after=17, match=asks))
    plex_tv.faults.add(PlannedFault("html", times=1, match=asks))
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 4:
            plex_tv.link(plex_tv.codes[0])

    sign_in(environ, sleep)
    assert waits == [2.0, 2.0, 17.0, 2.0]
    assert stored(environ) == {"plex_token": plex.token}


@pytest.mark.parametrize("url", ["http://plex.example", "ftp://plex.tv", "plex.tv"])
def test_the_token_goes_over_https_only(environ: dict[str, str], url: str) -> None:
    environ["PLEXSYNC_PLEX_TV_URL"] = url
    with pytest.raises(SettingsError, match="https only"):
        sign_in(environ)
    with pytest.raises(ValueError, match="https only"):
        PlexTv("test", url)


def test_a_broken_file_of_settings_is_told_before_anybody_signs_in(
    plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    folder = Path(environ["PLEXSYNC_DATA_DIR"])
    folder.mkdir()
    (folder / "plexsync.toml").write_text("this is no TOML")
    with pytest.raises(SettingsError):
        sign_in(environ)
    assert plex_tv.log == []


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"id": "1", "code": "ABCD"}', b'{"id": 1, "code": null}', b"<html>", b'{"id":1,"code":"a b"}'],
)
def test_an_odd_answer_is_no_code(plex_tv: SimulatedPlexTv, environ: dict[str, str], body: bytes) -> None:
    plex_tv.faults.add(PlannedFault("status", times=None, status=200, body=body))
    with pytest.raises(PlexSyncError, match=r"plex\.tv answered"):
        sign_in(environ)


# --- As a person runs it ---------------------------------------------------------------------------------------------


def start(environ: dict[str, str]) -> subprocess.Popen[str]:
    return programs.Popen(
        [sys.executable, "-P", "-m", "plexsync", "login"],
        env=environ | {"PYTHONPATH": str(PLUGIN)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def code_shown(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"enter +([A-Z]{4})$", line):
            return found[1]
    raise AssertionError(f"no code was shown: {process.communicate()}")


def test_the_command_waits_for_the_code_and_ends_well(
    plex: SimulatedPlex, plex_tv: SimulatedPlexTv, environ: dict[str, str]
) -> None:
    own_server(plex_tv, plex, plex.token)
    process = start(environ)
    plex_tv.link(code_shown(process))
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "The token is stored in" in out
    path = Path(environ["PLEXSYNC_DATA_DIR"]) / "plexsync.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    for secret in (plex.token, plex_tv.token):
        assert secret not in out + err


def test_ctrl_c_ends_it_and_nothing_is_stored(plex_tv: SimulatedPlexTv, environ: dict[str, str]) -> None:
    process = start(environ)
    code_shown(process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "nothing is stored" in err
    assert "Traceback" not in err
    assert stored(environ) == {}


def test_a_failure_is_one_line_and_exit_1(plex_tv: SimulatedPlexTv, environ: dict[str, str]) -> None:
    plex_tv.stop()
    process = start(environ)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "no answer from plex.tv" in err
    assert "Traceback" not in err
    plex_tv.start()
