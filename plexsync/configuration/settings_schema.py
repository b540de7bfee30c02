"""The schema of the settings: reads what was written for each, and collects every fault.

marshmallow takes longer to import than most commands run, so this is imported where settings are checked, and by nobody
who only looks into the data folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, missing, validates_schema
from marshmallow.fields import Function

from plexsync.configuration import setting_values as values
from plexsync.configuration.rule import Rule
from plexsync.fields import TEMPLATED_FIELDS


def schema_of(rules: Mapping[str, Rule]) -> type[Schema]:
    """The schema of settings with these rules, by name. Its errors hold ``Wrong`` entries."""
    return _Order.from_dict({name: _field(rule) for name, rule in rules.items()}, name="SettingsSchema")


def _field(rule: Rule) -> Function:
    return Function(
        deserialize=_parser(rule.parse),
        load_default=missing if rule.is_required else rule.default,
        required=rule.is_required,
    )


def _parser(parse: Callable[[object], object]) -> Callable[[object], object]:
    def parse_or_tell(value: object) -> object:
        try:
            return parse(value)
        except values.WrongValue as error:
            wrongs = list(error.wrongs)
        # Outside the handler: what is raised there would hold the value that was written.
        raise ValidationError(wrongs)

    return parse_or_tell


class _Order(Schema):
    @validates_schema(skip_on_field_errors=False)
    def check_order(self, data: dict[str, Any], **_: object) -> None:
        pairs = (("match_review", "match_auto"), ("retry_base", "retry_cap"), ("not_found_base", "not_found_cap"))
        wrongs = {
            low: [
                values.Wrong(
                    f"{low} ({data[low]}) is above {high} ({data[high]})", f"keep {low} at or below {high}", high
                )
            ]
            for low, high in pairs
            if low in data and high in data and data[low] > data[high]
        }
        if off := [name for name in TEMPLATED_FIELDS if name in data.get("fields", ()) and data.get(name) == ""]:
            wrongs["fields"] = [
                values.Wrong(
                    f"names {name}, and nothing says what to show there",
                    f"set {name} to code or a template such as {{studio}} {{date}}: that alone is enough",
                    name,
                )
                for name in off
            ]
        if wrongs:
            raise ValidationError(wrongs)
