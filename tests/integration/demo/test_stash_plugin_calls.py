"""Operations, tasks and jobs of the simulated Stash, as a real one was seen to do them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from plexsync.demo.stash import HookRunner, SimulatedStash

MANIFEST = """
name: Tiny
exec: [python3, -I, -S, "{pluginDir}/tiny.py"]
interface: raw
tasks:
  - name: Count
    description: Counts.
    defaultArgs: {mode: count, upto: "3"}
"""
#: Does what its mode says, and shows what it was given.
SCRIPT = r"""
import json, sys, time
given = json.load(sys.stdin)
args = given["args"]
print(f"\x01i\x02mode {args.get('mode')}", file=sys.stderr, flush=True)
match = {"echo": '{"output": %s}' % json.dumps(args), "error": '{"error": "boom"}', "empty error": '{"error": ""}'}
match |= {"other": '{"foo": 1}', "list": "[1]", "text": "hello", "nothing": ""}
if args.get("mode") in match:
    sys.stdout.write(match[args["mode"]])
elif args.get("mode") == "count":
    print(f"\x01p\x02{1 / int(args['upto'])}", file=sys.stderr, flush=True)
    print(f"\x01i\x02upto {args['upto']}", file=sys.stderr, flush=True)
elif args.get("mode") == "hang":
    print("\x01p\x020.25", file=sys.stderr, flush=True)
    time.sleep(60)
else:
    sys.stdout.write('{"output": "half"}')
    sys.exit(3)
"""
OPERATION = 'mutation($args: Map) { runPluginOperation(plugin_id: "Tiny", args: $args) }'
TASK = 'mutation($name: String, $args: Map) { runPluginTask(plugin_id: "Tiny", task_name: $name, args_map: $args) }'
QUEUE = "{ jobQueue { id status description progress } }"


@pytest.fixture(scope="module")
def stash(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatedStash]:
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "Tiny.yml").write_text(MANIFEST)
    (folder / "tiny.py").write_text(SCRIPT)
    with SimulatedStash(hooks=HookRunner(folder / "Tiny.yml", cwd=Path("/"))) as server:
        yield server


def answer(stash: SimulatedStash, query: str, **variables: Any) -> dict[str, Any]:
    sent = {"query": query, "variables": variables}
    body: dict[str, Any] = requests.post(f"{stash.url}/graphql", json=sent, timeout=20).json()
    return body


def data(stash: SimulatedStash, query: str, **variables: Any) -> Any:
    body = answer(stash, query, **variables)
    assert "errors" not in body, body
    (value,) = body["data"].values()
    return value


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_an_operation_is_given_its_arguments_as_they_are_and_answers_its_output(stash: SimulatedStash) -> None:
    given = {"mode": "echo", "n": 3, "list": [1, "a"], "flag": True}
    assert data(stash, OPERATION, args=given) == given
    assert ("info", "mode echo") in stash.plugin_log


@pytest.mark.parametrize(("mode", "output"), [("other", None), ("list", "[1]"), ("text", "hello"), ("nothing", "")])
def test_what_is_no_output_becomes_what_stash_makes_of_it(stash: SimulatedStash, mode: str, output: object) -> None:
    assert data(stash, OPERATION, args={"mode": mode}) == output


@pytest.mark.parametrize(("mode", "message"), [("error", "boom"), ("empty error", ""), (None, "exit status 3")])
def test_an_error_of_an_operation_is_one_of_graphql(stash: SimulatedStash, mode: str | None, message: str) -> None:
    body = answer(stash, OPERATION, args={"mode": mode})
    assert body["errors"][0]["message"] == message
    assert body["data"] == {"runPluginOperation": None}


def test_an_operation_of_a_plugin_that_is_not_there_is_an_error(stash: SimulatedStash) -> None:
    assert "nil pointer" in answer(stash, OPERATION.replace("Tiny", "Big"))["errors"][0]["message"]


def test_a_task_runs_as_a_job_with_its_default_arguments_under_those_given(stash: SimulatedStash) -> None:
    job_id = int(data(stash, TASK, name="Count", args={"upto": "4"}))
    job = stash.jobs.find(job_id)
    assert job is not None
    assert job.over.wait(10)

    assert ("info", "upto 4") in job.log
    assert ("progress", "0.25") in job.log
    ended = data(stash, "query($id: ID!) { findJob(input: {id: $id}) { status } }", id=str(job_id))
    assert ended == {"status": "FINISHED"}
    assert data(stash, QUEUE) is None


def test_one_job_runs_at_a_time_and_stopping_kills_its_process(stash: SimulatedStash) -> None:
    first = data(stash, TASK, name=None, args={"mode": "hang"})
    second = data(stash, TASK, name="Count", args={})
    until(lambda: [job["progress"] for job in data(stash, QUEUE)] == [0.25, None])
    assert [(job["id"], job["status"]) for job in data(stash, QUEUE)] == [(first, "RUNNING"), (second, "READY")]

    assert data(stash, "mutation($id: ID!) { stopJob(job_id: $id) }", id=first)
    until(lambda: data(stash, QUEUE) is None)
    ended = [stash.jobs.find(int(one)) for one in (first, second)]
    assert [job.status for job in ended if job] == ["CANCELLED", "FINISHED"]


def test_a_failed_task_ends_green_and_an_unknown_one_runs_nothing(stash: SimulatedStash) -> None:
    for name, args in ((None, {"mode": "error"}), ("No such", {})):
        job = stash.jobs.find(int(data(stash, TASK, name=name, args=args)))
        assert job is not None
        assert job.over.wait(10)
        assert job.status == "FINISHED"
    assert ("error", "Plugin returned error: boom") in stash.plugin_log


def test_the_settings_of_a_plugin_are_replaced_as_a_whole(stash: SimulatedStash) -> None:
    configure = 'mutation($input: Map!) { configurePlugin(plugin_id: "Tiny", input: $input) }'
    assert data(stash, configure, input={"a": "1", "b": True}) == {"a": "1", "b": True}
    assert data(stash, configure, input={"b": False}) == {"b": False}
    assert stash.plugin_settings["Tiny"] == {"b": False}


def test_a_disabled_plugin_is_not_run(stash: SimulatedStash) -> None:
    switch = "mutation($map: BoolMap!) { setPluginsEnabled(enabledMap: $map) }"
    assert data(stash, switch, map={"Tiny": False})
    assert "errors" in answer(stash, OPERATION, args={"mode": "echo"})
    assert data(stash, switch, map={"Tiny": True})
    assert data(stash, OPERATION, args={"mode": "echo"}) == {"mode": "echo"}
    assert data(stash, "{ plugins { id enabled tasks { name description } } }") == [
        {"id": "Tiny", "enabled": True, "tasks": [{"name": "Count", "description": "Counts."}]}
    ]
