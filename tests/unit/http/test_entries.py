"""Entries are read in many threads of one consumer."""

from __future__ import annotations

import subprocess
import sys

#: Ever new kinds, each read by eight threads at once that have never seen it. In a process of its own: a fault of the
#: library's in this ends the whole process.
PROGRAM = """
import sys, threading
from msgspec import defstruct
from plexsync.http.entries import read_entry

sys.setswitchinterval(1e-6)
read = []
for number in range(150):
    inner = defstruct("Inner", [("name", str | None, None), ("size", int, 0)])
    fields = [(f"field{n}", int | None, None) for n in range(12)]
    outer = defstruct("Outer", [*fields, ("parts", list[inner]), ("first", inner)], kw_only=True)
    barrier = threading.Barrier(8)

    def work():
        barrier.wait()
        entry = read_entry({"parts": [{"name": "one"}], "first": {"size": 5}}, outer)
        read.append((entry.parts[0].name, entry.first.size))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print(len(read), set(read))
"""


def test_a_kind_may_be_read_first_by_several_threads_at_once() -> None:
    done = subprocess.run([sys.executable, "-P", "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1200 {('one', 5)}\n", "")
