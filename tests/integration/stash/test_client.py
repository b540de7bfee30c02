"""The Stash client over real HTTP, against the simulated Stash."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests_mock
import trustme

from plexsync.demo.http import PlannedFault, Response
from plexsync.demo.pictures import png
from plexsync.demo.stash import SimulatedStash
from plexsync.errors import AccessDenied, PermanentError, PictureFailed, StashUnavailable
from plexsync.model import Picture, SceneFile
from plexsync.stash import StashClient
from plexsync.stash.client import SCENES_PER_CALL
from plexsync.stash.connection import MAX_ANSWER
from plexsync.stash.failures import QueryFailed
from tests.support.one_answer import OneAnswer

KEY = "eyJhbGciOiJIUzI1NiJ9.simulated"


# --- Scenes ----------------------------------------------------------------------------------------------------------


def test_a_scene_comes_with_all_that_plex_shows(stash: SimulatedStash, client: StashClient) -> None:
    ann = stash.add_performer("Ann", picture=png(1, 1, 1))
    scene_id = stash.add_scene(
        "A title",
        "/data/a.mp4",
        "/data/b.mp4",
        size=7_000_000_000,
        duration=12.5,
        details="What happens",
        director="Someone",
        date="2023-05",
        rating100=85,
        organized=True,
        urls=["https://example.org"],
        studio=stash.add_studio("A studio"),
        performers=[ann, stash.add_performer("Bea")],
        tags=[stash.add_tag("one")],
        groups=[stash.add_group("A series")],
    )
    scene = client.scenes([scene_id])[scene_id]
    assert (scene.title, scene.details, scene.director, scene.date) == (
        "A title",
        "What happens",
        "Someone",
        "2023-05",
    )
    assert (scene.rating100, scene.organized, scene.urls) == (85, True, ("https://example.org",))
    assert [(file.path, file.size, file.duration) for file in scene.files] == [
        ("/data/a.mp4", 7_000_000_000, 12.5),
        ("/data/b.mp4", 7_000_000_000, 12.5),
    ]
    assert (scene.studio, scene.tags, scene.groups) == ("A studio", ("one",), ("A series",))
    assert [performer.name for performer in scene.performers] == ["Ann", "Bea"]
    assert scene.performers[0].image_url.startswith(f"{stash.url}/performer/{ann}/image?t=")
    assert scene.performers[1].image_url is None
    assert scene.screenshot_url.startswith(f"{stash.url}/scene/{scene_id}/screenshot?t=")
    assert scene.updated_at.endswith("+02:00")


def test_a_scene_just_scanned_has_empty_texts(stash: SimulatedStash, client: StashClient) -> None:
    scene_id = stash.scan("/data/a.mp4")
    scene = client.scenes([scene_id])[scene_id]
    assert (scene.title, scene.details, scene.studio, scene.date, scene.rating100) == ("", "", "", "", None)


def test_many_scenes_cost_one_request(stash: SimulatedStash, client: StashClient) -> None:
    ids = [stash.add_scene(f"Scene {n}") for n in range(50)]
    assert list(client.scenes(ids)) == ids
    assert client.calls == {"scenes": 1}
    assert stash.counters["POST"] == 1


def test_more_scenes_than_one_call_takes_come_in_chunks(stash: SimulatedStash, client: StashClient) -> None:
    ids = [stash.add_scene(f"Scene {n}") for n in range(SCENES_PER_CALL + 1)]
    assert client.scenes(ids).keys() == set(ids)
    assert client.calls == {"scenes": 2}


def test_unknown_scenes_are_absent_and_the_others_still_come(stash: SimulatedStash, client: StashClient) -> None:
    ids = [stash.add_scene("First"), stash.add_scene("Second")]
    found = client.scenes([999, ids[1], 998, ids[0]])
    assert {scene_id: scene.title for scene_id, scene in found.items()} == {ids[0]: "First", ids[1]: "Second"}
    assert client.calls == {"scenes": 2}, "one for all, and one for those that the first left out"


def test_a_scene_that_is_gone_is_absent(client: StashClient) -> None:
    assert client.scenes([1]) == {}


def test_a_scene_asked_for_twice_comes_once(stash: SimulatedStash, client: StashClient) -> None:
    scene_id = stash.add_scene("A title")
    assert list(client.scenes([scene_id, scene_id])) == [scene_id]


def test_no_ids_are_no_request(stash: SimulatedStash, client: StashClient) -> None:
    stash.add_scene("A title")
    assert client.scenes([]) == {}
    assert stash.log == []


def test_nothing_is_sent_before_the_first_call(stash: SimulatedStash, client: StashClient) -> None:
    assert stash.log == []
    client.version()
    assert [entry.path for entry in stash.log] == ["/graphql"]


# --- Pages, settings, version ----------------------------------------------------------------------------------------


def test_ids_come_beyond_an_id_whatever_goes_meanwhile(stash: SimulatedStash, client: StashClient) -> None:
    ids = [stash.add_scene(f"Scene {9 - n}") for n in range(7)]
    assert client.scene_ids_after(0, 3) == (tuple(ids[:3]), 7)
    for gone in ids[:3]:
        stash.mutate("sceneDestroy", id=gone)
    assert client.scene_ids_after(ids[2], 3) == (tuple(ids[3:6]), 4)
    assert client.scene_ids_after(ids[5], 3) == ((ids[6],), 1)
    assert client.scene_ids_after(ids[6], 3) == ((), 0)
    assert client.scene_ids_after(2**31, 3) == ((), 0)
    assert client.calls == {"scene_ids_after": 4}


def test_files_come_beyond_an_id_in_ascending_order(stash: SimulatedStash, client: StashClient) -> None:
    ids = [stash.add_scene(f"Scene {9 - n}", f"/data/{n}.mp4", size=n + 1, duration=2.5) for n in range(5)]
    bare = stash.add_scene("No file")
    scenes, count = client.files(0, 2)
    assert ([scene.id for scene in scenes], count) == (ids[:2], 6)
    assert scenes[1].files == (SceneFile("/data/1.mp4", 2, 2.5),)
    scenes, count = client.files(ids[3], 200)
    assert ([(scene.id, len(scene.files)) for scene in scenes], count) == ([(ids[4], 1), (bare, 0)], 2)
    assert client.files(bare, 200) == ((), 0)
    assert client.calls == {"files": 3}


def test_the_newest_scene_has_the_largest_id(stash: SimulatedStash, client: StashClient) -> None:
    assert client.newest_scene_id() == 0
    ids = [stash.add_scene(title) for title in ("b", "c", "a")]
    assert client.newest_scene_id() == ids[2]


def test_the_plugins_settings_are_those_of_plexsync_alone(stash: SimulatedStash, client: StashClient) -> None:
    assert client.plugin_settings() == {}
    stash.plugin_settings["PlexSync"] = {"plexToken": "abc", "skipUnorganized": True}
    stash.plugin_settings["Another"] = {"password": "x"}
    assert client.plugin_settings() == {"plexToken": "abc", "skipUnorganized": True}


def test_the_version_is_stashs(client: StashClient) -> None:
    assert client.version().startswith("v0.")


# --- Login -----------------------------------------------------------------------------------------------------------


def test_with_the_right_key_scenes_and_pictures_come(stash: SimulatedStash) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    stash.require_auth(KEY)
    client = StashClient(stash.url, KEY)
    scene = client.scenes([scene_id])[scene_id]
    assert isinstance(client.picture(scene.screenshot_url), Picture)
    assert all("apikey" in entry.header_names and "apikey" not in entry.query.lower() for entry in stash.log)


@pytest.mark.parametrize("ask", [lambda c: c.scenes([1]), lambda c: c.picture("/scene/1/screenshot")])
class TestRefused:
    def test_without_a_key_where_one_is_needed(self, stash: SimulatedStash, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        stash.require_auth(KEY)
        with pytest.raises(AccessDenied, match="set PLEXSYNC_STASH_API_KEY to the API key") as caught:
            ask(StashClient(stash.url))
        assert caught.value.service == "Stash"

    def test_with_a_wrong_key(self, stash: SimulatedStash, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        stash.require_auth(KEY)
        with pytest.raises(AccessDenied, match="is not the one shown in Stash") as caught:
            ask(StashClient(stash.url, "sEcReT-and-wrong"))
        assert "sEcReT" not in str(caught.value)

    def test_with_a_key_where_there_is_no_login(self, stash: SimulatedStash, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        with pytest.raises(AccessDenied, match="then Stash refuses any key: remove the setting"):
            ask(StashClient(stash.url, KEY))

    def test_by_a_403(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.faults.add(PlannedFault("status", status=403, times=None))
        with pytest.raises(AccessDenied, match="forbids"):
            ask(client)

    def test_by_a_redirect_which_is_not_followed_and_gets_no_key(self, stash: SimulatedStash, ask) -> None:
        with OneAnswer() as proxy:
            proxy.answer = Response(302, headers={"Location": f"{stash.url}/sso?token=sEcReT"})
            with pytest.raises(AccessDenied, match="PLEXSYNC_STASH_URL") as caught:
                ask(StashClient(proxy.url, KEY))
            assert "sEcReT" not in str(caught.value)
        assert stash.log == []


# --- Failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [lambda c: c.scenes([1]), lambda c: c.picture("/scene/1/screenshot")])
class TestUnavailable:
    def test_when_stash_is_down(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.stop()
        with pytest.raises(StashUnavailable, match="Connection refused"):
            ask(client)

    def test_when_it_does_not_answer_in_time(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.faults.add(PlannedFault("hang", times=None))
        started = time.monotonic()
        with pytest.raises(StashUnavailable, match="in time"):
            ask(client)
        assert 0.4 < time.monotonic() - started < 2.5

    def test_when_the_answer_comes_a_byte_at_a_time(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        stash.faults.add(PlannedFault("drip", seconds=0.1, times=None))
        started = time.monotonic()
        with pytest.raises(StashUnavailable, match="in time"):
            ask(client)
        assert 1.4 < time.monotonic() - started < 5

    def test_when_it_answers_half(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        stash.faults.add(PlannedFault("truncate", times=None))
        with pytest.raises(StashUnavailable, match="cannot be reached"):
            ask(client)

    def test_when_a_proxy_answers_with_a_page(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.faults.add(PlannedFault("html", times=None))
        with pytest.raises(StashUnavailable, match=r"page|text/html"):
            ask(client)

    def test_with_the_wait_that_it_asks_for(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.faults.add(PlannedFault("status", status=503, retry_after=7, times=None))
        with pytest.raises(StashUnavailable, match="503") as caught:
            ask(client)
        assert caught.value.retry_after == 7

    def test_and_the_next_call_after_it_came_back_works(self, stash: SimulatedStash, client: StashClient, ask) -> None:
        stash.add_scene("A title", cover=png(1, 2, 3))
        ask(client)
        stash.stop()
        with pytest.raises(StashUnavailable):
            ask(client)
        stash.start()
        assert ask(client)


def test_an_answers_head_that_comes_a_byte_at_a_time_is_given_up_too(
    stash: SimulatedStash, client: StashClient
) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    etag = client.picture(f"/scene/{scene_id}/screenshot").etag
    stash.faults.add(PlannedFault("drip", seconds=0.1))
    started = time.monotonic()
    with pytest.raises(PictureFailed, match="in time"):
        client.picture(f"/scene/{scene_id}/screenshot", etag)
    assert 1.4 < time.monotonic() - started < 3


def test_an_idle_connection_that_stash_has_closed_is_replaced_unnoticed(stash: SimulatedStash) -> None:
    client = StashClient(stash.url)
    client.version()
    stash.stop()
    stash.start()
    assert client.version()


def test_a_connection_is_used_again(stash: SimulatedStash, client: StashClient) -> None:
    scene_id = stash.add_scene("A title", cover=png(1, 2, 3))
    picture = client.picture(client.scenes([scene_id])[scene_id].screenshot_url)
    client.picture(f"/scene/{scene_id}/screenshot", picture.etag)
    client.version()
    assert stash.counters["connections"] == 1


def test_a_connection_that_breaks_again_and_again_is_given_up(stash: SimulatedStash, client: StashClient) -> None:
    stash.faults.add(PlannedFault("reset", times=None))
    with pytest.raises(StashUnavailable, match="reset"):
        client.version()
    assert stash.faults.struck["reset"] == 2


def test_half_a_json_document_is_no_answer(stash: SimulatedStash, client: StashClient) -> None:
    stash.faults.add(PlannedFault("half_json"))
    with pytest.raises(StashUnavailable, match="no GraphQL"):
        client.version()


def test_a_document_that_stash_does_not_know_is_a_fault_for_good(client: StashClient, monkeypatch) -> None:
    monkeypatch.setattr("plexsync.stash.document.VERSION", "query Version { version { release } }")
    with pytest.raises(PermanentError, match="Cannot query field 'release'"):
        client.version()


@pytest.mark.parametrize(
    "body",
    [
        '{"errors": [{"message": "database is locked"}], "data": null}',
        '{"errors": [{"message": "database is locked"}], "data": {"version": {"version": "v1"}}}',
        '{"errors": ["database is locked"]}',
        '{"errors": {"message": "database is locked"}}',
    ],
)
def test_a_resolvers_failure_may_pass_and_what_came_with_it_is_not_used(client: StashClient, body: str) -> None:
    with requests_mock.Mocker() as mock:
        mock.post(requests_mock.ANY, text=body)
        with pytest.raises(QueryFailed, match="database is locked") as caught:
            client.version()
    assert caught.value.reason == "database is locked"


@pytest.mark.parametrize("body", ["null", "[]", '"x"', "{}", '{"data": null}', '{"data": []}', "", "[" * 100_000])
def test_json_that_is_no_graphql_is_no_answer(client: StashClient, body: str) -> None:
    with requests_mock.Mocker() as mock:
        mock.post(requests_mock.ANY, text=body)
        with pytest.raises(StashUnavailable, match="no GraphQL"):
            client.version()


@pytest.mark.parametrize("ids", [[5], [5, 6, 9]])
@pytest.mark.parametrize("data", [{"findScenes": "x"}, {}, {"part0": {"scenes": "x"}}])
def test_an_answer_that_says_nothing_of_a_scene_does_not_say_that_it_is_gone(ids: list[int], data: object) -> None:
    with OneAnswer() as page:
        page.answer = Response.json({"data": data})
        with pytest.raises(StashUnavailable, match="not what it should be"):
            StashClient(page.url).scenes(ids)


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    with OneAnswer() as page:
        page.answer = Response(200, b" " * (MAX_ANSWER + 1), "application/json")
        with pytest.raises(PermanentError, match="more than"):
            StashClient(page.url).version()


# --- TLS, threads, and what is left alone ----------------------------------------------------------------------------


def test_tls_is_checked_unless_told_otherwise(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "cert.pem")
    with SimulatedStash(cert_file=tmp_path / "cert.pem") as stash:
        with pytest.raises(StashUnavailable, match="certificate .* PLEXSYNC_STASH_VERIFY_TLS"):
            StashClient(stash.url).version()
        assert StashClient(stash.url, verify=str(tmp_path / "ca.pem")).version()
        filters = list(warnings.filters)
        assert StashClient(stash.url, verify=False).version()
        assert warnings.filters == filters
        with pytest.raises(StashUnavailable):
            StashClient(stash.url, verify=str(tmp_path / "gone.pem")).version()


def test_https_to_a_stash_that_speaks_http_names_the_setting(stash: SimulatedStash) -> None:
    with pytest.raises(StashUnavailable, match="does not speak TLS: PLEXSYNC_STASH_URL"):
        StashClient(stash.url.replace("http:", "https:")).version()


def test_threads_share_a_client_and_do_not_wait_for_each_other(stash: SimulatedStash) -> None:
    ids = [stash.add_scene(f"Scene {n}") for n in range(8)]
    client = StashClient(stash.url)
    barrier = threading.Barrier(8)

    def read(scene_id: int) -> str:
        barrier.wait()
        return client.scenes([scene_id])[scene_id].title

    stash.faults.add(PlannedFault("slow", seconds=0.2, times=8))
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, ids)) == [f"Scene {n}" for n in range(8)]
    assert stash.peak_concurrency > 4
    assert client.calls == {"scenes": 8}


def test_the_environments_proxy_and_passwords_are_left_alone(stash: SimulatedStash, monkeypatch, tmp_path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password pw\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert StashClient(stash.url).version()
    assert "authorization" not in stash.log[0].header_names


def test_cookies_are_not_kept() -> None:
    with OneAnswer() as page:
        page.answer = Response(200, b'{"data": {"version": {"version": "v1"}}}', headers={"Set-Cookie": "session=abc"})
        client = StashClient(page.url)
        assert [client.version(), client.version()] == ["v1", "v1"]
    assert "cookie" not in page.log[1].header_names


def test_stashapi_is_loaded_for_a_client_only_and_writes_nothing(stash: SimulatedStash) -> None:
    stash.stop()
    program = f"""
import sys
from plexsync.errors import StashUnavailable
from plexsync.stash import StashClient
assert not {{"stashapi", "requests"}} & sys.modules.keys()
client = StashClient({stash.url!r})
assert "stashapi.classes" in sys.modules and "stashapi.log" not in sys.modules
try:
    client.version()
except StashUnavailable:
    print("unavailable")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("unavailable\n", "")
