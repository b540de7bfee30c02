"""The tasks as Huey knows them."""

from __future__ import annotations

import pytest

import settings
from plexsync.inbox import event_files
from plexsync.model import Field
from tasks import huey, prune, sync_scene


def test_the_hook_names_the_task_as_huey_registers_it() -> None:
    assert huey.names.task_to_string(sync_scene.task_class) == event_files.SYNC_SCENE


def test_events_of_one_scene_become_one_and_so_do_periodic_tasks() -> None:
    assert huey.coalesces(event_files.SYNC_SCENE)
    assert huey.coalesces(huey.names.task_to_string(prune.task_class))


def test_an_argument_by_name_is_refused_before_it_makes_a_second_message() -> None:
    with pytest.raises(TypeError, match="by position"):
        sync_scene(scene_id=45)
    assert huey.pending() == []


def test_the_settings_know_every_field_of_the_model() -> None:
    assert tuple(field.value for field in Field if not field.row.is_templated) == settings.FIELDS
