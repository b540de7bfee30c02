"""The table of questions and the table of actions. A new one is an entry of the module that answers it."""

from __future__ import annotations

from collections.abc import Mapping

from plexsync.status import (
    actions,
    activity,
    health,
    letters,
    life,
    picture,
    report,
    scene_facts,
    scene_item,
    scenes,
    settings_form,
)
from plexsync.status.registry import Action, StatusQuestion, by_name

#: All that can be asked.
QUESTIONS: Mapping[str, StatusQuestion] = by_name(
    [
        *scenes.QUESTIONS,
        *scene_facts.QUESTIONS,
        *letters.QUESTIONS,
        *activity.QUESTIONS,
        *health.QUESTIONS,
        *picture.QUESTIONS,
        *scene_item.QUESTIONS,
        *settings_form.QUESTIONS,
    ]
)
#: All that can be done.
ACTIONS: Mapping[str, Action] = by_name([*actions.ACTIONS, *report.ACTIONS, *life.ACTIONS])
