"""Header values: which of ours can be sent, and which of a server's are believed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

#: Seconds: the longest ``Retry-After`` that is believed.
RETRY_AFTER_MAX = 86_400.0


def can_be_sent(value: str) -> bool:
    """Whether a header carries this token, key or name as it is: visible ASCII characters, and at least one."""
    return re.fullmatch(r"[!-~]+", value) is not None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that ``Retry-After`` asks for, 0 to ``RETRY_AFTER_MAX``; None where it is missing or makes no sense.

    Both forms of RFC 9110, section 10.2.3: whole seconds or a date.
    """
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(float(value), RETRY_AFTER_MAX)
    try:
        seconds = parsedate_to_datetime(value).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(seconds, 0.0), RETRY_AFTER_MAX)
