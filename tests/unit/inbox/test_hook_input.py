"""What Stash sends is understood; what it does not send is named for what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plexsync.inbox.hook_input import NotFromStash, edited_together, event, parse, server
from tests.support.places import ROOT


def payload(**context: object) -> dict[str, Any]:
    return {"args": {"hookContext": {"id": 45, "type": "Scene.Update.Post", "input": None} | context}}


def connection(**values: object) -> dict[str, Any]:
    return {"server_connection": {"Scheme": "http", "Host": "stash", "Port": 9999, "SessionCookie": None} | values}


# --- JSON ------------------------------------------------------------------------------------------------------------

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(), JSON), st.booleans(), st.sampled_from([None, 2]))
def test_every_json_object_is_parsed_as_the_json_module_would(value: Any, ascii_only: bool, indent: int | None) -> None:
    assert parse(json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()) == value


@settings(deadline=None)
@given(st.text(max_size=50).map(lambda text: text.encode("utf-8")) | st.binary(max_size=50))
def test_what_is_refused_is_what_the_json_module_would_refuse(data: bytes) -> None:
    try:
        expected = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        expected = None
    if isinstance(expected, dict):
        assert parse(data) == expected
    else:
        with pytest.raises(NotFromStash):
            parse(data)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "nothing on standard input"),
        (b" \r\n", "nothing on standard input"),
        (b"hello", "not JSON: Expecting value"),
        (b'{"args": ', "not JSON: Expecting value"),
        (b'{"args": {}} {}', "not JSON: Extra data"),
        (b"\xef\xbb\xbf{}", "not JSON: Unexpected UTF-8 BOM"),
        ('{"args": {}}'.encode("utf-16"), "not UTF-8"),
        (b'{"title": "\xff"}', "not UTF-8"),
        (b"[]", "not a JSON object but a list"),
        (b"null", "not a JSON object but null"),
        (b"true", "not a JSON object but a boolean"),
        (b"5", "not a JSON object but a number"),
        (b'"x"', "not a JSON object but a text"),
        (b'{"a": ' * 200_000, "nested too deeply"),
    ],
)
def test_input_that_is_no_json_object_is_refused(data: bytes, fault: str) -> None:
    with pytest.raises(NotFromStash, match=fault):
        parse(data)


def test_json_is_parsed_where_python_has_no_c_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "_json", None)

    assert parse(b'{"title": "\\ud83d\\ude00"}') == {"title": "\N{GRINNING FACE}"}


def test_the_costly_imports_are_left_out() -> None:
    program = """if True:
        import sys
        from plexsync.inbox import hook_process
        hook_process.parse(b'{"args": {}}')
        costly = {"json", "re", "typing", "pathlib", "sqlite3", "enum", "__future__", "plexsync.outside"}
        print(*sorted(costly & set(sys.modules)))
    """
    command = [sys.executable, "-S", "-c", program]

    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20).stdout == "\n"


# --- The event -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Scene.Create.Post", "Scene.Update.Post", "Scene.Destroy.Post"])
@pytest.mark.parametrize("given_id", [45, "45"])
@pytest.mark.parametrize("edit", [None, {"ids": ["45", "46"]}, [{"id": "45"}, {"id": "46"}], "odd"], ids=str)
def test_a_scene_event_names_its_scene_whatever_the_edit_was(name: str, given_id: object, edit: object) -> None:
    assert event(payload(type=name, id=given_id, input=edit)) == (name, ("scene", 45))


@pytest.mark.parametrize("subject", ["Performer", "Studio", "Tag", "Group"])
@pytest.mark.parametrize("happening", ["Update", "Destroy"])
def test_what_scenes_show_by_its_name_is_named_with_its_kind(subject: str, happening: str) -> None:
    name = f"{subject}.{happening}.Post"
    assert event(payload(type=name, id=7)) == (name, (subject.lower(), 7))


def test_of_merged_tags_the_one_that_is_left_is_named() -> None:
    merge = {"source": ["3", "4"], "destination": "5"}
    assert event(payload(type="Tag.Merge.Post", id=5, input=merge)) == ("Tag.Merge.Post", ("tag", 5))
    assert edited_together(payload(type="Tag.Merge.Post", id=5, input=merge)) == []


@pytest.mark.parametrize(
    ("first", "edit", "together"),
    [
        (45, {"ids": ["45", "46", "47"]}, [45, 46, 47]),
        (45, [{"id": "45", "cover_image": "data:"}, {"id": 46}], [45, 46]),
        (46, {"ids": ["45", "46", "47"]}, []),
        (45, {"ids": ["45"]}, []),
        (45, {"id": "45"}, []),
        (45, {"ids": ["45", None, "x", True, -1, "48"]}, [45, 48]),
        (45, {"ids": "45,46"}, []),
        (45, [], []),
        (45, ["45", "46"], [45, 46]),
        (45, ["45", None, [46], True, "48"], [45, 48]),
        (45, ["45"], []),
        (45, None, []),
        (45, "odd", []),
    ],
    ids=str,
)
def test_the_first_event_of_an_edit_of_several_stands_for_all(first: int, edit: object, together: list[int]) -> None:
    assert edited_together(payload(type="Scene.Update.Post", id=first, input=edit)) == together


@pytest.mark.parametrize(
    "name",
    [
        *("SceneMarker.Create.Post", "SceneMarker.Destroy.Post", "Gallery.Create.Post", "Image.Update.Post"),
        *("Performer.Create.Post", "Studio.Create.Post", "Tag.Create.Post", "Group.Create.Post", "Movie.Update.Post"),
    ],
)
def test_another_event_of_stash_concerns_no_scene(name: str) -> None:
    assert event(payload(type=name)) == (name, None)


@pytest.mark.parametrize(
    ("context", "fault"),
    [
        ({"type": "Scene.Update.Pre"}, "'Scene.Update.Pre', which is not an event of Stash"),
        ({"type": "Scene.Update.Post.Post"}, "not an event of Stash"),
        ({"type": "scene.update.post"}, "not an event of Stash"),
        ({"type": "Scene.Fly.Post"}, "not an event of Stash"),
        ({"type": ""}, "not an event of Stash"),
        ({"type": "x" * 10_000}, r"'x{59}\.\.\., which is not an event"),
        ({"type": None}, "type' is null or missing"),
        ({"type": ["Scene.Update.Post"]}, "type' is a list"),
        ({"id": None}, "id' is null or missing, not the id of a scene"),
        ({"id": True}, "id' is True"),
        ({"id": 45.0}, "id' is 45.0"),
        ({"id": 0}, "id' is 0"),
        ({"id": -1}, "id' is -1"),
        ({"id": 2**63}, "id' is 9223372036854775808"),
        ({"id": 10**5000}, "id' is (a huge number|1000000)"),
        ({"id": ""}, "id' is ''"),
        ({"id": "0"}, "id' is '0'"),
        ({"id": "-1"}, "id' is '-1'"),
        ({"id": "4 5"}, "id' is '4 5'"),
        ({"id": "\N{ARABIC-INDIC DIGIT FOUR}"}, "id' is "),
        ({"id": "9" * 19}, "id' is '9999999999999999999', not the id"),
        ({"id": "1" * 100_000}, r"id' is '1{59}\.\.\."),
        ({"id": [45]}, "id' is a list"),
        ({"id": {"id": 45}}, "id' is an object"),
        ({"type": "Tag.Merge.Post", "id": "x"}, "id' is 'x', not the id of a tag"),
        ({"type": "Group.Destroy.Post", "id": 0}, "id' is 0, not the id of a group"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_event_that_stash_does_not_send_is_refused(context: dict[str, Any], fault: str) -> None:
    with pytest.raises(NotFromStash, match=fault):
        event(payload(**context))


def test_an_event_without_an_id_is_refused() -> None:
    with pytest.raises(NotFromStash, match="id' is missing: there is no scene"):
        event({"args": {"hookContext": {"type": "Scene.Update.Post"}}})
    with pytest.raises(NotFromStash, match="id' is missing: there is no studio"):
        event({"args": {"hookContext": {"type": "Studio.Update.Post"}}})


@pytest.mark.parametrize(
    ("args", "fault"),
    [
        (None, "'args' is null or missing"),
        ([], "'args' is a list"),
        ({}, "'args.hookContext' is null or missing"),
        ({"hookContext": "Scene.Update.Post"}, "'args.hookContext' is a text"),
    ],
)
def test_input_without_an_event_is_refused(args: object, fault: str) -> None:
    with pytest.raises(NotFromStash, match=fault):
        event({"args": args})


# --- Where Stash is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *((anywhere, "127.0.0.1") for anywhere in ("", "0.0.0.0", "::", "[::]")),
        *((host, host) for host in ("localhost", "192.168.1.5", "stash-1.lan", "my_stash", "::1", "fe80::1%eth0")),
        ("[2001:db8::5]", "2001:db8::5"),
    ],
)
def test_the_address_of_stash_is_the_one_it_listens_on(host: str, expected: str) -> None:
    assert server(connection(Host=host, Scheme="https", Port=443)) == ("https", expected, 443)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"Scheme": None}, "Scheme' is null or missing"),
        ({"Scheme": "file"}, "Scheme' is 'file'"),
        ({"Scheme": ["http"]}, "Scheme' is a list"),
        ({"Host": None}, "Host' is null or missing"),
        ({"Host": 5}, "Host' is 5"),
        ({"Host": "a/b"}, "Host' is 'a/b'"),
        ({"Host": "a b"}, "Host' is 'a b'"),
        ({"Host": "user@host"}, "Host' is 'user@host'"),
        ({"Host": 'a"b'}, "Host' is "),
        ({"Host": "a\nb"}, "Host' is "),
        ({"Host": "host:80"}, "Host' is 'host:80'"),
        ({"Host": "::1%a/b"}, "Host' is "),
        ({"Host": "b\N{LATIN SMALL LETTER U WITH DIAERESIS}"}, "Host' is "),
        ({"Host": "x" * 254}, "Host' is "),
        ({"Port": 0}, "Port' is 0"),
        ({"Port": 65536}, "Port' is 65536"),
        ({"Port": "9999"}, "Port' is '9999'"),
        ({"Port": True}, "Port' is True"),
        ({"Port": 9999.0}, "Port' is 9999.0"),
    ],
    ids=str,
)
def test_what_can_be_no_address_is_refused(values: dict[str, Any], fault: str) -> None:
    with pytest.raises(NotFromStash, match=fault):
        server(connection(**values))


@pytest.mark.parametrize("value", [None, [], "http://localhost:9999"])
def test_a_connection_that_is_no_object_is_refused(value: object) -> None:
    with pytest.raises(NotFromStash, match="'server_connection' is"):
        server({"server_connection": value})
