"""What the settings accept, what they refuse, and how they say so."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import settings
from settings import FIELDS, SettingFault, Settings, SettingsError, describe, load

TOKEN = "s3cr3t-Plex_Token"
KEY = "eyJhbGciOi.s3cr3t.StashKey"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_PLEX_TOKEN": TOKEN}


def loaded(environ: dict[str, str], **values: str) -> Settings:
    return load(environ | {f"PLEXSYNC_{name.upper()}": value for name, value in values.items()})


def faults(environ: dict[str, str], **values: str) -> tuple[SettingFault, ...]:
    with pytest.raises(SettingsError) as caught:
        loaded(environ, **values)
    return caught.value.faults


def test_a_token_alone_gives_the_defaults_of_the_contract(environ: dict[str, str], tmp_path: Path) -> None:
    assert load(environ) == Settings(
        plex_url="http://localhost:32400",
        plex_token=TOKEN,
        plex_libraries=(),
        plex_verify_tls=True,
        stash_url="http://localhost:9999",
        stash_api_key=None,
        stash_public_url=None,
        path_map=(),
        data_dir=tmp_path,
        workers=4,
        connect_timeout=3.05,
        read_timeout=10.0,
        max_retries=5,
        retry_base=5,
        retry_cap=300,
        not_found_retries=12,
        not_found_base=30,
        not_found_cap=600,
        breaker_fail_max=5,
        breaker_reset_timeout=60.0,
        fields=frozenset(FIELDS),
        owned_fields=frozenset(),
        content_rating="",
        tagline="",
        sort_title="",
        lock_fields=True,
        preserve_plex_edits=False,
        only_organized=False,
        ascii_titles=False,
        match_auto=90,
        match_review=60,
        late_polls=(60, 300, 900, 3600, 86400),
        poll_interval=60.0,
        reconcile="04:00",
        dead_letter_days=30,
        dry_run=False,
        autostart=True,
        log_level="info",
        log_format="text",
        warnings=(),
    )


def test_a_missing_token_is_a_fault_that_says_how_to_find_one_and_where_to_put_it(tmp_path: Path) -> None:
    (fault,) = faults({"PLEXSYNC_DATA_DIR": str(tmp_path)})
    assert fault.setting == "PLEXSYNC_PLEX_TOKEN"
    assert "required" in fault.problem
    for hint in ("X-Plex-Token=", "Stash > Settings > Plugins > PlexSync", "plexsync.toml", "PLEXSYNC_PLEX_TOKEN"):
        assert hint in fault.remedy


def test_a_device_token_is_warned_of_and_not_shown(environ: dict[str, str]) -> None:
    token = "eyJhbGciOiJFZERTQSJ9.eyJleHAiOjF9.c2ln"
    (warning,) = loaded(environ, plex_token=token).warnings
    assert warning.startswith("PLEXSYNC_PLEX_TOKEN (environment) begins with eyJ: ")
    assert "7 days" in warning
    assert "./huey_consumer.sh --login" in warning
    assert token not in warning
    assert token[:8] not in warning
    # Stash's keys are of that kind, too, and last.
    assert loaded(environ, stash_api_key=token).warnings == ()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("workers", " 8 ", 8),
        ("workers", "4\x1f", 4),
        ("read_timeout", "\x1c2.5", 2.5),
        ("max_retries", "0", 0),
        ("match_auto", "+95", 95),
        ("connect_timeout", ".5", 0.5),
        ("read_timeout", "30", 30.0),
        ("plex_libraries", "Films, 3 ,,Films", ("Films", "3")),
        ("fields", "Title, tags", frozenset({"title", "tags"})),
        ("fields", "all", frozenset(FIELDS)),
        ("owned_fields", "none", frozenset()),
        ("owned_fields", "studio", frozenset({"studio"})),
        ("content_rating", " XXX ", "XXX"),
        ("tagline", "none", ""),
        ("tagline", " Code ", "{code}"),
        ("tagline", "{studio} - {date}", "{studio} - {date}"),
        ("sort_title", "None", ""),
        ("sort_title", "{studio} {date} {title}", "{studio} {date} {title}"),
        ("late_polls", "900, 60,900", (60, 900)),
        ("reconcile", "4:30", "04:30"),
        ("reconcile", "23:59", "23:59"),
        ("reconcile", "OFF", "off"),
        ("log_level", "DEBUG", "debug"),
        ("log_format", "json", "json"),
        ("plex_url", "HTTPS://plex.example.org:8443/base/", "https://plex.example.org:8443/base"),
        ("plex_url", "http://[::1]:32400/", "http://[::1]:32400"),
        ("plex_url", "http://nas:32400/web", "http://nas:32400"),
        ("plex_url", "http://nas:32400/web/", "http://nas:32400"),
        ("plex_url", "http://nas:32400/web/index.html#!/settings/server", "http://nas:32400"),
        ("plex_url", "https://nas.home/plex/web/index.html", "https://nas.home/plex"),
        ("plex_url", "http://nas:32400/webserver", "http://nas:32400/webserver"),
        ("plex_url", "http://nas:32400/web/index.html/#!/media/abc", "http://nas:32400"),
        ("plex_url", "http://nas:32400/Web?x=1", "http://nas:32400"),
        ("stash_url", "http://nas:9999/", "http://nas:9999"),
        ("stash_url", "http://nas:9999/scenes?c=%28x%29&sortby=date#top", "http://nas:9999"),
        ("stash_url", "http://nas:9999/scenes/45", "http://nas:9999"),
        ("stash_url", "http://nas:9999/settings?tab=plugins", "http://nas:9999"),
        ("stash_url", "http://nas:9999/?q=x", "http://nas:9999"),
        ("stash_url", "https://nas.home/stash/graphql", "https://nas.home/stash"),
        ("stash_url", "https://nas.home/stash", "https://nas.home/stash"),
        ("stash_public_url", "https://stash.example.org", "https://stash.example.org"),
        ("plex_token", f" {TOKEN}\n", TOKEN),
    ],
)
def test_a_text_from_the_environment_becomes_its_value(
    environ: dict[str, str], name: str, text: str, value: object
) -> None:
    assert getattr(loaded(environ, **{name: text}), name) == value


@pytest.mark.parametrize(
    ("name", "text", "part"),
    [
        ("workers", "4.0", "'4.0' is not a whole number"),
        ("workers", "٤", "is not a whole number"),
        ("workers", "1_0", "is not a whole number"),
        ("workers", "0", "out of range"),
        ("workers", "65", "from 1 to 64"),
        ("workers", "9" * 90, "out of range"),
        ("workers", "9" * 9000, "is not a whole number"),
        ("connect_timeout", "0", "out of range"),
        ("connect_timeout", "-1", "out of range"),
        ("connect_timeout", "300.1", "to 300"),
        ("read_timeout", "nan", "is not a number"),
        ("read_timeout", "inf", "is not a number"),
        ("read_timeout", "3,05", "is not a number"),
        ("match_auto", "101", "from 0 to 100"),
        ("lock_fields", "maybe", "write true or false"),
        ("plex_libraries", ",", "names or ids"),
        ("fields", ",", "list"),
        ("fields", "none", "is not a field"),
        ("fields", "titel", "did you mean title?"),
        ("owned_fields", "performer", "did you mean performers?"),
        ("content_rating", "X\x07X", "control characters"),
        ("tagline", "coed", "'coed' names no value of a scene (did you mean code?)"),
        ("tagline", "{studoi}", "{studoi} is not a placeholder (did you mean {studio}?)"),
        ("sort_title", "{studio", "has a { without its }"),
        ("sort_title", "yes", "'yes' names no value of a scene"),
        ("fields", "title,tagline", "names tagline, and nothing says what to show there"),
        ("late_polls", "60,soon", "'soon' is not a whole number"),
        ("late_polls", "0", "out of range"),
        ("late_polls", ",".join(map(str, range(1, 22))), "more than 20"),
        ("reconcile", "24:00", "not a time of day"),
        ("reconcile", "4", "like 04:00"),
        ("log_level", "loud", "debug, info, warning, error, critical"),
        ("log_format", "xml", "text, json"),
        ("plex_url", "nas:32400", "write http://nas:32400"),
        ("plex_url", "plex.example.org/base", "write http://plex.example.org/base"),
        ("plex_url", "ftp://nas", "neither http:// nor https://"),
        ("plex_url", "https://app.plex.tv/desktop/#!/server/ab/details", "not your server"),
        ("plex_url", "http://", "no host"),
        ("plex_url", "http://:32400", "no host"),
        ("plex_url", "http:///path", "no host"),
        ("plex_url", "http://nas:", "no port"),
        ("plex_url", "http://nas:0", "no port"),
        ("plex_url", "http://nas:70000", "1 to 65535"),
        ("plex_url", "http://nas:abc", "1 to 65535"),
        ("plex_url", "http://[::1", "invalid host or port"),
        ("plex_url", "http://my nas", "holds a space or one of"),
        ("plex_url", "http://nas\\plex", "holds a space or one of"),
        ("stash_url", "http://nas\n:9999", "control characters"),
        ("stash_public_url", "stash", "does not start with"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(
    environ: dict[str, str], name: str, text: str, part: str
) -> None:
    (fault,) = faults(environ, **{name: text})
    assert fault.setting == f"PLEXSYNC_{name.upper()}"
    assert fault.source == "environment"
    assert part in str(fault)


@pytest.mark.parametrize("text", ["true", "Yes", "ON", "1", " true "])
def test_yes_has_four_spellings(environ: dict[str, str], text: str) -> None:
    assert loaded(environ, dry_run=text).dry_run is True


@pytest.mark.parametrize("text", ["false", "No", "OFF", "0"])
def test_no_has_four_spellings(environ: dict[str, str], text: str) -> None:
    assert loaded(environ, lock_fields=text).lock_fields is False


def test_tls_is_verified_against_a_file_that_exists(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("certificates")
    assert loaded(environ, plex_verify_tls=str(tmp_path / "ca.pem")).plex_verify_tls == str(tmp_path / "ca.pem")
    assert loaded(environ, plex_verify_tls="off").plex_verify_tls is False


@pytest.mark.parametrize("name", ["missing.pem", ".", "a\0b", "x" * 5000, "\ud800"])
def test_a_ca_file_that_cannot_be_read_is_a_fault(environ: dict[str, str], tmp_path: Path, name: str) -> None:
    (fault,) = faults(environ, plex_verify_tls=f"{tmp_path}/{name}")
    assert "CA certificates" in fault.remedy


# --- path map --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("/stash=>/plex", (("/stash", "/plex"),)),
        (" /data/ => /media/films/ ; /b=>/c; ", (("/data", "/media/films"), ("/b", "/c"))),
        (r"D:\videos\=>\\nas\videos", (("D:\\videos", r"\\nas\videos"),)),
        ("\\\\nas\\videos\\=>/media", ((r"\\nas\videos", "/media"),)),
        ("d:/videos=>E:\\", (("d:/videos", "E:\\"),)),
        ("/=>/plex", (("/", "/plex"),)),
        ("/a:/=>/b", (("/a:", "/b"),)),
        ("/with space=>/b", (("/with space", "/b"),)),
        ("/a=>/b\n/c=>/d", (("/a", "/b"), ("/c", "/d"))),
        ("/a=>/b;/a/=>/b/", (("/a", "/b"),)),
    ],
)
def test_a_path_map_reads_prefixes_of_every_system(
    environ: dict[str, str], text: str, pairs: tuple[tuple[str, str], ...]
) -> None:
    assert loaded(environ, path_map=text).path_map == pairs


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("/stash", "has no =>"),
        ("/stash=>", "empty side"),
        ("=>/plex", "empty side"),
        ("/a=>/b /c=>/d", "two =>"),
        ("stash=>/plex", "'stash' is not a full path"),
        ("/stash=>plex", "'plex' is not a full path"),
        ("/stash=>D:", "not a full path"),
        (r"\\nas=>/plex", "not a full path"),
        ("/a=>/b; /a/=>/c", "'/a' is mapped twice"),
        (r"D:\Videos=>/b; d:/videos=>/c", "mapped twice"),
        (";", "maps nothing"),
    ],
)
def test_a_path_map_that_cannot_work_is_refused(environ: dict[str, str], text: str, part: str) -> None:
    (fault,) = faults(environ, path_map=text)
    assert part in fault.problem


def test_every_wrong_entry_of_a_path_map_is_named(environ: dict[str, str]) -> None:
    problems = [fault.problem for fault in faults(environ, path_map="/a; b=>/c; /d=>/e")]
    assert problems == ["'/a' has no =>", "'b' is not a full path"]


# --- faults together -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "blamed"),
    [
        ({"match_review": "95"}, "PLEXSYNC_MATCH_REVIEW"),
        ({"match_auto": "50"}, "PLEXSYNC_MATCH_AUTO"),
        ({"match_auto": "50", "match_review": "51"}, "PLEXSYNC_MATCH_REVIEW"),
        ({"retry_cap": "3"}, "PLEXSYNC_RETRY_CAP"),
        ({"retry_base": "301"}, "PLEXSYNC_RETRY_BASE"),
        ({"not_found_cap": "10"}, "PLEXSYNC_NOT_FOUND_CAP"),
    ],
)
def test_two_settings_at_odds_blame_the_one_that_was_written(
    environ: dict[str, str], values: dict[str, str], blamed: str
) -> None:
    (fault,) = faults(environ, **values)
    assert fault.setting == blamed
    assert "is above" in fault.problem


def test_equal_bounds_are_not_at_odds(environ: dict[str, str]) -> None:
    assert loaded(environ, match_auto="60").match_auto == 60


def test_settings_at_odds_are_found_among_other_faults(environ: dict[str, str]) -> None:
    found = {fault.setting for fault in faults(environ, workers="many", match_review="95", retry_cap="x")}
    assert found == {"PLEXSYNC_WORKERS", "PLEXSYNC_MATCH_REVIEW", "PLEXSYNC_RETRY_CAP"}


def test_the_error_has_a_line_for_each_fault_even_where_values_hold_line_breaks(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(environ, workers="4\n5", log_level="a\u2028b", plex_url="nas:1")
    lines = str(caught.value).splitlines()
    assert lines == [str(fault) for fault in caught.value.faults]
    assert [line.split(" ")[0] for line in lines] == [
        "PLEXSYNC_PLEX_URL",
        "PLEXSYNC_WORKERS",
        "PLEXSYNC_LOG_LEVEL",
    ]


# --- secrecy ---------------------------------------------------------------------------------------------------------


def everything_said(error: BaseException) -> str:
    """All that a log could show of an error: its text, its repr and those of whatever it came from."""
    said = f"{error} {error!r}"
    cause = error.__cause__ or error.__context__
    return said + everything_said(cause) if cause else said


@pytest.mark.parametrize("odd", ["{} {}", "{}\x00{}", "{}\né{}", '"{}{}"', "{}\ud800{}"])
@pytest.mark.parametrize("name", ["plex_token", "stash_api_key"])
def test_a_secret_with_odd_characters_is_refused_without_being_shown(
    environ: dict[str, str], name: str, odd: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(environ, **{name: odd.format("s3cr3t", "s3cr3t")})
    assert "quotes, spaces, control characters" in str(caught.value)
    assert "s3cr3t" not in everything_said(caught.value)


@pytest.mark.parametrize("value", ['["s3cr3t"]', '{ a = "s3cr3t" }', "1234567"])
@pytest.mark.parametrize("name", ["plex_token", "stash_api_key"])
def test_a_secret_of_the_wrong_type_is_refused_without_being_shown(
    environ: dict[str, str], tmp_path: Path, name: str, value: str
) -> None:
    (tmp_path / "plexsync.toml").write_text(f"{name} = {value}")
    del environ["PLEXSYNC_PLEX_TOKEN"]
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert f"{name} ({tmp_path / 'plexsync.toml'}): must be a text in quotes" in str(caught.value)
    assert "s3cr3t" not in everything_said(caught.value)
    assert "1234567" not in everything_said(caught.value)


def test_faults_elsewhere_do_not_show_good_secrets(environ: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(environ, workers="x", stash_api_key=KEY)
    assert TOKEN not in everything_said(caught.value)
    assert KEY not in everything_said(caught.value)


@pytest.mark.parametrize(
    "url",
    [f"http://user:{TOKEN}@nas", f"http://nas/?X-Plex-Token={TOKEN}", f"http://nas/#{TOKEN}", TOKEN, f"x@{TOKEN}"],
)
def test_an_address_with_a_secret_in_it_is_refused_without_being_shown(environ: dict[str, str], url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(environ, plex_url=url)
    assert TOKEN not in everything_said(caught.value)


def test_an_api_key_pasted_in_place_of_an_address_is_not_shown(environ: dict[str, str]) -> None:
    pasted = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9." + "s3cr3t" * 8 + "." + "abc" * 14
    with pytest.raises(SettingsError) as caught:
        loaded(environ, stash_url=pasted)
    assert "s3cr3t" not in everything_said(caught.value)


@pytest.mark.parametrize("broken", ["plex_token = {}", "plex_token = '{}", "[{}]\n[{}]", "'{}' = 1\n['{}']", "{}"])
def test_a_secret_in_a_broken_file_is_not_shown(environ: dict[str, str], tmp_path: Path, broken: str) -> None:
    (tmp_path / "plexsync.toml").write_text(broken.format("s3cr3t", "s3cr3t"))
    with pytest.raises(SettingsError) as caught:
        load(environ)
    assert "not valid TOML" in str(caught.value)
    assert "s3cr3t" not in everything_said(caught.value)


def test_the_settings_can_be_printed_without_showing_a_secret(environ: dict[str, str]) -> None:
    result = loaded(environ, stash_api_key=KEY, tokn="x")
    assert result.plex_token == TOKEN
    assert result.stash_api_key == KEY
    for text in (repr(result), str(result), " ".join(result.warnings)):
        assert TOKEN not in text
        assert KEY not in text


# --- documentation ---------------------------------------------------------------------------------------------------


def test_every_setting_is_described_in_order() -> None:
    names = [field.name for field in dataclasses.fields(Settings) if field.name != "warnings"]
    assert [info.name for info in describe()] == [f"PLEXSYNC_{name.upper()}" for name in names]
    assert all(info.meaning and info.default for info in describe())
    assert list(settings.settings_schema()().fields) == names


def test_a_described_default_reads_as_the_contract_has_it() -> None:
    shown = {info.name: info.default for info in describe()}
    assert shown["PLEXSYNC_PLEX_TOKEN"] == "required"
    assert shown["PLEXSYNC_PLEX_VERIFY_TLS"] == "true"
    assert shown["PLEXSYNC_DRY_RUN"] == "false"
    assert shown["PLEXSYNC_CONNECT_TIMEOUT"] == "3.05"
    assert shown["PLEXSYNC_READ_TIMEOUT"] == "10"
    assert shown["PLEXSYNC_LATE_POLLS"] == "60,300,900,3600,86400"
    assert shown["PLEXSYNC_FIELDS"] == "all"
    assert shown["PLEXSYNC_STASH_API_KEY"] == "none"
    assert shown["PLEXSYNC_CONTENT_RATING"] == "none"
    assert shown["PLEXSYNC_PLEX_LIBRARIES"] == "all of type movie"


def test_the_fields_are_those_the_model_knows() -> None:
    from plexsync.model import Field

    assert set(FIELDS) == {field.value for field in Field if not field.row.is_templated}
