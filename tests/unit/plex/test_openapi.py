"""Every request PlexSync can send to Plex, held against Plex's own OpenAPI documents, the older and the newer one."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
import requests
import requests_mock
import yaml

from plexsync.model import PICTURE_FIELDS, TAG_FIELDS, TEXT_FIELDS, Edit, Field, Picture, Tag
from plexsync.plex import TAG_NAMES, TEXT_NAMES, PlexEndpoint, answers
from plexsync.plex.probing import ProbingClient
from plexsync.plex.traits import Trait
from plexsync.plex.transport import PlexAnswer
from tests.support.places import ROOT

URL = "http://plex.test"
_BESIDE = ROOT.parent / "shared" / "reference"
FOLDER = Path(os.environ.get("PLEXSYNC_REFERENCE", _BESIDE))
#: The documents: the version each says it is, and its file. Servers of both are in use.
DOCUMENTS = {"1.1.1": "plex-openapi.yaml", "1.2.2": "plex-openapi-1.2.2.json"}

#: What differs from the documents on purpose: the fault as the checks below name it, and why it stays.
EXCEPTIONS = {
    "GET /library/sections is not in the document": "lists the sections on every server and in every client known; "
    "the document has it as /library/sections/all",
    "GET /accounts is not in the document": "asked where /butler is not there; only owners are answered",
    "GET /library/metadata/{ids}/{element} is not in the document": "how clients see which pictures an item has; the "
    "document only has the writing side",
    "POST /library/metadata/{ids}/{element}: element=posters is not allowed": "clients and servers use the plural",
    "POST /library/metadata/{ids}/{element}: element=arts is not allowed": "clients and servers use the plural",
    "PUT /:/rate: rating=-1 is not allowed": "takes a rating away, as clients do; the document has no other way",
    "GET /library/sections/{sectionId}/all: excludeElements is not in the document": "described for another listing; a "
    "server may ignore it",
    "GET /library/sections/{sectionId}/all: excludeFields is not in the document": "described for another listing; a "
    "server may ignore it",
    "GET /library/sections/{sectionId}/refresh is not in the document": "what every client sends; POST, "
    "which the document has, is tried where this is refused",
    "PUT /library/sections/{sectionId}/all: id is not in the document": "not among the parameters, but in the "
    "examples of the description",
}

#: Parameters whose name is a pattern in the document, by its own spelling there.
PATTERNS = {
    "field.value": rf"({'|'.join([*TEXT_NAMES.values(), 'year'])})\.value",
    "field.locked": rf"({'|'.join([*TEXT_NAMES.values(), *TAG_NAMES.values(), 'year'])})\.locked",
    "tagtype[idx].tag.tag": rf"({'|'.join(TAG_NAMES.values())})\[\d+\]\.tag\.tag",
    "tagtype[].tag.tag-": rf"({'|'.join(TAG_NAMES.values())})\[\]\.tag\.tag-",
    # The document spells the picture's address tagging.thumb; clients send tag.thumb.
    "tagtype[idx].tagging.object": rf"{TAG_NAMES[Field.PERFORMERS]}\[\d+\]\.tag\.thumb",
    "mediaQuery": r"type|sort|(addedAt|updatedAt)>>",
}


def load(version: str) -> dict[str, Any]:
    path = FOLDER / DOCUMENTS[version]
    if not path.exists():
        pytest.skip(f"Plex's OpenAPI document {version} is not here: set PLEXSYNC_REFERENCE to its folder")
    text = path.read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text) if path.suffix == ".json" else yaml.load(text, Loader=yaml.CSafeLoader)
    assert loaded["info"]["version"].strip() == version
    return loaded


@pytest.fixture(scope="module", params=DOCUMENTS)
def document(request: pytest.FixtureRequest) -> dict[str, Any]:
    return load(request.param)


@pytest.fixture(scope="module")
def sent() -> list[Any]:
    """Each kind of request the client has, once."""
    held = [{"ratingKey": "upload://posters/x", "key": "/library/metadata/7/file?url=upload%3A%2F%2Fposters%2Fx"}]
    with requests_mock.Mocker(case_sensitive=True) as server:
        server.register_uri(requests_mock.ANY, requests_mock.ANY, text="")
        server.get(re.compile(URL), json={"MediaContainer": {"machineIdentifier": "x"}})
        server.get(re.compile(f"{URL}/identity"), json={"MediaContainer": {"machineIdentifier": "x", "version": "1"}})
        for folder in ("posters", "arts"):
            server.get(f"{URL}/library/metadata/7/{folder}", json={"MediaContainer": {"Metadata": held}})
        edit = Edit(
            texts=dict.fromkeys(TEXT_FIELDS, "x"),
            lock=frozenset({Field.TITLE, Field.TAGS}),
            add=dict.fromkeys(TAG_FIELDS, (Tag("x", "http://stash/x"), Tag("y"))),
            remove=dict.fromkeys(TAG_FIELDS, ("x", "y")),
        )
        with ProbingClient(PlexEndpoint(URL, "token", "test")) as client:
            client.identity()
            client.sections()
            client.may_manage()
            server.get(f"{URL}/butler", status_code=404)
            client.may_manage()
            client.listing(1, 0, 10)
            client.listing(1, 0, 10, added_since=1, updated_since=2, sort="addedAt:desc")
            client.unread_listing(1, 0, 10, sort="addedAt:asc")
            client.items([7, 8])
            client.items_or_faults([7, 8])
            client.part_hashes([7, 8])
            client.analyze(7)
            client.edit(1, [7, 8], edit, lock=True)
            client.set_year(1, [7], 1999, lock=True)
            client.rate(7, 8.5)
            client.rate(7, None)
            for field in PICTURE_FIELDS:
                client.has_picture(7, field, "0" * 40, b"data")
                client.shows_picture(7, field, "0" * 40)
                client.find_picture(7, field, ["1" * 40, "0" * 40], b"data")
                client.upload(7, field, Picture(b"data", "image/jpeg", "0" * 40))
            client.scan(1, "/media")
            client.traits.put(Trait.SCAN, "POST")
            client.scan(1, "/media")
            shown = {"ratingKey": "7", "thumb": "/library/metadata/7/thumb/1"}
            server.get(f"{URL}/library/metadata/7", json={"MediaContainer": {"Metadata": [shown]}})
            assert len(list(client.small_picture(7, 200, 300))) <= 2
            client.entries([7, 8])
            client.put(1, 7, [("genre.locked", "0")])
            for field in PICTURE_FIELDS:
                (picture,) = client.pictures(7, field)
                client.picture_bytes(7, picture)
                client.choose(7, field, picture.rating_key)
            public = {name for name in dir(client) if not name.startswith("_")} - {
                "calls",
                "checked",
                "close",
                "failures",
                "pace",
                "ramp_up",
                "requests",
                "takes_long_lines",
                "traits",
            }
        assert public == {"identity", "sections", "listing", "items", "edit", "rate", "upload", "uploaded"} | {
            "find_picture",
            "has_picture",
            "shows_picture",
            "may_manage",
            "scan",
            "set_year",
            "unread_listing",
            "items_or_faults",
            "entries",
            "put",
            "pictures",
            "picture_bytes",
            "choose",
            "small_picture",
            "part_hashes",
            "analyze",
        }, "a new call belongs into this list, too"
        return list(server.request_history)


def resolve(document: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = document
        for name in node["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        node = target
    return node


def template_of(document: dict[str, Any], path: str) -> str:
    """The document's path that ``path`` is an instance of, the most literal one; else ``path`` itself."""
    matching = [
        template
        for template in document["paths"]
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path)
    ]
    return min(matching, key=lambda template: template.count("{"), default=path)


def path_values(template: str, path: str) -> dict[str, str]:
    pairs = zip(template.split("/"), path.split("/"), strict=True)
    return {name[1:-1]: unquote(value) for name, value in pairs if name.startswith("{")}


def declared_name(name: str, declared: dict[str, Any]) -> str | None:
    if name in declared:
        return name
    return next((known for known in declared if re.fullmatch(PATTERNS.get(known, "$^"), name)), None)


def allowed(schema: dict[str, Any], value: str) -> bool:
    if "enum" in schema:
        return value in map(str, schema["enum"])
    if schema.get("type") in ("integer", "number"):
        number = float(value)
        return bool(schema.get("minimum", number) <= number <= schema.get("maximum", number))
    return True


def faults(document: dict[str, Any], request: Any) -> Iterator[str]:
    """What the document does not allow in a request."""
    parts = urlsplit(request.url)
    template = template_of(document, parts.path)
    what = f"{request.method} {template}"
    operation = document["paths"].get(template, {}).get(request.method.lower())
    if operation is None:
        yield f"{what} is not in the document"
        return
    parameters = [*document["paths"][template].get("parameters", []), *operation.get("parameters", [])]
    declared = {each["name"]: each for each in (resolve(document, each) for each in parameters)}
    query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    given = path_values(template, parts.path) | dict(request.headers.items())
    for name, value in [*given.items(), *query]:
        known = declared_name(name, declared)
        if known is None:
            if name not in given:
                yield f"{what}: {name} is not in the document"
        elif not allowed(resolve(document, declared[known].get("schema", {})), value):
            yield f"{what}: {name}={value} is not allowed"
    present = {declared_name(name, declared) for name in [*given, *dict(query)]}
    for name, parameter in declared.items():
        if parameter.get("required") and name not in present:
            yield f"{what}: {name} is missing"


def test_every_request_is_one_that_plex_documents(document: dict[str, Any], sent: list[Any]) -> None:
    found = {fault for request in sent for fault in faults(document, request)}
    assert found == set(EXCEPTIONS), "a fault that is new, or an exception that is none any more"


def accepted(document: dict[str, Any]) -> set[str]:
    """The kinds of answers that may be asked for: by the parameter of the older document, the prose of the newer."""
    parameter = document["components"]["parameters"].get("accepts")
    if parameter:
        return set(parameter["schema"]["enum"])
    return set(re.findall(r"`Accept: ([\w/]+)`", document["info"]["description"]))


def test_every_request_asks_for_json_as_documented(document: dict[str, Any], sent: list[Any]) -> None:
    pictures = ("/file", "/photo/", "/thumb/")
    plain = [request for request in sent if not any(place in request.path for place in pictures)]
    assert {request.headers["Accept"] for request in plain} == {"application/json"} <= accepted(document)


def test_the_check_finds_what_is_wrong(document: dict[str, Any]) -> None:
    with requests_mock.Mocker() as server:
        server.register_uri(requests_mock.ANY, requests_mock.ANY)
        session = requests.Session()
        session.put(f"{URL}/:/rate?key=7&rating=11", headers={"X-Plex-Client-Identifier": "x"})
        session.put(f"{URL}/library/sections/1/all?type=1&title.colour=red")
        session.get(f"{URL}/nowhere")
        session.close()
        found = [set(faults(document, request)) for request in server.request_history]
    assert found[0] == {"PUT /:/rate: identifier is missing", "PUT /:/rate: rating=11 is not allowed"}
    assert "PUT /library/sections/{sectionId}/all: title.colour is not in the document" in found[1]
    # The newer document has the headers in its prose only.
    headers_declared = document["info"]["version"].startswith("1.1")
    assert headers_declared is (
        "PUT /library/sections/{sectionId}/all: X-Plex-Client-Identifier is missing" in found[1]
    )
    assert found[2] == {"GET /nowhere is not in the document"}


#: Each kind of parameter, by what the table has for it.
PARAMETERS = {
    r"\w+\.value": ("title.value", "year.value"),
    r"\w+\.locked": ("title.locked", "thumb.locked"),
    r"\w+\[\d+\]\.tag\.tag": ("genre[0].tag.tag", "genre[3].tag.tag"),
    r"\w+\[\d+\]\.tag\.thumb": ("actor[0].tag.thumb",),
    r"\w+\[\d+\]\.tagging\.text": ("actor[0].tagging.text",),
    r"\w+\[\]\.tag\.tag-": ("genre[].tag.tag-",),
}
TABLE = ROOT / "docs" / "development" / "plex-requests.md"
SOURCES = ROOT / "plexsync" / "plex"


def row_of(method: str, path: str) -> str:
    """How a row of the table begins that a request belongs to."""
    path = re.sub(r"/library/sections/\d+", "/library/sections/{id}", path)
    path = re.sub(r"/metadata/[\d,]+(/posters|/arts)$", "/metadata/{id}/posters", path)
    path = re.sub(r"/metadata/[\d,]+(/poster|/art)$", "/metadata/{id}/poster", path)
    path = re.sub(r"/metadata/[\d,]+(/file)$", "/metadata/{id}/file", path)
    path = re.sub(r"/metadata/[\d,]+(/thumb)/\d+$", r"/metadata/{id}\1/{version}", path)
    path = re.sub(r"/metadata/[\d,]+(/analyze)$", "/metadata/{id}/analyze", path)
    path = re.sub(r"/metadata/[\d,]+(/tree)$", "/metadata/{ids}/tree", path)
    path = re.sub(r"/metadata/[\d,]+$", "/metadata/{ids}", path)
    return f"{method} {path}"


def test_every_request_is_in_the_table_of_requests_and_each_row_is_a_request(sent: list[Any]) -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    named = {found for row in rows for found in re.findall(r"`((?:GET|PUT|POST|DELETE) /[^?` ]*)", row)}
    made = {row_of(request.method, request.path) for request in sent}
    assert made == named


def test_every_parameter_is_in_the_table_of_requests(sent: list[Any]) -> None:
    table = TABLE.read_text(encoding="utf-8")
    for request in sent:
        for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True):
            kinds = [known for pattern, known in PARAMETERS.items() if re.fullmatch(pattern, name)]
            spelled = kinds[0] if kinds else (f"{name}=",)
            assert any(one in table for one in spelled), f"{name} is not in {TABLE.name}"


def test_every_path_in_the_code_is_one_that_is_tried_here(sent: list[Any]) -> None:
    """So that a new request cannot be forgotten above."""
    made = {request.path for request in sent}
    for source in SOURCES.glob("*.py"):
        if source.name == "account.py":
            # That is plex.tv, in a table of its own.
            continue
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            path = path_in(node)
            if path is not None:
                assert any(re.fullmatch(path, one) for one in made), f"{path} in {source.name} is tried by no test here"


def path_in(node: ast.AST) -> str | None:
    """The path of a request that a text in the code is, as a pattern; None where it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        parts: list[ast.expr] = [node]
    elif isinstance(node, ast.JoinedStr):
        parts = node.values
    else:
        return None
    first = parts[0] if parts else None
    if not isinstance(first, ast.Constant) or not re.match(
        r"/(library/|:/|identity$|butler$|accounts$)", str(first.value)
    ):
        return None
    found = "".join(re.escape(str(one.value)) if isinstance(one, ast.Constant) else "[^?]+" for one in parts)
    # The pattern that finds rating keys in addresses, and the beginning of a text that is put together, are none.
    is_one = "(" not in str(first.value) and (len(parts) > 1 or not str(first.value).endswith("/"))
    return found if is_one else None


def test_plex_tv_is_asked_what_the_table_says() -> None:
    code = (SOURCES / "account.py").read_text(encoding="utf-8")
    table = TABLE.read_text(encoding="utf-8")
    asked = re.findall(r'_send\("(GET|POST)", f?"(/api/[^"]+)"', code)
    assert len(asked) == code.count("self._send(") == 3
    for method, path in asked:
        assert f"`{method} https://plex.tv{path.replace('{pin.id}', '{id}')}`" in table


def examples(document: dict[str, Any], path: str) -> list[PlexAnswer]:
    """The answers to a GET that the document shows, as if they had come."""
    content = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    return [
        PlexAnswer({}, json.dumps(one["value"]).encode(), f"GET {path}")
        for one in content.get("examples", {}).values()
        if "MediaContainer" in one.get("value", {})
    ]


def test_the_answers_that_the_document_shows_are_read() -> None:
    document = load("1.2.2")
    (identity,) = examples(document, "/identity")
    assert answers.read_identity(identity) == "0123456789abcdef0123456789abcdef"
    (sections,) = examples(document, "/library/sections/all")
    found = answers.read_sections(sections)
    assert [(one.id, one.type, one.agent) for one in found] == [
        (1, "movie", "tv.plex.agents.movie"),
        (2, "show", "tv.plex.agents.series"),
        (3, "artist", "tv.plex.agents.music"),
    ]
    assert found[0].locations == ("O:\\fatboy\\Media\\Ripped\\Movies",)
    (whole,) = examples(document, "/library/metadata/{ids}")
    item = answers.read_items_apart(whole).items[1049]
    assert item.section_id == 26
    assert item.texts[Field.TITLE] == "Zoolander"
    assert "Ben Stiller" in [tag.name for tag in item.tags[Field.PERFORMERS]]
    assert item.parts
    (listed,) = examples(document, "/library/sections/{sectionId}/all")
    page = answers.unread_page(listed, 26, 0).read()
    assert len(page.items) == page.total >= 1
