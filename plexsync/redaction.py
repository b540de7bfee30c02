"""Takes secrets out of texts on their way to a person, a log or the disk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import quote

from plexsync.outside import has_odd, without_odd

#: What stands in place of a secret.
REDACTED = "[redacted]"
#: Secrets shorter than this are not looked for: they would tear holes into ordinary words.
SHORTEST_SECRET = 6


class Redactor:
    """Replaces secrets in texts, however they are written there: as they are, in JSON, in HTML, percent-encoded.

    The code never puts a secret into a text; this is the net below.

    :param secrets: texts that must not appear; None and short ones are passed over.
    """

    def __init__(self, secrets: Iterable[str | None] = ()) -> None:
        self._forms: tuple[str, ...] = ()
        self.learn(*secrets)

    def learn(self, *secrets: str | None) -> None:
        """Take these out too from now on; what was known before stays so, as an old token may still work."""
        found = [one for one in secrets if one and len(one) >= SHORTEST_SECRET]
        if not found:
            return
        import html

        forms = set(self._forms)
        for secret in found:
            forms |= {secret, json.dumps(secret)[1:-1], html.escape(secret), quote(secret), quote(secret, safe="")}
        # Longest first: one form may be part of another.
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __call__(self, text: str) -> str:
        """The text without secrets, and without half characters, which can be neither stored nor printed."""
        return self.taken_out(text).encode("utf-8", "backslashreplace").decode("utf-8")

    def taken_out(self, text: str) -> str:
        """The text without secrets, all else of it as it is."""
        for form in self._forms:
            text = text.replace(form, REDACTED)
        if self._forms and has_odd(text):
            text = self._pieced_together(text)
        return text

    def _pieced_together(self, text: str) -> str:
        """The text without secrets in which somebody has put what is not to be seen."""
        plain, places = without_odd(text)
        for form in self._forms:
            while (start := plain.find(form)) >= 0:
                end = start + len(form)
                text = text[: places[start]] + REDACTED + text[places[end - 1] + 1 :]
                plain, places = without_odd(text)
        return text


#: Knows every secret that this process has read from its settings: for log lines, errors and whatever else is kept.
redact = Redactor()
