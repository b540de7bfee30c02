"""What is said where pip cannot install the packages."""

from __future__ import annotations

import pytest

from plexsync.cli.environment import remedy

NO_COMPILER = [
    "  Building wheel for rapidfuzz (pyproject.toml): finished with status 'error'",
    "      CMake Error: CMAKE_CXX_COMPILER not set, after EnableLanguage",
    "ERROR: Failed building wheel for RapidFuzz",
]
OFFLINE = [
    "WARNING: Retrying after connection broken by '[Errno -3] Temporary failure in name resolution'",
    "ERROR: Could not find a version that satisfies the requirement click==8.5.1 (from versions: none)",
    "ERROR: No matching distribution found for click==8.5.1",
]
FULL = ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"]
OWNED = ["ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied: '/x/.venv/lib/click'"]
CERTIFICATE = ["SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed'))"]


def test_a_32_bit_system_is_told_what_it_lacks() -> None:
    text = remedy(NO_COMPILER, is_32_bit=True)
    assert "64-bit system" in text
    assert "apt install g++" in text
    assert "apk add g++" in text


@pytest.mark.parametrize("bits_32", [False, True])
def test_other_causes_are_not_laid_to_the_processor(bits_32: bool) -> None:
    assert "online" in remedy(OFFLINE, is_32_bit=bits_32)
    assert "64-bit" not in remedy(OFFLINE, is_32_bit=bits_32)


def test_a_64_bit_system_without_a_ready_made_part_is_told_of_the_compiler() -> None:
    text = remedy(NO_COMPILER, is_32_bit=False)
    assert "apt install g++" in text
    assert "32-bit" not in text


@pytest.mark.parametrize(
    ("lines", "words"),
    [(FULL, "make room"), (OWNED, "belongs to"), (CERTIFICATE, "clock")],
    ids=["full", "owned", "tls"],
)
def test_what_pip_said_leads_to_what_to_do(lines: list[str], words: str) -> None:
    assert words in remedy(lines, is_32_bit=False)


def test_where_nothing_is_known_nothing_is_guessed() -> None:
    assert remedy(["ERROR: something new"], is_32_bit=False) == ""
