"""The schema of the settings: reads what was written for each, and collects every fault.

marshmallow takes longer to import than most commands run, so this is imported where something is wrong, to say all of
it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema, ValidationError, missing, validates_schema
from marshmallow.fields import Function

from plexsync.configuration import setting_values as values
from plexsync.configuration.contradictions import contradictions
from plexsync.configuration.rule import Rule


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
        if wrongs := contradictions(data):
            raise ValidationError({name: list(found) for name, found in wrongs.items()})
