"""The address of a PostgreSQL: what may be written, what is said of what is wrong, and what of it is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from plexsync.configuration.database_url import database_url as read
from plexsync.configuration.database_url import secrets_in, shown
from plexsync.configuration.setting_values import WrongValue
from settings import SettingsError, database_url, examine, load

RIGHT = (
    "postgresql://plexsync:s3cr3t-word@db.example:5432/plexsync",
    "postgres://plexsync@db/plexsync",
    "postgresql://db/plexsync",
    "postgresql://plexsync:a%40b%3Ac%2F@[fd00::1]:6432/plexsync?sslmode=verify-full&sslrootcert=/etc/ca.pem",
    "postgresql://u:s3cr3t-word@one:5432,two:5432/plexsync?target_session_attrs=read-write",
)


@pytest.mark.parametrize("url", RIGHT)
def test_what_is_right_is_taken_as_it_is(url: str) -> None:
    assert read(f" {url} ") == url


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("mysql://u:s3cr3t-word@db/plexsync", "does not begin with postgresql://"),
        ("s3cr3t-word", "does not begin with postgresql://"),
        ("postgresql://u:s3cr3t-word@db", "is not the address of a database"),
        ("postgresql://u:s3cr3t-word@db/", "is not the address of a database"),
        ("postgresql://u:s3cr3t@word@db/plexsync", "is not the address of a database"),
        ("postgresql://u:s3cr3t-word@db:65536/plexsync", "has an invalid host or port"),
        ("postgresql://u:s3cr3t-word@db:five/plexsync", "has an invalid host or port"),
        (f"postgresql://u:s3cr3t-word@db:{'9' * 5000}/plexsync", "has an invalid host or port"),
        ("postgresql://u:s3cr3t%word@db/plexsync", "has a % without two hexadecimal digits after it"),
        ("postgresql://db/plexsync?password=s3cr3t-word", "has password after the question mark"),
        ("postgresql://db/plexsync?options=-c%20x", "has options after the question mark"),
        (5, "must be a text"),
    ],
)
def test_what_is_wrong_is_named_and_not_repeated(url: object, problem: str) -> None:
    with pytest.raises(WrongValue) as raised:
        read(url)
    (wrong,) = raised.value.wrongs
    assert wrong.problem == problem
    assert "s3cr3t" not in wrong.problem + wrong.remedy
    assert "postgresql://user:password@host:5432/database" in wrong.remedy or "sslmode" in wrong.remedy


def test_it_is_shown_without_user_and_password() -> None:
    assert shown(RIGHT[0]) == "PostgreSQL at db.example:5432, database plexsync"
    assert shown(RIGHT[4]) == "PostgreSQL at one:5432,two:5432, database plexsync"


def test_a_password_is_a_secret_as_written_and_as_meant() -> None:
    assert secrets_in(RIGHT[3])[1:] == ("a%40b%3Ac%2F", "a@b:c/")
    assert secrets_in(RIGHT[2]) == ()


def test_it_is_found_in_the_environment_a_file_of_its_own_and_the_file_of_settings(tmp_path: Path) -> None:
    folder = {"PLEXSYNC_DATA_DIR": str(tmp_path)}
    assert database_url(folder) is None
    assert database_url(folder | {"PLEXSYNC_DATABASE_URL": RIGHT[0]}) == RIGHT[0]
    secret = tmp_path / "url"
    secret.write_text(RIGHT[1] + "\n")
    assert database_url(folder | {"PLEXSYNC_DATABASE_URL_FILE": str(secret)}) == RIGHT[1]
    (tmp_path / "plexsync.toml").write_text(f'database_url = "{RIGHT[2]}"\n')
    (tmp_path / "plexsync.toml").chmod(0o600)
    assert database_url(folder) == RIGHT[2]
    assert load(folder | {"PLEXSYNC_PLEX_TOKEN": "token-of-nobody"}).database_url == RIGHT[2]


def test_a_wrong_one_names_the_setting_and_no_secret(tmp_path: Path) -> None:
    environ = {"PLEXSYNC_DATA_DIR": str(tmp_path), "PLEXSYNC_DATABASE_URL": "postgresql://u:s3cr3t-word@db"}
    with pytest.raises(SettingsError) as raised:
        database_url(environ)
    assert "PLEXSYNC_DATABASE_URL (environment): is not the address of a database" in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


def test_its_value_is_shown_nowhere(tmp_path: Path) -> None:
    environ = {
        "PLEXSYNC_DATA_DIR": str(tmp_path),
        "PLEXSYNC_DATABASE_URL": RIGHT[0],
        "PLEXSYNC_PLEX_TOKEN": "token-of-nobody",
    }
    assert "s3cr3t" not in repr(load(environ)) + repr(examine(environ))
    assert "database_url" in examine(environ).secrets_set
