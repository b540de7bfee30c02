"""What Stash tells of its plugins and of our settings there: one request, and what becomes of it in older Stashes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from plexsync.demo.http import Fault
from plexsync.demo.stash import SimulatedStash
from plexsync.demo.stash.hooks import HookRunner
from plexsync.errors import AccessDenied, StashUnavailable
from plexsync.hook_input import NUDGES
from plexsync.installed import judge
from plexsync.setting_values import PLUGIN_FOLDER
from plexsync.stash import StashClient


@pytest.fixture
def stash() -> Iterator[SimulatedStash]:
    with SimulatedStash(hooks=HookRunner(PLUGIN_FOLDER / "PlexSync.yml")) as stash:
        stash.plugin_settings["PlexSync"] = {"skipUnorganized": True}
        yield stash


@pytest.fixture
def client(stash: SimulatedStash) -> Iterator[StashClient]:
    client = StashClient(stash.url, read_timeout=1.0)
    yield client
    client.close()


def answer(stash: SimulatedStash, body: object) -> None:
    """Answer the next request with this."""
    stash.faults.add(Fault("html", times=1, body=json.dumps(body).encode(), content_type="application/json"))


def test_one_request_tells_of_plugins_settings_and_folder(stash: SimulatedStash, client: StashClient) -> None:
    page = client.plugin_page(with_folder=True)
    assert page.settings == {"skipUnorganized": True}
    assert page.folder == stash.plugins_path
    assert page.plugins is not None
    (plugin,) = page.plugins
    assert (plugin.id, plugin.enabled) == ("PlexSync", True)
    assert plugin.triggers >= {name for name in NUDGES if not name.startswith("Movie.")}
    assert sum(client.calls.values()) == 1


def test_a_plugin_that_is_off_and_one_that_is_gone_are_known(stash: SimulatedStash, client: StashClient) -> None:
    with stash.without_hooks():
        found = judge(client.plugin_page())
        assert found is not None
        assert not found.enabled
    stash.use_hooks(None)
    found = judge(client.plugin_page())
    assert found is not None
    assert not found.loaded


@pytest.mark.parametrize("lacks", ["Plugin.enabled", "Query.plugins", "ConfigGeneralResult.pluginsPath"])
def test_an_older_stash_tells_the_settings_alone(stash: SimulatedStash, client: StashClient, lacks: str) -> None:
    stash.pretend("v0.23.0", lacks)
    page = client.plugin_page(with_folder=True)
    assert page.settings == {"skipUnorganized": True}
    assert page.plugins is None
    assert judge(page) is None


def test_one_that_has_no_settings_of_plugins_has_none(stash: SimulatedStash, client: StashClient) -> None:
    stash.pretend("v0.22.0", "Plugin.enabled", "ConfigResult.plugins")
    assert client.plugin_page().settings == {}


def test_a_list_of_plugins_that_cannot_be_read_takes_the_settings_from_nobody(
    stash: SimulatedStash, client: StashClient
) -> None:
    data = {"configuration": {"general": {"pluginsPath": "/p"}, "plugins": {"PlexSync": {"a": 1}}}, "plugins": None}
    answer(stash, {"data": data, "errors": [{"message": "broken", "path": ["plugins"]}]})
    page = client.plugin_page()
    assert page.settings == {"a": 1}
    assert page.plugins is None


def test_a_folder_that_cannot_be_told_takes_the_settings_from_nobody(
    stash: SimulatedStash, client: StashClient
) -> None:
    fault = {"message": "null for a non-nullable field", "path": ["configuration", "general", "pluginsPath"]}
    answer(stash, {"data": None, "errors": [fault]})
    page = client.plugin_page(with_folder=True)
    assert (page.settings, page.plugins) == ({"skipUnorganized": True}, None)


def test_settings_that_cannot_be_read_are_an_error_of_stash_and_not_none(
    stash: SimulatedStash, client: StashClient
) -> None:
    for _ in range(2):
        answer(stash, {"data": None, "errors": [{"message": "broken", "path": ["configuration"]}]})
    with pytest.raises(StashUnavailable, match="broken") as caught:
        client.plugin_page()
    assert caught.value.healthy, "Stash itself is up"


def test_a_stash_that_fails_or_refuses_is_said_to(stash: SimulatedStash, client: StashClient) -> None:
    stash.faults.add(Fault("status", times=1, status=500))
    with pytest.raises(StashUnavailable):
        client.plugin_page()
    stash.require_auth("k")
    with pytest.raises(AccessDenied):
        client.plugin_page()
