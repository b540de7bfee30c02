"""Settings that are right by themselves, and not together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plexsync.configuration.plain_values import Wrong
from plexsync.fields import TEMPLATED_FIELDS

#: Settings of which the first must not be above the second.
_ORDERED = (("match_review", "match_auto"), ("retry_base", "retry_cap"), ("not_found_base", "not_found_cap"))


def contradictions(data: Mapping[str, Any]) -> dict[str, list[Wrong]]:
    """What is wrong, by the setting that is blamed; nothing where all go together.

    :param data: the values that could be read, by name.
    """
    wrongs = {
        low: [Wrong(f"{low} ({data[low]}) is above {high} ({data[high]})", f"keep {low} at or below {high}", high)]
        for low, high in _ORDERED
        if low in data and high in data and data[low] > data[high]
    }
    if off := [name for name in TEMPLATED_FIELDS if name in data.get("fields", ()) and data.get(name) == ""]:
        wrongs["fields"] = [
            Wrong(
                f"names {name}, and nothing says what to show there",
                f"set {name} to code or a template such as {{studio}} {{date}}: that alone is enough",
                name,
            )
            for name in off
        ]
    return wrongs
