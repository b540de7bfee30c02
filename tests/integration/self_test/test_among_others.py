"""A self-test beside a consumer that syncs, and people who edit: nobody's work is lost."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from huey.exceptions import RetryTask

from plexsync.demo import pictures
from plexsync.demo.http import PlannedFault, Request
from plexsync.demo.plex import SimulatedPlex
from plexsync.errors import AccessDenied, ItemGone, ItemHeld, PermanentError
from plexsync.ledger.held_item import FACT, LONGEST
from plexsync.model import Edit, Field, Tag
from plexsync.plex import PlexEndpoint
from plexsync.plex.probing import ProbingClient
from plexsync.plex.traits import Trait
from plexsync.self_test import UnfitItem, leftover, put_back
from plexsync.self_test.lock import SelfTestRuns, only_self_test
from plexsync.self_test.marks import made_up
from plexsync.self_test.questions.pictures import small_png
from plexsync.storage.consumer_lock import only_consumer
from tasks.attempt import attempt
from tests.support.self_test_bench import GENRES, SelfTestBench, self_test_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[SelfTestBench]:
    with self_test_bench(tmp_path) as bench:
        yield bench


def when(bench: SelfTestBench, words: str, act: Callable[[SimulatedPlex], object]) -> None:
    """Let something happen right before the first write that has these words in it is carried out."""
    done = False

    def seen(request: Request) -> bool:
        nonlocal done
        if not done and request.method == "PUT" and words in request.query:
            done = True
            act(bench.plex)
        return False

    bench.plex.faults.add(PlannedFault("status", times=None, match=seen))


# --- People who edit -------------------------------------------------------------------------------------------------


def test_a_name_that_somebody_adds_meanwhile_stays(bench: SelfTestBench) -> None:
    def add(plex: SimulatedPlex) -> None:
        plex.edit_as_person(bench.key, genre=[*plex.item(bench.key).names("genre"), "Theirs"])

    when(bench, "plain", add)
    answers = bench.run()
    assert bench.plex.item(bench.key).names("genre") == [*GENRES, "Theirs"]
    assert "Theirs" in answers["meanwhile"].text
    assert answers["item"].ok


@pytest.mark.parametrize(
    ("words", "edit", "field", "value"),
    [
        ("tag.tag", {"summary": "Their summary"}, "summary", "Their summary"),
        ("tag.tag", {"title": "Their title"}, "title", "Their title"),
        ("tag.tag", {"studio": "Their studio"}, "studio", "Their studio"),
        ("tag.tag", {"originallyAvailableAt": "2010-10-10"}, "originallyAvailableAt", "2010-10-10"),
    ],
)
def test_a_text_that_somebody_writes_meanwhile_stays(
    bench: SelfTestBench, words: str, edit: dict[str, str], field: str, value: str
) -> None:
    when(bench, words, lambda plex: plex.edit_as_person(bench.key, **edit))
    answers = bench.run()
    assert bench.plex.item(bench.key).text(field) == value
    assert value in answers["meanwhile"].text
    assert answers["meanwhile"].doubtful
    # What it would have been asked with is not written to any more.
    asked = {"title": "title", "originallyAvailableAt": "year"}.get(field)
    if asked:
        assert "somebody else has changed it" in answers[asked].text


def test_a_rating_that_somebody_gives_meanwhile_stays(bench: SelfTestBench) -> None:
    when(bench, "tag.tag", lambda plex: plex.rate_as_person(bench.key, 2.0))
    answers = bench.run()
    assert bench.plex.item(bench.key).user_rating == 2.0
    assert "somebody else has changed it" in answers["rating"].text


def test_what_somebody_did_after_a_crash_stays_when_the_item_is_put_back(bench: SelfTestBench) -> None:
    later = False

    def breaks(request: Request) -> bool:
        nonlocal later
        later = later or "title.value" in request.query
        return later and "title.value" not in request.query

    bench.plex.faults.add(PlannedFault("reset", times=None, match=breaks))
    assert not bench.run()["item"].ok
    bench.plex.faults.clear()
    assert bench.plex.item(bench.key).title.startswith(made_up(""))
    bench.plex.edit_as_person(bench.key, title="Their title", summary="Their summary")
    left = leftover(bench.bench.app.ledger, bench.bench.settings.data_dir)
    assert left is not None
    restored = put_back(bench.client, bench.bench.app.ledger, left.record)
    assert restored.left == ()
    assert any("Their title" in text for text in restored.foreign)
    assert (bench.plex.item(bench.key).title, bench.plex.item(bench.key).text("summary")) == (
        "Their title",
        "Their summary",
    )


# --- A consumer ------------------------------------------------------------------------------------------------------


def in_use(bench: SelfTestBench, key: int, seconds: float = 60.0) -> None:
    """Let the ledger say that an item is in use for a self-test."""
    bench.bench.app.ledger.held_items.begin(key, time.time() + seconds, "{}", others_write=False)


def test_a_scene_waits_while_its_item_is_in_use_and_no_attempt_is_used_up(bench: SelfTestBench) -> None:
    one = bench.bench
    one.stash.edit(one.scene, title="A title")
    in_use(bench, one.key)
    with pytest.raises(ItemHeld, match="self-test"):
        one.sync()
    with pytest.raises(RetryTask) as retry:
        attempt(one.app, one.scene, fresh=True)
    assert 0 < retry.value.delay <= 60
    record = one.app.ledger.scenes.get(one.scene)
    assert record is not None
    assert (record.attempts, str(record.state)) == (0, "pending")
    assert "self-test" in (record.last_error or "")
    assert one.item().title != "A title"
    one.app.ledger.held_items.over()
    assert one.sync() == "synced"
    assert one.item().title == "A title"


def test_other_scenes_are_synced_meanwhile(bench: SelfTestBench) -> None:
    in_use(bench, bench.key)
    bench.bench.stash.edit(bench.bench.scene, title="A title")
    assert bench.bench.sync() == "synced"


def test_the_intent_to_write_is_not_noted_for_an_item_in_use(bench: SelfTestBench) -> None:
    one = bench.bench
    one.sync()
    in_use(bench, one.key)
    with pytest.raises(ItemHeld):
        one.app.ledger.scenes.note_intent(one.scene, one.key, "{}", "{}")
    assert one.app.ledger.scenes.note_intents([(one.scene, one.key, "{}", "{}")]) == []
    record = one.app.ledger.scenes.get(one.scene)
    assert record is not None
    assert record.intended is None


@pytest.mark.parametrize(
    "noted",
    [
        "{",
        '{"rating_key": "none", "until": 0, "record": "{}"}',
        '{"rating_key": 7, "until": "soon", "record": "{}"}',
        "{}",
        "[]",
        '{"rating_key": null, "until": 0, "record": "{}"}',
    ],
)
def test_a_note_that_nobody_can_read_holds_no_item_and_keeps_no_scene_waiting(bench: SelfTestBench, noted: str) -> None:
    one = bench.bench
    with one.database.write() as db:
        db.execute("insert or replace into fact values (?, ?)", (FACT, noted))
    assert one.app.ledger.held_items.get() is None
    assert leftover(one.app.ledger, one.settings.data_dir) is None
    assert one.sync() == "synced"


def test_a_batch_leaves_the_item_out_and_writes_to_the_others(bench: SelfTestBench) -> None:
    one = bench.bench
    scenes = [one.scene, *(one.add(f"{number}.mp4")[0] for number in range(2))]
    tag = one.stash.add_tag("before")
    for scene in scenes:
        one.stash.edit(scene, title=f"Scene {scene}", tags=[tag])
        one.sync(scene)
    one.stash.rename("tags", tag, "after")
    in_use(bench, one.key)
    tally = one.app.together.sync(scenes)
    assert tally.alone == (one.scene,)
    assert set(tally.written) == set(scenes[1:])
    assert one.item().names("genre") == ["before"]
    one.app.ledger.held_items.over()
    one.sync()
    assert one.item().names("genre") == ["after"]


@pytest.mark.parametrize("seconds", [-1.0, LONGEST + 3600.0])
def test_an_item_is_not_in_use_for_ever(bench: SelfTestBench, seconds: float) -> None:
    """After a crash, or where somebody has set the clock."""
    in_use(bench, bench.bench.key, seconds)
    bench.bench.stash.edit(bench.bench.scene, title="A title")
    assert bench.bench.sync() == "synced"


def test_it_does_not_begin_while_a_consumer_writes_to_the_item(bench: SelfTestBench) -> None:
    one = bench.bench
    one.sync()
    bench.key = one.key
    one.app.ledger.scenes.note_intent(one.scene, one.key, "{}", "{}")
    writes = bench.plex.counters["writes"]
    with only_consumer(one.settings.data_dir), pytest.raises(UnfitItem, match=f"scene {one.scene} is being synced"):
        bench.run()
    assert bench.plex.counters["writes"] == writes
    assert one.app.ledger.held_items.get() is None
    # Without a consumer nobody writes: what is noted is of an earlier one's end.
    assert bench.run()["item"].ok


def test_a_sync_after_a_self_test_has_nothing_to_do(bench: SelfTestBench) -> None:
    one = bench.bench
    one.stash.edit(one.scene, title="A title", rating100=80, date="2001-02-03", tags=[one.stash.add_tag("a tag")])
    one.sync()
    bench.key = one.key
    bench.run()
    one.restart()
    assert one.sync() == "unchanged"
    assert (one.item().title, one.item().names("genre")) == ("A title", ["a tag"])


def test_two_at_once_are_refused(bench: SelfTestBench) -> None:
    with only_self_test(bench.bench.settings.data_dir), pytest.raises(SelfTestRuns):
        bench.run()


# --- Items that there is something with -------------------------------------------------------------------------------


def test_an_item_with_nothing_in_it_is_as_empty_afterwards(bench: SelfTestBench) -> None:
    bench.key = bench.bench.key
    before = bench.held()
    answers = bench.run()
    assert bench.held() == before
    assert answers["item"].ok
    assert "it takes an item with a date" in answers["year"].text
    assert "it takes an item with a poster" in answers["pictures"].text


@pytest.mark.parametrize("replaces", [False, True])
def test_locked_fields_stay_locked_and_names_keep_their_roles(tmp_path: Path, replaces: bool) -> None:
    with self_test_bench(tmp_path, tag_lists="replace" if replaces else "add") as bench:
        cast = (Tag("Ann", "http://pictures/ann.jpg", "The butler"), Tag("Bob"))
        bench.client.edit(bench.bench.section, [bench.key], Edit(add={Field.PERFORMERS: cast}), lock=True)
        bench.client.edit(bench.bench.section, [bench.key], Edit(texts={Field.TITLE: "Locked"}), lock=True)
        before = bench.held()
        assert {"title", "actor"} <= before["locked"]
        bench.run()
        assert bench.held() == before


@pytest.mark.parametrize(("locks", "way"), [(True, "by upload"), (False, "by edit")])
def test_a_picture_that_an_agent_found_is_chosen_again(bench: SelfTestBench, locks: bool, way: str) -> None:
    bench.plex.behaviour.uploads_lock = locks
    bench.key = bench.bench.key
    bench.plex.set_agent_picture(bench.key, "posters", pictures.png(9, 9, 9))
    bench.plex.refresh(bench.key)
    before = bench.held()
    answers = bench.run()
    after = bench.held()
    assert "a small one was uploaded" in answers["pictures"].text
    assert after["selected posters"] == before["selected posters"]
    assert after["locked"] == before["locked"]
    assert after["posters"] == [small_png()]
    assert bench.traits[Trait.PICTURE_LOCKS] == way
    # Not a second time.
    bench.run()
    assert bench.held()["posters"] == [small_png()]


@pytest.mark.parametrize("why", ["missing", "a show", "too many names", "marked"])
def test_an_item_that_cannot_be_asked_with_is_not_written_to(bench: SelfTestBench, why: str) -> None:
    key = bench.key
    if why == "missing":
        key = 999
    elif why == "a show":
        key = bench.plex.add_item(bench.plex.add_section("Shows", type="show"), "A show", ["/media/show.mkv"])
    elif why == "too many names":
        bench.plex.edit_as_person(key, actor=[f"Somebody with a long name {number}" for number in range(200)])
    else:
        bench.plex.edit_as_person(key, genre=[made_up("left")])
    bench.plex.forget()
    with pytest.raises(UnfitItem):
        bench.test().look(key)
    assert all(one.method == "GET" for one in bench.plex.log)


@pytest.mark.parametrize("what", ["gone", "another file", "another server"])
def test_an_item_that_is_another_one_by_now_is_not_put_back(bench: SelfTestBench, what: str) -> None:
    ledger = bench.bench.app.ledger
    test = bench.test()
    chosen = test.look(bench.key)
    subject = test.begin(chosen)
    subject.write_text("title", made_up("title"))
    left = leftover(ledger, bench.bench.settings.data_dir)
    assert left is not None
    if what == "gone":
        bench.plex.remove_item(bench.key)
    elif what == "another file":
        bench.plex.rename_file(bench.key, chosen.file, "/media/quite another.mp4")
    else:
        bench.plex.machine_identifier = "another"
    writes = bench.plex.counters["writes"]
    with pytest.raises(PermanentError) as error:
        put_back(bench.client, ledger, left.record)
    assert bench.plex.counters["writes"] == writes
    assert isinstance(error.value, ItemGone) == (what != "another server")
    assert (ledger.held_items.get() is None) == (what != "another server")


def test_what_is_noted_has_no_secret(bench: SelfTestBench) -> None:
    test = bench.test()
    test.begin(test.look(bench.key))
    noted = bench.bench.app.ledger.held_items.get()
    assert noted is not None
    assert bench.plex.token not in noted.record
    assert json.loads(noted.record)["before"]["texts"]["originallyAvailableAt"] == "1998-05-05"


def test_a_picture_of_the_cast_at_another_address_is_the_same_picture(bench: SelfTestBench) -> None:
    """Plex may show it at an address of its own, and at another one each time."""
    cast = (Tag("Ann", "http://pictures/ann.jpg", "The butler"),)
    bench.client.edit(bench.bench.section, [bench.key], Edit(add={Field.PERFORMERS: cast}), lock=True)
    before = [(tag.name, tag.text) for tag in bench.plex.item(bench.key).tags["actor"]]

    def moves(plex: SimulatedPlex) -> None:
        with plex.library.lock:
            for tagging in plex.library.items[bench.key].tags["actor"]:
                tagging.tag.thumb = tagging.tag.thumb and "http://plex/people/1.jpg"

    when(bench, "person A", moves)
    answers = bench.run()
    assert answers["item"].ok
    assert "meanwhile" not in answers
    assert [(tag.name, tag.text) for tag in bench.plex.item(bench.key).tags["actor"]] == before


def test_a_token_that_may_not_write_changes_nothing(bench: SelfTestBench) -> None:
    before = bench.held()
    bench.client.close()
    bench.client = ProbingClient(PlexEndpoint(bench.plex.url, bench.plex.share(), "test"))
    with pytest.raises(AccessDenied):
        bench.run()
    assert bench.held() == before
    assert bench.bench.app.ledger.held_items.get() is None
