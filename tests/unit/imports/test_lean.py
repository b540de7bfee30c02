"""Packages are imported without what they hardly ever need, and have it where they do."""

from __future__ import annotations

import subprocess
import sys

from tests.support.places import ROOT

_CODE = """
import sys, warnings
warnings.simplefilter("error")
import plexsync.imports.lean
import requests, urllib3, huey
from huey.storage import PostgresStorage
print(*sorted({"charset_normalizer", "importlib.metadata", "psycopg"} & sys.modules.keys()), "none")

# Who needs it has it.
answer = requests.Response()
answer._content = "Grüße aus München, wo die Bäume blühen und die Vögel singen".encode("latin-1")
print(answer.apparent_encoding is not None, "charset_normalizer" in sys.modules)
import charset_normalizer
print(charset_normalizer is sys.modules["charset_normalizer"], hasattr(charset_normalizer, "from_bytes"))
import importlib.metadata
from importlib.metadata import version
print(urllib3.http2.version("requests") == version("requests") == requests.__version__)
print(hasattr(importlib.metadata, "distributions"))
"""


def test_what_is_left_out_is_there_for_who_needs_it() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CODE], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.split() == ["none", *["True"] * 6]
