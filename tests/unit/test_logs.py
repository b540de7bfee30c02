"""Log lines: their forms, and what never stands in them."""

from __future__ import annotations

import io
import json
import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from plexsync import logs
from plexsync.errors import TransientError
from plexsync.redaction import REDACTED, Redactor

TOKEN = 'tok"en/with odd+chars'


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root, huey = logging.getLogger(), logging.getLogger("huey")
    hook = threading.excepthook
    before = (root.handlers[:], root.level, huey.filters[:])
    yield io.StringIO()
    root.handlers[:], level, huey.filters[:] = before
    root.setLevel(level)
    threading.excepthook = hook


def test_a_line_has_time_level_and_text(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    logging.getLogger("plexsync.sync.sync").info("scene %d: done", 45)
    assert stream.getvalue().endswith("INFO    scene 45: done\n")


def test_json_lines_are_objects(stream: io.StringIO) -> None:
    logs.set_up("info", "json", Redactor([]), stream)
    logging.getLogger("plexsync.sync.sync").warning("“quoted”\nand more")
    entry = json.loads(stream.getvalue())
    assert (entry["level"], entry["message"]) == ("warning", "“quoted”\nand more")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_secret_is_taken_out_of_messages_and_tracebacks(stream: io.StringIO, log_format: str) -> None:
    logs.set_up("debug", log_format, Redactor([TOKEN, None]), stream)
    try:
        raise ValueError(f"at http://x/?token={TOKEN}")
    except ValueError:
        logging.getLogger("plexsync").exception("failed with %s", TOKEN)
    text = stream.getvalue()
    assert TOKEN not in text
    assert json.dumps(TOKEN)[1:-1] not in text
    assert text.count(REDACTED) >= 2


def test_a_secret_is_found_percent_encoded_too() -> None:
    assert Redactor([TOKEN])("x=tok%22en%2Fwith%20odd%2Bchars&y") == f"x={REDACTED}&y"


def test_short_secrets_do_not_tear_holes_into_words() -> None:
    assert Redactor(["a", ""])("a cat") == "a cat"


def test_huey_reports_surprises_only(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    huey = logging.getLogger("huey")
    huey.info("Executing task")
    for error in (TransientError("Plex is away"), KeyError("bug")):
        try:
            raise error
        except (TransientError, KeyError):
            huey.exception("Unhandled exception in task")
    text = stream.getvalue()
    assert "Executing" not in text
    assert "Plex is away" not in text
    assert "KeyError: 'bug'" in text


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_whatever_a_name_holds_a_line_can_be_written_and_moves_no_terminal(
    tmp_path: Path, stream: io.StringIO, log_format: str
) -> None:
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        logs.set_up("info", log_format, Redactor([]), file)
        logging.getLogger("plexsync").info("%s", "caf\udce9 \x1b[31m \x9b é")
    written = (tmp_path / "log").read_text(encoding="utf-8")
    assert "\x1b" not in written
    assert (r"\udce9" if log_format == "json" else r"\xe9") in written
    assert "é" in written
    if log_format == "json":
        assert json.loads(written)["message"].startswith("caf\udce9")


def test_the_same_surprise_in_many_tasks_is_reported_once(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    for number in range(50):
        try:
            raise ZeroDivisionError(f"number {number}")
        except ZeroDivisionError:
            logging.getLogger("huey").exception("Unhandled exception in task %d.", number)
    try:
        raise KeyError("another one")
    except KeyError:
        logging.getLogger("huey").exception("Unhandled exception in task 51.")
    assert stream.getvalue().count("Traceback") == 2


#: What a server, a title or a file's name may hold to look like something else.
FORGED = "scene 1: done\n2026-11-26 19:00:00 ERROR   forged\r\x1b[2K\u2028\u202eevil\u200b\U000e0041"


def trace_of(error: Exception) -> None:
    try:
        raise error
    except Exception:
        logging.getLogger("plexsync").exception("%s", FORGED)


def test_nothing_in_a_message_or_an_error_looks_like_a_line_of_its_own(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    trace_of(ValueError(FORGED))
    first, *others = stream.getvalue().rstrip("\n").split("\n")
    assert r"scene 1: done\n2026-11-26 19:00:00 ERROR   forged\r\x1b[2K\u2028\u202eevil\u200b\U000e0041" in first
    assert others
    assert all(line.startswith("    ") for line in others)
    assert any("ERROR   forged" in line for line in others)
    assert not set("\r\x1b\u2028\u202e\u200b\U000e0041") & set(stream.getvalue())


def test_json_lines_hold_it_exactly_and_as_escapes(stream: io.StringIO) -> None:
    logs.set_up("info", "json", Redactor([]), stream)
    trace_of(ValueError(FORGED))
    (line,) = stream.getvalue().rstrip("\n").split("\n")
    assert json.loads(line)["message"] == FORGED
    assert f"ValueError: {FORGED}" in json.loads(line)["traceback"]
    assert not set("\r\x1b\u2028\u202e\u200b\U000e0041") & set(line)


def test_a_line_has_an_end(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    logging.getLogger("plexsync").info("%s", "x" * 5_000_000)
    assert len(stream.getvalue()) < 10_000
    assert "characters more" in stream.getvalue()


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("between", ["\u200b", "\x1b", "\n", "\u202e", "\U000e0041", "\xad"])
def test_a_secret_that_is_cut_in_pieces_by_what_is_not_seen_is_found(
    stream: io.StringIO, log_format: str, between: str
) -> None:
    logs.set_up("info", log_format, Redactor(["Zq7plexToken4f"]), stream)
    logging.getLogger("plexsync").info("%s", f"before {between.join('Zq7plexToken4f')} after")
    trace_of(ValueError(f"Zq7plex{between}Token4f"))
    text = stream.getvalue()
    assert text.count(REDACTED) == 2
    assert "Token4f" not in text
    assert "before " in text
    assert " after" in text


def test_a_thread_that_ends_with_an_error_is_told_of_in_the_log(stream: io.StringIO) -> None:
    logs.set_up("info", "text", Redactor(["Zq7plexToken4f"]), stream)

    def fail() -> None:
        raise ValueError(f"Zq7plexToken4f {FORGED}")

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    assert "worker ended with an unexpected error" in stream.getvalue()
    assert "Zq7plexToken4f" not in stream.getvalue()
    assert r"\x1b" in stream.getvalue()


def test_a_line_that_cannot_be_written_is_not_printed_as_it_is(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("info", "text", Redactor([]), stream)
    logging.getLogger("plexsync").info("%d", FORGED)
    said = capsys.readouterr().err
    assert said == "a line of plexsync could not be logged: TypeError\n"


@pytest.mark.parametrize(("zone", "told"), [("UTC", "+00:00"), ("Etc/GMT+4", "-04:00"), ("Asia/Kolkata", "+05:30")])
def test_lines_tell_local_time_with_its_offset_and_json_tells_utc(
    stream: io.StringIO, monkeypatch: pytest.MonkeyPatch, zone: str, told: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        for log_format in ("text", "json"):
            logs.set_up("info", log_format, Redactor([]), stream)
            logging.getLogger("plexsync").info("hello")
    finally:
        monkeypatch.undo()
        time.tzset()
    line, entry = stream.getvalue().splitlines()
    moment = line.removesuffix(" INFO    hello")
    assert moment.endswith(f" {told}")
    utc = datetime.fromisoformat(json.loads(entry)["at"])
    assert json.loads(entry)["at"].endswith("Z")
    assert abs((datetime.strptime(moment, "%Y-%m-%d %H:%M:%S %z") - utc).total_seconds()) < 5
