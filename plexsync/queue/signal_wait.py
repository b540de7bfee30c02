"""Waiting for signals in the main thread without looking for them: Python hears of each at once, by a pipe."""

from __future__ import annotations

import os
import select
import signal
from types import TracebackType
from typing import Self


class SignalWait:
    """While the block runs, ``wait`` ends as soon as a signal came that somebody handles. In the main thread alone."""

    def __enter__(self) -> Self:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)
        self._before = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._before)
        os.close(self._read)
        os.close(self._write)

    def wait(self, seconds: float) -> None:
        """Wait so long, or until a signal came; those that came before count as well."""
        if select.select([self._read], [], [], seconds)[0]:
            os.read(self._read, 512)
