"""Texts lose what tells whose library it is, and keep what shows a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plexsync.privacy.concealer import Concealer, NamesFound, lines_of
from plexsync.privacy.keyed_words import KEY_FILE, KeyedWords, installation_key
from plexsync.privacy.vocabulary import vocabulary
from tests.support.planted import NAMES, forms

WORDS = KeyedWords(b"k" * 32)


@pytest.fixture(scope="module")
def concealer() -> Concealer:
    return Concealer(WORDS, vocabulary(), frozenset({"title", "synced"}), own_folders={"/home/ann/plexsync": "<data>"})


def test_of_a_thousand_names_none_is_left_however_it_is_written(concealer: Concealer) -> None:
    assert len(set(NAMES)) == 1000
    left = []
    for name in NAMES:
        for text in (
            f"scene 45: {name} is not in Plex",
            f"scene 45: {name!r} was left out",
            f'{{"title": {json.dumps(name)}}}',
            f"{{'studio': {json.dumps(name, ensure_ascii=False)}}}",
            f"Plex could not be asked to scan /data/{name}/{name}.mp4: HTTP 500",
            f"https://{name.encode().hex()}.example/x/{name}?q={name}",
        ):
            said = concealer.text(text)
            left += [(name, said) for form in forms(name) if form in said]
    assert left == []


def test_the_programs_own_words_stay(concealer: Concealer) -> None:
    for text in (
        "scene 45: wrote title, studio (event 3f9c21ab)",
        "Plex is down, asked again in 60 s: the connection was refused",
        "2026-11-27 04:00:00 +00:00 the database can be used again",
        "http://localhost:32400/library/sections/1/all?type=1 and 127.0.0.1:9797",
        "'title' is 'synced'",
        "<data>/plexsync.db is damaged",
    ):
        assert concealer.text(text) == text
    assert concealer.path("/home/ann/plexsync/plexsync.db") == "<data>/plexsync.db"


def test_a_folder_is_one_word_in_stash_and_in_plex(concealer: Concealer) -> None:
    stash = concealer.path("/data/Quux Studio/Zorble Wex.mp4").split("/")
    plex = concealer.path("/media/video/quux studio/Zorble Wex.MP4").split("/")
    windows = concealer.path("D:\\Quux Studio\\Zorble Wex.mp4").split("\\")
    assert len(stash) == 4
    assert len(plex) == 5
    assert windows[0] == "D:"
    assert stash[2:] == windows[1:]
    assert stash[2] != plex[3]
    assert stash[2].lower() == plex[3].lower()
    assert stash[3].removesuffix(".mp4") == plex[4].removesuffix(".MP4")
    assert stash[2].endswith("-m")
    # In the midst of a text as well, in quotes and without.
    assert concealer.text("scan '/data/Quux Studio/Zorble Wex.mp4'") == f"scan '{'/'.join(stash)}'"
    assert concealer.text("scan /data/Quux Studio/Zorble Wex.mp4: no") == f"scan {'/'.join(stash)}: no"


def test_what_makes_paths_differ_stays_visible(concealer: Concealer) -> None:
    composed, taken_apart = concealer.name("Caf\u00e9 Zorble"), concealer.name("Cafe\u0301 Zorble")
    assert taken_apart == f"{composed}n"
    assert concealer.name("zorble").islower()
    assert concealer.name("ZORBLE").partition("-")[0].isupper()
    assert [concealer.name("z" * length)[-1] for length in (4, 12, 40, 41)] == ["s", "m", "l", "x"]


def test_another_installation_makes_other_words(tmp_path: Path) -> None:
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    one, other = (KeyedWords(installation_key(folder)) for folder in folders)
    assert one.word("Zorble") != other.word("Zorble")
    assert one.word("Zorble") == KeyedWords(installation_key(folders[0])).word("Zorble")
    assert not other.is_ours(one.word("Zorble"))
    assert (folders[0] / KEY_FILE).stat().st_mode & 0o777 == 0o600


def test_what_was_concealed_already_stays_as_it_is(concealer: Concealer) -> None:
    once = concealer.text("scan /data/Quux Studio/Zorble Wex.mp4: 'Zorble' is Wex")
    assert concealer.text(once) == once
    assert concealer.text("abcdefghijkl-m") != "abcdefghijkl-m"


def test_names_made_of_our_own_words_go_where_they_are_known() -> None:
    known = NamesFound(names=("The Last Scene", "title"), paths=("/data/New Files",))
    concealer = Concealer(WORDS, vocabulary(), frozenset({"title"}), lambda _text: known)
    said = concealer.text("The Last Scene: wrote title; scan /data/New Files")
    assert said == f"{WORDS.word('The Last Scene')}: wrote title; scan {concealer.path('/data/New Files')}"
    assert "New" not in said


@pytest.mark.parametrize(
    "text",
    ["zorblenas:32400", "http://zorble:wex@zorblenas.lan:32400/x", "192.168.77.31", "fe80::77:31", "[fd00::7731]:80"],
)
def test_hosts_and_users_go(concealer: Concealer, text: str) -> None:
    said = concealer.text(f"Plex at {text} is down")
    assert not any(part in said for part in ("zorble", "wex", "192.168", "fe80", "fd00"))
    assert (":32400" in said) == (":32400" in text)


def test_a_traceback_tells_where_and_not_about_what(concealer: Concealer) -> None:
    trace = (
        "Traceback (most recent call last):\n"
        '  File "/home/zorble/stash/plugins/plexsync/sync.py", line 12, in wex\n'
        "    sync(zorble)\n"
        "ValueError: the title 'Zorble' is too long"
    )
    said = concealer.trace(trace).splitlines()
    assert len(said) == 3
    assert said[1].endswith(", line 12")
    assert said[1].count("/") == 6
    assert said[2] == f"ValueError: the title '{WORDS.word('Zorble')}' is too long"
    assert "zorble" not in "\n".join(said).lower()


def test_lines_of_a_log_keep_what_they_belong_to(concealer: Concealer) -> None:
    end = "  [event=3f9c21ab task=sync_scene scene=45 item=7 attempt=1]"
    head = "2026-11-27 04:00:00 +01:00 INFO    "
    entry = {"at": "2026-11-27T04:00:00Z", "level": "info", "thread": "Zorble", "message": "scene 45: 'Zorble'"}
    text, as_json = lines_of([f"{head}scene 45: 'Zorble'{end}", json.dumps(entry)], concealer)
    assert text == f"{head}scene 45: '{WORDS.word('Zorble')}'{end}"
    assert json.loads(as_json) == {
        "at": "2026-11-27T04:00:00Z", "level": "info", "message": f"scene 45: '{WORDS.word('Zorble')}'"
    }  # fmt: skip
