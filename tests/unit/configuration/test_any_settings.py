"""Whatever stands in the environment, in files and on the page: the settings are loaded, or refused with a reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from settings import Settings, SettingsError, describe, load

TOKEN = "s3cr3t-Plex_Token"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": TOKEN}


NAMES = [info.name for info in describe()] + ["PLEXSYNC_CONFIG", "PLEXSYNC_PLEX_TOKN"]
#: Texts at random, and texts made of what the parsers look for.
TEXTS = st.text(max_size=40) | st.text(alphabet="/\\:=>;,@?#[]%.+-~019aD \x00\n\ud800é", max_size=30)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OLD_NAMES = ["plexToken", "plexHost", "plexPort", "skipUnorganized", "cleanTitles", "plexUrl", "pathMap", "fields"]
FUZZ = hypothesis_settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def loaded_or_refused(environ: dict[str, str], page: dict[str, object] | None = None) -> Settings | SettingsError:
    """What comes of it."""
    try:
        return load(environ, page)
    except SettingsError as error:
        return error


def is_of_use(result: Settings | SettingsError) -> bool:
    """Whether these are settings that can be sent and shown, or a line for each fault; with no secret in either."""
    if isinstance(result, SettingsError):
        str(result).encode()
        told = len(str(result).splitlines()) == len(result.faults) >= 1
    else:
        result.plex_url.encode()
        told = result.plex_token.isascii()
    return told and TOKEN not in f"{result} {result!r}"


@FUZZ
@given(values=st.dictionaries(st.sampled_from(NAMES), TEXTS, max_size=6), odd=st.sampled_from(["", " é", "\n", '"']))
def test_any_environment_is_either_loaded_or_refused(tmp_path: Path, values: dict[str, str], odd: str) -> None:
    # Without a folder of its own the default one, which holds a person's real settings, would be read.
    values = {"PLEXSYNC_DATA_DIR": str(tmp_path), **values, "PLEXSYNC_PLEX_TOKEN": TOKEN + odd}
    assert is_of_use(loaded_or_refused(values))


@FUZZ
@given(content=st.binary(max_size=60) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_in_the_file_are_either_loaded_or_refused(
    environ: dict[str, str], tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "plexsync.toml").write_bytes(content)
    assert is_of_use(loaded_or_refused(environ))


@FUZZ
@given(
    name=st.sampled_from([name.removeprefix("PLEXSYNC_").lower() for name in NAMES]),
    value=st.text(alphabet="[]{}'\"=,0123456789.-:einfatrus# \n", max_size=25),
)
def test_any_value_in_the_file_is_either_loaded_or_refused(
    environ: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    (tmp_path / "plexsync.toml").write_text(f"{name} = {value}\n")
    assert is_of_use(loaded_or_refused(environ))


@FUZZ
@given(page=st.dictionaries(st.sampled_from(OLD_NAMES) | TEXTS, ANYTHING, max_size=5))
def test_any_page_is_either_loaded_or_refused(environ: dict[str, str], page: dict[str, object]) -> None:
    assert is_of_use(loaded_or_refused(environ, page))


@FUZZ
@given(seen=ANYTHING | st.fixed_dictionaries({"scheme": st.just("http"), "host": ANYTHING, "port": ANYTHING}))
def test_any_connection_file_is_either_used_or_ignored(environ: dict[str, str], tmp_path: Path, seen: object) -> None:
    (tmp_path / "stash_connection.json").write_text(json.dumps(seen))
    assert load(environ).stash_url.startswith("http")
