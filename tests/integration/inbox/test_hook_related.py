"""Events of performers, studios, tags and groups, through the hook as Stash runs it and on into the queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from plexsync.inbox import event_files
from tests.support.hook_runner import Hook, command, every_python, stash_sends
from tests.support.queue_app.rig import new_queue, rows


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path / "data")


def related(hook: Hook) -> list[list[object]]:
    """The arguments of the messages in the inbox, in their order; there are no others."""
    messages = hook.queued()
    assert {message["name"] for message in messages} == {event_files.SYNC_RELATED}
    return [message["args"] for message in messages]


@every_python
def test_a_rename_is_queued_and_acknowledged(hook: Hook, python: str) -> None:
    sent = stash_sends(7, "Performer.Update.Post", edit={"id": "7", "name": "Ein Fuß"})

    assert hook.run(sent, argv=command(python)).output == "queued performer 7"
    (message,) = hook.queued()
    assert (message["name"], message["args"]) == ("sync_related", ["performer", 7])
    assert message["event"] == "Performer.Update.Post"
    assert hook.connection() == {"scheme": "http", "host": "127.0.0.1", "port": 9999}


@pytest.mark.parametrize(
    ("event", "edit", "kind"),
    [
        ("Performer.Destroy.Post", {"id": "7"}, "performer"),
        ("Studio.Update.Post", {"id": "7", "name": "New"}, "studio"),
        ("Studio.Destroy.Post", {"id": "7"}, "studio"),
        ("Tag.Update.Post", {"id": "7", "name": "new"}, "tag"),
        ("Tag.Destroy.Post", {"id": "7"}, "tag"),
        ("Tag.Merge.Post", {"source": ["5", "6"], "destination": "7"}, "tag"),
        ("Group.Update.Post", {"id": "7", "name": "New"}, "group"),
        ("Group.Destroy.Post", {"id": "7"}, "group"),
    ],
)
def test_whatever_scenes_show_by_its_name_is_queued(hook: Hook, event: str, edit: object, kind: str) -> None:
    assert hook.run(stash_sends(7, event, edit=edit)).output == f"queued {kind} 7"
    assert related(hook) == [[kind, 7]]


@pytest.mark.parametrize("edit", [{"ids": ["5", "6", "7"]}, ["5", "6", "7"]], ids=["edited", "destroyed"])
def test_the_first_hook_of_several_names_them_all_in_one_message(hook: Hook, edit: object) -> None:
    event = "Tag.Update.Post" if isinstance(edit, dict) else "Tag.Destroy.Post"
    answers = [hook.run(stash_sends(tag, event, edit=edit)).output for tag in (5, 6, 7)]

    assert answers == ["queued tag 5 and the 2 edited with it", "queued tag 6", "queued tag 7"]
    assert related(hook) == [["tag", 5, 6, 7], ["tag", 6], ["tag", 7]]


def test_an_edit_of_twenty_five_hundred_tags_is_queued_whole_by_its_first_hook(hook: Hook) -> None:
    ids = list(range(5, 2505))
    hook.run(stash_sends(5, "Tag.Update.Post", edit={"ids": [str(one) for one in ids]}))

    messages = related(hook)
    assert [len(args) - 1 for args in messages] == [1000, 1000, 500]
    assert {args[0] for args in messages} == {"tag"}
    assert [one for args in messages for one in args[1:]] == ids


def test_scenes_destroyed_together_are_named_by_the_first(hook: Hook) -> None:
    edit = {"ids": ["45", "46"], "delete_file": True, "oshash": "0123456789abcdef", "path": "/data/a.mp4"}
    answer = hook.run(stash_sends(45, "Scene.Destroy.Post", edit=edit))

    assert answer.output == "queued scene 45 and the 1 edited with it"
    single, together = hook.queued()
    assert (single["name"], single["args"]) == (event_files.SYNC_SCENE, [45])
    assert (together["name"], together["args"][1:]) == (event_files.SYNC_SCENES, [45, 46])


@pytest.mark.parametrize(
    ("tag", "event", "fault"),
    [
        ("x", "Tag.Update.Post", "id' is 'x', not the id of a tag"),
        (None, "Studio.Destroy.Post", "id' is null or missing, not the id of a studio"),
        (7, "Tag.Fly.Post", "'Tag.Fly.Post', which is not an event of Stash"),
    ],
)
def test_what_stash_does_not_send_is_refused_and_nothing_is_queued(
    hook: Hook, tag: object, event: str, fault: str
) -> None:
    assert fault in hook.run(stash_sends(tag, event)).error
    assert not hook.data.exists()


def test_a_tag_that_cannot_be_queued_is_named(hook: Hook) -> None:
    hook.data.write_text("")

    assert hook.run(stash_sends(7, "Tag.Update.Post")).error.startswith("tag 7 was not queued: ")


def test_equal_events_wait_once_in_a_queue_that_does_not_know_the_task_and_behind_edits_of_scenes(hook: Hook) -> None:
    for tag in (7, 7, 8):
        hook.run(stash_sends(tag, "Tag.Update.Post", edit={"id": str(tag)}))
    hook.run(stash_sends(7, "Studio.Update.Post", edit={"id": "7"}))
    hook.run(stash_sends(45))
    huey = new_queue(hook.data)
    assert huey.pending_count() == 4

    waiting = [huey.serializer.deserialize(data).args for data in huey.storage.enqueued_items()]
    assert waiting == [(45,), ("tag", 7), ("tag", 8), ("studio", 7)]
    assert [row["priority"] for row in rows(huey, "task")] == [-5, -5, -5, 0]
    huey.storage.close()
